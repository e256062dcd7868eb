// SPDX-License-Identifier: Apache-2.0
#include "model/state.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "model/flags.h"
#include "model/range.h"
#include "model/trace.h"

namespace restree {
namespace {

// r_show() stops counting here (MAX_IORES_LEVEL, kernel/resource.c).
constexpr uint32_t kLevelsMax = 5;

// Returns both halves of the 128-bit product, folded: every bit of the result
// depends on every bit of both factors.
inline uint64_t Mix(uint64_t a, uint64_t b) {
  const unsigned __int128 product = static_cast<unsigned __int128>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

// The rows of one root: where they start and how they are printed.
struct Section {
  absl::Span<const Row> rows;  // the root's own row first
  uint32_t level_0 = 0;        // the depth that is printed without indentation
  int width = 8;               // hexadecimal digits, at least
};

// Returns the rows from `rows[first]`, which has depth 0, to the next of that
// depth.
absl::Span<const Row> TreeAt(absl::Span<const Row> rows, size_t first) {
  size_t last = first + 1;
  while (last < rows.size() && rows[last].depth != 0) ++last;
  return rows.subspan(first, last - first);
}

// Returns the section of `root`, empty if the state does not show it.
Section SectionOf(const State& state, Slot root) {
  const absl::Span<const Row> rows = state.rows;
  for (size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].depth != 0 || rows[i].slot != root) continue;
    const int width = rows[i].range.end < 0x10000 ? 4 : 8;
    return {TreeAt(rows, i), 1, width};
  }
  return {};
}

uint32_t LevelOf(const Row& row, const Section& section) {
  return row.depth - std::min(row.depth, section.level_0);
}

void AppendIomemLine(const Row& row, const Range& shown, const Section& section,
                     absl::Span<const std::string> names, std::string* text) {
  const uint32_t level = std::min(LevelOf(row, section), kLevelsMax);
  text->append(2 * level, ' ');
  absl::StrAppendFormat(text, "%0*x-%0*x : %s", section.width, shown.start,
                        section.width, shown.end,
                        NameOf(names, row.name, row.slot));
}

// Appends what /proc/iomem does not show. The parent has no place in it as long
// as the indentation says the same.
void AppendRest(const Row& row, bool show_parent, std::string* text) {
  absl::StrAppend(text, "  [", SlotText(row.slot));
  if (row.region) absl::StrAppend(text, " region");
  if (row.flags != 0) absl::StrAppend(text, " ", FlagsText(row.flags));
  if (row.desc != 0) absl::StrAppend(text, " desc=", DescText(row.desc));
  if (show_parent) absl::StrAppend(text, " parent=", SlotText(row.parent));
  absl::StrAppend(text, "]\n");
}

// Appends a line a row, but none for an untouched root.
void AppendRows(const Section& section, bool show_first,
                absl::Span<const std::string> names, std::string* text) {
  std::vector<Slot> path;  // from the root to the last row
  for (size_t i = 0; i < section.rows.size(); ++i) {
    const Row& row = section.rows[i];
    path.resize(std::min<size_t>(path.size(), row.depth));
    const Slot above = path.empty() ? kNoSlot : path.back();
    path.push_back(row.slot);
    if (i == 0 && !show_first) continue;
    AppendIomemLine(row, row.range, section, names, text);
    const bool deep = LevelOf(row, section) > kLevelsMax;
    AppendRest(row, deep || row.parent != above, text);
  }
}

// Returns whether a root's own row is anything but what Machine::Reset() makes
// of it.
bool IsChanged(const Row& root) {
  Row reset;
  reset.slot = root.slot;
  reset.range = {0, root.slot == kIomem ? UINT64_MAX : 0xffff};
  reset.flags = root.slot == kIomem ? kResourceMem : kResourceIo;
  return !(root == reset);
}

std::string RootText(const State& state, Slot root,
                     absl::Span<const std::string> names) {
  std::string text;
  const Section section = SectionOf(state, root);
  if (section.rows.empty()) return text;
  AppendRows(section, IsChanged(section.rows.front()), names, &text);
  return text;
}

std::string DetachedText(const State& state,
                         absl::Span<const std::string> names) {
  std::string text;
  const absl::Span<const Row> rows = state.rows;
  for (size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].depth != 0 || rows[i].slot < kFirstSlot) continue;
    AppendRows({.rows = TreeAt(rows, i)}, true, names, &text);
  }
  return text;
}

}  // namespace

// Machines call this for each row that an op changes, hundreds of millions of
// times in a campaign: hence four multiplications, of which three do not wait
// for each other, and not a hash that takes one field after the other. The
// constants are the digits of pi, so that no field of a real trace turns a
// factor into 0.
uint64_t RowDigest(const Row& row) {
  const uint64_t slots = uint64_t{row.slot} << 32 | row.parent;
  const uint64_t rest = uint64_t{row.name} << 1 | (row.region ? 1 : 0);
  const uint64_t range = Mix(row.range.start ^ 0x243f6a8885a308d3,
                             row.range.end ^ 0x13198a2e03707344);
  const uint64_t kind =
      Mix(row.flags ^ 0xa4093822299f31d0, row.desc ^ 0x082efa98ec4e6c89);
  const uint64_t self =
      Mix(slots ^ 0x452821e638d01377, rest ^ 0xbe5466cf34e90c6c);
  return Mix(range ^ std::rotl(kind, 29), self ^ 0xc0ac29b7c97c50dd);
}

uint64_t StateDigest(const State& state) {
  uint64_t digest = LedgerDigest(state.ledger);
  for (const Row& row : state.rows) digest += RowDigest(row);
  return digest;
}

std::string IomemText(const State& state, absl::Span<const std::string> names,
                      Slot root, bool privileged) {
  std::string text;
  const Section section = SectionOf(state, root);
  for (const Row& row : section.rows) {
    if (row.depth == 0) continue;
    AppendIomemLine(row, privileged ? row.range : Range(), section, names,
                    &text);
    text += '\n';
  }
  return text;
}

std::string StateText(const State& state, absl::Span<const std::string> names) {
  std::string text = RootText(state, kIomem, names);
  const std::string ioport = RootText(state, kIoport, names);
  if (!ioport.empty()) absl::StrAppend(&text, "ioport:\n", ioport);
  const std::string detached = DetachedText(state, names);
  if (!detached.empty()) absl::StrAppend(&text, "in no tree:\n", detached);
  absl::StrAppend(&text, LedgerText(state, names));
  return text;
}

}  // namespace restree
