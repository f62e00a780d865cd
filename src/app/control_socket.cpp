#include "app/control_socket.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>

#include "app/control_wire.h"
#include "base/log.h"

namespace confab::app {
namespace {

using Clock = std::chrono::steady_clock;

constexpr seconds kPeerSeconds(10);  // for a peer's request, and for taking our reply

Result<sockaddr_un> address_of(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string text = path.string();
  if (text.size() >= sizeof address.sun_path) return fail(Errc::too_big, text + ": too long for a socket's name");
  std::memcpy(address.sun_path, text.data(), text.size());
  return address;
}

std::string last_error() {
  return std::strerror(errno);
}

// Waits until `fd` is ready. false: the deadline has passed, or `wake` (-1: none) became readable.
bool wait_for(int fd, short events, Clock::time_point deadline, int wake) {
  for (;;) {
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return false;
    std::array<pollfd, 2> fds{pollfd{fd, events, 0}, pollfd{wake, POLLIN, 0}};
    const int ready = ::poll(fds.data(), fds.size(), static_cast<int>(std::min<long long>(left, 60000)));
    if (ready < 0 && errno != EINTR) return false;
    if (ready > 0 && fds[1].revents != 0) return false;
    if (ready > 0 && fds[0].revents != 0) return true;
  }
}

bool send_all(int fd, std::string_view bytes, Clock::time_point deadline, int wake) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN) {
      if (!wait_for(fd, POLLOUT, deadline, wake)) return false;
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

// Up to the first line feed, without it.
Result<std::string> read_line(int fd, std::size_t most, Clock::time_point deadline, int wake) {
  std::string line;
  std::array<char, 4096> buffer{};
  for (;;) {
    if (!wait_for(fd, POLLIN, deadline, wake)) return fail(Errc::unavailable, "no answer in time");
    const ssize_t got = ::recv(fd, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (got <= 0) return fail(Errc::closed, "the other side has gone");
    line.append(buffer.data(), static_cast<std::size_t>(got));
    const std::size_t end = line.find('\n');
    if (end != std::string::npos) {
      line.resize(end);
      return line;
    }
    if (line.size() >= most) return fail(Errc::too_big, "the line is too long");
  }
}

bool is_welcome(int peer) {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (::getsockopt(peer, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) return false;
  return credentials.uid == 0 || credentials.uid == ::geteuid();
}

}  // namespace

Result<std::unique_ptr<ControlServer>> ControlServer::open(const std::filesystem::path& path, Answer answer) {
  const auto address = address_of(path);
  if (!address) return fail(address.error());
  const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int wake = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  ::unlink(path.c_str());
  // fchmod before bind: Linux gives the file the socket's own mode, so that it never stands open.
  const bool ready = listener >= 0 && wake >= 0 && ::fchmod(listener, 0600) == 0 &&
                     ::bind(listener, reinterpret_cast<const sockaddr*>(&*address), sizeof *address) == 0 &&
                     ::chmod(path.c_str(), 0600) == 0 && ::listen(listener, 16) == 0;
  if (!ready) {
    const std::string why = path.string() + ": " + last_error();
    if (listener >= 0) ::close(listener);
    if (wake >= 0) ::close(wake);
    return fail(Errc::unavailable, why);
  }
  return std::unique_ptr<ControlServer>(new ControlServer(path, listener, wake, std::move(answer)));
}

ControlServer::ControlServer(std::filesystem::path path, int listener, int wake, Answer answer)
    : path_(std::move(path)), listener_(listener), wake_(wake), answer_(std::move(answer)) {
  thread_ = std::thread([this] { serve(); });
}

ControlServer::~ControlServer() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(wake_, &one, sizeof one);
  thread_.join();
  ::unlink(path_.c_str());
  ::close(listener_);
  ::close(wake_);
}

void ControlServer::serve() {
  for (;;) {
    std::array<pollfd, 2> fds{pollfd{listener_, POLLIN, 0}, pollfd{wake_, POLLIN, 0}};
    if (::poll(fds.data(), fds.size(), -1) < 0 && errno != EINTR) return;
    if (fds[1].revents != 0) return;
    const int peer = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (peer < 0) continue;
    serve_peer(peer);
    ::close(peer);
  }
}

void ControlServer::serve_peer(int peer) {
  if (!is_welcome(peer)) {
    log::warn("app.control", "refused");
    return;
  }
  const auto line = read_line(peer, kMaxRequestBytes, Clock::now() + kPeerSeconds, wake_);
  ControlReply reply;
  if (!line) {
    if (line.error().code != Errc::too_big) return;
    reply = {kExitUsage, {}, "confabctl: the request is too long\n"};
  } else if (const auto request = decode_request(*line)) {
    reply = answer_(*request);
  } else {
    reply = {kExitUsage, {}, "confabctl: " + request.error().text + "\n"};
  }
  send_all(peer, encode_reply(reply), Clock::now() + kPeerSeconds, -1);
}

Result<ControlReply> ask_site(const std::filesystem::path& path, const ControlRequest& request, seconds limit) {
  const auto address = address_of(path);
  if (!address) return fail(address.error());
  const std::string line = encode_request(request);
  if (line.size() > kMaxRequestBytes) return fail(Errc::too_big, "the request is too long");
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return fail(Errc::unavailable, last_error());
  Result<ControlReply> reply = fail(Errc::unavailable, path.string() + ": the connection broke");
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&*address), sizeof *address) != 0) {
    const bool nobody = errno == ENOENT || errno == ECONNREFUSED || errno == ENOTDIR;
    reply = fail(nobody ? Errc::not_found : Errc::unavailable, path.string() + ": " + last_error());
  } else if (const auto deadline = Clock::now() + limit; send_all(fd, line, deadline, -1)) {
    const auto answer = read_line(fd, kMaxReplyBytes, deadline, -1);
    reply = answer ? decode_reply(*answer) : fail(answer.error());
  }
  ::close(fd);
  return reply;
}

}  // namespace confab::app
