/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/shim/custom.h"
#ifdef KERNEL_MEMORY_UNIT
#include "kernel/shim/altmap.h"
#endif
