/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RESTREE_TRIAGE_HOST_KUNIT_PRELUDE_H_
#define RESTREE_TRIAGE_HOST_KUNIT_PRELUDE_H_

/*
 * What an exported suite finds in a kernel, and here gets before it begins. The
 * names that prefix.h defines come before all that uses them.
 */
#include "kernel/shim/prefix.h"
/* The tree's own, from here on. */
#include <linux/kconfig.h>

#include "kernel/shim/custom.h"

/* from include/linux/mm.h */
int page_is_ram(unsigned long pfn);

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#define PHYS_PFN(address) ((unsigned long)((address) >> 12))
#define memset __builtin_memset

#endif /* RESTREE_TRIAGE_HOST_KUNIT_PRELUDE_H_ */
