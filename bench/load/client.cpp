#include "client.h"

#include "markup.h"

namespace confab::load {
namespace {

// A question after the rest: its answer says that the server has seen everything before it.
constexpr std::string_view kLast = "<iq type='get' id='ready'><ping xmlns='urn:xmpp:ping'/></iq>";
constexpr std::string_view kRoster = "<iq type='get' id='roster'><query xmlns='jabber:iq:roster'/></iq>";
constexpr std::string_view kCarbons = "<iq type='set' id='carbons'><enable xmlns='urn:xmpp:carbons:2'/></iq>";
constexpr std::string_view kEnable = "<enable xmlns='urn:xmpp:sm:3'/>";

Tls read_tls(Options& options) {
  if (!options.flag("tls")) return Tls::none;
  return options.text("tls", "") == "starttls" ? Tls::starttls : Tls::direct;
}

}  // namespace

Account Site::account(long number, std::string_view resource) const {
  const std::string user = user_prefix + std::to_string(number);
  std::string password = password_pattern;
  if (const std::size_t at = password.find("{user}"); at != password.npos) password.replace(at, 6, user);
  return {.user = user, .password = password, .resource = std::string(resource)};
}

Site read_site(Options& options) {
  Site site;
  site.host = options.text("host", "127.0.0.1");
  site.port = static_cast<int>(options.number("port", 5222));
  site.domain = options.text("domain", "localhost");
  site.mechanism = options.text("mechanism", "");
  site.user_prefix = options.text("user-prefix", "u");
  site.password_pattern = options.text("password-pattern", "secret");
  site.tls = read_tls(options);
  if (site.tls != Tls::none) site.tls_context = make_tls_context();
  return site;
}

Client::Client(Poller& poller, Site& site, Account account)
    : site_(site),
      account_(std::move(account)),
      connection_(poller, {.on_open = [this] { on_open(); },
                           .on_bytes =
                               [this](std::string_view bytes) {
                                 splitter_.add(bytes, [this](Splitter::Piece piece, std::string_view text) {
                                   on_piece(piece, text);
                                 });
                               },
                           .on_closed = [this](std::string_view why) { fail(why); }}),
      splitter_(site.relay),
      login_(account_, site.domain, site.tls == Tls::starttls, site.mechanism, site.salted) {}

void Client::open() {
  state_ = State::connecting;
  connection_.open(site_.host, site_.port);
}

void Client::end() {
  if (state_ != State::ready) return close();
  state_ = State::closing;
  send("</stream:stream>");
}

void Client::close() {
  connection_.close();
  if (state_ != State::failed) state_ = State::closed;
}

void Client::fail(std::string_view why) {
  if (state_ == State::closing) return close();
  failure_ = account_.user + ": " + std::string(why);
  state_ = State::failed;
  connection_.close();
}

void Client::on_open() {
  if (site_.relay) return send("<pair n='" + account_.user + "'/>");
  if (site_.tls == Tls::direct && !tls_done_) {
    tls_done_ = true;
    return connection_.start_tls(site_.tls_context);
  }
  send(login_.header());
}

void Client::on_piece(Splitter::Piece piece, std::string_view text) {
  if (state_ == State::failed || state_ == State::closed) return;
  if (piece == Splitter::Piece::stanza) return on_stanza(text);
  if (piece == Splitter::Piece::end) fail("the server ended the stream");
}

// XEP-0198 §4: both sides count stanzas from <enabled/> on.
void Client::count_for_acks(std::string_view stanza) {
  const std::string_view name = element_name(stanza);
  if (name == "enabled") counted_in_ = 0;
  if (name == "message" || name == "presence" || name == "iq") ++counted_in_;
  if (name == "r") send("<a xmlns='urn:xmpp:sm:3' h='" + std::to_string(counted_in_) + "'/>");
}

void Client::on_stanza(std::string_view stanza) {
  if (site_.acks && bound_) count_for_acks(stanza);
  if (state_ == State::ready) {
    if (on_stanza_) on_stanza_(*this, stanza);
    return;
  }
  if (state_ != State::connecting) return;
  if (site_.relay) {
    state_ = State::ready;
    return;
  }
  if (!bound_) return log_in(stanza);
  if (element_name(stanza) == "iq" && attribute(stanza, "id") == "ready") state_ = State::ready;
  if (element_name(stanza) == "failed") fail("no stream management");
}

void Client::log_in(std::string_view stanza) {
  Login::Step step = login_.on_stanza(stanza);
  if (!step.failure.empty()) return fail(step.failure);
  if (step.restart) splitter_.restart();
  if (!step.send.empty()) send(step.send);
  if (step.start_tls) connection_.start_tls(site_.tls_context);
  if (step.bound) on_bound();
}

void Client::on_bound() {
  bound_ = true;
  if (site_.log_in_only) {
    state_ = State::ready;
    return;
  }
  if (site_.acks) send(kEnable);
  if (site_.roster) send(kRoster);
  if (site_.carbons) send(kCarbons);
  if (site_.presence) send("<presence/>");
  send(kLast);
  counted_before_ready_ = 1UL + (site_.roster ? 1 : 0) + (site_.carbons ? 1 : 0) + (site_.presence ? 1 : 0);
}

}  // namespace confab::load
