// Calls of the table of methods: `im/req/{noun.verb}`, answered on the Response Topic or on `res` (wire-mqtt.md §1).
#include "api/call.h"
#include "mqtt/im_profile.h"

namespace confab::mqtt {

// A call that waits for the domain.
struct ImProfile::Calling {
  api::Call call;
  std::string rid;          // JSON as the client gave it
  std::string topic;        // the Response Topic; empty: `res`
  std::string correlation;  // Correlation Data
};

void ImProfile::call(api::Request request, const Publish& publish, Outbox& out) {
  // It has been taken: whatever comes of it is told in the answer.
  session_.settle(publish.id, publish.qos, Reason::success, out);
  if (calls_ >= kCalls) {
    return tell(api::write_result(request.rid, api::error_json(Error{Errc::too_fast, "calls"}), viewer_), out);
  }
  ++calls_;
  api::Caller caller{.viewer = viewer_, .message_bytes = session_.site().config.message_bytes, .presence = {}};
  if (said_ != nullptr) caller.presence = std::make_shared<core::Event>(*said_);
  const MessageProperties& with = publish.properties;
  step(std::make_shared<Calling>(Calling{api::Call(std::move(caller), request.method, request.params),
                                         std::move(request.rid), std::string(with.response_topic),
                                         std::string(with.correlation.value_or(std::string_view()))}),
       out);
}

void ImProfile::step(const std::shared_ptr<Calling>& calling, Outbox& out) {
  std::optional<core::Command> command = calling->call.take_command();
  if (!command) {
    --calls_;
    api::Outgoing answer = api::write_result(calling->rid, calling->call.answer(), viewer_);
    if (!calling->topic.empty()) answer.topic = calling->topic;
    return tell(std::move(answer), out, std::move(calling->correlation));
  }
  const auto* presence = std::get_if<core::SetPresence>(&*command);
  if (presence != nullptr && presence->event.to.empty()) said_ = std::make_unique<core::Event>(presence->event);
  session_.ask(std::move(*command), out, [this, calling](const core::Reply& reply, Outbox& then) {
    calling->call.on_reply(reply);
    step(calling, then);
  });
}

}  // namespace confab::mqtt
