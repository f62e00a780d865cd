// The port to what is served: a path in, a page out.
#pragma once

#include <string>
#include <string_view>

#include "session/session.h"

namespace confab::http {

struct Page {
  int status = 404;
  std::string type = "text/plain; charset=utf-8";
  std::string body;
};

// Lives on: called on any shard, several at once; answers at once.
class Pages {
 public:
  virtual ~Pages() = default;
  // `path` as sent, without the query. Unknown paths: status 404.
  virtual Page get(std::string_view path, const session::PeerInfo& peer) = 0;
};

}  // namespace confab::http
