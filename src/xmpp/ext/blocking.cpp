// XEP-0191 Blocking Command <-> core's block list.
#include "names/names.h"
#include "xmpp/extension.h"

namespace confab::xmpp {
namespace {

constexpr std::string_view kNs = "urn:xmpp:blocking";

void add_items(const std::vector<Address>& peers, xml::Element& list) {
  for (const Address& peer : peers) list.add("item").set("jid", to_string(peer));
}

Result<std::vector<Address>> read_items(const xml::Element& payload) {
  std::vector<Address> peers;
  for (const xml::Element& item : payload.children()) {
    if (!item.is("item", kNs)) continue;
    Result<Address> peer = names::parse_address(item.attr("jid"));
    if (!peer) return fail(Errc::bad_address);
    peers.push_back(std::move(*peer));
  }
  return peers;
}

void answer_list(const xml::Element&, Iq& iq) {
  iq.ask(core::GetBlocks{}, [](const core::Reply& reply, Iq& then) {
    xml::Element& list = then.result().add("blocklist", kNs);
    if (const auto* blocked = std::get_if<core::BlockedPeers>(&reply)) add_items(blocked->peers, list);
  });
}

void block(const xml::Element& payload, Iq& iq) {
  Result<std::vector<Address>> peers = read_items(payload);
  if (!peers) return iq.error(peers.error().code);
  if (peers->empty()) return iq.error(kBadRequest);  // §3.3
  iq.ask(core::Block{std::move(*peers)});
}

// Without items: everybody (§3.5). An item that cannot be read must not turn into that.
void unblock(const xml::Element& payload, Iq& iq) {
  Result<std::vector<Address>> peers = read_items(payload);
  if (!peers) return iq.error(peers.error().code);
  if (peers->empty() && payload.first_child() != nullptr) return iq.error(kBadRequest);
  iq.ask(core::Unblock{std::move(*peers)});
}

bool push_change(const core::BlockChange& change, const Outbound&, xml::Element& iq) {
  if (change.blocked && change.peers.empty()) return false;  // nothing happened
  add_items(change.peers, iq.add(change.blocked ? "block" : "unblock", kNs));
  return true;
}

}  // namespace

void install_blocking(Extensions& on) {
  on.spec("XEP-0191", "1.3", "Blocking Command");
  on.feature(kNs);
  on.iq(IqType::get, "blocklist", kNs, answer_list, IqTo::self);
  on.iq(IqType::set, "block", kNs, block, IqTo::self);
  on.iq(IqType::set, "unblock", kNs, unblock, IqTo::self);
  on.push(push_change);
}

}  // namespace confab::xmpp
