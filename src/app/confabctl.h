// What confabctl does around a verb: asks the site that runs, or opens the one that does not.
#pragma once

#include <functional>
#include <string>

#include "app/control.h"

namespace confab::app {

// Lives on: confabctl's one thread.
class ControlClient {
 public:
  using OpenSite = std::function<Result<StoppedSite>(const Config&, bool create)>;

  ControlClient(Config config, OpenSite open) : config_(std::move(config)), open_(std::move(open)) {}

  ControlReply run(const ControlRequest& request);
  // The whole text of a CSV file: checked first, then sent in parts, so that a big file is no big request.
  ControlReply import_people(const std::string& text, bool json);
  // Everything that is kept of a person, part by part into `file`. The reply's `out` is empty when that is standard
  // output.
  ControlReply export_person(const std::string& name, const std::string& file, bool json);

 private:
  ControlReply run_on_stopped_site(const ControlRequest& request);

  Config config_;
  OpenSite open_;
  BlockingLoop loop_;  // outlives the site, which answers on it
  StoppedSite site_;
};

}  // namespace confab::app
