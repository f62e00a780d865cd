#include "app/control_wire.h"

#include <boost/json.hpp>

#include "app/json_text.h"
#include "base/bytes.h"

namespace confab::app {
namespace {

Result<boost::json::object> parse_object(std::string_view line) {
  boost::json::error_code error;
  boost::json::value value = boost::json::parse(boost::json::string_view(line.data(), line.size()), error);
  if (error || !value.is_object()) return fail(Errc::bad_payload, "not a JSON object");
  return std::move(value.as_object());
}

std::string text_of(const boost::json::object& object, const char* name) {
  const boost::json::value* value = object.if_contains(name);
  if (value == nullptr || !value->is_string()) return {};
  return {value->as_string().data(), value->as_string().size()};
}

}  // namespace

std::string encode_request(const ControlRequest& request) {
  std::string out = "{\"args\":[";
  for (std::size_t i = 0; i < request.args.size(); ++i) out += (i > 0 ? "," : "") + json_quote(request.args[i]);
  out += "]";
  if (!request.input.empty()) out += ",\"stdin\":" + json_quote(request.input);
  return out + "}\n";
}

Result<ControlRequest> decode_request(std::string_view line) {
  auto object = parse_object(line);
  if (!object) return fail(std::move(object.error()));
  const boost::json::value* args = object->if_contains("args");
  if (args == nullptr || !args->is_array()) return fail(Errc::bad_payload, "no \"args\"");
  ControlRequest request;
  for (const boost::json::value& arg : args->as_array()) {
    if (!arg.is_string()) return fail(Errc::bad_payload, "\"args\" holds something else than strings");
    request.args.emplace_back(arg.as_string().data(), arg.as_string().size());
  }
  request.input = text_of(*object, "stdin");
  return request;
}

std::string encode_reply(const ControlReply& reply) {
  return "{\"exit\":" + std::to_string(reply.exit) + ",\"out\":" + json_quote(reply.out) +
         ",\"err\":" + json_quote(reply.err) + "}\n";
}

Result<ControlReply> decode_reply(std::string_view line) {
  auto object = parse_object(line);
  if (!object) return fail(std::move(object.error()));
  const boost::json::value* exit = object->if_contains("exit");
  if (exit == nullptr || !exit->is_int64()) return fail(Errc::bad_payload, "no \"exit\"");
  return ControlReply{static_cast<int>(exit->as_int64()), text_of(*object, "out"), text_of(*object, "err")};
}

}  // namespace confab::app
