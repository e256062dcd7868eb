// SPDX-License-Identifier: Apache-2.0
#include "fuzz/mutate.h"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "fuzz/edit_op.h"
#include "model/model.h"
#include "model/observation.h"
#include "model/trace.h"
#include "properties/choices.h"
#include "properties/generate.h"

namespace restree {
namespace {

constexpr uint64_t kSpliceOpsMax = 8;
constexpr uint64_t kEditsMax = 4;

// Returns some op for the place before the one at `at`, and gives the trace the
// names that it needs.
Op AnyOpAt(Choices& choices, size_t at, Trace* trace) {
  const Op op = AnyOp(choices, StateBefore(*trace, at));
  while (trace->names.size() < op.name) {
    trace->names.push_back(NamesOfAnyOp()[trace->names.size()]);
  }
  return op;
}

bool InsertOp(Choices& choices, size_t ops_max, Trace* trace) {
  if (trace->ops.size() >= ops_max) return false;
  // Half of all inserts go to the end, where no later op depends on them.
  size_t at = trace->ops.size();
  if (Chance(choices, 2)) at = choices.Below(at + 1);
  const Op op = AnyOpAt(choices, at, trace);
  trace->ops.insert(trace->ops.begin() + at, op);
  return true;
}

// Replaces an op, so that a trace of full length still changes.
bool ReplaceOp(Choices& choices, size_t, Trace* trace) {
  if (trace->ops.empty()) return false;
  const size_t at = choices.Below(trace->ops.size());
  trace->ops[at] = AnyOpAt(choices, at, trace);
  return true;
}

bool DropOps(Choices& choices, size_t, Trace* trace) {
  const size_t size = trace->ops.size();
  if (size < 2) return false;
  const size_t at = choices.Below(size);
  size_t count = Chance(choices, 4) ? 1 + choices.Below(size / 2) : 1;
  count = std::min(count, size - at);
  const auto first = trace->ops.begin() + at;
  trace->ops.erase(first, first + count);
  return true;
}

// Copies a run of ops to another place. Half of the time what the run defines
// gets slots of its own, since its second definition of a slot that is in a
// tree would be misuse.
bool SpliceOps(Choices& choices, size_t ops_max, Trace* trace) {
  const size_t size = trace->ops.size();
  if (size == 0 || size >= ops_max) return false;
  const size_t from = choices.Below(size);
  const size_t count =
      1 + choices.Below(std::min({kSpliceOpsMax, size - from, ops_max - size}));
  std::vector<Op> run(trace->ops.begin() + from,
                      trace->ops.begin() + from + count);
  const size_t at = choices.Below(size + 1);
  if (Chance(choices, 2)) {
    const Slot fresh = FreshSlot(StateBefore(*trace, at));
    for (Slot defined = 0; Op & op : run) {
      if (!InfoOf(op.verb).Has(Field::kDefines)) continue;
      const Slot old = op.slot;
      const Slot renamed = fresh + defined++;
      if (renamed >= kFirstVmemmap) break;
      for (Op& other : run) {
        const VerbInfo& info = InfoOf(other.verb);
        const bool names_it =
            info.Has(Field::kDefines) || info.Has(Field::kSlot);
        if (names_it && other.slot == old) other.slot = renamed;
        if (other.parent == old) other.parent = renamed;
      }
    }
  }
  trace->ops.insert(trace->ops.begin() + at, run.begin(), run.end());
  return true;
}

bool DuplicateOp(Choices& choices, size_t ops_max, Trace* trace) {
  if (trace->ops.empty() || trace->ops.size() >= ops_max) return false;
  const size_t at = choices.Below(trace->ops.size());
  const Op op = trace->ops[at];
  trace->ops.insert(trace->ops.begin() + at, op);
  return true;
}

bool SwapNeighbours(Choices& choices, size_t, Trace* trace) {
  if (trace->ops.size() < 2) return false;
  const size_t at = choices.Below(trace->ops.size() - 1);
  if (trace->ops[at] == trace->ops[at + 1]) return false;
  std::swap(trace->ops[at], trace->ops[at + 1]);
  return true;
}

// Drops every op that is misuse, which edits before this one may have made of
// it by taking away what it needs.
bool Tidy(Choices&, size_t, Trace* trace) {
  thread_local Model model;
  model.Reset();
  const auto is_misuse = [](const Op& op) {
    return model.Apply(op).outcome == Outcome::kMisuse;
  };
  const auto end =
      std::remove_if(trace->ops.begin(), trace->ops.end(), is_misuse);
  if (end == trace->ops.end() || end == trace->ops.begin()) return false;
  trace->ops.erase(end, trace->ops.end());
  return true;
}

bool StartAfresh(Choices& choices, size_t ops_max, Trace* trace) {
  Trace fresh = AnyTrace(choices, ops_max);
  if (fresh.ops.empty()) return false;
  *trace = std::move(fresh);
  return true;
}

constexpr Edit kEdits[] = {
    {"insert", 30, InsertOp},       //
    {"replace", 8, ReplaceOp},      //
    {"drop", 12, DropOps},          //
    {"splice", 8, SpliceOps},       //
    {"duplicate", 4, DuplicateOp},  //
    {"swap", 6, SwapNeighbours},    //
    {"retarget", 10, Retarget},     //
    {"nudge", 20, Nudge},           //
    {"detail", 8, ChangeDetail},    //
    {"verb", 3, ChangeVerb},        //
    {"tidy", 4, Tidy},              //
    {"afresh", 1, StartAfresh},     //
};

constexpr uint64_t kWeights = [] {
  uint64_t sum = 0;
  for (const Edit& edit : kEdits) sum += edit.weight;
  return sum;
}();

const Edit& AnyEdit(Choices& choices) {
  uint64_t left = choices.Below(kWeights);
  const Edit* edit = kEdits;
  while (left >= edit->weight) left -= (edit++)->weight;
  return *edit;
}

// Appends ops of `from` to `to`, taking along the names they use.
void Append(const Trace& from, size_t first, size_t count, Trace* to) {
  for (size_t i = first; i < first + count; ++i) {
    Op op = from.ops[i];
    if (op.name >= 1 && op.name <= from.names.size()) {
      const std::string& name = from.names[op.name - 1];
      auto found = std::find(to->names.begin(), to->names.end(), name);
      op.name = found - to->names.begin() + 1;
      if (found == to->names.end()) to->names.push_back(name);
    }
    to->ops.push_back(op);
  }
}

}  // namespace

absl::Span<const Edit> Edits() { return kEdits; }

void Mutate(Choices& choices, size_t ops_max, Trace* trace) {
  assert(ops_max >= 1);
  if (trace->ops.size() > ops_max) trace->ops.resize(ops_max);
  uint64_t edits = 1;
  while (edits < kEditsMax && Chance(choices, 3)) ++edits;
  // An empty trace takes only what adds to it, so it soon is none.
  while (edits > 0 || trace->ops.empty()) {
    if (AnyEdit(choices).apply(choices, ops_max, trace) && edits > 0) --edits;
  }
}

Trace CrossOver(Choices& choices, const Trace& a, const Trace& b,
                size_t ops_max) {
  assert(ops_max >= 1);
  Trace child;
  child.names = a.names;
  const size_t a_size = a.ops.size();
  const size_t b_size = b.ops.size();
  const size_t b_min = b_size > 0 && ops_max > 1 ? 1 : 0;
  size_t head = std::min(a_size, ops_max - b_min);
  if (head > 1) head = 1 + choices.Below(head);
  Append(a, 0, head, &child);
  if (b_size > 0) {
    const size_t first = choices.Below(b_size);
    size_t count = std::min(b_size - first, ops_max - head);
    if (count > 1) count = 1 + choices.Below(count);
    Append(b, first, count, &child);
  }
  if (Chance(choices, 2)) {
    Append(a, head, std::min(a_size - head, ops_max - child.ops.size()),
           &child);
  }
  return child;
}

}  // namespace restree
