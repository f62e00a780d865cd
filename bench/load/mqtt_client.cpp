#include "mqtt_client.h"

namespace confab::load {
namespace {

constexpr std::string_view kScram = "SCRAM-SHA-256";

std::string refusal(std::string_view what, const Answer& answer) {
  return std::string(what) + " says " + std::to_string(answer.reason);
}

}  // namespace

MqttSite read_mqtt_site(Options& options) {
  MqttSite site;
  static_cast<Site&>(site) = read_site(options);
  site.level = options.number("level", 5) == 4 ? MqttLevel::v311 : MqttLevel::v5;
  site.keep_alive = static_cast<std::uint16_t>(options.number("keep-alive", 300));
  site.im = options.text("profile", "open") == "im";
  site.scram = options.flag("scram");
  site.anonymous = !options.flag("login") && !site.im && !site.scram;
  return site;
}

MqttClient::MqttClient(Poller& poller, MqttSite& site, Account account)
    : site_(site),
      account_(std::move(account)),
      connection_(poller, {.on_open = [this] { on_open(); },
                           .on_bytes =
                               [this](std::string_view bytes) {
                                 if (!cutter_.add(bytes, [this](const Packet& packet) { on_packet(packet); }))
                                   fail("no MQTT");
                               },
                           .on_closed = [this](std::string_view why) { fail(why); }}) {}

void MqttClient::subscribe_to(std::string filter, int qos) {
  filter_ = std::move(filter);
  filter_qos_ = qos;
}

void MqttClient::open() {
  state_ = State::connecting;
  connection_.open(site_.host, site_.port);
}

void MqttClient::end() {
  if (state_ != State::ready) return close();
  state_ = State::closing;
  std::string out;
  write_disconnect(out);
  send(out);
}

void MqttClient::close() {
  connection_.close();
  if (state_ != State::failed) state_ = State::closed;
}

void MqttClient::fail(std::string_view why) {
  if (state_ == State::closing) return close();
  if (state_ == State::failed || state_ == State::closed) return;
  failure_ = account_.user + ": " + std::string(why);
  state_ = State::failed;
  connection_.close();
}

void MqttClient::on_open() {
  if (site_.relay) return connection_.send("<" + account_.resource + " n='fan'/>");
  if (site_.tls != Tls::none && !tls_done_) {
    tls_done_ = true;
    return connection_.start_tls(site_.tls_context);
  }
  connect();
}

void MqttClient::connect() {
  ConnectPacket connect{.level = site_.level,
                        .client_id = account_.user + "-" + account_.resource,
                        .user = site_.anonymous ? "" : account_.user,
                        .password = account_.password,
                        .keep_alive = site_.keep_alive,
                        .method = {},
                        .data = {}};
  if (site_.scram) {
    const auth::ScramLogin login{
        .username = account_.user, .password = account_.password, .authzid = {}, .binding = {}};
    scram_.emplace(*auth::parse_mechanism(kScram), login, fresh_nonce());
    if (const auto known = site_.salted.find(account_.user); known != site_.salted.end()) scram_->use(known->second);
    connect.method = kScram;
    connect.data = scram_->first();
  }
  std::string out;
  write_connect(out, connect);
  send(out);
}

void MqttClient::publish(Publication publication) {
  if (publication.qos > 0) {
    if (++last_id_ == 0) ++last_id_;
    publication.id = last_id_;
  }
  thread_local std::string out;
  out.clear();
  write_publish(out, site_.level, publication);
  send(out);
}

void MqttClient::on_packet(const Packet& packet) {
  if (state_ == State::failed || state_ == State::closed) return;
  if (packet.type == PacketType::publish) return on_publish(packet);
  if (packet.type == PacketType::pingresp) return;
  const std::optional<Answer> answer = read_answer(packet, site_.level);
  if (!answer) return fail("a packet that cannot be read");
  on_answer(packet.type, *answer);
}

void MqttClient::on_publish(const Packet& packet) {
  const std::optional<Publication> publication = read_publish(packet, site_.level);
  if (!publication) return fail("a PUBLISH that cannot be read");
  if (publication->qos > 0) {
    thread_local std::string out;
    out.clear();
    write_puback(out, publication->id);
    send(out);
  }
  if (state_ == State::ready && on_publication_) on_publication_(*publication);
  const bool synced = site_.waits_for_sync && publication->topic.ends_with("/sync") &&
                      publication->payload.find(R"("st":"end")") != std::string_view::npos;
  if (state_ == State::connecting && synced) state_ = State::ready;
}

void MqttClient::on_answer(PacketType type, const Answer& answer) {
  switch (type) {
    case PacketType::connack:
      return on_connack(answer);
    case PacketType::auth:
      return on_auth(answer);
    case PacketType::suback:
      if (answer.reason != filter_qos_) return fail(refusal("SUBACK", answer));
      state_ = State::ready;
      return;
    case PacketType::puback:
      if (on_puback_) on_puback_(answer);
      return;
    default:
      return fail(refusal("DISCONNECT", answer));
  }
}

void MqttClient::on_auth(const Answer& answer) {
  if (!scram_ || answer.reason != kContinueAuthentication) return fail("an unexpected AUTH");
  const Result<std::string> response = scram_->on_challenge(answer.data);
  if (!response) return fail("SCRAM: " + response.error().text);
  site_.salted[account_.user] = scram_->salted();
  std::string out;
  write_auth(out, kScram, *response);
  send(out);
}

void MqttClient::on_connack(const Answer& answer) {
  if (answer.reason != kSuccess) return fail(refusal("CONNACK", answer));
  if (scram_ && !scram_->on_server_final(answer.data)) return fail("the server didn't know the password's keys");
  scram_.reset();
  receive_maximum_ = answer.receive_maximum;
  if (filter_.empty()) {
    if (!site_.waits_for_sync) state_ = State::ready;
    return;
  }
  std::string out;
  write_subscribe(out, site_.level, 1, filter_, filter_qos_);
  send(out);
}

}  // namespace confab::load
