// The pieces of events about friends, blocks and groups.
#include "core/event_fields.h"

namespace confab::core {

void write(Encoder& out, const Subscription& subscription) {
  write_enum(out, 1, subscription.step);
  write_list(out, 2, subscription.note);
  out.end();
}
void read(Decoder& in, Subscription& subscription) {
  while (const std::uint8_t tag = in.byte()) {
    switch (tag) {
      case 1:
        subscription.step = in.one_of(Subscription::Step::unsubscribed);
        break;
      case 2:
        read_item(in, subscription.note);
        break;
      default:
        return in.refuse("subscription: unknown field");
    }
  }
}

void write(Encoder& out, const RosterItem& item) {
  write_field(out, 1, item.peer);
  out.text_field(2, item.name);
  write_list(out, 3, item.groups);
  write_flag(out, 4, item.to);
  write_flag(out, 5, item.from);
  write_flag(out, 6, item.pending_out);
  write_flag(out, 7, item.pending_in);
  write_flag(out, 8, item.approved);
  write_flag(out, 9, !item.listed);
  write_list(out, 10, item.request);
  out.number_field(11, item.version);
  write_flag(out, 12, item.deleted);
  out.end();
}
void read(Decoder& in, RosterItem& item) {
  while (const std::uint8_t tag = in.byte()) {
    switch (tag) {
      case 1:
        read(in, item.peer);
        break;
      case 2:
        item.name = in.text();
        break;
      case 3:
        read_item(in, item.groups);
        break;
      case 4:
        item.to = true;
        break;
      case 5:
        item.from = true;
        break;
      case 6:
        item.pending_out = true;
        break;
      case 7:
        item.pending_in = true;
        break;
      case 8:
        item.approved = true;
        break;
      case 9:
        item.listed = false;
        break;
      case 10:
        read_item(in, item.request);
        break;
      case 11:
        item.version = in.varint();
        break;
      case 12:
        item.deleted = true;
        break;
      default:
        return in.refuse("roster item: unknown field");
    }
  }
}
void write(Encoder& out, const RosterChange& change) {
  out.varint(change.version);
  write(out, change.item);
  write_flag(out, 1, change.added);
  out.end();
}
void read(Decoder& in, RosterChange& change) {
  change.version = in.varint();
  read(in, change.item);
  while (const std::uint8_t tag = in.byte()) {
    if (tag != 1) return in.refuse("roster change: unknown field");
    change.added = true;
  }
}

void write(Encoder& out, const BlockChange& change) {
  write_flag(out, 1, change.blocked);
  write_list(out, 2, change.peers);
  out.end();
}
void read(Decoder& in, BlockChange& change) {
  while (const std::uint8_t tag = in.byte()) {
    switch (tag) {
      case 1:
        change.blocked = true;
        break;
      case 2:
        read_item(in, change.peers);
        break;
      default:
        return in.refuse("block list: unknown field");
    }
  }
}

void write(Encoder& out, const GroupChange& change) {
  write_enum(out, 1, change.what);
  write_field(out, 2, change.group);
  write_field(out, 3, change.member);
  out.text_field(4, change.role);
  out.text_field(5, change.text);
  out.end();
}
void read(Decoder& in, GroupChange& change) {
  while (const std::uint8_t tag = in.byte()) {
    switch (tag) {
      case 1:
        change.what = in.one_of(GroupChange::What::destroyed);
        break;
      case 2:
        read(in, change.group);
        break;
      case 3:
        read(in, change.member);
        break;
      case 4:
        change.role = in.text();
        break;
      case 5:
        change.text = in.text();
        break;
      default:
        return in.refuse("group change: unknown field");
    }
  }
}

}  // namespace confab::core
