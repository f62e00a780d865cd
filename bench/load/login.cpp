#include "login.h"

#include <openssl/rand.h>

#include "base/bytes.h"
#include "markup.h"

namespace confab::load {
namespace {

constexpr std::string_view kSasl = "urn:ietf:params:xml:ns:xmpp-sasl";

Login::Step failed(std::string_view why) {
  return {.send = {}, .failure = std::string(why)};
}

std::string auth_element(std::string_view mechanism, std::string_view response) {
  return "<auth xmlns='" + std::string(kSasl) + "' mechanism='" + std::string(mechanism) + "'>" +
         encode_base64(response) + "</auth>";
}

}  // namespace

std::string fresh_nonce() {
  return auth::make_nonce([](unsigned char* out, std::size_t size) { RAND_bytes(out, static_cast<int>(size)); });
}

Login::Login(Account account, std::string domain, bool starttls, std::string mechanism, SaltedPasswords& salted)
    : account_(std::move(account)),
      domain_(std::move(domain)),
      starttls_(starttls),
      mechanism_(std::move(mechanism)),
      salted_(salted) {}

std::string Login::header() const {
  return "<?xml version='1.0'?><stream:stream to='" + escape_xml(domain_) +
         "' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";
}

Login::Step Login::on_stanza(std::string_view stanza) {
  const std::string_view name = element_name(stanza);
  if (name == "stream:features") return on_features(stanza);
  if (name == "proceed") {
    secured_ = true;
    return {.send = {}, .start_tls = true, .restart = true, .failure = {}};
  }
  if (name == "challenge") return on_challenge(text_of(stanza, "challenge"));
  if (name == "success") return on_success(text_of(stanza, "success"));
  if (name == "iq" && attribute(stanza, "id") == "bind" && attribute(stanza, "type") == "result") {
    jid_ = text_of(stanza, "jid");
    return {.send = {}, .bound = true, .failure = {}};
  }
  if (name == "failure" || name == "stream:error" || attribute(stanza, "type") == "error") return failed(stanza);
  return {};
}

Login::Step Login::on_features(std::string_view features) {
  if (authenticated_) {
    const std::string resource = account_.resource.empty() ? "" : "<resource>" + account_.resource + "</resource>";
    return {
        .send = "<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>" + resource + "</bind></iq>",
        .failure = {}};
  }
  if (starttls_ && !secured_) return {.send = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", .failure = {}};
  return authenticate(features);
}

std::string Login::choose(std::string_view features) const {
  for (const std::string_view name : {"SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN"}) {
    const bool wanted = mechanism_.empty() || mechanism_ == name;
    if (wanted && features.find(">" + std::string(name) + "<") != features.npos) return std::string(name);
  }
  return {};
}

Login::Step Login::authenticate(std::string_view features) {
  const std::string name = choose(features);
  if (name.empty()) return failed("no mechanism in common");
  if (name == "PLAIN") {
    return {.send = auth_element(name, '\0' + account_.user + '\0' + account_.password), .failure = {}};
  }
  const auth::ScramLogin login{.username = account_.user, .password = account_.password, .authzid = {}, .binding = {}};
  scram_.emplace(*auth::parse_mechanism(name), login, fresh_nonce());
  if (const auto known = salted_.find(account_.user); known != salted_.end()) scram_->use(known->second);
  return {.send = auth_element(name, scram_->first()), .failure = {}};
}

Login::Step Login::on_challenge(std::string_view challenge) {
  const auto message = decode_base64(challenge);
  if (!scram_ || !message) return failed("an unexpected challenge");
  const Result<std::string> response = scram_->on_challenge(*message);
  if (!response) return failed("SCRAM: " + response.error().text);
  salted_[account_.user] = scram_->salted();
  return {.send = "<response xmlns='" + std::string(kSasl) + "'>" + encode_base64(*response) + "</response>",
          .failure = {}};
}

Login::Step Login::on_success(std::string_view success) {
  if (scram_) {
    const auto message = decode_base64(success);
    if (!message || !scram_->on_server_final(*message)) return failed("the server didn't know the password's keys");
  }
  scram_.reset();
  authenticated_ = true;
  return {.send = header(), .restart = true, .failure = {}};
}

}  // namespace confab::load
