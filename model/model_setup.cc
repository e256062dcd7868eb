// SPDX-License-Identifier: Apache-2.0
// What else decides how ops end: the allocator, the command line, the inode.
#include <cstdint>

#include "absl/strings/string_view.h"
#include "model/flags.h"
#include "model/model.h"
#include "model/observation.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {
namespace {

constexpr int kReservedMax = 4;            // MAXRESERVE
constexpr uint64_t kIoPortsEnd = 0x10000;  // reserve= takes lower ones for I/O

}  // namespace

Observation Model::FailAlloc(const Op& op) {
  const bool none = op.number == 0 || op.size == 0;
  Ledger& ledger = Edit();
  ledger.fail_nth = none ? 0 : op.number;
  ledger.fail_times = none ? 0 : op.size;
  return Is(Outcome::kOk);
}

// reserve_setup(), for one START,SIZE. Its numbers are unsigned ints.
Observation Model::ReserveSetup(const Op& op) {
  if (op.range.inverted()) return Misuse("the size is 0");
  if (op.range.end > UINT32_MAX) return Misuse("addresses have 32 bits");
  if (op.range.size() > UINT32_MAX) return Misuse("the size has 32 bits");
  const bool is_io = op.range.start < kIoPortsEnd;
  Op request;
  request.verb = Verb::kRequest;
  request.slot = op.slot;
  request.parent = is_io ? kIoport : kIomem;
  request.name = kNameReserved;
  request.range = op.range;
  request.flags = (is_io ? kResourceIo : kResourceMem) | kResourceBusy;
  const absl::string_view why =
      WhyNotDefine(op.slot, tree_.Find(request.parent));
  if (!why.empty()) return Misuse(why);
  if (ledger_.reserved == kReservedMax) return Is(Outcome::kNull);
  if (Define(request).outcome != Outcome::kOk) return Is(Outcome::kNull);
  ++Edit().reserved;
  return Is(Outcome::kOk);
}

Observation Model::InitInode() {
  if (ledger_.inode) return Misuse("the inode is there");
  for (uint64_t i = 0; i < kInodeObjects; ++i) {
    if (Fails()) return Is(Outcome::kNoMem);
  }
  Edit().inode = true;
  return Is(Outcome::kOk);
}

}  // namespace restree
