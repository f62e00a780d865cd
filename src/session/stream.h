// The port to one connection's bytes: net implements it over sockets and TLS, the simulator over queues.
#pragma once

#include <span>
#include <string_view>

#include "base/bytes.h"
#include "base/loop.h"
#include "session/session.h"

namespace confab::session {

// Who is told of what happens on a Stream: from its loop, never from inside a call to the Stream. The listener may call
// the Stream from here, but destroys it later. Lives on: the stream's loop.
class StreamListener {
 public:
  virtual ~StreamListener() = default;
  virtual void on_stream_bytes(ByteSpan bytes) = 0;        // valid during the call
  virtual void on_stream_writable() = 0;                   // after write() took less than all
  virtual void on_stream_secured(const TlsInfo& tls) = 0;  // the handshake is done
  virtual void on_stream_closed(CloseReason reason) = 0;   // the last call
};

// One connection, readiness based: an idle stream owns no buffer. Lives on: one loop at a time.
class Stream {
 public:
  virtual ~Stream() = default;

  virtual void listen(StreamListener& listener) = 0;
  virtual void set_reading(bool on) = 0;  // off at first; a handshake goes on without it
  // Takes as much as the kernel does and says how much; on_stream_writable follows if that was not all.
  virtual std::size_t write(std::string_view bytes) = 0;
  virtual void start_tls() = 0;  // as the server
  // Orderly: what write() took still leaves. on_stream_closed does not follow. `reason`: for a stream that can tell it.
  virtual void close(CloseReason reason) = 0;

  // Moves to another loop: leave() on the old one, outside of any call to the listener; enter() on the new one.
  // In between nothing is called; no byte is lost, and reading and waiting for room go on as before.
  virtual void leave() = 0;
  virtual void enter(Loop& loop) = 0;
};

}  // namespace confab::session
