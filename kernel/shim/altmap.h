/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What mm/memremap.c and mm/sparse-vmemmap.c take from <linux/mm.h>. The former
 * includes that only if it has these functions from there; in 6.1 they are its
 * own. No guard against inclusion: which of the two includes it matters.
 */
#if defined(KERNEL_MEMREMAP_IS_BEING_READ) && \
    !defined(RESTREE_KERNEL_SHIM_ALTMAP_H_)
#define RESTREE_KERNEL_SHIM_ALTMAP_H_

#include <linux/memremap.h>

/* from include/linux/mm.h, 6.12 only */
static inline unsigned long vmem_altmap_offset(struct vmem_altmap *altmap) {
  /* number of pfns from base where pfn_to_page() is valid */
  if (altmap) return altmap->reserve + altmap->free;
  return 0;
}

/* from include/linux/mm.h, 6.12 only */
static inline void vmem_altmap_free(struct vmem_altmap *altmap,
                                    unsigned long nr_pfns) {
  altmap->alloc -= nr_pfns;
}

#endif
