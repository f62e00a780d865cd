#include "http/cors.h"

#include <algorithm>

#include "http/syntax.h"

namespace confab::http {
namespace {

constexpr const char* kSeconds = "600";  // for which a browser need not ask again

// What Access-Control-Allow-Origin says; empty: the origin is not allowed.
std::string allowed_origin(const std::vector<std::string>& origins, const Request& request) {
  const auto lists = [&](std::string_view origin) {
    return std::find(origins.begin(), origins.end(), origin) != origins.end();
  };
  if (request.count("origin") != 1) return {};
  if (lists("*")) return "*";
  const std::string& origin = *request.find("origin");
  return lists(origin) ? origin : std::string();
}

}  // namespace

// An answer that depends on the Origin says so to caches, whatever the Origin was; "*" does not depend.
std::vector<HeaderField> cors_fields(const std::vector<std::string>& origins, const Request& request) {
  std::vector<HeaderField> fields;
  if (origins.empty()) return fields;
  if (std::string origin = allowed_origin(origins, request); !origin.empty()) {
    fields.push_back({"Access-Control-Allow-Origin", std::move(origin)});
  }
  if (std::find(origins.begin(), origins.end(), "*") == origins.end()) fields.push_back({"Vary", "Origin"});
  return fields;
}

bool is_preflight(const Request& request) {
  return request.method == "OPTIONS" && request.find("origin") != nullptr &&
         request.find("access-control-request-method") != nullptr;
}

// Fields are allowed as asked: what they mean is for the services to judge, and "*" would leave Authorization out.
Response answer_preflight(const std::vector<std::string>& origins, const Request& request, std::string methods) {
  Response response{204, {}, {}, {{"Allow", methods}}};
  if (origins.empty()) return response;
  response.fields.push_back({"Vary", "Access-Control-Request-Method, Access-Control-Request-Headers"});
  if (allowed_origin(origins, request).empty()) return response;
  response.fields.push_back({"Access-Control-Allow-Methods", std::move(methods)});
  response.fields.push_back({"Access-Control-Max-Age", kSeconds});
  std::string names;
  for (const std::string_view name : request.list("access-control-request-headers")) {
    if (!is_token(name)) continue;
    names.append(names.empty() ? "" : ", ").append(name);
  }
  if (!names.empty()) response.fields.push_back({"Access-Control-Allow-Headers", std::move(names)});
  return response;
}

}  // namespace confab::http
