// XEP-0313 Message Archive Management <-> core::QueryArchive: the account's log, page by page, as it was.
#include <algorithm>

#include "names/names.h"
#include "xmpp/data_form.h"
#include "xmpp/extension.h"
#include "xmpp/forwarded.h"
#include "xmpp/message.h"
#include "xmpp/result_set.h"

namespace confab::xmpp {
namespace {

constexpr std::string_view kNs = "urn:xmpp:mam:2";
constexpr std::size_t kPageRows = 100;  // for who does not say how many; the site's limit holds beside it

// An id that cannot be one of ours is none in the archive (§4.1.3).
Result<MsgId> read_id(std::string_view text) {
  const std::optional<MsgId> id = parse_msg_id(text);
  if (!id) return fail(Errc::not_found, "archive: id");
  return *id;
}

Result<> read_time(std::string_view text, WallMs& time) {
  const std::optional<WallMs> read = parse_utc(text);
  if (!read) return fail(Errc::bad_payload, "archive: time");
  // 0 is an open end; nothing was said in 1970.
  time.ms = std::max<std::int64_t>(read->ms, 1);
  return {};
}

Result<> read_place(std::string_view text, MsgId& place) {
  Result<MsgId> id = read_id(text);
  if (!id) return fail(std::move(id.error()));
  place = *id;
  return {};
}

Result<> read_field(const FormField& field, core::ArchiveQuery& query) {
  if (field.name == "start") return read_time(field.value(), query.start);
  if (field.name == "end") return read_time(field.value(), query.end);
  if (field.name == "after-id") return read_place(field.value(), query.after_too);
  if (field.name == "before-id") return read_place(field.value(), query.before_too);
  if (field.name == "with") {
    Result<Address> with = names::parse_address(field.value());
    if (!with) return fail(Errc::bad_address, "archive: with");
    query.with = std::move(*with);
    return {};
  }
  if (field.name == "ids") {
    for (const std::string_view value : field.values) {
      if (auto done = read_place(value, query.ids.emplace_back()); !done) return done;
    }
    return {};
  }
  if (field.name == "include-groupchat") {
    if (const Result<bool> flag = read_form_flag(field.value()); !flag) return fail(flag.error());
    return {};  // rooms have archives of their own
  }
  return fail(Errc::unsupported, "archive: unknown field");  // §4.1.5
}

Result<core::ArchiveQuery> read_query(const xml::Element& payload) {
  core::ArchiveQuery query;
  if (!payload.attr("node").empty()) return fail(Errc::not_found, "archive: node");
  if (const xml::Element* x = payload.child("x", kFormNs)) {
    const Result<SubmittedForm> form = read_form(*x);
    if (!form) return fail(form.error());
    if (form->type != kNs) return fail(Errc::bad_payload, "archive: FORM_TYPE");
    for (const FormField& field : form->fields) {
      if (auto read = read_field(field, query); !read) return fail(read.error());
    }
  }
  const Result<PageWanted> page = read_page_wanted(payload.child("set", kRsmNs));
  if (!page) return fail(page.error());
  query.limit = page->max ? *page->max : kPageRows;
  query.count = page->max && *page->max == 0;
  query.backward = page->last || !page->before.empty();
  for (const auto& [text, place] : {std::pair(page->after, &query.after), std::pair(page->before, &query.before)}) {
    if (text.empty()) continue;
    if (auto read = read_place(text, *place); !read) return fail(read.error());
  }
  return query;
}

void write_result(const core::ArchivedEvent& archived, std::string_view query_id, Iq& iq) {
  const Place& place = iq.place;
  xml::Element& stanza = iq.before_answer("message");
  stanza.set("from", to_string(place.me.bare())).set("to", to_string(place.me));
  xml::Element& result = stanza.add("result", kNs).set("id", to_string(archived.event->id));
  if (!query_id.empty()) result.set("queryid", query_id);
  const core::Delivery delivery{.event = archived.event, .seq = archived.seq};
  write_forwarded(Outbound{place, delivery, *archived.event}, result);
}

void write_page(const core::ArchivePage& page, bool flipped, std::string_view query_id, Iq& iq) {
  std::vector<const core::ArchivedEvent*> events;
  for (const core::ArchivedEvent& each : page.events) events.push_back(&each);
  if (flipped) std::reverse(events.begin(), events.end());
  for (const core::ArchivedEvent* each : events) write_result(*each, query_id, iq);
  xml::Element& fin = iq.result().add("fin", kNs);
  if (page.complete) fin.set("complete", "true");
  std::string first, last;
  if (!page.events.empty()) {
    first = to_string(page.events.front().event->id);
    last = to_string(page.events.back().event->id);
  }
  write_page_given({first, last, page.count}, fin);
}

void query_archive(const xml::Element& payload, Iq& iq) {
  Result<core::ArchiveQuery> query = read_query(payload);
  if (!query) return iq.error(query.error().code, query.error().text);
  const bool flipped = payload.has_child("flip-page", kNs);
  iq.ask(core::QueryArchive{std::move(*query)},
         [flipped, query_id = std::string(payload.attr("queryid"))](const core::Reply& reply, Iq& then) {
           if (const auto* page = std::get_if<core::ArchivePage>(&reply)) write_page(*page, flipped, query_id, then);
         });
}

void offer_form(const xml::Element&, Iq& iq) {
  xml::Element& form = add_form(iq.result().add("query", kNs), "form", kNs);
  add_field(form, "with", "jid-single");
  for (const std::string_view name : {"start", "end", "before-id", "after-id"}) add_field(form, name, "text-single");
  add_field(form, "ids", "list-multi")
      .add("validate", "http://jabber.org/protocol/xdata-validate")
      .set("datatype", "xs:string")
      .add("open");
  add_field(form, "include-groupchat", "boolean");
}

void write_end(std::string_view name, const core::EventPtr& event, xml::Element& metadata) {
  metadata.add(name).set("id", to_string(event->id)).set("timestamp", stamp_of(*event));
}

// §4.4.
void answer_metadata(const xml::Element&, Iq& iq) {
  iq.ask(core::GetArchiveEnds{}, [](const core::Reply& reply, Iq& then) {
    xml::Element& metadata = then.result().add("metadata", kNs);
    const auto* ends = std::get_if<core::ArchiveEnds>(&reply);
    if (ends == nullptr || ends->first == nullptr || ends->last == nullptr) return;
    write_end("start", ends->first, metadata);
    write_end("end", ends->last, metadata);
  });
}

// Only the own server says what is in an archive.
Result<> refuse_forged(const xml::Element&, Inbound&) {
  return fail(Errc::forbidden, "archive");
}

}  // namespace

void install_archive(Extensions& on) {
  on.spec("XEP-0313", "1.1.3", "Message Archive Management");
  for (const std::string_view ns : {"urn:xmpp:mam:2", "urn:xmpp:mam:2#extended", "urn:xmpp:mam:2#groupchat-field"}) {
    on.account_feature(ns);
  }
  on.iq(IqType::set, "query", kNs, query_archive, IqTo::self);
  on.iq(IqType::get, "query", kNs, offer_form, IqTo::self);
  on.iq(IqType::get, "metadata", kNs, answer_metadata, IqTo::self);
  on.read("result", kNs, refuse_forged).read("fin", kNs, refuse_forged);
}

}  // namespace confab::xmpp
