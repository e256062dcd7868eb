// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_MODEL_TRACE_HINT_H_
#define RESTREE_MODEL_TRACE_HINT_H_

#include <string>

#include "absl/strings/string_view.h"
#include "model/trace.h"

namespace restree {

// What trace text tells somebody who wrote a word that it does not know. Each
// returns text that follows the message: what was probably meant, or "".
//
//   FlagHint("IORESOURCE_BUSY")   ": did you mean `busy`?"
//   VerbHint("release_resource")  ": did you mean `release`?"
//
// They take their time: only a file's first error asks.
std::string VerbHint(absl::string_view text);
std::string FlagHint(absl::string_view text);
std::string DescHint(absl::string_view text);
std::string OutcomeHint(absl::string_view text);

// Returns how a line with this verb is written, such as
// `release_region PARENT START-END`.
std::string UsageOf(const VerbInfo& info);

}  // namespace restree

#endif  // RESTREE_MODEL_TRACE_HINT_H_
