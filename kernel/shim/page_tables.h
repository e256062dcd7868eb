/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RESTREE_KERNEL_SHIM_PAGE_TABLES_H_
#define RESTREE_KERNEL_SHIM_PAGE_TABLES_H_

/*
 * What mm/sparse-vmemmap.c says of page tables and sections, so that it can be
 * compiled whole. Only its allocator is called: of the rest nothing is linked,
 * which is why these declarations have no definitions.
 */

#include "kernel/shim/memory.h"

typedef struct {
  unsigned long value;
} pte_t, pmd_t, pud_t, p4d_t, pgd_t;

/* Words that only a compiler reads. */
#define __meminit
#define __ref
#undef __weak
#define __weak
#define PMD_SIZE (1UL << 21)
#define LOCAL_DISTANCE 10
#define MAX_DMA_ADDRESS 0
#define MEMBLOCK_ALLOC_ACCESSIBLE 0
#define init_mm (*(int *)0)
#define get_page(page) ((void)(page))
#define page_to_virt(page) ((void *)(page))
#define page_address(page) ((void *)(page))
#define is_power_of_2(n) ((n) != 0 && ((n) & ((n) - 1)) == 0)
#define vmemmap_can_optimize(altmap, pgmap) ((void)(altmap), (void)(pgmap), 0)

/* The allocator of last resort. */
#define slab_is_available() true
#define get_order(size) ((int)((size) >> PAGE_SHIFT))
#define warn_alloc(gfp, nodes, ...) ((void)(gfp))
#define sparse_buffer_alloc(size) ((void *)0)
#define alloc_pages_node(nid, gfp, order) ((struct page *)0)
#define memblock_alloc_try_nid_raw(size, align, goal, end, nid) ((void *)0)

/* Page tables are empty, and what is put into them is gone. */
pmd_t *pmd_offset(pud_t *pud, unsigned long address);
pmd_t *pmd_off_k(unsigned long address);
pud_t *pud_offset(p4d_t *p4d, unsigned long address);
p4d_t *p4d_offset(pgd_t *pgd, unsigned long address);
pgd_t *pgd_offset_k(unsigned long address);
pte_t *pte_offset_kernel(pmd_t *pmd, unsigned long address);
#define ptep_get(pte) (*(pte))
#define pmdp_get(pmd) (*(pmd))
#define pte_pfn(pte) ((pte).value)
#define pte_page(pte) ((struct page *)(pte).value)
#define pfn_pte(pfn, prot) ((pte_t){pfn})
#define pte_none(pte) ((pte).value == 0)
#define pmd_none(pmd) ((pmd).value == 0)
#define pud_none(pud) ((pud).value == 0)
#define p4d_none(p4d) ((p4d).value == 0)
#define pgd_none(pgd) ((pgd).value == 0)
#define set_pte_at(mm, address, pte, entry) ((void)(*(pte) = (entry)))
#define pmd_populate_kernel(...) ((void)0)
#define pud_populate(...) ((void)0)
#define p4d_populate(...) ((void)0)
#define p4d_populate_kernel(...) ((void)0)
#define pgd_populate(...) ((void)0)
#define pgd_populate_kernel(...) ((void)0)
#define pmd_addr_end(address, end) ((void)(address), end)
#define early_pfn_to_nid(pfn) 0
#define node_distance(a, b) 0
int vmemmap_populate(unsigned long start, unsigned long end, int node,
                     struct vmem_altmap *altmap);

/* Sections, as boot knows them. */
struct mem_section_usage {
  unsigned long subsection_map[1];
};
struct mem_section {
  struct mem_section_usage *usage;
};
struct mem_section *__nr_to_section(unsigned long nr);
#define pfn_to_section_nr(pfn) ((pfn) >> PFN_SECTION_SHIFT)
#define subsection_map_index(pfn) \
  ((int)(((pfn) & ~PAGE_SECTION_MASK) / PAGES_PER_SUBSECTION))
#define bitmap_set(map, from, n) ((void)(map))

#endif /* RESTREE_KERNEL_SHIM_PAGE_TABLES_H_ */
