// SPDX-License-Identifier: Apache-2.0
//
// The shims of device memory that need what the tree's files define: a part of
// memremap_import.c.

struct xa_node *shim_alloc_node(gfp_t gfp) {
  struct xa_node *node = kernel_node_alloc(sizeof(*node), gfp);
  if (node) INIT_LIST_HEAD(&node->private_list);
  return node;
}

void radix_tree_node_rcu_free(struct rcu_head *head) {
  kernel_node_free(container_of(head, struct xa_node, rcu_head));
}

// What a page counts that nobody uses.
static int shim_free_count(const struct dev_pagemap *pgmap) {
  return pgmap->type != MEMORY_DEVICE_PRIVATE &&
         pgmap->type != MEMORY_DEVICE_COHERENT;
}

// mm/mm_init.c makes all pages of a pagemap; here one is made when it is asked
// for.
struct page *shim_pfn_to_page(unsigned long pfn) {
  void *owner;
  struct page *page = kernel_page(pfn, &owner);
  struct dev_pagemap *pgmap = owner;
  if (!pgmap || page->pgmap) return page;
  page->pgmap = pgmap;
  page->pfn = pfn;
  set_page_count(page, shim_free_count(pgmap));
  return page;
}

// Returns whether the altmap had so much left.
static bool shim_alloc_block(unsigned long bytes, struct vmem_altmap *altmap) {
  void *block = vmemmap_alloc_block_buf(bytes, NUMA_NO_NODE, altmap);
  if (!block) return false;
  kernel_altmap_block(PHYS_PFN(__pa(block)), PHYS_PFN(bytes));
  return true;
}

// The pages of these pages' struct pages: a huge one where they fill a section,
// as arch/x86/mm/init_64.c has it.
static bool shim_populate(unsigned long pfn, unsigned long end,
                          struct vmem_altmap *altmap) {
  const unsigned long bytes = (end - pfn) * sizeof(struct page);
  if (end - pfn == PAGES_PER_SECTION) return shim_alloc_block(bytes, altmap);
  for (unsigned long done = 0; done < bytes; done += PAGE_SIZE)
    if (!shim_alloc_block(PAGE_SIZE, altmap)) return false;
  return true;
}

// Whether the range that is being mapped, which is the next, has whole
// subsections. The kernel looks at pages alone, and takes a range for what is
// left of it when its ends are cut off.
static bool shim_is_aligned(const struct dev_pagemap *pgmap) {
  const struct range *range = &pgmap->ranges[pgmap->nr_range];
  return IS_ALIGNED(range->start | range_len(range), SUBSECTION_SIZE);
}

// __add_pages(), as far as a caller can tell.
int shim_add_pages(u64 start, u64 size, struct mhp_params *params) {
  const unsigned long first = PHYS_PFN(start), pages = PHYS_PFN(size);
  struct vmem_altmap *altmap = params->altmap;
  if (kernel_step_fails(KERNEL_STEP_ADD_MEMORY)) return -ENOMEM;
  if (altmap) {
    if (altmap->base_pfn != first || vmem_altmap_offset(altmap) > pages) {
      pr_warn_once("memory add fail, invalid altmap\n");
      return -EINVAL;
    }
    altmap->alloc = 0;
  }
  if (WARN_ON(!shim_is_aligned(params->pgmap))) return -EINVAL;
  if (kernel_memory_overlaps(first, pages)) return -EEXIST;
  for (unsigned long pfn = first; altmap && pfn < first + pages;) {
    const unsigned long end = min(first + pages, SECTION_ALIGN_UP(pfn + 1));
    if (!shim_populate(pfn, end, altmap)) {
      vmem_altmap_free(altmap, altmap->alloc);
      return -ENOMEM;
    }
    pfn = end;
  }
  kernel_memory_add(first, pages, altmap ? altmap->alloc : 0);
  return 0;
}

void shim_remove_pages(unsigned long pfn, unsigned long nr,
                       struct vmem_altmap *altmap) {
  unsigned long from_altmap;
  if (WARN_ON(!kernel_memory_remove(pfn, nr, &from_altmap))) return;
  if (altmap) vmem_altmap_free(altmap, from_altmap);
}
