// How what accounts publish is written and read.
#include "core/event_fields.h"

namespace confab::core {

void write(Encoder& out, const Published& published) {
  write_enum(out, 1, published.what);
  out.text_field(2, published.node);
  out.text_field(3, published.item);
  out.text_field(4, published.payload);
  write_flag(out, 5, !published.headline);
  out.end();
}
void read(Decoder& in, Published& published) {
  while (const std::uint8_t tag = in.byte()) {
    switch (tag) {
      case 1:
        published.what = in.one_of(Published::What::configured);
        break;
      case 2:
        published.node = in.text();
        break;
      case 3:
        published.item = in.text();
        break;
      case 4:
        published.payload = in.text();
        break;
      case 5:
        published.headline = false;
        break;
      default:
        return in.refuse("published: unknown field");
    }
  }
}

void write(Encoder& out, const Listening& listening) {
  out.text(listening.text);
}
void read(Decoder& in, Listening& listening) {
  listening.text = in.text();
}

}  // namespace confab::core
