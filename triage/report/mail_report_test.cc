// SPDX-License-Identifier: Apache-2.0
#include "triage/report/mail_report.h"

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "triage/json_read.h"
#include "triage/report/example_document.h"
#include "triage/report/report_words.h"

namespace restree {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(MailReportTest, ReadsAsAReviewerWrites) {
  EXPECT_EQ(
      MailReport(ExampleDocument()),
      R"(restree 0.1.0 played 3 inputs on linux-6.12 and linux-6.1: sequences of
calls of kernel/resource.c and mm/memremap.c, beside a model of what
they should do. It compares what each call returns and the tree that it
leaves.

3 inputs: 1 bug (1 new), 1 clean.

What broke:

  1. request_resource_conflict(): want EBUSY r1, got ok (new, 2 inputs)


1. request_resource_conflict(): want EBUSY r1, got ok
=======================================================================

linux-6.12 disagrees with model at op 3 of 3: want EBUSY r1, got ok

linux-6.12 fails; model does not.

Shortest sequence that shows it (3 ops):

    r1 = request iomem 0x1000-0x1fff "low" mem
    r2 = request iomem 0x2000-0x2fff "high" mem
  > r3 = request iomem 0x1800-0x27ff "seam" mem
          want: EBUSY r1
          got:  ok

Here request is request_resource_conflict().

It fails as well with other values:
  - op 1: it may be busy

/proc/iomem before the last op:

    00001000-00001fff : low
    00002000-00002fff : high

/proc/iomem after it, as it should be: as before.

/proc/iomem after it, as it is:

    00001000-00001fff : low
    00001800-000027ff : seam
    00002000-00002fff : high

KUnit test, compiled and run: fails on linux-6.12, passes on model (1
line of it wider than 71 columns, so mind what your mailer does):

static void resource_test_seam(struct kunit *test)
{
)"
      "\tKUNIT_EXPECT_EQ(test, -EBUSY, "
      "request_resource(&iomem_resource, &seam));\n"
      R"(}

Shortened from 57 ops to 3, in 1,234 plays; none shorter or smaller
fails like it (all traces of up to 2 ops: 5,000).


A sequence can be saved to a file and played by `restree run FILE`.
This mail is from:

    restree triage --machine=linux-6.12,linux-6.1 crashes
)");
}

// Code begins with the word `static` or a tab, or is a brace.
bool IsCode(absl::string_view line) {
  return absl::StartsWith(line, "static") || absl::StartsWith(line, "\t") ||
         absl::StartsWith(line, "//") || absl::StartsWith(line, "/*") ||
         line == "{" || line == "}";
}

TEST(MailReportTest, EveryLineIsShort) {
  for (const Json& document : {ExampleDocument(), DocumentOnDisk(),
                               DocumentOf(1000), DocumentOfOddBytes()}) {
    const std::string mail = MailReport(document);
    for (const absl::string_view line : absl::StrSplit(mail, '\n')) {
      if (!IsCode(line)) {
        EXPECT_LT(WidthOf(line), kMailColumns) << line;
      }
      for (const unsigned char c : line) {
        EXPECT_TRUE(absl::ascii_isprint(c) || c == '\t') << line;
      }
      // What `git am` would take for the end of the message, and mailers for
      // that of the text.
      EXPECT_FALSE(absl::StartsWith(line, "---") || line == "-- ") << line;
      EXPECT_FALSE(absl::StartsWith(line, "From ")) << line;
    }
  }
}

TEST(MailReportTest, SaysThatNothingBroke) {
  EXPECT_THAT(MailReport(EmptyDocument()), HasSubstr("\nNothing broke.\n"));
  EXPECT_THAT(MailReport(Json()), HasSubstr("\nNothing broke.\n"));
}

TEST(MailReportTest, SaysOfEachStatusWhatMatters) {
  const std::string mail = MailReport(DocumentOnDisk());
  EXPECT_THAT(mail, HasSubstr("It failed 2 times of 5.\n"));
  EXPECT_THAT(mail, HasSubstr("  6. state.unbind.leak.nowhere (fixed)\n"));
  EXPECT_THAT(mail, HasSubstr("/proc/ioports before the last op:\n"));
  EXPECT_THAT(mail, HasSubstr("The report of the crash:\n"));
  EXPECT_THAT(mail, HasSubstr("          want: ok\n          died\n"));
  EXPECT_THAT(mail, HasSubstr("There is no KUnit test: "));
  EXPECT_THAT(mail, Not(HasSubstr("5. region_intersects(): want\n=")));
}

TEST(MailReportTest, ShowsWhatProcDoesNot) {
  Json document = ExampleDocument();
  Json& finding = document["bugs"][0]["findings"][0];
  finding["actual"]["iomem"] = finding["expected"]["iomem"];
  const std::string mail = MailReport(document);
  EXPECT_THAT(mail, HasSubstr("It is the same after it.\n"));
  EXPECT_THAT(mail, HasSubstr("What differs is not shown there"));
  EXPECT_THAT(mail, HasSubstr("    + 00001800-000027ff : seam  [r3 mem]\n"));
}

TEST(MailReportTest, KeepsCodeAsItIs) {
  Json document = ExampleDocument();
  Json& kunit = document["bugs"][0]["findings"][0]["exports"]["kunit"];
  const std::string code =
      "static void f(void)\n{\n\t" + std::string(90, 'x') + ";\n\n\n}";
  kunit["text"] = code;
  const std::string mail = MailReport(document);
  EXPECT_THAT(mail, HasSubstr("\n\n" + code + "\n"));
  EXPECT_THAT(mail, HasSubstr("passes on model (1\nline of it wider than 71"));
}

TEST(MailReportTest, FewBugsAreTold) {
  const std::string mail = MailReport(DocumentOf(1000));
  EXPECT_THAT(mail, HasSubstr("  ... and 970 more\n"));
  EXPECT_LT(mail.size(), 40'000);
  EXPECT_EQ(mail, MailReport(DocumentOf(1000)));
}

}  // namespace
}  // namespace restree
