// XEP-0084 User Avatar <-> core's avatar: which of the published pictures the account shows in its presence (XEP-0398).
#include "xmpp/avatar.h"

#include <algorithm>

#include "xmpp/publishing.h"

namespace confab::xmpp {
namespace {

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text;
}

// Whether the image of `info` is in the data node, and is what its name says (XEP-0398 §4.1).
bool is_there(const ImageName& info, const core::Reply& reply, const Config& config) {
  const auto* found = std::get_if<core::ItemsFound>(&reply);
  if (found == nullptr || found->page.items.empty()) return false;
  xml::Document document;
  const xml::Element* data = read_payload(found->page.items.front().payload, config, document);
  if (data == nullptr || !data->is("data", kAvatarDataNs)) return false;
  const std::optional<std::string> image = decode_image(data->text());
  return image && image_id(*image) == lower(info.id);
}

void publish_metadata(core::Publish command, const xml::Element& payload, Iq& iq) {
  if (!payload.is("metadata", kAvatarMetadataNs)) return pubsub_error(iq, kBadRequest, "invalid-payload");
  const std::optional<ImageName> info = read_metadata(payload);
  command.avatar = std::string(core::kNoAvatar);
  if (!info) return ask_publish(std::move(command), std::string(kAvatarMetadataNs), iq);
  core::GetItems data{{}, std::string(kAvatarDataNs), {}};
  data.query.ids.push_back(info->id);
  iq.ask_anyway(std::move(data),
                [info = *info, command = std::move(command)](const core::Reply& reply, Iq& then) mutable {
                  if (is_there(info, reply, then.place.config)) command.avatar = lower(info.id);
                  ask_publish(std::move(command), std::string(kAvatarMetadataNs), then);
                });
}

void publish_data(core::Publish command, const xml::Element& payload, Iq& iq) {
  const bool image = payload.is("data", kAvatarDataNs) && decode_image(payload.text());
  if (!image) return pubsub_error(iq, kBadRequest, "invalid-payload");
  ask_publish(std::move(command), std::string(kAvatarDataNs), iq);
}

void retract_metadata(core::Publish command, Iq& iq) {
  command.avatar = std::string(core::kNoAvatar);
  ask_pubsub(std::move(command), iq);
}

// The picture that is shown may be another one.
void retract_data(core::Publish command, Iq& iq) {
  iq.ask(core::GetProfile{}, [command = std::move(command)](const core::Reply& reply, Iq& then) mutable {
    const auto* found = std::get_if<core::ProfileFound>(&reply);
    for (const core::Retraction& each : command.retractions) {
      if (found != nullptr && lower(each.item) == found->avatar) command.avatar = std::string(core::kNoAvatar);
    }
    ask_pubsub(std::move(command), then);
  });
}

void clear(core::ClearNode command, Iq& iq) {
  command.avatar = std::string(core::kNoAvatar);
  ask_pubsub(std::move(command), iq);
}

}  // namespace

void install_avatar(Extensions& on) {
  on.spec("XEP-0084", "1.1.4", "User Avatar");
  on.spec("XEP-0398", "1.0.0", "User Avatar to vCard-Based Avatars Conversion");
  on.node(kAvatarDataNs, {.publish = publish_data, .retract = retract_data, .clear = clear});
  on.node(kAvatarMetadataNs, {.publish = publish_metadata, .retract = retract_metadata, .clear = clear});
}

}  // namespace confab::xmpp
