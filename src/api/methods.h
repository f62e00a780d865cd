// The one table of methods: what can be called, with which parameters, on every wire. The documents that describe it
// are made from it.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "api/call.h"

namespace confab::api {

enum class Type : std::uint8_t { text, number, flag, list, object, any };
std::string_view name_of(Type type);

struct Parameter {
  std::string_view name;
  Type type = Type::text;
  bool required = false;
  std::string_view about;
};

struct Method {
  std::string_view name;  // "noun.verb"
  std::string_view about;
  std::vector<Parameter> parameters;
  std::string_view result;   // what comes back
  std::string_view example;  // parameters, as an object
  std::string_view scope;    // what a token must allow
  bool changes = false;      // something: takes `cid`, the client's own id, beside the rest
  void (*begin)(Members& params, Call& call) = nullptr;
};

// Filled once, then shared. Lives on: anywhere, once filled.
class MethodTable {
 public:
  void add(Method method);
  const Method* find(std::string_view name) const;  // null: there is none
  const std::vector<Method>& all() const { return methods_; }

 private:
  std::vector<Method> methods_;
};
const MethodTable& methods();

// Every parameter known, every required one there, each of its type. Errors: bad_payload, which names it.
Result<> check(const Method& method, const Members& params);

// One for each noun.
void install_friend_methods(MethodTable& on);
void install_history_methods(MethodTable& on);  // of message.*
void install_message_methods(MethodTable& on);
void install_presence_methods(MethodTable& on);
void install_session_methods(MethodTable& on);
void install_sync_methods(MethodTable& on);
void install_user_methods(MethodTable& on);

}  // namespace confab::api
