// SPDX-License-Identifier: Apache-2.0
#include "cli/import_iomem.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "model/model.h"
#include "model/state.h"
#include "model/trace.h"
#include "model/trace_text.h"

namespace restree {
namespace {

using std::string_literals::operator""s;

std::string ImportedOps(absl::string_view text,
                        std::optional<Slot> root = std::nullopt) {
  const absl::StatusOr<TraceDocument> document =
      ImportIomem(text, "test.iomem", root);
  if (!document.ok()) return std::string(document.status().message());
  return PrintTrace(document->trace);
}

std::string ErrorOf(absl::string_view text,
                    std::optional<Slot> root = std::nullopt) {
  const absl::Status status = ImportIomem(text, "f", root).status();
  EXPECT_TRUE(status.ok() || absl::IsInvalidArgument(status));
  return std::string(status.message());
}

// Returns what the model shows after the imported trace.
std::string ThereAndBack(absl::string_view text, Slot root = kIomem) {
  const absl::StatusOr<TraceDocument> document = ImportIomem(text, "f", root);
  if (!document.ok()) return std::string(document.status().message());
  Model model;
  for (const Op& op : document->trace.ops) model.Apply(op);
  State state;
  model.Snapshot(&state);
  return IomemText(state, document->trace.names, root);
}

// Trees of other machines, as their kernels print them.
constexpr absl::string_view kTrees[] = {
    // x86-64: firmware map, kernel image, bridges, a driver.
    R"(00000000-00000fff : Reserved
00001000-0009fbff : System RAM
000a0000-000bffff : PCI Bus 0000:00
000f0000-000fffff : Reserved
  000f0000-000fffff : System ROM
00100000-bfffffff : System RAM
  01000000-01c031d0 : Kernel code
  ae000000-bdffffff : Crash kernel
fee00000-fee00fff : Local APIC
100000000-43fffffff : System RAM
380000000000-38007fffffff : PCI Bus 0000:00
  380000000000-380000003fff : 0000:00:04.0
    380000000000-380000003fff : virtio-pci-modern
)",
    // arm64: what the kernel reserves lies inside System RAM.
    R"(09000000-09000fff : pl011@9000000
  09000000-09000fff : 9000000.pl011 pl011@9000000
40000000-13fffffff : System RAM
  40210000-4142ffff : Kernel code
  41430000-417effff : reserved
  417f0000-41a2ffff : Kernel data
  48000000-48009fff : reserved
8000000000-ffffffffff : PCI Bus 0000:00
)",
    // 32-bit ARM: no address above 4 GiB.
    R"(10000000-10000fff : versatile-flash
60000000-7fffffff : System RAM
  60208000-60d8a117 : Kernel code
  60f00000-6106d4b7 : Kernel data
ffff0000-ffffffff : vectors
)",
    // s390: one block of memory, and nothing but it.
    R"(00000000-ffffefff : System RAM
  00100000-00f5f2ff : Kernel code
  00f5f300-01a6ffff : Kernel data
  01d33000-0208efff : Kernel bss
)",
    // Equal ranges nest, and a name is whatever it is.
    R"(a80000000-b7fffffff : CXL Window 0
  a80000000-b7fffffff : Persistent Memory
    a80000000-b7fffffff : region1
      a80000000-a80000000 : "one" : byte \ # not a comment -> ok
      a80000001-a80000001 : 
      a80000002-a80000002 : <BAD>
)",
    "00001000-00001fff : Ger\xc3\xa4t \xff\x01\ttab\n",
    "00000000-ffffffffffffffff : all 64 bits\n",
    "",
};

TEST(ImportIomem, BuildsTheTreeThatTheTextShows) {
  for (const absl::string_view text : kTrees) {
    EXPECT_EQ(ThereAndBack(text), text);
  }
}

// Whatever one byte is made of: a line is refused or kept, never dropped.
TEST(ImportIomem, RefusesTextOrKeepsAllOfIt) {
  int refused = 0;
  int kept = 0;
  for (const absl::string_view tree : kTrees) {
    for (size_t i = 0; i < tree.size(); ++i) {
      for (const char c : {'0', '9', 'f', ' ', '-', ':', '\n', '\t', 'F'}) {
        std::string text(tree);
        text[i] = c;
        const std::string back = ThereAndBack(text);
        const bool is_error = absl::StartsWith(back, "f:");
        (is_error ? refused : kept) += 1;
        if (!is_error) ASSERT_EQ(back, text);
      }
    }
  }
  EXPECT_GT(refused, 1000);
  EXPECT_GT(kept, 1000);
}

TEST(ImportIomem, WritesOneRequestALine) {
  EXPECT_EQ(ImportedOps(R"(00001000-00001fff : a
  00001000-000010ff : b
  00001100-000011ff : c "d"
00002000-00002fff : System RAM
)"),
            R"(r0 = request iomem 0x1000-0x1fff "a" mem
r1 = request r0 0x1000-0x10ff "b" mem
r2 = request r0 0x1100-0x11ff "c \"d\"" mem
r3 = request iomem 0x2000-0x2fff "System RAM" mem sysram busy
)");
}

TEST(ImportIomem, SaysThatFlagsAreGuessed) {
  const absl::StatusOr<TraceDocument> document =
      ImportIomem("00001000-00001fff : a\n", "f");
  ASSERT_TRUE(document.ok());
  EXPECT_EQ(
      PrintTrace(*document),
      R"(# Imported from the text of /proc/iomem or /proc/ioports, which shows
# ranges and names. Flags and desc are guessed from the names.
r0 = request iomem 0x1000-0x1fff "a" mem
)");
}

TEST(ImportIomem, SaysThatAFileIsEmpty) {
  const absl::StatusOr<TraceDocument> document = ImportIomem("", "f");
  ASSERT_TRUE(document.ok());
  EXPECT_TRUE(document->trace.ops.empty());
  EXPECT_TRUE(absl::EndsWith(PrintTrace(*document),
                             "# It was empty: no resource at all.\n"));
}

TEST(ImportIomem, FourDigitsArePorts) {
  const absl::string_view ports = R"(0000-0cf7 : PCI Bus 0000:00
  0060-0060 : keyboard
0d00-ffff : PCI Bus 0000:00
)";
  EXPECT_EQ(ImportedOps(ports),
            R"(r0 = request ioport 0x0-0xcf7 "PCI Bus 0000:00" io window
r1 = request r0 0x60-0x60 "keyboard" io busy
r2 = request ioport 0xd00-0xffff "PCI Bus 0000:00" io window
)");
  EXPECT_EQ(ThereAndBack(ports, kIoport), ports);
}

TEST(ImportIomem, PortsOfEightDigitsMakeRoomFirst) {
  const absl::string_view ports = "00000060-00000060 : keyboard\n";
  EXPECT_EQ(ImportedOps(ports, kIoport),
            "adjust ioport 0x0-0xffffff\n"
            "r0 = request ioport 0x60-0x60 \"keyboard\" io busy\n");
  EXPECT_EQ(ThereAndBack(ports, kIoport), ports);
  EXPECT_EQ(ImportedOps("100000000-100000fff : far\n", kIoport),
            "adjust ioport 0x0-0x100000fff\n"
            "r0 = request ioport 0x100000000-0x100000fff \"far\" io busy\n");
  EXPECT_EQ(ImportedOps("0060-0060 : k\n10000-10fff : beyond\n"),
            "adjust ioport 0x0-0xffffff\n"
            "r0 = request ioport 0x60-0x60 \"k\" io busy\n"
            "r1 = request ioport 0x10000-0x10fff \"beyond\" io busy\n");
}

TEST(ImportIomem, RangesTellLevelsBelowTheFifthApart) {
  const absl::string_view text = R"(00010000-0001ffff : 0
  00010000-0001ffff : 1
    00010000-0001ffff : 2
      00010000-0001ffff : 3
        00010000-0001ffff : 4
          00010000-00017fff : 5
          00010000-00013fff : 6
          00010000-00011fff : 7
          00012000-00012fff : 7 again
          00014000-00017fff : 6 again
          00018000-0001ffff : 5 again
          00018000-0001ffff : 6
  00020000-00020000 : not here
)";
  const absl::string_view good = text.substr(0, text.rfind("  00020000"));
  EXPECT_EQ(ThereAndBack(good), good);
  const std::string ops = ImportedOps(good);
  EXPECT_TRUE(absl::StrContains(ops, "r7 = request r6 0x10000-0x11fff"));
  EXPECT_TRUE(absl::StrContains(ops, "r8 = request r6 0x12000-0x12fff"));
  EXPECT_TRUE(absl::StrContains(ops, "r9 = request r5 0x14000-0x17fff"));
  EXPECT_TRUE(absl::StrContains(ops, "r10 = request r4 0x18000-0x1ffff"));
  EXPECT_TRUE(absl::StrContains(ops, "r11 = request r10 0x18000-0x1ffff"));
  EXPECT_EQ(ErrorOf(text),
            "f:13:3: 0x20000-0x20000 does not lie inside 0x10000-0x1ffff of "
            "line 1");
}

TEST(ImportIomem, NestsAsDeepAsItLikes) {
  std::string text;
  for (int i = 0; i < 5000; ++i) {
    absl::StrAppendFormat(&text, "%*s%08x-%08x : n\n", 2 * (i < 5 ? i : 5), "",
                          i, 0x10000 - i);
  }
  EXPECT_EQ(ThereAndBack(text), text);
}

TEST(ImportIomem, ReportsWhereALineIsWrong) {
  const struct {
    std::string text;
    const char* error;
  } cases[] = {
      {"\n", "f:1:1: expected an address of 8 or more lower-case hex digits"},
      {"# comment\n",
       "f:1:1: expected an address of 8 or more lower-case hex digits"},
      {"00001000-00001fff : a\n\n",
       "f:2:1: expected an address of 8 or more lower-case hex digits"},
      {"00001000\n", "f:1:9: expected '-' between two addresses"},
      {"00001000 - 00001fff : a\n",
       "f:1:9: expected '-' between two addresses"},
      {"00001000-\n",
       "f:1:10: expected an address of 8 or more lower-case hex digits"},
      {"00001000-00001fff\n", "f:1:18: expected \" : \" and a name"},
      {"00001000-00001fff :\n", "f:1:18: expected \" : \" and a name"},
      {"00001000-00001fff: a\n", "f:1:18: expected \" : \" and a name"},
      {"0x001000-00001fff : a\n",
       "f:1:1: expected an address of 8 or more lower-case hex digits"},
      {"00001000-00001FFF : a\n",
       "f:1:10: expected an address of 8 or more lower-case hex digits"},
      {"ABCD1000-00001fff : a\n",
       "f:1:1: expected an address of 8 or more lower-case hex digits"},
      {"00001000-1fff : a\n",
       "f:1:10: expected an address of 8 or more lower-case hex digits"},
      {"000001000-00001fff : a\n",
       "f:1:1: an address with too many leading zeros"},
      {"00001000-10000000000000000 : a\n",
       "f:1:10: an address of more than 64 bits"},
      {"00001000-00000fff : a\n", "f:1:10: the range ends before it starts"},
      {"00001000-00001fff : a\r\n",
       "f:1:22: a carriage return; lines end with a newline"},
      {"00001000-00001fff : a\0b\n"s, "f:1:22: a NUL byte"},
      {"0000-1f : a\n",
       "f:1:6: expected an address of 4 or more lower-case hex digits"},
      {"00001000-00001fff : a", "f:1:22: the last line is cut off: no newline"},
      {"00001000-00001fff : a\n0000",
       "f:2:5: the last line is cut off: no newline"},
  };
  for (const auto& it : cases) EXPECT_EQ(ErrorOf(it.text), it.error);
}

TEST(ImportIomem, ReportsWhereIndentationIsWrong) {
  const std::string head = "00001000-00001fff : a\n";
  const std::string line = "00001000-000010ff : b\n";
  const struct {
    std::string text;
    const char* error;
  } cases[] = {
      {"  " + line, "f:1:3: deeper than a child of the line above"},
      {head + " " + line, "f:2:2: odd indentation; a level is two spaces"},
      {head + "   " + line, "f:2:4: odd indentation; a level is two spaces"},
      {head + "\t" + line, "f:2:1: a tab; a level is two spaces"},
      {head + "  \t" + line, "f:2:3: a tab; a level is two spaces"},
      {head + "    " + line, "f:2:5: deeper than a child of the line above"},
      {head + "            " + line,
       "f:2:11: more than 10 spaces; the kernel indents no further"},
  };
  for (const auto& it : cases) EXPECT_EQ(ErrorOf(it.text), it.error);
}

TEST(ImportIomem, ReportsWhatIsInTheWrongPlace) {
  const std::string head = "00001000-00001fff : a\n";
  const struct {
    const char* line;
    const char* error;
  } cases[] = {
      {"  00001000-00002000 : b\n",
       "f:2:3: 0x1000-0x2000 does not lie inside 0x1000-0x1fff of line 1"},
      {"  00000fff-00001fff : b\n",
       "f:2:3: 0xfff-0x1fff does not lie inside 0x1000-0x1fff of line 1"},
      {"00001fff-00002000 : b\n",
       "f:2:1: 0x1fff-0x2000 overlaps 0x1000-0x1fff of line 1 on the same "
       "level"},
      {"00000000-00000fff : b\n",
       "f:2:1: 0x0-0xfff lies before 0x1000-0x1fff of line 1 on the same "
       "level"},
      {"  00001000-00001fff : b\n00001000-00001fff : c\n",
       "f:3:1: 0x1000-0x1fff overlaps 0x1000-0x1fff of line 1 on the same "
       "level"},
  };
  for (const auto& it : cases) EXPECT_EQ(ErrorOf(head + it.line), it.error);
}

TEST(ImportIomem, ReportsWhoMayNotSeeAddresses) {
  const char* const error =
      "f:1:1: every address is 0, as the kernel shows them to those without "
      "CAP_SYS_ADMIN; run as root";
  EXPECT_EQ(ErrorOf("00000000-00000000 : System RAM\n"
                    "  00000000-00000000 : Kernel code\n"
                    "00000000-00000000 : Reserved\n"),
            error);
  EXPECT_EQ(ErrorOf("0000-0000 : dma1\n0000-0000 : pic1\n"), error);

  // One byte at 0 is nothing special.
  EXPECT_EQ(ThereAndBack("00000000-00000000 : a\n00000001-00000001 : b\n"),
            "00000000-00000000 : a\n00000001-00000001 : b\n");
}

TEST(ImportIomem, FourDigitsAreNoMemory) {
  EXPECT_EQ(ErrorOf("0000-001f : dma1\n", kIomem),
            "f:1:1: addresses of 4 digits are those of /proc/ioports");
}

}  // namespace
}  // namespace restree
