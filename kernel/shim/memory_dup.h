/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RESTREE_KERNEL_SHIM_MEMORY_DUP_H_
#define RESTREE_KERNEL_SHIM_MEMORY_DUP_H_

/*
 * As dup.h, for the unit of device memory.
 */

/* from include/linux/memory_hotplug.h */
struct mhp_params {
  struct vmem_altmap *altmap;
  pgprot_t pgprot;
  struct dev_pagemap *pgmap;
};

/* from include/linux/mmzone.h */
#define PFN_SECTION_SHIFT (SECTION_SIZE_BITS - PAGE_SHIFT)
/* from include/linux/mmzone.h */
#define PAGES_PER_SECTION (1UL << PFN_SECTION_SHIFT)
/* from include/linux/mmzone.h */
#define PAGE_SECTION_MASK (~(PAGES_PER_SECTION - 1))
/* from include/linux/mmzone.h */
#define SECTION_ALIGN_UP(pfn) \
  (((pfn) + PAGES_PER_SECTION - 1) & PAGE_SECTION_MASK)
/* from include/linux/mmzone.h */
#define SUBSECTION_SHIFT 21
/* from include/linux/mmzone.h */
#define SUBSECTION_SIZE (1UL << SUBSECTION_SHIFT)
/* from include/linux/mmzone.h */
#define PFN_SUBSECTION_SHIFT (SUBSECTION_SHIFT - PAGE_SHIFT)
/* from include/linux/mmzone.h */
#define PAGES_PER_SUBSECTION (1UL << PFN_SUBSECTION_SHIFT)

#endif /* RESTREE_KERNEL_SHIM_MEMORY_DUP_H_ */
