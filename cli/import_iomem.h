// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_CLI_IMPORT_IOMEM_H_
#define RESTREE_CLI_IMPORT_IOMEM_H_

#include <optional>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "model/trace.h"
#include "model/trace_text.h"

namespace restree {

// Returns the trace that builds the tree which `text` shows: one `request` a
// line, in the file's order, each from the resource that encloses it.
//
//   00001000-00001fff : a      r0 = request iomem 0x1000-0x1fff "a" mem
//     00001000-000010ff : b    r1 = request r0 0x1000-0x10ff "b" mem
//
// The grammar is what r_show() of kernel/resource.c prints, and nothing else:
//
//   file   = { line "\n" }
//   line   = indent address "-" address " : " name
//   indent = two spaces a level, ten at most
//   address = lower-case hexadecimal digits, filled up with zeros to eight, or
//             to four in /proc/ioports of a machine whose ports end at 0xffff
//   name   = any bytes but NUL, CR and LF, perhaps none
//
// Ten spaces mean five levels or more; which of them follows from the ranges,
// for siblings do not overlap. `root` is kIomem or kIoport; without it, four
// digits in the first line mean kIoport. Ports that do not end at 0xffff make
// the trace begin with an `adjust ioport`.
//
// Text that does not follow the grammar, a resource that does not lie inside
// its parent or behind its elder sibling, and a file of zeros (what the kernel
// shows to those who are not root) are InvalidArgument, with the message
// `file:line:column: what is wrong`. No line is ever left out.
absl::StatusOr<TraceDocument> ImportIomem(
    absl::string_view text, absl::string_view file,
    std::optional<Slot> root = std::nullopt);

}  // namespace restree

#endif  // RESTREE_CLI_IMPORT_IOMEM_H_
