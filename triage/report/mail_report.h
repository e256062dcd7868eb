// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_TRIAGE_REPORT_MAIL_REPORT_H_
#define RESTREE_TRIAGE_REPORT_MAIL_REPORT_H_

#include <cstddef>
#include <string>

#include "triage/json_read.h"

namespace restree {

// All lines of a mail are shorter, but those of a test: code is never broken.
inline constexpr size_t kMailColumns = 72;

// Returns a triage document (docs/triage.md) as the answer to a patch on a
// kernel list: what was tried, what broke, and of each bug that is new or flaky
// the shortest sequence of calls, /proc/iomem before and after, and the KUnit
// test. ASCII; what is not stands as \xHH, as in the text of traces.
std::string MailReport(const Json& document);

}  // namespace restree

#endif  // RESTREE_TRIAGE_REPORT_MAIL_REPORT_H_
