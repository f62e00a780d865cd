// The one JSON schema: an account's events <-> (topic, payload). MQTT carries them as they are; the event stream of
// HTTP as {"topic","payload"}. What clients may rely on is in docs/clients/json.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "api/presence.h"
#include "api/viewer.h"
#include "core/command.h"

namespace confab::api {

// What a topic is about: the wire knows by it how surely, and with what mark, the payload is to be sent.
enum class Kind : std::uint8_t {
  message,
  receipt,
  typing,
  status,
  signature,
  listening,
  roster,
  announcement,
  result,
  sync,
  device,
};

// Something for the client.
struct Outgoing {
  Kind kind = Kind::message;
  std::string topic;
  std::string payload;
  std::uint64_t roster = 0;  // of `roster`: the version that the client has with it; 0: it tells none
};

// What the client is told of an event, at the end of `topic` and of `payload`. nullopt: it is not a client's business
// (docs/bridging.md), or it is a Presence.
std::optional<Kind> write(const core::Delivery& delivery, const Viewer& viewer, std::string& topic,
                          std::string& payload);

// A person's presence as the facets that it has, each a topic; a status always. `said`: from whom, when, and with what
// beside it. Which presence holds for the account as a whole is the session's to know.
std::vector<Outgoing> write_presence(const core::Event& said, const core::Presence& presence, const Viewer& viewer);

// Either of the two.
std::vector<Outgoing> write_all(const core::Delivery& delivery, const Viewer& viewer);

// The whole roster, or each change since the version that the client had.
std::vector<Outgoing> write_roster(const core::RosterItems& items, const Viewer& viewer);

// On the account's `res` topic: what became of a publish that carried `cid`.
Outgoing write_sent(std::string_view cid, const core::Sent& sent, const Viewer& viewer);
Outgoing write_refused(std::string_view cid, const Error& error, const Viewer& viewer);
// The answer to a request. `rid`: JSON as the client gave it, or empty. `reply`: an object without it (api/methods.h).
Outgoing write_result(std::string_view rid, std::string_view reply, const Viewer& viewer);

// {"status":-1,"error":…,"message":…}
std::string error_json(const Error& error);

// What begins and ends what a session is told of all that was before it.
struct Sync {
  bool ends = false;
  Upos seq = 0;          // the last place in the log that was there
  bool resumed = false;  // the session goes on from where it was
  std::uint64_t roster_version = 0;
  bool gap = false;                     // older events are gone, or left to message.history
  std::optional<std::uint64_t> unread;  // for sessions that keep no place
};
Outgoing write_sync(const Sync& sync, const Viewer& viewer);
// "replaced", "logged_out", "password_changed", …: why the session ends.
Outgoing write_device(std::string_view what, const Viewer& viewer);

// Something that a client publishes. Everything is looked at during the call only.
struct Incoming {
  std::string_view topic;
  std::string_view payload;
  std::string_view content_type;        // empty: not told
  std::string_view correlation;         // the cid, where the payload names none; any bytes
  std::optional<std::uint32_t> expiry;  // seconds: "exp", where the payload names none
};

// A call of a method (api/methods.h).
struct Request {
  std::string method;
  std::string params;  // an object
  std::string rid;     // JSON as the client gave it; empty: none
};

// What the client means. A Send has no source and no sender yet.
using Said = std::variant<core::Send, core::SetReadMarker, core::SetListening, PresenceChange, Request>;

inline constexpr std::string_view kContentType = "application/im+json";

// `message_bytes`: of a message's bodies, and of a signature; 0: no limit. Errors, whose text names what is wrong:
// bad_payload and too_big; bad_address; forbidden: not the client's to publish there; unsupported: groups, channels and
// applications; not_found: no such topic.
Result<Said> read(const Incoming& in, const Viewer& viewer, std::size_t message_bytes);

// The author's own id of what is said, also of what read() refuses; empty: it has none.
std::string named_in(const Incoming& in);

}  // namespace confab::api
