// One connection to services that echo: at once, or when the domain has replied.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "http/http_session.h"

namespace confab::http {

class NoPages final : public Pages {
 public:
  Page get(std::string_view path, const session::PeerInfo&) override {
    return path == "/page" ? Page{200, "text/plain", "page"} : Page{};
  }
};

// Answers "METHOD path query body"; by the path, what else.
class EchoService final : public Service {
 public:
  void on_request(Ticket ticket, Request request, Desk& desk) override {
    seen.push_back(ticket);
    if (request.path() == "/silent") return;
    const bool later = request.path() == "/later";
    if (later) desk.submit(ticket, core::GetRoster{});
    if (request.path() == "/timed") desk.arm(Desk::kFirstTimer, seconds(1));
    kept.emplace_back(ticket, std::move(request));
    if (!later && kept.back().second.path() != "/timed") give(ticket, desk);
  }
  void on_reply(session::RequestId request, const core::Reply&, Desk& desk) override { give(request, desk); }
  void on_timer(session::TimerId, Desk& desk) override { give(kept.front().first, desk); }
  void on_expired(Ticket ticket, Desk& desk) override {
    expired.push_back(ticket);
    give(ticket, desk);
  }
  void on_close(session::CloseReason, Desk&) override { closed = true; }

  std::vector<Ticket> seen;
  std::vector<Ticket> expired;
  bool closed = false;

 private:
  void give(Ticket ticket, Desk& desk) {
    for (auto one = kept.begin(); one != kept.end(); ++one) {
      if (one->first != ticket) continue;
      const Request& request = one->second;
      std::string body = request.method + " " + std::string(request.path()) + " " + std::string(request.query()) + " ";
      Response response{200, "text/plain", body + request.body, {}};
      if (request.path() == "/gone") response = {204, "text/plain", "never seen", {}};
      if (request.path() == "/split") response.fields.push_back({"X", "a\r\nSet-Cookie: b"});
      if (request.path() == "/tag") response.fields = {{"ETag", "\"1\""}, {"Cache-Control", "max-age=5"}};
      desk.answer(ticket, std::move(response));
      kept.erase(one);
      return;
    }
  }

  std::vector<std::pair<Ticket, Request>> kept;
};

class EchoServices final : public Services {
 public:
  std::optional<Route> find(const Request& head) const override {
    const std::string_view path = head.path();
    if (path == "/read") return Route{{"GET"}, {}};
    if (path == "/small") return Route{{"POST"}, 4};
    if (path == "/own") return Route{{"OPTIONS"}, {}};
    if (path == "/" || path == "/page" || path == "/mqtt" || path == "/nothing" || path == "*") return std::nullopt;
    return Route{{"GET", "POST", "PUT", "PATCH", "DELETE"}, {}};
  }
  std::unique_ptr<Service> make_service(const session::PeerInfo&) override {
    auto service = std::make_unique<EchoService>();
    last = service.get();
    return service;
  }

  EchoService* last = nullptr;
};

struct HttpPeer {
  explicit HttpPeer(Limits limits = {}, std::vector<std::string> origins = {})
      : site{&services, std::move(origins)}, session(pages, limits, upgrades, site) {
    session.on_open({}, out);
    perform();
  }

  std::string send(std::string_view text) {
    session.on_bytes(as_bytes(text), out);
    return taken();
  }
  std::string send_by(std::size_t piece, std::string_view text) {
    std::string answers;
    for (; !text.empty(); text.remove_prefix(std::min(piece, text.size()))) answers += send(text.substr(0, piece));
    return answers;
  }
  std::string reply(Ticket ticket) {
    session.on_reply(ticket, core::Done{}, out);
    return taken();
  }
  std::string fire(session::TimerId timer) {
    session.on_timer(timer, out);
    return taken();
  }
  std::string end(session::CloseReason reason) {
    session.on_end(reason, out);
    return taken();
  }

  std::string taken() {
    perform();
    return std::exchange(bytes, {});
  }
  void perform() {
    for (session::Effect& effect : out.take_effects()) {
      if (const auto* arm = std::get_if<session::Arm>(&effect)) {
        armed.resize(32);
        armed[arm->timer] = arm->delay;
        ++arms;
      }
      if (const auto* disarm = std::get_if<session::Disarm>(&effect)) {
        armed.resize(32);
        armed[disarm->timer].reset();
      }
      if (const auto* submit = std::get_if<session::Submit>(&effect)) asked.push_back(submit->request);
      if (std::holds_alternative<session::Pause>(effect)) paused = true;
      if (std::holds_alternative<session::Resume>(effect)) paused = false;
      if (const auto* close = std::get_if<session::Close>(&effect)) closed = close->reason;
      if (auto* next = std::get_if<session::Upgrade>(&effect)) upgrade = std::move(*next);
    }
  }

  NoPages pages;
  EchoServices services;
  const Upgrades upgrades{{"/mqtt", {}, {}}};
  const Site site;
  HttpSession session;
  std::string bytes;
  session::Outbox out{bytes};
  std::vector<std::optional<milliseconds>> armed;
  int arms = 0;
  std::vector<session::RequestId> asked;
  bool paused = false;
  std::optional<session::CloseReason> closed;
  std::optional<session::Upgrade> upgrade;
};

inline int status_of(std::string_view answer) {
  return answer.size() < 12 ? 0 : std::stoi(std::string(answer.substr(9, 3)));
}
inline std::string body_of(std::string_view answer) {
  const std::size_t end = answer.find("\r\n\r\n");
  return end == std::string_view::npos ? "no end of a head" : std::string(answer.substr(end + 4));
}
inline std::string post(std::string_view fields, std::string_view body, std::string_view path = "/echo") {
  return "POST " + std::string(path) + " HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n" + std::string(body);
}
inline std::string chunked(std::string_view body) {
  return post("Transfer-Encoding: chunked\r\n", body);
}

}  // namespace confab::http
