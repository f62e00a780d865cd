#include "xmpp/interests.h"

#include <algorithm>
#include <map>
#include <set>

#include "auth/hash.h"
#include "base/bytes.h"
#include "base/ids.h"
#include "xmpp/data_form.h"
#include "xmpp/publishing.h"

namespace confab::xmpp {
namespace {

constexpr std::size_t kMaxCapsBytes = 1024;    // of each part of a name
constexpr std::size_t kInterestOverhead = 48;  // of one node in memory
constexpr std::string_view kNotify = "+notify";

Result<> ill_formed(std::string_view why) {
  return fail(Errc::bad_payload, why);
}

// Nothing that stands between two separators may contain one: whoever knows a hash could move the borders, and say
// other things under the same name.
bool is_ambiguous(std::string_view text) {
  return text.find('<') != std::string_view::npos;
}

Result<> add_identities(const xml::Element& query, std::string& text) {
  std::set<std::string> identities;
  for (const xml::Element& child : query.children()) {
    if (!child.is("identity", kDiscoInfoNs)) continue;
    std::string identity(child.attr("category"));
    identity.append("/").append(child.attr("type")).append("/").append(child.lang()).append("/");
    identity.append(child.attr("name"));
    if (is_ambiguous(identity)) return ill_formed("ambiguous");
    if (!identities.insert(std::move(identity)).second) return ill_formed("an identity twice");
  }
  for (const std::string& identity : identities) text.append(identity).append(1, '<');
  return {};
}

Result<> add_features(const xml::Element& query, std::string& text) {
  std::set<std::string_view> features;
  for (const xml::Element& child : query.children()) {
    if (!child.is("feature", kDiscoInfoNs)) continue;
    if (is_ambiguous(child.attr("var"))) return ill_formed("ambiguous");
    if (!features.insert(child.attr("var")).second) return ill_formed("a feature twice");
  }
  for (const std::string_view feature : features) text.append(feature).append(1, '<');
  return {};
}

struct Form {
  std::string_view type;
  std::vector<std::pair<std::string_view, std::vector<std::string_view>>> fields;
};

std::vector<std::string_view> values_of(const xml::Element& field) {
  std::vector<std::string_view> values;
  for (const xml::Element& value : field.children()) {
    if (value.is("value", kFormNs)) values.push_back(value.text());
  }
  std::sort(values.begin(), values.end());
  return values;
}

// §5.4: a form without a hidden FORM_TYPE is passed over (its type is empty then).
Result<Form> read_form(const xml::Element& x) {
  Form form;
  for (const xml::Element& field : x.children()) {
    if (!field.is("field", kFormNs)) continue;
    std::vector<std::string_view> values = values_of(field);
    if (field.attr("var") != "FORM_TYPE") {
      form.fields.emplace_back(field.attr("var"), std::move(values));
    } else if (field.attr("type") == "hidden" && !values.empty()) {
      if (values.front() != values.back()) return fail(Errc::bad_payload, "FORM_TYPE");
      form.type = values.front();
    }
  }
  std::sort(form.fields.begin(), form.fields.end());
  return form;
}

Result<> add_forms(const xml::Element& query, std::string& text) {
  std::map<std::string_view, Form> forms;
  for (const xml::Element& child : query.children()) {
    if (!child.is("x", kFormNs)) continue;
    Result<Form> form = read_form(child);
    if (!form) return fail(form.error());
    if (form->type.empty()) continue;
    const std::string_view type = form->type;
    if (!forms.emplace(type, std::move(*form)).second) return ill_formed("a form twice");
  }
  for (const auto& [type, form] : forms) {
    if (is_ambiguous(type)) return ill_formed("ambiguous");
    text.append(type).append(1, '<');
    for (const auto& [var, values] : form.fields) {
      if (is_ambiguous(var)) return ill_formed("ambiguous");
      text.append(var).append(1, '<');
      for (const std::string_view value : values) {
        if (is_ambiguous(value)) return ill_formed("ambiguous");
        text.append(value).append(1, '<');
      }
    }
  }
  return {};
}

}  // namespace

std::optional<CapsName> read_caps(const xml::Element& presence) {
  const xml::Element* c = presence.child("c", kCapsNs);
  if (c == nullptr) return std::nullopt;
  CapsName name{std::string(c->attr("hash")), std::string(c->attr("node")), std::string(c->attr("ver"))};
  for (const std::string* part : {&name.hash, &name.node, &name.ver}) {
    if (part->empty() || part->size() > kMaxCapsBytes) return std::nullopt;
  }
  return name;
}

Result<std::string> verification_input(const xml::Element& query) {
  std::string text;
  for (const auto add : {&add_identities, &add_features, &add_forms}) {
    if (Result<> added = add(query, text); !added) return fail(std::move(added.error()));
  }
  return text;
}

std::optional<bool> is_genuine(const CapsName& name, const xml::Element& query) {
  const bool sha1 = name.hash == "sha-1";
  if (!sha1 && name.hash != "sha-256") return std::nullopt;
  const Result<std::string> text = verification_input(query);
  if (!text) return false;
  return encode_base64(auth::digest(sha1 ? auth::Hash::sha1 : auth::Hash::sha256, *text)) == name.ver;
}

bool Interests::covers(std::string_view node) const {
  return std::binary_search(nodes.begin(), nodes.end(), node);
}

std::size_t Interests::bytes() const {
  std::size_t bytes = caps.size();
  for (const std::string& node : nodes) bytes += node.size() + kInterestOverhead;
  return bytes;
}

InterestsPtr read_interests(std::string caps, const xml::Element& query, std::size_t bytes) {
  Interests interests{std::move(caps), {}};
  std::size_t taken = 0;
  for (const xml::Element& child : query.children()) {
    std::string_view node = child.attr("var");
    if (!child.is("feature", kDiscoInfoNs) || !node.ends_with(kNotify)) continue;
    node.remove_suffix(kNotify.size());
    if (node.empty() || node.size() > core::kMaxNodeName) continue;
    taken += node.size() + kInterestOverhead;
    if (taken > bytes) break;
    interests.nodes.emplace_back(node);
  }
  std::sort(interests.nodes.begin(), interests.nodes.end());
  interests.nodes.erase(std::unique(interests.nodes.begin(), interests.nodes.end()), interests.nodes.end());
  interests.nodes.shrink_to_fit();
  return std::make_shared<const Interests>(std::move(interests));
}

core::ShowLast newly_wanted(const Interests& now, const Interests* before) {
  core::ShowLast show;
  for (const std::string& node : now.nodes) {
    if (before != nullptr && before->covers(node)) continue;
    if (node == kTuneNs) {
      show.listening = true;
    } else {
      show.nodes.push_back(node);
    }
  }
  return show;
}

CapsCache::CapsCache(std::size_t entries) : entries_per_part_(std::max<std::size_t>(1, entries / kParts)) {}

CapsCache::Part& CapsCache::part_of(const std::string& caps) {
  return parts_[hash_bytes(caps) % kParts];
}

InterestsPtr CapsCache::find(const std::string& caps) {
  Part& part = part_of(caps);
  const std::lock_guard hold(part.mutex);
  const auto known = part.by_caps.find(caps);
  if (known == part.by_caps.end()) return nullptr;
  part.recent.splice(part.recent.begin(), part.recent, known->second);
  return *known->second;
}

void CapsCache::put(InterestsPtr interests) {
  Part& part = part_of(interests->caps);
  const std::lock_guard hold(part.mutex);
  if (part.by_caps.contains(interests->caps)) return;  // it was verified: it says the same
  if (part.recent.size() >= entries_per_part_) {
    part.by_caps.erase(part.recent.back()->caps);
    part.recent.pop_back();
  }
  part.recent.push_front(std::move(interests));
  part.by_caps.emplace(part.recent.front()->caps, part.recent.begin());
}

std::size_t CapsCache::size() const {
  std::size_t size = 0;
  for (const Part& part : parts_) {
    const std::lock_guard hold(part.mutex);
    size += part.recent.size();
  }
  return size;
}

}  // namespace confab::xmpp
