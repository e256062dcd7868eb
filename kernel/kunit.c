// SPDX-License-Identifier: Apache-2.0
//
// One version's own tests of kernel/resource.c, unmodified, against the unit of
// the same version. Empty where the version has none.
#include "kernel/shim/prefix.h"

#if __has_include("kernel/resource_kunit.c")
#include <linux/kconfig.h>

#include "kernel/shim/custom.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#define memset __builtin_memset

// The tree's own.
#include "kernel/resource_kunit.c"
#endif
