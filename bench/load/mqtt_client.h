// One MQTT client: connects, logs in, subscribes, says so, then hands over what is published to it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "client.h"
#include "mqtt_packets.h"

namespace confab::load {

// Where clients connect, and what they do there until they are ready. Shared by all clients of a run.
struct MqttSite : Site {
  MqttLevel level = MqttLevel::v5;
  std::uint16_t keep_alive = 300;
  bool im = false;              // accounts' messages, not free topics
  bool anonymous = false;       // neither user nor password
  bool scram = false;           // SCRAM-SHA-256 by AUTH (5.0 §4.12)
  bool waits_for_sync = false;  // im: ready when the server has said all that it says after CONNACK
};

// Reads what read_site does, and --level 4|5, --profile open|im, --login, --scram, --keep-alive. Profile open is
// anonymous without --login or --scram.
MqttSite read_mqtt_site(Options& options);

class MqttClient {
 public:
  using SiteType = MqttSite;
  using State = ClientState;
  using OnPublication = std::function<void(const Publication& publication)>;
  using OnAnswer = std::function<void(const Answer& answer)>;

  // The client identifier is made of the account's user and resource.
  MqttClient(Poller& poller, MqttSite& site, Account account);

  // Before open(): it is ready when the server has granted it.
  void subscribe_to(std::string filter, int qos);

  void open();
  // Disconnects and waits for the server to close.
  void end();
  void close();

  void publish(Publication publication);
  // What comes at QoS 1 is acknowledged here.
  void take_publications(OnPublication on_publication) { on_publication_ = std::move(on_publication); }
  void take_pubacks(OnAnswer on_puback) { on_puback_ = std::move(on_puback); }

  State state() const { return state_; }
  const std::string& failure() const { return failure_; }
  const std::string& user() const { return account_.user; }

  // How many of its publications at QoS 1 may wait for their PUBACK (5.0 §3.3.4).
  long receive_maximum() const { return receive_maximum_; }

 private:
  void on_open();
  void on_packet(const Packet& packet);
  void on_publish(const Packet& packet);
  void on_answer(PacketType type, const Answer& answer);
  void on_auth(const Answer& answer);
  void on_connack(const Answer& answer);
  void connect();
  void send(const std::string& bytes) { connection_.send(bytes); }
  void fail(std::string_view why);

  MqttSite& site_;
  Account account_;
  Connection connection_;
  PacketCutter cutter_;
  std::optional<auth::ScramClient> scram_;
  State state_ = State::fresh;
  bool tls_done_ = false;
  int filter_qos_ = 0;
  std::uint16_t last_id_ = 0;
  long receive_maximum_ = 65535;
  std::string filter_;
  std::string failure_;
  OnPublication on_publication_;
  OnAnswer on_puback_;
};

}  // namespace confab::load
