// SPDX-License-Identifier: Apache-2.0
//
// One version of mm/memremap.c, with lib/xarray.c and the allocator of
// mm/sparse-vmemmap.c, all unmodified, and the seam to it. Built as import.c
// is, and linked with that: region_intersects() is the one of the same tree.
//
// No version needs any other exported name, so that these get internal linkage
// and no prefix. What nobody calls is then not built, and what only that would
// call need not exist.
#define KERNEL_MEMORY_UNIT
#include "kernel/shim/prefix.h"
#include "linux_source.h"

#if LINUX_AVAILABLE && __has_include(                              \
                           "mm/memremap.c") &&                     \
                           __has_include("mm/sparse-vmemmap.c") && \
                                         __has_include("lib/xarray.c")

#define IMPORT_PRAGMA(text) _Pragma(#text)
#define IMPORT_SECTION(kind, name) IMPORT_PRAGMA(clang section kind = name)
IMPORT_SECTION(data, KERNEL_STRING(KERNEL_NAME(data)))
IMPORT_SECTION(bss, KERNEL_STRING(KERNEL_NAME(bss)))

#include <linux/kconfig.h>

// Declared before all that has internal linkage, for it has not.
#include <linux/ioport.h>

#include "kernel/shim/custom.h"

#pragma clang attribute push(__attribute__((internal_linkage)), \
                             apply_to = function)

#include "kernel/shim/memory.h"

// The tree's own.
#include "lib/xarray.c"

static void *import_store_range(struct xarray *xa, unsigned long first,
                                unsigned long last, void *entry, gfp_t gfp) {
  if (entry && first <= last && kernel_step_fails(KERNEL_STEP_XA_STORE))
    return XA_ERROR(-ENOMEM);
  return xa_store_range(xa, first, last, entry, gfp);
}

// What some versions do with a page, others do with a folio, which begins with
// its page.
#define free_zone_device_page import_free_page
#define free_zone_device_folio import_free_page
#define __put_devmap_managed_page_refs import_put_refs
#define __put_devmap_managed_folio_refs import_put_refs

#define xa_store_range import_store_range
#define KERNEL_MEMREMAP_IS_BEING_READ
#include "mm/memremap.c"
#undef KERNEL_MEMREMAP_IS_BEING_READ
#undef xa_store_range

#include "kernel/shim/page_tables.h"

// Its second half, in some versions, is about sections, of which there are
// none.
#undef CONFIG_MEMORY_HOTPLUG
#include "kernel/api.h"
#include "kernel/memory_api.h"
#include "mm/sparse-vmemmap.c"
// In this order: they are parts of this unit.
#include "kernel/memory_shim.c"
#include "kernel/vmemmap_resource.c"

// Words of the seam.

static unsigned long import_pagemap_bytes(void) {
  return sizeof(struct kernel_pagemap) +
         (KERNEL_PAGEMAP_RANGES - 1) * sizeof(struct range);
}

static vm_fault_t import_migrate_to_ram(struct vm_fault *fault) { return 0; }

static void import_page_free(struct page *page) {
  kernel_page_event(page->pfn);
}

// By what they lack, KERNEL_LACKS_OPS aside.
static const struct dev_pagemap_ops import_ops[4] = {
    {.page_free = import_page_free, .migrate_to_ram = import_migrate_to_ram},
    {.migrate_to_ram = import_migrate_to_ram},
    {.page_free = import_page_free},
    {},
};

static void import_pagemap_init(struct kernel_pagemap *it,
                                const struct kernel_pagemap_view *from) {
  memset(it, 0, import_pagemap_bytes());
  it->number = from->number;
  it->lacks = from->lacks;
  struct dev_pagemap *pgmap = &it->pgmap;
  pgmap->type = from->type;
  pgmap->vmemmap_shift = from->shift;
  if (!(from->lacks & KERNEL_LACKS_OPS))
    pgmap->ops = &import_ops[from->lacks / KERNEL_LACKS_PAGE_FREE % 4];
  if (!(from->lacks & KERNEL_LACKS_OWNER)) pgmap->owner = it;
  pgmap->nr_range = from->nr_range;
  for (int i = 0; i < KERNEL_PAGEMAP_RANGES; ++i) {
    pgmap->ranges[i].start = from->ranges[i].start;
    pgmap->ranges[i].end = from->ranges[i].end;
  }
}

static void import_pagemap_add_range(struct kernel_pagemap *it, u64 start,
                                     u64 end) {
  it->pgmap.ranges[it->pgmap.nr_range++] = (struct range){start, end};
}

// Some of its fields are const, as no driver writes them again.
static void import_pagemap_set_altmap(struct kernel_pagemap *it,
                                      const struct kernel_pagemap_view *from) {
  const struct vmem_altmap altmap = {
      .base_pfn = from->base_pfn,
      .end_pfn = from->end_pfn,
      .reserve = from->reserve,
      .free = from->free,
      .align = from->align,
      .alloc = from->alloc,
  };
  memcpy(&it->pgmap.altmap, &altmap, sizeof(altmap));
  it->pgmap.flags |= PGMAP_ALTMAP_VALID;
  it->res = NULL;
}

static void import_pagemap_view(const struct kernel_pagemap *it,
                                struct kernel_pagemap_view *view) {
  const struct dev_pagemap *pgmap = &it->pgmap;
  const struct vmem_altmap *altmap = &pgmap->altmap;
  *view = (struct kernel_pagemap_view){
      .number = it->number,
      .type = pgmap->type,
      .lacks = it->lacks,
      .shift = pgmap->vmemmap_shift,
      .nr_range = pgmap->nr_range,
      .has_altmap = (pgmap->flags & PGMAP_ALTMAP_VALID) != 0,
      .base_pfn = altmap->base_pfn,
      .end_pfn = altmap->end_pfn,
      .reserve = altmap->reserve,
      .free = altmap->free,
      .align = altmap->align,
      .alloc = altmap->alloc,
      .res = vmemmap_res(it),
      .has_ref = pgmap->ref.data != NULL,
      .is_dying = pgmap->ref.is_dead,
      .refs = pgmap->ref.data ? pgmap->ref.data->count : 0,
  };
  for (int i = 0; i < pgmap->nr_range && i < KERNEL_PAGEMAP_RANGES; ++i) {
    view->ranges[i].start = pgmap->ranges[i].start;
    view->ranges[i].end = pgmap->ranges[i].end;
  }
}

static struct kernel_pagemap *import_of(struct dev_pagemap *pgmap) {
  return pgmap ? container_of(pgmap, struct kernel_pagemap, pgmap) : NULL;
}

static struct kernel_pagemap *import_get(unsigned long pfn,
                                         struct kernel_pagemap *cached) {
  return import_of(get_dev_pagemap(pfn, cached ? &cached->pgmap : NULL));
}

static void import_put(struct kernel_pagemap *it) {
  put_dev_pagemap(&it->pgmap);
}

static bool import_pfn_valid(struct kernel_pagemap *it, unsigned long pfn) {
  return pgmap_pfn_valid(&it->pgmap, pfn);
}

static unsigned long import_altmap_offset(struct kernel_pagemap *it) {
  return vmem_altmap_offset(pgmap_altmap(&it->pgmap));
}

static bool import_altmap_alloc(struct kernel_pagemap *it,
                                unsigned long bytes) {
  return shim_alloc_block(bytes, &it->pgmap.altmap);
}

static void import_altmap_free(struct kernel_pagemap *it, unsigned long pages) {
  vmem_altmap_free(&it->pgmap.altmap, pages);
}

// The driver has the page, and its lock for as long as it sets it up.
static void import_page_init(unsigned long pfn) {
  struct page *page = pfn_to_page(pfn);
  const bool is_live = !page->pgmap->ref.is_dead;
  zone_device_page_init(page);
  page->is_locked = false;
  page->is_held = is_live;
}

// What the last put_page() does. A page that the driver does not get back has
// nobody to give it out again: the machine leaves it where it was.
static void import_put_last(unsigned long pfn, bool is_anon) {
  struct page *page = pfn_to_page(pfn);
  const struct dev_pagemap_ops *ops = page->pgmap->ops;
  const int count = page->_refcount;
  page->mapping = (void *)(unsigned long)(is_anon ? PAGE_MAPPING_ANON : 0);
  set_page_count(page, 0);
  import_free_page((void *)page);
  if (!ops || !ops->page_free) {
    set_page_count(page, count);
  } else {
    WARN_ON(page->mapping != NULL);
    page->is_held = false;
  }
  page->mapping = NULL;
}

static void import_get_page(unsigned long pfn) {
  ++pfn_to_page(pfn)->_refcount;
}

static bool import_put_page(unsigned long pfn, int refs) {
  return import_put_refs((void *)pfn_to_page(pfn), refs);
}

static void import_page_view(const struct page *page,
                             struct kernel_page_view *view) {
  view->is_used = page->_refcount != shim_free_count(page->pgmap);
  view->count = page->_refcount;
  view->is_held = page->is_held;
}

static void import_page_adopt(unsigned long pfn,
                              const struct kernel_page_view *view) {
  struct page *page = pfn_to_page(pfn);
  page->_refcount = view->count;
  page->is_held = view->is_held;
}

// An entry takes a slot of a node, and the siblings behind it.
static struct kernel_pagemap *import_lookup_next(unsigned long *first,
                                                 unsigned long *last) {
  XA_STATE(xas, &pgmap_array, *first);
  void *entry = xas_find(&xas, ULONG_MAX);
  if (!entry) return NULL;
  const struct xa_node *node = xas.xa_node;
  *first = *last = xas.xa_index;
  if (node) {
    unsigned int end = xas.xa_offset + 1;
    while (end < XA_CHUNK_SIZE &&
           xa_is_sibling(xa_entry(&pgmap_array, node, end)))
      ++end;
    const unsigned long size = (unsigned long)(end - xas.xa_offset)
                               << node->shift;
    *last = (*first & ~((1UL << node->shift) - 1)) + size - 1;
  }
  return import_of(entry);
}

static void import_adopt_mapped(struct kernel_pagemap *it,
                                const struct kernel_map *map, long refs,
                                bool is_dying) {
  struct dev_pagemap *pgmap = &it->pgmap;
  vmemmap_name_parent(it, map);
  init_completion(&pgmap->done);
  if (percpu_ref_init(&pgmap->ref, dev_pagemap_percpu_release, 0, GFP_KERNEL))
    BUG();
  pgmap->ref.data->count = refs;
  if (!is_dying) return;
  ++pgmap->ref.data->count;
  if (pgmap->type == MEMORY_DEVICE_PRIVATE ||
      pgmap->type == MEMORY_DEVICE_COHERENT)
    return;
  for (int i = 0; i < pgmap->nr_range; ++i)
    pgmap->ref.data->count += pfn_len(pgmap, i);
}

static void import_adopt_pages(struct kernel_pagemap *it, unsigned long first,
                               unsigned long pages) {
  kernel_pages_init(first, pages, &it->pgmap);
}

static void import_adopt_lookup(struct kernel_pagemap *it, unsigned long first,
                                unsigned long last) {
  xa_store_range(&pgmap_array, first, last, &it->pgmap, GFP_KERNEL);
}

const struct kernel_memory_api KERNEL_NAME(memory_api) = {
    .is_available = true,
    .altmap_has_resource = LINUX_ALTMAP_HAS_RESOURCE,
#ifdef IORESOURCE_DEVICE_BACKED_VMEMMAP
    .vmemmap_flags = IORESOURCE_DEVICE_BACKED_VMEMMAP,
#endif
    .pagemap_bytes = sizeof(struct kernel_pagemap) +
                     (KERNEL_PAGEMAP_RANGES - 1) * sizeof(struct range),
    .pagemap_init = import_pagemap_init,
    .pagemap_view = import_pagemap_view,
    .pagemap_add_range = import_pagemap_add_range,
    .pagemap_set_altmap = import_pagemap_set_altmap,
    .memremap_pages = vmemmap_map,
    .memunmap_pages = vmemmap_unmap,
    .devm_memremap_pages = vmemmap_devm_map,
    .devm_memunmap_pages = vmemmap_devm_unmap,
    .get_dev_pagemap = import_get,
    .put_dev_pagemap = import_put,
    .pgmap_pfn_valid = import_pfn_valid,
    .memremap_compat_align = memremap_compat_align,
    .zone_device_page_init = import_page_init,
    .free_zone_device_page = import_put_last,
    .get_page = import_get_page,
    .put_devmap_page = import_put_page,
    .page_view = import_page_view,
    .page_adopt = import_page_adopt,
    .vmem_altmap_offset = import_altmap_offset,
    .vmemmap_alloc_block_buf = import_altmap_alloc,
    .vmem_altmap_free = import_altmap_free,
    .lookup_next = import_lookup_next,
    .adopt_mapped = import_adopt_mapped,
    .adopt_res = vmemmap_adopt_res,
    .adopt_pages = import_adopt_pages,
    .adopt_lookup = import_adopt_lookup,
    .devres_view = vmemmap_devres_view,
    .devres_make = vmemmap_devres_make,
};

#pragma clang attribute pop
IMPORT_PRAGMA(clang section data = "" bss = "")

#else

#include "kernel/hooks.h"
// hooks.h comes first: it has bool.
#include "kernel/api.h"
#include "kernel/memory_api.h"

const struct kernel_memory_api KERNEL_NAME(memory_api) = {.is_available = 0};

#endif
