// confabctl user erase: the account goes, its name is not given again, and its traces go from the files.
#include "app/control_verbs.h"
#include "app/json_text.h"

namespace confab::app {

ControlReply user_erase(VerbCall& call) {
  if (!call.has("--yes")) return usage("user erase: this cannot be undone: say --yes");
  const auto address = account_of(call, call.names[0]);
  if (!address) return refuse(call, address.error());
  const auto erased =
      call.ports.live != nullptr ? call.ports.live->remove_account(*address, true) : drop(call, *address, true);
  if (!erased) return refuse(call, erased.error());
  // From here on nobody can read it by the site; what is left are bytes in pages that are free.
  if (auto scrubbed = work_on(call, engine::Store::Chore::scrub); !scrubbed) {
    return refuse(call, {scrubbed.error().code, to_string(*address) + " is erased, but traces are left in the files (" +
                                                    scrubbed.error().text +
                                                    "): search rebuild, then a restart of the site, take them away"});
  }
  return done(call, to_string(*address) + " is erased\n", "{\"account\":" + json_quote(to_string(*address)) + "}");
}

}  // namespace confab::app
