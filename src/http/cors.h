// Which pages of other origins may use the services (CORS, in the Fetch standard §3.2). Credentials are never allowed:
// who calls says so by the Authorization header, and there are no cookies.
#pragma once

#include <string>
#include <vector>

#include "http/request_parser.h"
#include "http/response.h"

namespace confab::http {

// Of every answer to `request`; none where `origins` is empty.
std::vector<HeaderField> cors_fields(const std::vector<std::string>& origins, const Request& request);

// A question of a browser before the request that it wants to make (§3.2.2).
bool is_preflight(const Request& request);

// The answer but for cors_fields. `methods`: those of the path.
Response answer_preflight(const std::vector<std::string>& origins, const Request& request, std::string methods);

}  // namespace confab::http
