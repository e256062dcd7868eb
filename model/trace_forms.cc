// SPDX-License-Identifier: Apache-2.0
#include "model/trace_forms.h"

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "model/trace.h"

namespace restree {

const Forms* FormsOf(absl::string_view name) {
  static const auto* const forms = [] {
    auto* map = new absl::flat_hash_map<absl::string_view, Forms>;
    for (int i = 0; i < kVerbs; ++i) {
      const VerbInfo& info = InfoOf(static_cast<Verb>(i));
      Forms& entry = (*map)[info.name];
      const bool defines =
          info.Has(Field::kDefines) || info.Has(Field::kDefinesPagemap);
      (defines ? entry.defining : entry.plain) = &info;
    }
    return map;
  }();
  const auto it = forms->find(name);
  return it == forms->end() ? nullptr : &it->second;
}

}  // namespace restree
