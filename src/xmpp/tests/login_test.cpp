#include <doctest/doctest.h>

#include "auth/hash.h"
#include "auth/scram_client.h"
#include "base/bytes.h"
#include "xmpp/tests/peer.h"
#include "xmpp/timers.h"

namespace confab::xmpp {
namespace {

std::string auth(std::string_view mechanism, std::string_view bytes) {
  return "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='" + std::string(mechanism) + "'>" +
         encode_base64(bytes) + "</auth>";
}

// The base64 text inside the first element of `name`.
std::string inside(const std::string& xml, const std::string& name) {
  const std::size_t begin = xml.find('>', xml.find("<" + name)) + 1;
  return decode_base64(xml.substr(begin, xml.find("</" + name) - begin)).value_or("?");
}

core::CredentialsFound found(std::string_view password, Uid uid = 7) {
  const RandomBytes random = [](unsigned char* out, std::size_t size) { std::fill(out, out + size, 'x'); };
  auth::NewPassword set{"alice@example.org", "alice", "example.org", password, 4096};
  return {uid, auth::encode(auth::derive(set, nullptr, random))};
}

struct Fixture {
  FakeWorld world;
  std::unique_ptr<Site> site = world.site({});
  Peer peer{*site};
};

// Plays a whole SCRAM login; what the server says in the end.
std::string scram(Peer& peer, auth::ScramMechanism mechanism, auth::ScramLogin login,
                  const core::CredentialsFound& credentials) {
  auth::ScramClient client(mechanism, std::move(login), "rOprNGfwEbeRWgbNEkqO");
  peer.feed(auth(auth::name_of(mechanism), client.first()));
  const std::string challenge = peer.reply(credentials);
  if (!has(challenge, "<challenge")) return challenge;
  const Result<std::string> response = client.on_challenge(inside(challenge, "challenge"));
  if (!response) return "?";
  const std::string end =
      peer.feed("<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>" + encode_base64(*response) + "</response>");
  if (has(end, "<success")) CHECK(client.on_server_final(inside(end, "success")));
  return end;
}

TEST_CASE_FIXTURE(Fixture, "RFC 6120 §9.1: header and features, TLS, SASL, binding") {
  peer.open(false);
  std::string out = peer.feed(kOpen);
  CHECK(has(out, "<stream:stream xmlns='jabber:client'"));
  CHECK(has(out, "from='example.org'"));
  CHECK(has(out, "version='1.0'"));
  CHECK(has(out, "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>"));
  CHECK_FALSE(has(out, "mechanisms"));

  out = peer.feed("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
  CHECK(out == "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
  CHECK(peer.started_tls);
  peer.secure({"", "TLSv1.3", "", std::string(32, 'e'), std::string(32, 's')});
  out = peer.feed(kOpen);
  CHECK_FALSE(has(out, "starttls"));
  CHECK(has(out, "<mechanism>SCRAM-SHA-256-PLUS</mechanism>"));
  CHECK(has(out, "<mechanism>PLAIN</mechanism>"));
  CHECK(has(out, "<channel-binding type='tls-exporter'/>"));

  const auth::ScramMechanism plus{auth::Hash::sha256, true};
  auth::ScramLogin login{"alice", "secret", "", auth::ChannelBinding{"tls-exporter", std::string(32, 'e')}};
  CHECK(has(scram(peer, plus, login, found("secret")), "<success"));
  CHECK(peer.account == Address{"alice", "example.org", {}});

  out = peer.feed(kOpen);
  CHECK(has(out, "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>"));
  CHECK(has(out, "<sm xmlns='urn:xmpp:sm:3'/>"));
  peer.feed("<iq type='set' id='x'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>");
  REQUIRE(peer.last<core::OpenSession>() != nullptr);
  CHECK(peer.last<core::OpenSession>()->resource.empty());
  out = peer.reply(core::SessionOpened{1, "4db06f06"});
  CHECK(has(out, "<iq id='x' type='result'>"));
  CHECK(has(out, "<jid>alice@example.org/4db06f06</jid>"));
  CHECK_FALSE(peer.paused);
}

TEST_CASE_FIXTURE(Fixture, "bytes behind starttls end the connection") {
  peer.open(false);
  peer.feed(kOpen);
  const std::string out = peer.feed("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/><stream:stream>");
  CHECK(out.empty());
  CHECK(peer.closed);
  CHECK_FALSE(peer.started_tls);
}

TEST_CASE_FIXTURE(Fixture, "no password in clear where it is not allowed") {
  peer.open(false);
  peer.feed(kOpen);
  CHECK(has(peer.feed(auth("PLAIN", std::string("\0alice\0secret", 13))), "<encryption-required/>"));
  CHECK(peer.commands.empty());
}

TEST_CASE_FIXTURE(Fixture, "on loopback STARTTLS is offered, not required") {
  peer.open(true);
  const std::string out = peer.feed(kOpen);
  CHECK(has(out, "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"));
  CHECK(has(out, "<mechanism>PLAIN</mechanism>"));
  CHECK_FALSE(has(out, "PLUS"));
}

TEST_CASE_FIXTURE(Fixture, "SCRAM with a wrong password, and for a name nobody has") {
  peer.open();
  peer.feed(kOpen);
  const auth::ScramMechanism sha1{auth::Hash::sha1, false};
  CHECK(has(scram(peer, sha1, {"alice", "wrong", "", {}}, found("secret")), "<not-authorized/>"));
  CHECK(has(scram(peer, sha1, {"mallory", "secret", "", {}}, found("secret", 0)), "<not-authorized/>"));
  CHECK(has(scram(peer, sha1, {"alice@example.org", "secret", "", {}}, found("secret")), "<success"));
}

TEST_CASE_FIXTURE(Fixture, "RFC 6120 §6.5: each failure by its name") {
  peer.open();
  peer.feed(kOpen);
  CHECK(has(peer.feed("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>*</auth>"),
            "<incorrect-encoding/>"));
  CHECK(has(peer.feed(auth("DIGEST-MD5", "")), "<invalid-mechanism/>"));
  CHECK(has(peer.feed(auth("PLAIN", "alice")), "<malformed-request/>"));
  CHECK(has(peer.feed(auth("PLAIN", std::string("bob\0alice\0secret", 16))), "<invalid-authzid/>"));
  const std::string out = peer.feed(auth("PLAIN", std::string("\0al/ice\0secret", 14)));
  CHECK(has(out, "<not-authorized/>"));
  CHECK(has(out, "<policy-violation xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"));  // the fifth
  CHECK(peer.closed);
}

TEST_CASE_FIXTURE(Fixture, "an empty auth is asked for its bytes; abort ends it") {
  peer.open();
  peer.feed(kOpen);
  CHECK(has(peer.feed("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'/>"), "<challenge"));
  CHECK(has(peer.feed("<abort xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"), "<aborted/>"));
}

TEST_CASE_FIXTURE(Fixture, "what follows the login in one packet waits for it") {
  peer.open();
  peer.feed(kOpen);
  std::string out = peer.feed(auth("PLAIN", std::string("\0alice\0secret", 13)) + std::string(kOpen));
  CHECK(out.empty());
  CHECK(peer.paused);
  out = peer.reply(core::Done{});
  CHECK(has(out, "<success"));
  CHECK(has(out, "<bind "));
  CHECK_FALSE(peer.paused);
}

TEST_CASE_FIXTURE(Fixture, "stanzas before login and before binding") {
  peer.open();
  peer.feed(kOpen);
  CHECK(has(peer.feed("<message to='bob@example.org'><body>hi</body></message>"), "<not-authorized xmlns="));
  Peer second(*site);
  second.open();
  second.feed(kOpen);
  second.feed(auth("PLAIN", std::string("\0alice\0secret", 13)));
  second.reply(core::Done{});
  second.feed(kOpen);
  CHECK(has(second.feed("<presence/>"), "<not-authorized xmlns="));
  CHECK(second.closed);
}

TEST_CASE_FIXTURE(Fixture, "who does not log in in time is sent away") {
  peer.open();
  CHECK(has(peer.timer(kLoginTimer), "<connection-timeout"));
  CHECK(peer.reason == session::CloseReason::timed_out);
}

TEST_CASE("stream errors of the header") {
  struct Row {
    std::string header;
    std::string_view condition;
  };
  const std::string s = "<stream:stream xmlns:stream='http://etherx.jabber.org/streams' ";
  const Row rows[] = {
      {s + "xmlns='jabber:client' to='example.net' version='1.0'>", "host-unknown"},
      {s + "xmlns='jabber:client' version='1.0'>", "improper-addressing"},
      {s + "xmlns='jabber:client' to='example.org'>", "unsupported-version"},
      {s + "xmlns='jabber:server' to='example.org' version='1.0'>", "invalid-namespace"},
      {s + "xmlns='jabber:client' to='example.org' version='1.0' from='@'>", "invalid-from"},
      {"<stream:stream xmlns:stream='urn:x' xmlns='jabber:client' to='example.org' version='1.0'>",
       "invalid-namespace"},
      {"<a:stream to='example.org'>", "bad-namespace-prefix"},
      {"<?xml version='1.0' encoding='latin1'?>", "unsupported-encoding"},
      {"<!-- hello -->", "restricted-xml"},
      {"<<>", "not-well-formed"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.header);
    FakeWorld world;
    const auto site = world.site({});
    Peer peer(*site);
    peer.open();
    const std::string out = peer.feed(row.header);
    CHECK(has(out, "<stream:stream "));
    CHECK(has(out, "<" + std::string(row.condition) + " xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"));
    CHECK(out.ends_with("</stream:stream>"));
    CHECK(peer.closed);
    CHECK(peer.feed("<presence/>").empty());
  }
}

TEST_CASE("XEP-0077 before login") {
  FakeWorld world;
  Config config;
  config.registration = Registration::open;
  const auto site = world.site(config);
  Peer peer(*site);
  peer.open();
  CHECK(has(peer.feed(kOpen), "<register xmlns='http://jabber.org/features/iq-register'/>"));
  CHECK(has(peer.feed("<iq type='get' id='r1'><query xmlns='jabber:iq:register'/></iq>"), "<username/><password/>"));
  peer.feed(
      "<iq type='set' id='r2'><query xmlns='jabber:iq:register'><username>Dave</username><password>p</password>"
      "</query></iq>");
  REQUIRE(peer.last<core::Register>() != nullptr);
  CHECK(peer.last<core::Register>()->name == "dave");
  CHECK(has(peer.reply(core::Refused{Errc::conflict, {}}), "<conflict "));
  Peer remote(*site);
  remote.open(false);
  CHECK_FALSE(has(remote.feed(kOpen), "iq-register"));
  CHECK(has(remote.feed("<iq type='get' id='r1'><query xmlns='jabber:iq:register'/></iq>"), "<not-allowed "));
}

TEST_CASE("XEP-0445: registration by invitation, with the token ahead or in the form") {
  FakeWorld world;
  Config config;
  config.registration = Registration::invite;
  const auto site = world.site(config);
  const std::string form =
      "<iq type='set' id='r2'><query xmlns='jabber:iq:register'><username>dave</username><password>p</password>";
  const std::string hash = encode_hex(auth::digest(auth::Hash::sha256, "welcome"));
  Peer peer(*site);
  peer.open();
  CHECK(has(peer.feed(kOpen), "<register xmlns='urn:xmpp:invite'/>"));
  CHECK(has(peer.feed("<iq type='get' id='r1'><query xmlns='jabber:iq:register'/></iq>"), "<key/>"));
  CHECK(has(peer.feed("<iq type='set' id='p'><preauth xmlns='urn:xmpp:pars:0' token='welcome'/></iq>"), "'result'"));
  peer.feed(form + "</query></iq>");
  REQUIRE(peer.last<core::Register>() != nullptr);
  CHECK(peer.last<core::Register>()->invite == hash);
  CHECK(has(peer.reply(core::Refused{Errc::not_allowed, {}}), "<not-allowed "));
  Peer other(*site);
  other.open();
  other.feed(kOpen);
  other.feed(form + "<key>welcome</key></query></iq>");
  REQUIRE(other.last<core::Register>() != nullptr);
  CHECK(other.last<core::Register>()->invite == hash);
}

}  // namespace
}  // namespace confab::xmpp
