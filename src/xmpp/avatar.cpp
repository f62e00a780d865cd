#include "xmpp/avatar.h"

#include <algorithm>

#include "auth/hash.h"
#include "base/bytes.h"
#include "xmpp/publishing.h"

namespace confab::xmpp {
namespace {

// Whoever sets his picture in a vCard shows it to everybody, as vCards are shown.
core::NodeOptions open_options() {
  core::NodeOptions options;
  options.access = core::Access::open;
  return options;
}

core::Publication publication(std::string_view node, std::string item, const xml::Element& payload) {
  return {.node = std::string(node),
          .item = std::move(item),
          .payload = write_payload(payload),
          .options = open_options(),
          .insists = false};
}

// The root of the newest item; null: there is none that can be read.
const xml::Element* newest(const core::Reply& reply, const Config& config, xml::Document& document) {
  const auto* found = std::get_if<core::ItemsFound>(&reply);
  if (found == nullptr || found->page.items.empty()) return nullptr;
  return read_payload(found->page.items.back().payload, config, document);
}

}  // namespace

std::optional<std::string> decode_image(std::string_view base64) {
  std::string letters(base64);
  std::erase_if(letters, [](char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; });
  return decode_base64(letters);
}

std::string image_id(std::string_view image) {
  return encode_hex(auth::digest(auth::Hash::sha1, image));
}

std::optional<ImageName> read_metadata(const xml::Element& metadata) {
  for (const xml::Element& info : metadata.children()) {
    const bool here = info.is("info", kAvatarMetadataNs) && info.attr("url").empty();
    if (here && !info.attr("id").empty())
      return ImageName{std::string(info.attr("id")), std::string(info.attr("type"))};
  }
  return std::nullopt;
}

void publish_avatar(std::string_view image, std::string_view type, core::Publish& command) {
  xml::Document document;
  const std::string id = image_id(image);
  xml::Element& data = document.make("data", kAvatarDataNs).text(encode_base64(image));
  command.publications.push_back(publication(kAvatarDataNs, id, data));
  xml::Element& metadata = document.make("metadata", kAvatarMetadataNs);
  metadata.add("info").set("bytes", std::to_string(image.size())).set("id", id).set("type", type);
  command.publications.push_back(publication(kAvatarMetadataNs, id, metadata));
  command.avatar = id;
}

// XEP-0084 §3.5.
void publish_no_avatar(core::Publish& command) {
  xml::Document document;
  command.publications.push_back(publication(kAvatarMetadataNs, {}, document.make("metadata", kAvatarMetadataNs)));
  command.avatar = std::string(core::kNoAvatar);
}

void ask_photo(const Address& of, WithPhoto then, Iq& iq) {
  core::GetItems metadata{of, std::string(kAvatarMetadataNs), {}};
  metadata.query.max = 1;
  iq.ask_anyway(std::move(metadata), [of, then = std::move(then)](const core::Reply& reply, Iq& next) mutable {
    xml::Document document;
    const xml::Element* read = newest(reply, next.place.config, document);
    std::optional<ImageName> info = read == nullptr ? std::nullopt : read_metadata(*read);
    if (!info) return then(std::nullopt, next);
    core::GetItems data{of, std::string(kAvatarDataNs), {}};
    data.query.ids.push_back(info->id);
    next.ask_anyway(std::move(data),
                    [type = std::move(info->type), then = std::move(then)](const core::Reply& image, Iq& last) mutable {
                      xml::Document kept;
                      const xml::Element* found = newest(image, last.place.config, kept);
                      if (found == nullptr) return then(std::nullopt, last);
                      then(Photo{std::move(type), std::string(found->text())}, last);
                    });
  });
}

}  // namespace confab::xmpp
