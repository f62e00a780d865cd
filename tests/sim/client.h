// A person's program in the simulator: an XMPP client of its own making, which keeps what it was promised.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "sim/conversation.h"
#include "sim/network.h"
#include "xml/reader.h"
#include "xml/writer.h"

namespace confab::sim {

class SimSite;

inline constexpr std::string_view kNotes = "urn:sim:notes";

struct Outgoing {
  std::string id;
  std::string to;
  std::string stanza;
  std::uint32_t number = 0;  // among the stanzas sent on this stream; 0: not sent on it
  bool acked = false;        // the server has promised to keep it
  bool refused = false;      // answered with an error
  bool is_message = true;    // no correction or retraction
  std::int64_t acked_at_us = 0;
};

// Lives on: the world's one thread.
class SimClient {
 public:
  SimClient(World& world, SimSite& site, std::string user, std::string resource);

  // ---- What the schedule makes it do. ----
  void connect();
  void leave();  // says goodbye
  void cut();    // loses its line; comes back by itself
  void send_message(const std::string& to_user);
  void befriend(const std::string& user);  // subscribes, and approves whoever asks
  void ask_ack();
  void block(const std::string& user);
  void publish();   // the next note, as "user.resource.N", into kNotes
  void correct();   // one of its own messages
  void withdraw();  // likewise
  void stay_online(bool on) { wants_online_ = on; }
  void use_resumption(bool on) { resumption_ = on; }
  // Both sides of every conversation: from the log, with copies; or from the archive, with copies of what is new.
  enum class Reads : std::uint8_t { inbound, log, archive };
  void read(Reads reads) { reads_ = reads; }
  void want_notes(bool on) { wants_notes_ = on; }  // from the next stream on

  bool is_ready() const { return stage_ == Stage::ready; }
  bool has_unacked() const;
  const std::string& user() const { return user_; }
  const std::string& resource() const { return resource_; }
  const std::vector<Outgoing>& sent() const { return sent_; }
  // Message ids by author, in the order in which they were first seen; a repeat with the same stanza-id is no second.
  const std::vector<std::string>& seen() const { return seen_; }
  const std::map<std::string, std::string>& stanza_ids() const { return stanza_ids_; }
  // The last note that the server has promised to keep, by its number; and the last one it has told of each user.
  int kept_note() const { return kept_note_; }
  const std::map<std::string, std::string>& notes() const { return notes_; }
  const std::string& fault() const { return fault_; }
  // What it is shown, with what it said itself.
  std::map<std::string, std::string> whole_conversation() const;
  Reads reads() const { return reads_; }
  bool is_caught_up() const { return reads_ != Reads::archive || caught_up_; }
  std::int64_t blocked_at_us = -1;  // when the server confirmed it

 private:
  enum class Stage : std::uint8_t { offline, opened, authenticated, binding, resuming, ready };

  void write(const std::string& xml);
  void write_counted(const std::string& xml);
  void on_bytes(std::string_view bytes);
  void on_closed();
  void on_element(const xml::Element& element);
  void on_features(const xml::Element& element);
  void on_iq(const xml::Element& element);
  void on_presence(const xml::Element& element);
  void on_message(const xml::Element& element);
  void on_error(const xml::Element& element);
  void on_stored(const xml::Element& element, const std::string& given);
  void on_result(const xml::Element& result);
  void on_page(const xml::Element& iq);
  void ask_page();
  void change(const char* what, const char* ns);
  void on_event(const xml::Element& message, const xml::Element& event);
  void on_ack(std::uint32_t h);
  void on_ready();
  void say_presence();
  void open_stream();
  void transmit(Outgoing& message);
  void come_back_later();

  World& world_;
  SimSite& site_;
  std::string user_;
  std::string resource_;
  std::shared_ptr<Wire> wire_;
  std::unique_ptr<xml::Reader> reader_;
  Stage stage_ = Stage::offline;
  bool wants_online_ = false;
  bool resumption_ = true;
  bool coming_back_ = false;
  std::string resume_id_;
  std::uint32_t received_ = 0;  // stanzas of the server, on this stream
  std::uint32_t written_ = 0;   // stanzas of ours, on this stream
  std::uint32_t acked_ = 0;
  int serial_ = 0;
  std::vector<Outgoing> sent_;
  std::vector<std::string> seen_;
  std::map<std::string, std::string> stanza_ids_;  // origin-id -> stanza-id
  std::set<std::string> seen_ids_;                 // stanza-ids
  bool wants_notes_ = false;
  int note_ = 0;
  int kept_note_ = 0;
  std::map<std::string, std::string> notes_;  // by user
  std::string fault_;
  std::string blocking_;
  Reads reads_ = Reads::inbound;
  Conversation conversation_;
  bool caught_up_ = false;         // with the archive, in this session
  std::string page_;               // the question that is under way
  std::uint32_t page_number_ = 0;  // among the stanzas sent on this stream
  std::string archive_upto_;       // the last id that came from it, or after it
  std::vector<std::string> held_;  // what came while the archive was read, to be shown behind it
};

}  // namespace confab::sim
