// Arbitrary bytes as MQTT: the same packets and the same fault however they are cut and kept, and whatever was read and
// is written again reads the same. The first two bytes choose version, side, limit and cuts; a CONNECT says its own
// version.
#include <algorithm>
#include <cstdlib>

#include "mqtt/wire.h"

namespace {

using namespace confab::mqtt;

void require(bool holds) {
  if (!holds) std::abort();
}

struct Setting {
  Level level = Level::v5;
  From from = From::client;
  std::size_t limit = 0;
};

Reader make_reader(const Setting& setting) {
  Reader reader(setting.limit, setting.from);
  reader.set_level(setting.level);
  return reader;
}

// In the version that it was read in.
void write_and_read_again(const Packet& packet, Level level, From from) {
  const auto* connect = std::get_if<Connect>(&packet);
  if (connect != nullptr) level = connect->level;
  std::string bytes;
  require(write(packet, level, bytes));
  Reader reader = make_reader({level, from, std::size_t{1} << 28U});
  reader.feed(bytes);
  const auto again = reader.next();
  require(again && *again && **again == packet);
  std::string twice;
  require(write(**again, level, twice) && twice == bytes);
  std::string limited;
  require(write(packet, level, limited, bytes.size()) && limited == bytes);
  limited.clear();
  if (write(packet, level, limited, bytes.size() - 1)) require(limited.size() < bytes.size());
  const auto* publish = std::get_if<Publish>(&packet);
  if (publish != nullptr) has_valid_payload(*publish);
}

struct Outcome {
  std::vector<Packet> packets;
  Reason problem = Reason::success;
  Level level = Level::v5;
  bool in_connect = false;
  std::size_t buffered = 0;

  explicit Outcome(const Reader& reader)
      : problem(reader.problem()),
        level(reader.level()),
        in_connect(reader.failed_in_connect()),
        buffered(reader.buffered()) {}
};

Outcome read_whole(std::string_view input, const Setting& setting) {
  Reader reader = make_reader(setting);
  std::vector<Packet> packets;
  reader.feed(input);
  for (;;) {
    const Level level = reader.level();
    auto next = reader.next();
    if (!next || !*next) break;
    write_and_read_again(**next, level, setting.from);
    packets.push_back(std::move(**next));
  }
  Outcome outcome(reader);
  outcome.packets = std::move(packets);
  return outcome;
}

// Pieces of `step` bytes, each in memory of its own; keeps what is left after every `keep`th packet.
void read_cut(std::string_view input, const Setting& setting, std::size_t step, std::size_t keep,
              const Outcome& whole) {
  Reader reader = make_reader(setting);
  std::size_t found = 0;
  while (!input.empty() && reader.problem() == Reason::success) {
    const std::string piece(input.substr(0, step));
    input.remove_prefix(piece.size());
    reader.feed(piece);
    for (;;) {
      const auto next = reader.next();
      if (!next || !*next) break;
      require(found < whole.packets.size() && **next == whole.packets[found]);
      ++found;
      if (keep != 0 && found % keep == 0) reader.keep();
    }
  }
  const Outcome cut(reader);
  require(found == whole.packets.size() && cut.problem == whole.problem && cut.level == whole.level);
  require(cut.in_connect == whole.in_connect && cut.buffered == whole.buffered);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t size) {
  if (size < 2) return 0;
  Setting setting;
  setting.level = static_cast<Level>(3 + bytes[0] % 3);
  setting.from = (bytes[0] & 8) != 0 ? From::server : From::client;
  setting.limit = (bytes[0] & 16) != 0 ? 20 : 1 << 20;
  const std::string_view input(reinterpret_cast<const char*>(bytes) + 2, size - 2);
  const Outcome whole = read_whole(input, setting);
  read_cut(input, setting, 1, bytes[1] % 3, whole);
  read_cut(input, setting, 1 + bytes[1] % 17, bytes[1] / 17, whole);
  return 0;
}
