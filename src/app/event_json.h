// Events, and what else people have, as JSON objects: what docs/admin/export.md describes.
#pragma once

#include <string>
#include <vector>

#include "app/json_text.h"
#include "core/account.h"
#include "core/event.h"

namespace confab::app {

// A row of the log of `owner`: {"type":"event","seq":…}.
std::string event_json(Upos seq, const core::Event& event, const Address& owner);

// [{"lang":"en","text":"…"}], as items of a list.
std::vector<std::string> texts_json(const std::vector<core::Text>& texts);
// [{"wire":"xmpp","key":"xml","text":"…"}]; "base64" instead of "text" for bytes that are not UTF-8.
std::vector<std::string> annex_json(const core::Annex& annex);

std::string_view name_of(core::Status status);

}  // namespace confab::app
