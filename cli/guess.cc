// SPDX-License-Identifier: Apache-2.0
#include "cli/guess.h"

#include <cstddef>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "model/flags.h"
#include "model/range.h"
#include "model/trace.h"

namespace restree {
namespace {

// IORES_DESC_* and more of IORESOURCE_*, include/linux/ioport.h.
enum Desc : uint64_t {
  kNone = kDescNone,
  kCrashKernel = 1,
  kAcpiTables = 2,
  kAcpiNvStorage = 3,
  kPersistentMemory = 4,
  kPersistentMemoryLegacy = 5,
  kReserved = 7,
  kSoftReserved = 8,
  kCxl = 9,
};
constexpr uint64_t kReadonly = 0x00004000;
constexpr uint64_t kWindow = 0x00200000;
constexpr uint64_t kDriverManaged = 0x02000000;

constexpr uint64_t kMemBusy = kResourceMem | kResourceBusy;
constexpr uint64_t kRamBusy = kResourceSystemRam | kResourceBusy;
constexpr uint64_t kRom = kMemBusy | kReadonly;

// e820__reserve_resources() marks these busy below 1 MiB alone, so that
// drivers can have them above (do_mark_busy(), arch/x86/kernel/e820.c).
constexpr uint64_t kBusyBelow = uint64_t{1} << 20;

struct Known {
  absl::string_view name;  // a `#` at its end stands for a number
  uint64_t flags;
  uint64_t desc = kNone;
  bool busy_low = false;  // busy too if it starts below kBusyBelow
};

constexpr Known kKnown[] = {
    // arch/x86/kernel/e820.c; other architectures use some of these names.
    {"System RAM", kRamBusy},
    {"Reserved", kResourceMem, kReserved, true},
    {"Soft Reserved", kResourceMem, kSoftReserved, true},
    {"ACPI Tables", kMemBusy, kAcpiTables},
    {"ACPI Non-volatile Storage", kMemBusy, kAcpiNvStorage},
    {"Unusable memory", kMemBusy},
    {"Persistent Memory", kResourceMem, kPersistentMemory, true},
    {"Persistent Memory (legacy)", kResourceMem, kPersistentMemoryLegacy, true},
    // arch/*/kernel/setup.c
    {"Kernel code", kRamBusy},
    {"Kernel data", kRamBusy},
    {"Kernel rodata", kRamBusy},
    {"Kernel bss", kRamBusy},
    {"reserved", kMemBusy},
    // kernel/crash_core.c
    {"Crash kernel", kRamBusy, kCrashKernel},
    // drivers/dax/kmem.c
    {"System RAM (kmem)", kRamBusy | kDriverManaged},
    // arch/x86/kernel/probe_roms.c, setup.c
    {"System ROM", kRom},
    {"Video ROM", kRom},
    {"Adapter ROM", kRom},
    {"Extension ROM", kRom},
    {"Video RAM area", kMemBusy},
    // arch/x86/kernel/apic, arch/x86/pci/mmconfig-shared.c
    {"Local APIC", kMemBusy},
    {"IOAPIC #", kMemBusy},
    // drivers/cxl/acpi.c, drivers/nvdimm, drivers/dax, mm/memremap.c's callers
    {"CXL Window #", kResourceMem, kCxl},
    {"Device Backed Vmemmap", kMemBusy},
};

// Returns the rest of `*text` behind the digits that it starts with.
absl::string_view SkipDigits(absl::string_view text) {
  while (!text.empty() && absl::ascii_isdigit(text.front())) {
    text.remove_prefix(1);
  }
  return text;
}

bool Matches(absl::string_view pattern, absl::string_view name) {
  if (!absl::EndsWith(pattern, "#")) return name == pattern;
  pattern.remove_suffix(1);
  if (name.size() <= pattern.size()) return false;
  return absl::StartsWith(name, pattern) &&
         SkipDigits(name.substr(pattern.size())).empty();
}

// namespace1.0, dax0.12: what a driver has taken by request_mem_region().
bool IsNumberedPair(absl::string_view prefix, absl::string_view name) {
  if (!absl::StartsWith(name, prefix)) return false;
  const absl::string_view first = name.substr(prefix.size());
  const absl::string_view second = SkipDigits(first);
  if (second.size() == first.size() || second.size() < 2) return false;
  return second.front() == '.' && SkipDigits(second.substr(1)).empty();
}

}  // namespace

Guess GuessFlags(Slot root, absl::string_view name, const Range& range) {
  const uint64_t type = root == kIoport ? kResourceIo : kResourceMem;
  if (absl::StartsWith(name, "PCI Bus ")) return {type | kWindow, kNone};
  if (root == kIoport) {
    // BARs are called after their device, 0000:00:1f.2; all else is a driver's
    // request_region().
    const bool bar = name.size() == 12 && name[4] == ':' && name[7] == ':';
    return {bar ? type : type | kResourceBusy, kNone};
  }
  for (const Known& known : kKnown) {
    if (!Matches(known.name, name)) continue;
    const bool busy = known.busy_low && range.start < kBusyBelow;
    return {known.flags | (busy ? kResourceBusy : 0), known.desc};
  }
  if (absl::StartsWith(name, "PCI ECAM ")) return {kMemBusy, kNone};
  if (absl::StartsWith(name, "PCI MMCONFIG ")) return {kMemBusy, kNone};
  if (IsNumberedPair("namespace", name)) return {kMemBusy, kNone};
  if (IsNumberedPair("dax", name)) return {kMemBusy, kNone};
  return {type, kNone};
}

}  // namespace restree
