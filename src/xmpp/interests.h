// What clients want to be told of: the +notify features behind their entity capabilities (XEP-0115, XEP-0060 §9.2).
#pragma once

#include <array>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "core/command.h"
#include "xml/element.h"

namespace confab::xmpp {

inline constexpr std::string_view kCapsNs = "http://jabber.org/protocol/caps";
inline constexpr std::string_view kDiscoInfoNs = "http://jabber.org/protocol/disco#info";

// The name that a client gives its capabilities.
struct CapsName {
  std::string hash;
  std::string node;
  std::string ver;

  std::string key() const { return hash + " " + ver; }  // the node does not count (XEP-0115 §5.4)
};
// In a presence. nullopt: none, or one of before version 1.4, which cannot be verified (§12).
std::optional<CapsName> read_caps(const xml::Element& presence);

// What §5.1 hashes of a disco#info result. Errors: bad_payload where it is ill-formed (§5.4 rule 3), or could be taken
// for another one's (§9.3).
Result<std::string> verification_input(const xml::Element& query);
// Whether `query` is what `name` stands for; nullopt: the hash is not known here.
std::optional<bool> is_genuine(const CapsName& name, const xml::Element& query);

// Immutable once made: shared by the sessions of all clients with the same capabilities. Lives on: anywhere.
struct Interests {
  std::string caps;                // CapsName::key of the capabilities they were found in
  std::vector<std::string> nodes;  // sorted

  bool covers(std::string_view node) const;
  std::size_t bytes() const;
};
using InterestsPtr = std::shared_ptr<const Interests>;

// Of a disco#info result. What does not fit into `bytes` is left out.
InterestsPtr read_interests(std::string caps, const xml::Element& query, std::size_t bytes);

// What is to be shown of what was published before, to who has `now` and had `before` (null: nothing).
core::ShowLast newly_wanted(const Interests& now, const Interests* before);

// Verified capabilities and what stands behind them, for all sessions of a site; those that were not asked for the
// longest go first. Asked when a client says new capabilities, never for a message. Lives on: anywhere.
class CapsCache {
 public:
  explicit CapsCache(std::size_t entries);

  InterestsPtr find(const std::string& caps);
  void put(InterestsPtr interests);
  std::size_t size() const;

 private:
  struct Part {
    mutable std::mutex mutex;
    std::list<InterestsPtr> recent;  // the last that was asked for first
    std::unordered_map<std::string, std::list<InterestsPtr>::iterator> by_caps;
  };
  Part& part_of(const std::string& caps);

  static constexpr std::size_t kParts = 16;
  std::size_t entries_per_part_;
  std::array<Part, kParts> parts_;
};

}  // namespace confab::xmpp
