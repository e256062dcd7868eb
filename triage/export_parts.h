// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_TRIAGE_EXPORT_PARTS_H_
#define RESTREE_TRIAGE_EXPORT_PARTS_H_

// What Export() is made of. Only export*.cc include this.

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "triage/export.h"
#include "triage/recording.h"

namespace restree {

absl::StatusOr<std::string> ExportKunit(const Recording& sound,
                                        const ExportInfo& info);
std::string ExportGtest(const Recording& sound, const ExportInfo& info);
std::string ExportDot(const Recording& sound, const ExportInfo& info);

// Returns the step that `info` means. REQUIRES: there is one.
size_t StepOf(const Recording& sound, const ExportInfo& info);

// Returns what a test's comment says, wrapped to lines of `width` columns.
std::vector<std::string> StoryLines(const ExportInfo& info, size_t width);

}  // namespace restree

#endif  // RESTREE_TRIAGE_EXPORT_PARTS_H_
