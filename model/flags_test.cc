// SPDX-License-Identifier: Apache-2.0
#include "model/flags.h"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"

namespace restree {
namespace {

// Reads the words that FlagsText writes.
uint64_t BitsOf(absl::string_view text) {
  uint64_t bits = 0;
  for (const absl::string_view word :
       absl::StrSplit(text, ' ', absl::SkipEmpty())) {
    if (const auto flag = FlagOf(word)) {
      bits |= *flag;
    } else {
      uint64_t number = 0;
      EXPECT_TRUE(absl::SimpleHexAtoi(word, &number)) << word;
      bits |= number;
    }
  }
  return bits;
}

// Typed from include/linux/ioport.h, in the form that it has there.
struct Define {
  absl::string_view name;
  uint64_t value;
};

constexpr Define kDefines[] = {
    {"IO", 0x00000100},
    {"MEM", 0x00000200},
    {"REG", 0x00000300},
    {"IRQ", 0x00000400},
    {"DMA", 0x00000800},
    {"BUS", 0x00001000},
    {"PREFETCH", 0x00002000},
    {"READONLY", 0x00004000},
    {"CACHEABLE", 0x00008000},
    {"RANGELENGTH", 0x00010000},
    {"SHADOWABLE", 0x00020000},
    {"SIZEALIGN", 0x00040000},
    {"STARTALIGN", 0x00080000},
    {"MEM_64", 0x00100000},
    {"WINDOW", 0x00200000},
    {"MUXED", 0x00400000},
    {"SYSRAM", 0x01000000},
    {"SYSRAM_DRIVER_MANAGED", 0x02000000},
    {"SYSRAM_MERGEABLE", 0x04000000},
    {"EXCLUSIVE", 0x08000000},
    {"DISABLED", 0x10000000},
    {"UNSET", 0x20000000},
    {"AUTO", 0x40000000},
    {"BUSY", 0x80000000},
};

TEST(FlagsTest, EveryKernelNameHasItsKernelValue) {
  for (const Define& define : kDefines) {
    std::string word(define.name);
    for (char& c : word) {
      if (c >= 'A' && c <= 'Z') c += 'a' - 'A';
    }
    EXPECT_EQ(FlagOf(word), define.value) << word;
    EXPECT_EQ(FlagsText(define.value), word);
  }
}

TEST(FlagsTest, ConstantsHaveTheirWords) {
  EXPECT_EQ(FlagsText(kResourceIo), "io");
  EXPECT_EQ(FlagsText(kResourceMem), "mem");
  EXPECT_EQ(FlagsText(kResourceSizeAlign), "sizealign");
  EXPECT_EQ(FlagsText(kResourceStartAlign), "startalign");
  EXPECT_EQ(FlagsText(kResourceMuxed), "muxed");
  EXPECT_EQ(FlagsText(kResourceSysram), "sysram");
  EXPECT_EQ(FlagsText(kResourceExclusive), "exclusive");
  EXPECT_EQ(FlagsText(kResourceUnset), "unset");
  EXPECT_EQ(FlagsText(kResourceBusy), "busy");
  EXPECT_EQ(FlagsText(kResourceSystemRam), "mem sysram");
  EXPECT_EQ(FlagsText(kResourceTypeBits), "reg irq dma bus");
  EXPECT_EQ(FlagsText(kResourceExtTypeBits), "sysram");
}

TEST(FlagsTest, EverySingleBitReadsBack) {
  std::set<std::string> texts;
  for (int bit = 0; bit < 64; ++bit) {
    const uint64_t flags = uint64_t{1} << bit;
    const std::string text = FlagsText(flags);
    EXPECT_EQ(BitsOf(text), flags) << text;
    EXPECT_TRUE(texts.insert(text).second) << text << " stands for two bits";
  }
}

TEST(FlagsTest, EveryPairOfBitsReadsBack) {
  for (int a = 0; a < 64; ++a) {
    for (int b = 0; b < a; ++b) {
      const uint64_t flags = uint64_t{1} << a | uint64_t{1} << b;
      EXPECT_EQ(BitsOf(FlagsText(flags)), flags) << FlagsText(flags);
    }
  }
  EXPECT_EQ(BitsOf(FlagsText(UINT64_MAX)), UINT64_MAX);
}

TEST(FlagsTest, WordsComeLowestBitFirstAndOneNumberLast) {
  EXPECT_EQ(FlagsText(0), "");
  EXPECT_EQ(FlagsText(0x81000200), "mem sysram busy");
  EXPECT_EQ(FlagsText(0x80000203), "mem busy 0x3");
  EXPECT_EQ(FlagsText(0x80000301), "reg busy 0x1");
  EXPECT_EQ(FlagsText(0x8000000080800001), "vmemmap busy 0x8000000000000001");
}

TEST(FlagsTest, OnlyTheExactWordIsKnown) {
  for (const absl::string_view word :
       {"", "BUSY", "bus ", "busyy", "IORESOURCE_BUSY", "0x1", "cxl"}) {
    EXPECT_EQ(FlagOf(word), std::nullopt) << word;
  }
}

TEST(DescTest, EveryKernelNameHasItsKernelValue) {
  const std::vector<std::string> words = {"none",
                                          "crash_kernel",
                                          "acpi_tables",
                                          "acpi_nv_storage",
                                          "persistent_memory",
                                          "persistent_memory_legacy",
                                          "device_private_memory",
                                          "reserved",
                                          "soft_reserved",
                                          "cxl",
                                          "vmemmap"};
  ASSERT_EQ(words.size(), 11u);
  for (uint64_t desc = 0; desc < words.size(); ++desc) {
    EXPECT_EQ(DescText(desc), words[desc]);
    EXPECT_EQ(DescOf(words[desc]), desc);
  }
  EXPECT_EQ(DescText(kDescNone), "none");
  EXPECT_EQ(DescText(kDescDevicePrivateMemory), "device_private_memory");
}

TEST(DescTest, ValuesWithoutANameAreNumbers) {
  EXPECT_EQ(DescText(11), "0xb");
  EXPECT_EQ(DescText(0x17), "0x17");
  EXPECT_EQ(DescText(UINT64_MAX), "0xffffffffffffffff");
  EXPECT_EQ(DescOf("0x17"), std::nullopt);
  EXPECT_EQ(DescOf(""), std::nullopt);
  EXPECT_EQ(DescOf("CXL"), std::nullopt);
}

}  // namespace
}  // namespace restree
