#include "api/methods.h"

#include <algorithm>

namespace confab::api {
namespace {

constexpr Parameter kCid{"cid", Type::text, false, "the client's own id for this call: a repeat changes nothing"};

bool is_of(Type type, std::string_view value) {
  const char first = value.front();
  switch (type) {
    case Type::text:
      return first == '"';
    case Type::number:
      return first == '-' || (first >= '0' && first <= '9');
    case Type::flag:
      return first == 't' || first == 'f';
    case Type::list:
      return first == '[';
    case Type::object:
      return first == '{';
    case Type::any:
      return true;
  }
  return false;
}

const Parameter* find_parameter(const Method& method, std::string_view name) {
  const auto at = std::find_if(method.parameters.begin(), method.parameters.end(),
                               [name](const Parameter& one) { return one.name == name; });
  return at == method.parameters.end() ? nullptr : &*at;
}

MethodTable make_table() {
  MethodTable table;
  install_friend_methods(table);
  install_message_methods(table);
  install_history_methods(table);
  install_presence_methods(table);
  install_session_methods(table);
  install_sync_methods(table);
  install_user_methods(table);
  return table;
}

}  // namespace

std::string_view name_of(Type type) {
  switch (type) {
    case Type::text:
      return "text";
    case Type::number:
      return "number";
    case Type::flag:
      return "flag";
    case Type::list:
      return "list";
    case Type::object:
      return "object";
    case Type::any:
      break;
  }
  return "any";
}

void MethodTable::add(Method method) {
  if (method.changes && find_parameter(method, kCid.name) == nullptr) method.parameters.push_back(kCid);
  methods_.push_back(std::move(method));
}

const Method* MethodTable::find(std::string_view name) const {
  const auto at =
      std::find_if(methods_.begin(), methods_.end(), [name](const Method& one) { return one.name == name; });
  return at == methods_.end() ? nullptr : &*at;
}

const MethodTable& methods() {
  static const MethodTable table = make_table();
  return table;
}

Result<> check(const Method& method, const Members& params) {
  for (const std::string& name : params.names()) {
    const Parameter* known = find_parameter(method, name);
    if (known == nullptr) return fail(Errc::bad_payload, "unknown parameter: " + name);
    const std::string_view value = params.look(name);
    if (!value.empty() && !is_of(known->type, value)) {
      return fail(Errc::bad_payload, name + ": not a " + std::string(name_of(known->type)));
    }
  }
  for (const Parameter& parameter : method.parameters) {
    if (parameter.required && !params.has(parameter.name)) {
      return fail(Errc::bad_payload, "missing parameter: " + std::string(parameter.name));
    }
  }
  return {};
}

}  // namespace confab::api
