#include <doctest/doctest.h>
#include <openssl/err.h>

#include "loopback.h"
#include "net/certificate_files.h"

using namespace confab;
using namespace confab::net;
using session::CloseReason;

namespace {

const std::string kXmpp = "\x0bxmpp-client";
const std::string kOther = "\x04mqtt";

std::string exporter_of(Client& client) {
  std::string bytes(32, '\0');
  static constexpr std::string_view kLabel = "EXPORTER-Channel-Binding";
  SSL_export_keying_material(client.ssl(), reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), kLabel.data(),
                             kLabel.size(), reinterpret_cast<const unsigned char*>(""), 0, 1);
  return encode_hex(bytes);
}

// P-256 certificates of ours are signed with SHA-256.
std::string end_point_of(const std::filesystem::path& file) {
  const auto certificate = read_certificate(file);
  std::string bytes(32, '\0');
  unsigned length = 0;
  X509_digest(certificate->get(), EVP_sha256(), reinterpret_cast<unsigned char*>(bytes.data()), &length);
  return encode_hex(bytes);
}

}  // namespace

TEST_CASE("direct TLS: both sides know the same exporter, end point, ALPN and version") {
  const TestSite site;
  Loopback net;
  const std::uint16_t port = net.listen(site.profile({"xmpp-client"}), true);
  const std::string end_point = end_point_of(site.certificate.certificate);
  for (const auto& [version, name] : {std::pair{TLS1_3_VERSION, "TLSv1.3"}, std::pair{TLS1_2_VERSION, "TLSv1.2"}}) {
    Client client(port);
    REQUIRE(client.start_tls(kOther + kXmpp, version));
    CHECK(client.read_line() == "xmpp-client " + exporter_of(client) + " " + end_point + " " + name);
    CHECK(client.send("E\n"));
    CHECK(client.echoes("hello"));
    CHECK(client.echoes(std::string(300'000, 'y')));
  }
  CHECK(net.sum(&Counters::handshakes) == 2);
}

TEST_CASE("ALPN: no overlap is refused with its alert; who offers none is served (RFC 7301 §3.2)") {
  const TestSite site;
  Loopback net;
  const std::uint16_t port = net.listen(site.profile({"xmpp-client"}), true);
  Client wrong(port);
  ERR_clear_error();
  CHECK_FALSE(wrong.start_tls(kOther));
  CHECK(ERR_GET_REASON(ERR_peek_error()) == SSL_R_TLSV1_ALERT_NO_APPLICATION_PROTOCOL);
  ERR_clear_error();
  Client none(port);
  CHECK(none.start_tls());
  CHECK(none.read_line().substr(0, 1) == " ");
}

TEST_CASE("TLS below 1.2 is refused, and what is not TLS at all") {
  const TestSite site;
  Loopback net;
  const std::uint16_t port = net.listen(site.profile(), true);
  Client old(port);
  CHECK_FALSE(old.start_tls({}, TLS1_1_VERSION));
  Client clear(port);
  CHECK(clear.send("<stream:stream to='localhost'>"));
  clear.read(100);
  CHECK(eventually([&] { return net.network.connections() == 0 || net.closed(CloseReason::reset) == 2; }));
}

TEST_CASE("STARTTLS upgrades; a message larger than a record comes through both ways") {
  const TestSite site;
  Loopback net;
  const std::uint16_t port = net.listen(site.profile());
  Client client(port);
  CHECK(client.send("T\n"));
  CHECK(client.read_line() == "proceed");
  REQUIRE(client.start_tls());
  CHECK(client.read_line() ==
        " " + exporter_of(client) + " " + end_point_of(site.certificate.certificate) + " TLSv1.3");
  CHECK(client.send("E\n"));
  CHECK(client.echoes(std::string(200'000, 'z')));
  SSL_shutdown(client.ssl());
  CHECK(eventually([&] { return net.closed(CloseReason::peer_closed) == 1; }));
}

TEST_CASE("STARTTLS: what is pipelined in clear ends the connection and never comes through") {
  const TestSite site;
  Loopback net;
  const std::uint16_t port = net.listen(site.profile());
  Client client(port);
  CHECK(client.send("T\n"));
  CHECK(client.read_line() == "proceed");
  CHECK(client.send("E\ninjected"));
  CHECK(client.read(100).find("injected") == std::string::npos);
  CHECK(eventually([&] { return net.network.connections() == 0 || net.sum(&Counters::open) == 0; }));
  CHECK(net.sum(&Counters::handshakes) == 0);
}

TEST_CASE("a connection under TLS moves between shards with bytes under way") {
  const TestSite site;
  Loopback net;
  const std::uint16_t port = net.listen(site.profile(), true);
  constexpr int kThreads = 3;
  std::atomic<int> good{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int round = 0; round < 10; ++round) {
        Client client(port);
        if (!client.start_tls()) continue;
        client.read_line();
        const std::string data(30'000, static_cast<char>('a' + round));
        const std::string login = round % 4 < 2 ? "L0\n" : "L1\n";
        if (client.send(login + data) && client.read(data.size()) == data && client.echoes("end")) ++good;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(good == kThreads * 10);
  CHECK(net.sum(&Counters::moved_in) > 0);
}

TEST_CASE("a slow reader under TLS is held back without an error and then served") {
  const TestSite site;
  NetworkOptions options{.shards = 1};
  options.limits.queue_bytes = 100U << 20;
  Loopback net(options);
  const std::uint16_t port = net.listen(site.profile(), true);
  Client client;
  client.take_little();
  REQUIRE(client.connect(port));
  REQUIRE(client.start_tls());
  client.read_line();
  CHECK(client.send("S\n"));
  CHECK(client.read(4U << 20) == std::string(4U << 20, 'x'));
}

TEST_CASE("a reload gives new connections the new certificate and leaves the others alone") {
  const TestSite site;
  Loopback net;
  const std::uint16_t port = net.listen(site.profile(), true);
  Client before(port);
  REQUIRE(before.start_tls());
  const std::string old_line = before.read_line();
  const auto renewed =
      ensure_site_certificate(site.folder.path(), {"localhost", {"new.example"}, {}}, TestSite::wall_now());
  REQUIRE(renewed);
  REQUIRE(renewed->made_certificate);
  REQUIRE(site.context->reload(renewed->certificate, renewed->key));
  Client after(port);
  REQUIRE(after.start_tls());
  CHECK(after.read_line().find(end_point_of(renewed->certificate)) != std::string::npos);
  CHECK(old_line.find(end_point_of(renewed->certificate)) == std::string::npos);
  CHECK(before.send("E\n"));
  CHECK(before.echoes("still here"));
}
