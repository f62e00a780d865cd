// The parts of the event codec that the store uses for columns of its own.
#pragma once

#include <cstdint>

#include "core/codec.h"
#include "core/event.h"

namespace confab::core {

// An encoded event is never longer: a longer one is refused before it is stored, and not read.
constexpr std::size_t kMaxEncodedEvent = 8U << 20;

// About how many bytes `event` takes when encoded: enough for an ordinary one, so that encoding allocates once.
std::size_t expected_size(const Event& event);

// The number under which the store files this kind of event. Numbers never change their meaning.
std::uint8_t kind_number(const Event& event);

void write(Encoder& out, const Text& text);
void write(Encoder& out, const AnnexItem& item);
void read(Decoder& in, Text& text);
void read(Decoder& in, AnnexItem& item);

}  // namespace confab::core
