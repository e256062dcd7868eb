// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_MODEL_TRACE_FORMS_H_
#define RESTREE_MODEL_TRACE_FORMS_H_

#include "absl/strings/string_view.h"
#include "model/trace.h"

namespace restree {

// The two verbs that one name can stand for in trace text: the one behind
// `rN =` or `pN =`, and the one without. Either may be null.
struct Forms {
  const VerbInfo* defining = nullptr;
  const VerbInfo* plain = nullptr;
};

// Returns the verbs of that name, or null if there are none.
const Forms* FormsOf(absl::string_view name);

}  // namespace restree

#endif  // RESTREE_MODEL_TRACE_FORMS_H_
