// SPDX-License-Identifier: Apache-2.0
#include "model/flags.h"

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace restree {
namespace {

struct Word {
  absl::string_view text;
  uint64_t bits;
};

// The eight bits below IORESOURCE_IO mean something else on each bus, and those
// from 32 on mean nothing: none of them has a word. Bit 23 means nothing to the
// kernel either (model/flags.h says what to us).
//
// IORESOURCE_REG is the one word of two bits. It comes first so that 0x300 is
// `reg` and not `io mem`: a type is one word, as in the kernel.
constexpr Word kFlagWords[] = {
    {"reg", 0x00000300},
    {"io", 0x00000100},
    {"mem", 0x00000200},
    {"irq", 0x00000400},
    {"dma", 0x00000800},
    {"bus", 0x00001000},
    {"prefetch", 0x00002000},
    {"readonly", 0x00004000},
    {"cacheable", 0x00008000},
    {"rangelength", 0x00010000},
    {"shadowable", 0x00020000},
    {"sizealign", 0x00040000},
    {"startalign", 0x00080000},
    {"mem_64", 0x00100000},
    {"window", 0x00200000},
    {"muxed", 0x00400000},
    {"vmemmap", 0x00800000},
    {"sysram", 0x01000000},
    {"sysram_driver_managed", 0x02000000},
    {"sysram_mergeable", 0x04000000},
    {"exclusive", 0x08000000},
    {"disabled", 0x10000000},
    {"unset", 0x20000000},
    {"auto", 0x40000000},
    {"busy", 0x80000000},
};

// In the order of their values, which start at 0 and leave no gap.
constexpr absl::string_view kDescWords[] = {
    "none",
    "crash_kernel",
    "acpi_tables",
    "acpi_nv_storage",
    "persistent_memory",
    "persistent_memory_legacy",
    "device_private_memory",
    "reserved",
    "soft_reserved",
    "cxl",
    "vmemmap",
};
constexpr uint64_t kDescs = sizeof(kDescWords) / sizeof(kDescWords[0]);

}  // namespace

std::string FlagsText(uint64_t flags) {
  std::string text;
  absl::string_view separator = "";
  for (const Word& word : kFlagWords) {
    if ((flags & word.bits) != word.bits) continue;
    absl::StrAppend(&text, separator, word.text);
    separator = " ";
    flags &= ~word.bits;
  }
  if (flags != 0) absl::StrAppend(&text, separator, "0x", absl::Hex(flags));
  return text;
}

std::optional<uint64_t> FlagOf(absl::string_view text) {
  for (const Word& word : kFlagWords) {
    if (word.text == text) return word.bits;
  }
  return std::nullopt;
}

std::string DescText(uint64_t desc) {
  if (desc < kDescs) return std::string(kDescWords[desc]);
  return absl::StrCat("0x", absl::Hex(desc));
}

std::optional<uint64_t> DescOf(absl::string_view text) {
  for (uint64_t desc = 0; desc < kDescs; ++desc) {
    if (kDescWords[desc] == text) return desc;
  }
  return std::nullopt;
}

}  // namespace restree
