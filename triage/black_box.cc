// SPDX-License-Identifier: Apache-2.0
#include "triage/black_box.h"

#include <sys/mman.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <optional>
#include <vector>

#include "model/trace.h"
#include "model/trace_binary.h"

namespace restree {
namespace {

// Pages that nobody writes take no memory.
constexpr size_t kTraceBytesMax = size_t{8} << 20;

}  // namespace

// Atomic, so that the compiler keeps no note to itself.
struct BlackBox::Shared {
  std::atomic<uint64_t> beats;
  std::atomic<uint64_t> op_index;
  std::atomic<uint64_t> machine;
  std::atomic<uint32_t> verb;
  std::atomic<uint32_t> is_playing;
  std::atomic<uint64_t> bytes;  // of the trace; 0 if it is not noted
  uint8_t trace[kTraceBytesMax];
};

BlackBox::BlackBox() {
  void* const memory = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  // What mmap() gives is zeroed, as the notes are at first.
  shared_ = static_cast<Shared*>(memory);
}

BlackBox::~BlackBox() { munmap(shared_, sizeof(Shared)); }

void BlackBox::Clear() {
  shared_->op_index = 0;
  shared_->machine = 0;
  shared_->verb = 0;
  shared_->is_playing = 0;
  shared_->bytes = 0;
  ++shared_->beats;
}

void BlackBox::Playing(const Trace& trace) {
  Clear();
  const std::vector<uint8_t> bytes = EncodeTrace(trace);
  if (bytes.size() <= kTraceBytesMax) {
    std::memcpy(shared_->trace, bytes.data(), bytes.size());
    shared_->bytes = bytes.size();
  }
  shared_->is_playing = 1;
}

void BlackBox::At(size_t index, Verb verb) {
  shared_->op_index = index;
  shared_->verb = static_cast<uint32_t>(verb);
  ++shared_->beats;
}

void BlackBox::Turn(size_t machine) { shared_->machine = machine; }

void BlackBox::Beat() { ++shared_->beats; }

void BlackBox::Done() { Clear(); }

std::optional<Trace> BlackBox::trace() const {
  if (!is_playing() || shared_->bytes == 0) return std::nullopt;
  return DecodeTrace({shared_->trace, shared_->bytes});
}

bool BlackBox::is_playing() const { return shared_->is_playing != 0; }

size_t BlackBox::op_index() const { return shared_->op_index; }

Verb BlackBox::verb() const { return static_cast<Verb>(shared_->verb.load()); }

size_t BlackBox::machine() const { return shared_->machine; }

uint64_t BlackBox::beats() const { return shared_->beats; }

}  // namespace restree
