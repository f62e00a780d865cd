// Arbitrary bytes as JSON: what is accepted, Boost.JSON accepts too, with the same members; nothing else it accepts is
// refused, but for members that come twice and what passes the limits.
#include <boost/json/src.hpp>
#include <cstdlib>
#include <set>

#include "json/object.h"
#include "json/write.h"

namespace {

using namespace confab;

void require(bool holds) {
  if (!holds) std::abort();
}

bool has_twins(const boost::json::object& object, std::string_view text) {
  // Boost.JSON keeps the last of members with one name: fewer members than there are names in the text.
  const auto members = json::read_object(text);
  return !members && members.error().text.find("twice") != std::string::npos && !object.empty();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto members = json::read_object(text);
  boost::json::error_code error;
  boost::json::parse_options options;
  options.max_depth = 64 + 1;
  const boost::json::value oracle = boost::json::parse(text, error, {}, options);
  if (members) {
    require(!error && oracle.is_object() && oracle.as_object().size() == members->size());
    for (const json::Member& member : *members) {
      require(oracle.as_object().contains(member.name));
      const boost::json::value& other = oracle.as_object().at(member.name);
      const auto string = json::read_string(member.value);
      require(string.has_value() == other.is_string());
      if (string) require(*string == std::string_view(other.as_string()));
    }
  } else if (!error && oracle.is_object()) {
    require(members.error().code == Errc::too_big || has_twins(oracle.as_object(), text));
  }
  std::string out;
  json::append_string(out, text);
  require(json::read_string(out).has_value());
  return 0;
}
