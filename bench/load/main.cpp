#include <csignal>
#include <cstdio>
#include <string>

#include "crowd.h"
#include "run.h"

namespace confab::load {
namespace {

constexpr const char* kUsage = R"(confab-load COMMAND [--OPTION VALUE]...    (bench/README.md)

xmpp-messages    pairs of clients write to each other
                 --pairs 100 --window 1 --count 100000 --warmup 2000 --kind transient|stored [--headline] [--ack]
                 --to full|bare --body 200 --stall-seconds 5
                 --one-recipient (all write to one account) --devices 1 (of each recipient, with carbons)
relay-messages   the same stanzas through `confab-load relay`, without logins
logins           connect, log in, bind, close
                 --count 2000 --parallel 20 --users 100 [--whole] (roster and presence too)
archive          one account's archive is walked through, then asked for pages here and there
                 --user 1 --queries 1000 --page 50 --peers 10 --events 1000000
idle             sessions that do nothing
                 --connections 1000 --users N --parallel 50 [--roster] --settle-seconds 20
befriend         everybody of --users N gets --contacts 20 neighbours in the roster, both ways;
                 --hub: all of them are the first one's contacts instead
relay            forwards between two ends of a pair, and of one to many, and does nothing else
                 --port 0 --seconds 600

mqtt-messages    pairs of MQTT clients: one publishes to a topic that the other has subscribed to
                 --pairs 100 --window 1 --count 100000 --warmup 2000 --qos 0|1 --body 200 --stall-seconds 5
                 --rate N (messages a second by all together; latency then counts from when a message was due)
                 --profile im (to an account; logs in) --payload text|json|cid (what is written there)
mqtt-fanout      one publishes, all others subscribe to it
                 --subscribers 1000 --count 500 (publications) --warmup 20 --window 1 --qos 0|1 --body 200
                 --relay (through `confab-load relay`)
mqtt-logins      connect, CONNECT with user and password, CONNACK, DISCONNECT
                 --count 2000 --parallel 20 --users 200 --first (each user once, and nobody before)
mqtt-idle        connections that do nothing after CONNACK
                 --connections 1000 --users N --parallel 50 --settle-seconds 20

clients          --host 127.0.0.1 --port 5222 --domain localhost --user-prefix u --password-pattern secret
                 --mechanism SCRAM-SHA-256|SCRAM-SHA-1|PLAIN --tls direct|starttls
MQTT clients     --host, --port, --user-prefix, --password-pattern, --tls direct; --level 5|4 --profile open|im
                 --login (user and password, as im does always) --scram (SCRAM-SHA-256 by AUTH) --keep-alive 300
cost             --server-pid PID[,PID...] [--tree]
all              --seconds 60 (the longest a run may last) --json
)";

int run(int argc, char** argv) {
  if (argc < 2) {
    std::fputs(kUsage, stderr);
    return 2;
  }
  Options options(argc - 2, argv + 2);
  const std::string command = argv[1];
  if (command == "xmpp-messages") return run_messages(options, false);
  if (command == "relay-messages") return run_messages(options, true);
  if (command == "logins") return run_logins(options);
  if (command == "idle") return run_idle(options);
  if (command == "befriend") return run_befriend(options);
  if (command == "archive") return run_archive(options);
  if (command == "mqtt-messages") return run_mqtt_messages(options);
  if (command == "mqtt-fanout") return run_mqtt_fanout(options);
  if (command == "mqtt-logins") return run_mqtt_logins(options);
  if (command == "mqtt-idle") return run_mqtt_idle(options);
  if (command == "relay") return run_relay(options);
  const bool help = command == "--help" || command == "help";
  std::fputs(kUsage, help ? stdout : stderr);
  return help ? 0 : 2;
}

}  // namespace
}  // namespace confab::load

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  confab::load::raise_descriptor_limit();
  return confab::load::run(argc, argv);
}
