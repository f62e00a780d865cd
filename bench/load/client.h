// One XMPP client, or one end of the relay: connects, logs in, says so, then hands over every stanza.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "connection.h"
#include "login.h"
#include "options.h"
#include "splitter.h"

namespace confab::load {

enum class Tls : unsigned char { none, starttls, direct };

enum class ClientState : unsigned char { fresh, connecting, ready, closing, closed, failed };

// Where clients connect, and what they do there until they are ready. Shared by all clients of a run.
struct Site {
  std::string host;
  int port = 0;
  std::string domain;
  std::string mechanism;
  std::string user_prefix;
  std::string password_pattern;  // "{user}" stands for the user's name
  Tls tls = Tls::none;
  TlsContext tls_context;
  bool relay = false;        // no XMPP: a greeting that names the pair
  bool presence = true;      // initial presence before it is ready
  bool roster = false;       // asks for the roster first (RFC 6121 §2.2)
  bool acks = false;         // XEP-0198, without resumption
  bool carbons = false;      // XEP-0280
  bool log_in_only = false;  // ready as soon as bound
  SaltedPasswords salted;

  Account account(long number, std::string_view resource) const;
};

// Reads --host, --port, --domain, --user-prefix, --password-pattern, --mechanism, --tls [direct|starttls].
Site read_site(Options& options);

class Client {
 public:
  using SiteType = Site;
  using State = ClientState;
  using OnStanza = std::function<void(Client& client, std::string_view stanza)>;

  Client(Poller& poller, Site& site, Account account);

  void open();
  // Ends the stream and waits for the server to close.
  void end();
  void close();

  void send(std::string_view stanza) { connection_.send(stanza); }
  void take_stanzas(OnStanza on_stanza) { on_stanza_ = std::move(on_stanza); }

  State state() const { return state_; }
  const std::string& failure() const { return failure_; }
  const std::string& jid() const { return login_.jid(); }
  std::string bare_jid() const { return account_.user + "@" + site_.domain; }

  // Stanzas that counted as sent for XEP-0198 before the client was ready: what an `h` must exceed.
  unsigned long counted_before_ready() const { return counted_before_ready_; }

 private:
  void on_open();
  void on_piece(Splitter::Piece piece, std::string_view text);
  void on_stanza(std::string_view stanza);
  void log_in(std::string_view stanza);
  void count_for_acks(std::string_view stanza);
  void on_bound();
  void fail(std::string_view why);

  Site& site_;
  Account account_;
  Connection connection_;
  Splitter splitter_;
  Login login_;
  State state_ = State::fresh;
  bool bound_ = false;
  bool tls_done_ = false;
  unsigned long counted_before_ready_ = 0;
  unsigned long counted_in_ = 0;
  std::string failure_;
  OnStanza on_stanza_;
};

}  // namespace confab::load
