// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_KERNEL_KERNELS_H_
#define RESTREE_KERNEL_KERNELS_H_

#include <memory>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "model/machine.h"

namespace restree {

// A kernel that this build knows of, and how to make a machine of it.
struct KernelInfo {
  absl::string_view name;     // of the machine, such as "linux-6.12"
  absl::string_view version;  // of the kernel: "6.12.117"
  absl::string_view source;   // where its code came from
  absl::string_view why;      // why there is none; "" if there is

  // It registers the resources of altmaps by itself: AltmapVariant::kTree is of
  // such a one alone.
  bool has_altmap_resource;

  // Null if there is no source. There may be one machine of each at a time,
  // whatever its variant.
  std::unique_ptr<Machine> (*make)(AltmapVariant);
};

// Returns them all, those without a source too: linux-6.12 and linux-6.1, which
// are Debian's, and linux, the tree that LINUX_SRC named at build time.
absl::Span<const KernelInfo> Kernels();

}  // namespace restree

#endif  // RESTREE_KERNEL_KERNELS_H_
