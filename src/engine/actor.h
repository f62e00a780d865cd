// The owner of one account: its state, its sessions, and the works that wait for it.
#pragma once

#include <forward_list>
#include <list>
#include <memory>
#include <vector>

#include "core/plan.h"
#include "core/rare_text.h"
#include "engine/envelope.h"
#include "engine/options.h"
#include "engine/ports.h"

namespace confab::engine {

class AccountShard;

// Where a session's connection is, and how far the account's log has reached it.
struct Link {
  enum class Reading : std::uint8_t {
    off,      // not available: nothing of the log goes to it
    page,     // a page is being read from the store
    waiting,  // a page was handed over; the session has not asked for the next
    live,     // everything was handed over: new rows go straight to it
  };
  core::SessionId id = 0;
  session::ConnectionId connection;
  Reading reading = Reading::off;
  Upos next = 0;           // rows up to here were handed over or passed over
  Upos delivered = 0;      // the last row that was handed over
  Upos acked = 0;          // the device has everything up to here
  Upos opened = 0;         // the log's head when the session began
  std::uint32_t page = 0;  // the page that is being read, or was read last
  WallMs since;            // logged in
  core::RareText address;  // where the connection comes from
  bool held = false;       // the session asked for a pause: nothing more until it wants backlog
  bool attached = true;    // false: the connection is lost, the session waits to be resumed
  Origin awaits;           // waits until everything has been handed over
  bool archive = false;    // has asked the archive: gets nothing of the log from before its time
  // Rows that were handed over ahead of their order, to a session that did not follow the log when they came.
  std::vector<Upos> apart;
};

// What is written when convenient: for the devices' places in the log and the last presence, late is soon enough.
struct PutOff {
  std::vector<std::string> devices;  // those whose cursor moved, or that were seen
  bool delivered = false;            // moved without a device
  bool presence = false;
  bool empty() const { return devices.empty() && !delivered && !presence; }
};

// A session that is being shown what its friends published last, page by page.
struct Show {
  core::SessionId session = 0;
  std::uint32_t number = 0;      // of this account's shows
  LastQuery query;               // what is left
  bool by_subscription = false;  // it has just begun to see somebody
  bool waiting = false;          // a page was handed over; the session has not asked for the next
  // Of whom and in which node it was told something new meanwhile: what was read may be older. Empty: listening.
  std::vector<std::pair<Address, std::string>> told;
};

// One account. Everything that happens to it happens here, in order (architecture.md §1).
// Lives on: the account's owner shard.
class Actor : public std::enable_shared_from_this<Actor> {
 public:
  Actor(AccountShard& shard, Address address) : shard_(shard), address_(std::move(address)) {}

  // Takes a work in. While the account is being loaded, or a change of it is being committed, works wait.
  void take(Work work);
  // A row of this account's log is durable.
  void on_row(const LogRow& row);

  const Address& address() const { return address_; }
  bool has_sessions() const { return !account_.sessions.empty(); }
  // Whether there is somebody whom events that are not kept can reach.
  bool is_live() const { return state_ != State::loading && has_sessions(); }
  bool is_idle() const {
    return state_ == State::ready && !has_sessions() && waiting_.empty() && pending_ == 0 && put_off_.empty();
  }
  MonoMs last_used() const { return last_used_; }
  const core::Account& account() const { return account_; }
  const std::vector<Link>& links() const { return links_; }

  // Moves out what has been put off. Whoever has it written says begin_writing before and on_written after.
  PutOff collect_put_off(Transaction& transaction);
  void begin_writing() { ++pending_; }
  void on_written(const PutOff& what, const Result<Committed>& done);

 private:
  friend class AccountShard;
  enum class State : std::uint8_t { loading, absent, ready, busy };

  // actor.cpp
  void load();
  void on_loaded(Result<core::AccountRow> row);
  void run_waiting();
  void handle(Work work);
  void receive(Envelope envelope);
  void refuse_absent(Work work);
  void vanish();
  void put_off(const PutOff& what);
  Link* find_link(core::SessionId id);
  Link* find_link(session::ConnectionId connection);

  // perform.cpp
  void perform(core::Plan plan, const Origin& origin, const core::Sender* sender = nullptr);
  void perform_appends(core::Plan plan, const Origin& origin);
  void announce(std::shared_ptr<core::Append> append, Address after, const Origin& origin);
  void perform_changes(core::Plan plan, const Origin& origin);
  void commit_changes(std::shared_ptr<core::Plan> plan, const Origin& origin, std::size_t tries);
  void on_committed(const std::shared_ptr<core::Plan>& plan, const Origin& origin, std::size_t tries,
                    Result<Committed> done);
  void perform_effects(core::Plan plan, const Origin& origin, const core::Sender* sender);
  void on_changed(const core::Plan& plan, core::SessionId first);

  // requests.cpp
  void request(Request request);
  bool is_entitled(const Origin& origin);
  bool may_register(const core::Register& command, const Origin& origin) const;
  void refuse_taken(const core::Register& command, const Origin& origin);
  void find_credentials(const Origin& origin);
  void verify_password(core::VerifyPassword& command, const Origin& origin);
  void create(core::Register& command, const Origin& origin);
  void change_password(core::ChangePassword& command, const Origin& origin);
  void disable(const core::Disable& command, const Origin& origin);
  void remove(const core::RemoveAccount& command, const Origin& origin);
  void refresh(Task done);
  void get_profile(const core::GetProfile& command, const Origin& origin);
  void search_log(core::SearchLog& command, const Origin& origin);  // search.cpp

  // publishing.cpp
  void inquire(const core::Command& question, const Address& of, const Origin& origin);
  void inform(Inquiry inquiry);
  void answer_items(const Address& asker, const core::GetItems& question, const Origin& origin);
  void answer_listening(const Address& asker, const Origin& origin);
  void show_last(core::SessionId id, core::ShowLast& command);
  void read_last(core::SessionId id);
  void on_last(std::uint32_t number, Result<LastPage> page);
  bool shows(const Show& show, const LastSaid& said) const;
  void show_more(core::SessionId id);
  void stop_showing(core::SessionId id);
  void note_told(const core::Notify& notify);
  Show* find_show(core::SessionId id);

  // sessions.cpp
  void open_session(core::OpenSession& command, const Origin& origin, bool is_new = false);
  void add_device(core::OpenSession command, const Origin& origin);
  bool make_room(const std::string& resource);
  bool replace_session(const std::string& resource);
  bool keeps_place(const core::Device& device) const;
  Upos first_position(const core::OpenSession& command, bool is_new, bool& present);
  void close_session(core::SessionId id, core::CloseSession& command);
  void note_device(core::SessionId id, core::NoteDevice& command, const Origin& origin);
  void forget_device(const std::string& name);
  void on_connection_gone(session::ConnectionId connection);
  void expel(session::CloseReason reason);
  void set_attached(core::SessionId id, bool attached);
  void drop_session(core::SessionId id);
  void linger(core::SessionId id, milliseconds grace);
  void get_sessions(const Origin& origin);
  void end_session(const core::EndSession& command, const Origin& origin);
  void on_grace_over(core::SessionId id);

  // archive.cpp
  template <class T, class Read>
  void answer_from_store(const Origin& origin, Read read);
  ConvId conversation_with(const Address& peer) const;
  void query_archive(core::QueryArchive& command, const Origin& origin);
  void get_archive_ends(const Origin& origin);
  void get_read_markers(const Origin& origin);
  void get_presences(const Origin& origin);  // presences.cpp
  void add_offline(const Origin& origin, std::vector<core::EventPtr> found);
  void get_history(core::GetHistory& command, const Origin& origin);
  void read_log(const core::ReadLog& command, const Origin& origin);
  void leave_backlog(core::SessionId id);
  bool reads_archive(const Link& link) const;

  // backlog.cpp
  void follow_log(core::SessionId id);
  void stop_following(core::SessionId id);
  void read_page(core::SessionId id);
  struct Page {
    core::SessionId session = 0;
    std::uint32_t number = 0;
    Upos head = 0;  // of the log, when it was asked for
  };
  void on_page(const Page& page, Result<std::vector<LogRow>> rows);
  void want_backlog(core::SessionId id);
  void hold_backlog(core::SessionId id);
  void await_backlog(core::SessionId id, const Origin& origin);
  void go_live(Link& link);
  void show_apart(Link& link, const core::SessionState& session, const LogRow& row);
  void consider(Link& link, const core::SessionState& session, const LogRow& row);
  void acknowledge(core::SessionId id, Upos upto);
  void advance(Link& link);
  void show_last_presences(core::SessionId id);

  AccountShard& shard_;
  Address address_;
  State state_ = State::absent;
  bool started_ = false;    // load() was called
  bool searching_ = false;  // a search is under way
  PutOff put_off_;
  std::uint32_t last_show_ = 0;
  std::uint32_t pending_ = 0;  // calls to the store or the pool that have not come back
  MonoMs last_used_;
  core::Account account_;
  std::vector<Link> links_;
  std::forward_list<Show> shows_;  // of each session the first is under way, and the rest wait
  std::list<Work> waiting_;        // not a deque, which takes 0.6 KB even while it is empty: and that is nearly always
};

}  // namespace confab::engine
