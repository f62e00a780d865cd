// Avatars as they are published (XEP-0084), and what of them the vCard shows (XEP-0153, XEP-0398).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/command.h"
#include "xml/element.h"
#include "xmpp/extension.h"

namespace confab::xmpp {

inline constexpr std::string_view kAvatarDataNs = "urn:xmpp:avatar:data";
inline constexpr std::string_view kAvatarMetadataNs = "urn:xmpp:avatar:metadata";

// White space between the letters does not count (XEP-0084 §4.1). nullopt: it is not base64.
std::optional<std::string> decode_image(std::string_view base64);
std::string image_id(std::string_view image);  // SHA-1 in hex, as items and presences name it

// The picture that stands in the data node; nullopt: the avatar is switched off, or is somewhere else.
struct ImageName {
  std::string id;
  std::string type;
};
std::optional<ImageName> read_metadata(const xml::Element& metadata);

// The image becomes the account's avatar; or none is any more.
void publish_avatar(std::string_view image, std::string_view type, core::Publish& command);
void publish_no_avatar(core::Publish& command);

// What the vCard shows of an avatar: asks for it, as far as the asker may see it, and gives it to `then`: nullopt where
// there is none.
struct Photo {
  std::string type;
  std::string base64;
};
using WithPhoto = UniqueFunction<void(std::optional<Photo> photo, Iq& iq)>;
void ask_photo(const Address& of, WithPhoto then, Iq& iq);

}  // namespace confab::xmpp
