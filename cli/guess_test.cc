// SPDX-License-Identifier: Apache-2.0
#include "cli/guess.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "model/flags.h"
#include "model/range.h"
#include "model/trace.h"

namespace restree {
namespace {

std::string GuessText(Slot root, absl::string_view name, uint64_t start) {
  const Guess guess = GuessFlags(root, name, {start, start + 0xfff});
  std::string text = FlagsText(guess.flags);
  if (guess.desc != 0) absl::StrAppend(&text, " desc=", DescText(guess.desc));
  return text;
}

TEST(Guess, KnowsTheNamesOfTheKernel) {
  constexpr uint64_t kHigh = 0x100000000;
  const struct {
    const char* name;
    const char* text;
  } cases[] = {
      {"System RAM", "mem sysram busy"},
      {"System RAM (kmem)", "mem sysram sysram_driver_managed busy"},
      {"Kernel code", "mem sysram busy"},
      {"Crash kernel", "mem sysram busy desc=crash_kernel"},
      {"Reserved", "mem desc=reserved"},
      {"reserved", "mem busy"},
      {"Soft Reserved", "mem desc=soft_reserved"},
      {"ACPI Tables", "mem busy desc=acpi_tables"},
      {"ACPI Non-volatile Storage", "mem busy desc=acpi_nv_storage"},
      {"Persistent Memory", "mem desc=persistent_memory"},
      {"Persistent Memory (legacy)", "mem desc=persistent_memory_legacy"},
      {"System ROM", "mem readonly busy"},
      {"PCI Bus 0000:00", "mem window"},
      {"PCI ECAM 0000 [bus 00-ff]", "mem busy"},
      {"CXL Window 12", "mem desc=cxl"},
      {"IOAPIC 0", "mem busy"},
      {"namespace1.0", "mem busy"},
      {"dax1.10", "mem busy"},
      {"Device Backed Vmemmap", "mem busy"},
      {"region1", "mem"},
      {"my own device", "mem"},
      {"", "mem"},
  };
  for (const auto& it : cases) {
    EXPECT_EQ(GuessText(kIomem, it.name, kHigh), it.text) << it.name;
  }
}

TEST(Guess, TakesNoNameForAnother) {
  for (const char* name :
       {"CXL Window ", "CXL Window x", "CXL Window 1x", "CXL Window", "dax1",
        "dax1.", "dax.1", "daxx.1", "namespace", "System RAM ", "system ram"}) {
    EXPECT_EQ(GuessText(kIomem, name, 0x100000000), "mem") << name;
  }
}

TEST(Guess, ReservedIsBusyBelowOneMebibyte) {
  EXPECT_EQ(GuessText(kIomem, "Reserved", 0xff000), "mem busy desc=reserved");
  EXPECT_EQ(GuessText(kIomem, "Reserved", 0x100000), "mem desc=reserved");
}

TEST(Guess, PortsAreIo) {
  EXPECT_EQ(GuessText(kIoport, "keyboard", 0x60), "io busy");
  EXPECT_EQ(GuessText(kIoport, "System RAM", 0x60), "io busy");
  EXPECT_EQ(GuessText(kIoport, "0000:00:1f.2", 0xc000), "io");
  EXPECT_EQ(GuessText(kIoport, "PCI Bus 0000:00", 0), "io window");
}

}  // namespace
}  // namespace restree
