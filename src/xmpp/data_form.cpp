#include "xmpp/data_form.h"

#include <algorithm>

namespace confab::xmpp {

const FormField* SubmittedForm::find(std::string_view name) const {
  const auto at = std::find_if(fields.begin(), fields.end(), [name](const auto& field) { return field.name == name; });
  return at == fields.end() ? nullptr : &*at;
}

Result<SubmittedForm> read_form(const xml::Element& x) {
  if (!x.is("x", kFormNs) || x.attr("type") != "submit") return fail(Errc::bad_payload, "form: not submitted");
  SubmittedForm form;
  for (const xml::Element& child : x.children()) {
    if (!child.is("field", kFormNs)) continue;
    FormField field{child.attr("var"), {}};
    if (field.name.empty() || form.find(field.name) != nullptr) return fail(Errc::bad_payload, "form: field");
    for (const xml::Element& value : child.children()) {
      if (value.is("value", kFormNs)) field.values.push_back(value.text());
    }
    if (field.name == "FORM_TYPE") {
      form.type = field.value();
    } else {
      form.fields.push_back(std::move(field));
    }
  }
  return form;
}

Result<bool> read_form_flag(std::string_view value) {
  if (value == "1" || value == "true") return true;
  if (value == "0" || value == "false") return false;
  return fail(Errc::bad_payload, "form: neither true nor false");
}

xml::Element& add_form(xml::Element& parent, std::string_view type, std::string_view form_type) {
  xml::Element& form = parent.add("x", kFormNs).set("type", type);
  add_field(form, "FORM_TYPE", "hidden").add("value").text(form_type);
  return form;
}

xml::Element& add_field(xml::Element& form, std::string_view name, std::string_view type) {
  return form.add("field", kFormNs).set("type", type).set("var", name);
}

}  // namespace confab::xmpp
