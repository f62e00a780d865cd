// Data forms as clients submit them (XEP-0004), and as the server offers them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "xml/element.h"

namespace confab::xmpp {

inline constexpr std::string_view kFormNs = "jabber:x:data";

struct FormField {
  std::string_view name;  // var
  std::vector<std::string_view> values;

  std::string_view value() const { return values.empty() ? std::string_view() : values.front(); }
};

// A submitted form; its texts are the element's. Without FORM_TYPE among the fields.
struct SubmittedForm {
  std::string_view type;  // FORM_TYPE; empty: none
  std::vector<FormField> fields;

  const FormField* find(std::string_view name) const;  // null: no such field
};

// Errors: bad_payload, where it is no submitted form, or says a field twice.
Result<SubmittedForm> read_form(const xml::Element& x);

// "1", "true", "0", "false". Errors: bad_payload.
Result<bool> read_form_flag(std::string_view value);

// Adds <x type='form'/> with its FORM_TYPE; then its fields.
xml::Element& add_form(xml::Element& parent, std::string_view type, std::string_view form_type);
xml::Element& add_field(xml::Element& form, std::string_view name, std::string_view type);

}  // namespace confab::xmpp
