// XEP-0049 Private XML Storage <-> items of a node that nobody gets at by its name. Bookmarks in it are those of
// XEP-0402 (§5.2 there, #compat).
#include "xmpp/bookmarks.h"
#include "xmpp/publishing.h"

namespace confab::xmpp {
namespace {

void give_bookmarks(Iq& iq) {
  ask_bookmarks(
      {},
      [](Bookmarks bookmarks, Iq& then) {
        write_list(bookmarks, then.place.config, then.result().add("query", kPrivateNs));
      },
      iq);
}

// §2, example 2. What is not there is as empty as it was asked for.
void get(const xml::Element& query, Iq& iq) {
  if (iq.to_other()) return iq.error(kForbidden);
  const xml::Element* wanted = query.first_child();
  if (wanted == nullptr || wanted->following() != nullptr) return iq.error(kNotAcceptable);
  if (wanted->is("storage", kBookmarkListNs)) return give_bookmarks(iq);
  core::GetItems command{{}, std::string(kPrivateNs), {}};
  command.query.ids.push_back(private_item(wanted->name(), wanted->ns()));
  iq.ask_anyway(std::move(command), [name = std::string(wanted->name()), ns = std::string(wanted->ns())](
                                        const core::Reply& reply, Iq& then) {
    const auto* refused = std::get_if<core::Refused>(&reply);
    if (refused != nullptr && refused->code != Errc::not_found) return then.error(refused->code);
    xml::Element& answer = then.result().add("query", kPrivateNs);
    const auto* found = std::get_if<core::ItemsFound>(&reply);
    const bool stored = found != nullptr && !found->page.items.empty();
    if (!stored || add_payload(found->page.items.front().payload, then.place.config, answer) == nullptr) {
      answer.add(name, ns);
    }
  });
}

void store(core::Publish command, Iq& iq) {
  iq.ask_anyway(std::move(command), [](const core::Reply& reply, Iq& then) {
    if (const auto* refused = std::get_if<core::Refused>(&reply)) return then.error(refused->code, refused->text);
    then.result();
  });
}

// §2, example 1. All of it, or nothing.
void set(const xml::Element& query, Iq& iq) {
  if (iq.to_other()) return iq.error(kForbidden);
  if (query.first_child() == nullptr) return iq.error(kNotAcceptable);
  core::Publish command;
  std::string list;
  for (const xml::Element& child : query.children()) {
    if (child.ns() == kPrivateNs || child.ns() == kClientNs) return iq.error(kNotAcceptable);  // none of its own
    if (child.is("storage", kBookmarkListNs)) {
      list = write_payload(child);
    } else {
      command.publications.push_back(private_publication(child));
    }
  }
  if (list.empty()) return store(std::move(command), iq);
  ask_bookmarks(
      {},
      [list = std::move(list), command = std::move(command)](Bookmarks before, Iq& then) mutable {
        xml::Document document;
        const xml::Element* read = read_payload(list, then.place.config, document);
        const Result<> changed =
            read == nullptr ? fail(Errc::bad_payload) : change_bookmarks(before, *read, then.place.config, command);
        if (!changed) return then.error(changed.error().code, changed.error().text);
        store(std::move(command), then);
      },
      iq);
}

}  // namespace

void install_private_xml(Extensions& on) {
  on.spec("XEP-0049", "1.2", "Private XML Storage");
  on.feature(kPrivateNs).account_feature(kPrivateNs);
  on.node(kPrivateNs, {.hidden = true});
  on.iq(IqType::get, "query", kPrivateNs, get, IqTo::self | IqTo::other);
  on.iq(IqType::set, "query", kPrivateNs, set, IqTo::self | IqTo::other);
}

}  // namespace confab::xmpp
