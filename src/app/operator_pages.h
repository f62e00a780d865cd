// /healthz, /readyz, /version and /metrics: what an operator's tools ask a site over HTTP.
#pragma once

#include <functional>

#include "app/metrics.h"
#include "http/pages.h"

namespace confab::app {

// Lives on: called on any shard, several at once; so is `ready`.
class OperatorPages final : public http::Pages {
 public:
  // `ready`: every listener accepts and the store answers. `metrics` outlives this.
  OperatorPages(std::function<bool()> ready, const Metrics& metrics) : ready_(std::move(ready)), metrics_(metrics) {}

  http::Page get(std::string_view path, const session::PeerInfo& peer) override;

 private:
  std::function<bool()> ready_;
  const Metrics& metrics_;
};

}  // namespace confab::app
