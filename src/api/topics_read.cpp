// What the client says.
#include <algorithm>

#include "api/members.h"
#include "api/message.h"
#include "api/receipt.h"
#include "api/topic_name.h"
#include "api/topics.h"
#include "base/bytes.h"
#include "json/write.h"

namespace confab::api {
namespace {

constexpr std::size_t kMaxMethod = 64;
constexpr std::size_t kMaxRid = 1023;

// An object's text, whatever stands in it: anything else is a text for people.
bool is_object(const Incoming& in) {
  if (in.content_type == kContentType) return true;
  if (in.content_type.starts_with("text/")) return false;
  const std::size_t first = in.payload.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos || in.payload[first] != '{') return false;
  const Result<> checked = json::check_value(in.payload);
  return checked || checked.error().code == Errc::too_big;
}

// Correlation Data may be any bytes.
std::string cid_of(std::string_view correlation) {
  const bool readable = is_utf8(correlation) && std::none_of(correlation.begin(), correlation.end(), [](char c) {
                          return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
                        });
  return readable ? std::string(correlation) : encode_hex(correlation);
}

// A number beside what the annex keeps already.
void keep_expiry(std::uint32_t expiry, core::Annex& annex) {
  json::ObjectText out;
  for (const core::AnnexItem& item : annex) {
    const auto members = json::read_object(item.bytes);
    if (!members || json::find(*members, "exp") != nullptr) return;
    for (const json::Member& member : *members) out.raw(member.name, member.value);
  }
  annex = {{core::Wire::mqtt, std::string(kJsonKey), out.number("exp", expiry).take()}};
}

Result<core::Event> read_message(const Incoming& in, std::size_t message_bytes) {
  if (!is_object(in)) return read_plain_text(in.payload, message_bytes);
  Result<Members> members = Members::read(in.payload);
  if (!members) return fail(std::move(members.error()));
  return read_envelope(*members, message_bytes);
}

Result<Said> read_send(const Incoming& in, const Address& to, std::size_t message_bytes) {
  if (in.content_type.starts_with("application/") && in.content_type != kContentType &&
      in.content_type != "application/json") {
    return fail(Errc::unsupported, "content type");
  }
  Result<core::Event> event = read_message(in, message_bytes);
  if (!event) return fail(std::move(event.error()));
  if (event->cid.empty()) event->cid = cid_of(in.correlation);
  if (event->cid.size() > kMaxName) return fail(Errc::too_big, "cid");
  if (in.expiry) keep_expiry(*in.expiry, event->annex);
  return make_send(std::move(*event), to);
}

Result<Said> read_about_reading(const Incoming& in, const Address& to) {
  Result<Members> members = Members::read(in.payload);
  if (!members) return fail(std::move(members.error()));
  Result<SaidRead> said = read_receipt(*members, to);
  if (!said) return fail(std::move(said.error()));
  if (auto* marker = std::get_if<core::SetReadMarker>(&*said)) return std::move(*marker);
  return make_send(std::move(std::get<core::Event>(*said)), to);
}

Result<Said> read_typing(const Incoming& in, const Address& to) {
  Result<core::Event> event = read_chat_state(in.payload);
  if (!event) return fail(std::move(event.error()));
  return make_send(std::move(*event), to);
}

template <class T>
Result<Said> meant(Result<T> read) {
  if (!read) return fail(std::move(read.error()));
  return std::move(*read);
}

Result<Said> read_presence(const Incoming& in, std::string_view facet, std::size_t message_bytes) {
  if (facet == "status") return meant(read_status(in.payload));
  if (facet == "signature") return meant(read_signature(in.payload, message_bytes));
  if (facet == "listening") return meant(read_listening(in.payload));
  return fail(Errc::not_found, "topic");
}

Result<Said> read_for_person(const Incoming& in, const std::vector<std::string_view>& levels, const Viewer& viewer,
                             std::size_t message_bytes) {
  const std::string_view leaf = levels[3];
  const bool nested = leaf == "presence" || leaf == "app" || leaf == "media";
  if (levels.size() != (nested ? 5 : 4)) return fail(Errc::not_found, "topic");
  const Result<Address> person = read_person(levels[2], viewer);
  if (!person) return fail(person.error());
  const bool self = person->same_bare(viewer.me);
  if (leaf == "msg") return read_send(in, *person, message_bytes);
  if (leaf == "rcpt" && !self) return read_about_reading(in, *person);
  if (leaf == "typing" && !self) return read_typing(in, *person);
  if (leaf == "presence" && self) return read_presence(in, levels[4], message_bytes);
  if (leaf == "app") return fail(Errc::unsupported, "topic");
  for (const std::string_view known : {"rcpt", "typing", "presence", "roster", "res", "sync", "dev", "media"}) {
    if (leaf == known) return fail(Errc::forbidden, "topic");
  }
  return fail(Errc::not_found, "topic");
}

bool is_method(std::string_view name) {
  return !name.empty() && name.size() <= kMaxMethod && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
  });
}

Result<Said> read_request(const Incoming& in, std::string_view method) {
  if (!is_method(method)) return fail(Errc::not_found, "topic");
  Request request{std::string(method), "{}", {}};
  if (in.payload.empty()) return request;
  Result<Members> members = Members::read(in.payload);
  if (!members) return fail(std::move(members.error()));
  request.rid = members->raw("rid");
  if (request.rid.size() > kMaxRid) return fail(Errc::too_big, "rid");
  if (std::string params = members->rest(); !params.empty()) request.params = std::move(params);
  return request;
}

}  // namespace

std::string named_in(const Incoming& in) {
  if (is_object(in)) {
    Result<Members> members = Members::read(in.payload);
    if (members && members->has("cid")) {
      std::string cid(members->text("cid", kMaxName));
      return members->verdict() ? cid : std::string();
    }
  }
  const std::string cid = cid_of(in.correlation);
  return cid.size() > kMaxName ? std::string() : cid;
}

Result<Said> read(const Incoming& in, const Viewer& viewer, std::size_t message_bytes) {
  const std::vector<std::string_view> levels = split_topic(in.topic);
  if (levels.size() < 3 || levels[0] != "im") return fail(Errc::not_found, "topic");
  if (levels[1] == "u" && levels.size() > 3) return read_for_person(in, levels, viewer, message_bytes);
  if (levels[1] == "req" && levels.size() == 3) return read_request(in, levels[2]);
  if (levels[1] == "g" || levels[1] == "c" || levels[1] == "app") return fail(Errc::unsupported, "topic");
  if (levels[1] != "sys") return fail(Errc::not_found, "topic");
  // Whether the client is an administrator's, its account says.
  if (levels.size() == 3 && levels[2] == "announce") return read_send(in, {{}, viewer.me.domain, {}}, message_bytes);
  return fail(levels[2] == "announce" ? Errc::unsupported : Errc::forbidden, "topic");
}

}  // namespace confab::api
