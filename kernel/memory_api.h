// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_KERNEL_MEMORY_API_H_
#define RESTREE_KERNEL_MEMORY_API_H_

// The seam to mm/memremap.c and what it works with, as api.h is to
// kernel/resource.c. One `struct kernel_memory_api` a version lives in
// memremap_import.c. Pages are numbered by their pfn.

#ifdef __cplusplus
extern "C" {
#endif

struct device;
struct page;
struct resource;
struct kernel_devres;

// A struct dev_pagemap and what its driver keeps with it.
struct kernel_pagemap;

// Who puts the altmap into the tree of resources, if anyone.
enum kernel_altmap {
  KERNEL_ALTMAP_NONE,
  KERNEL_ALTMAP_PATCH,
  KERNEL_ALTMAP_SOUND,
  KERNEL_ALTMAP_TREE,  // the tree itself: see `altmap_has_resource`
};

enum { KERNEL_PAGEMAP_RANGES = 4 };

// What a driver leaves out of its struct dev_pagemap.
enum kernel_lacks {
  KERNEL_LACKS_OPS = 1,
  KERNEL_LACKS_PAGE_FREE = 2,
  KERNEL_LACKS_MIGRATE_TO_RAM = 4,
  KERNEL_LACKS_OWNER = 8,
  KERNEL_LACKS_RANGE = 16,
};

// The fields of a pagemap. `refs` is 0 where it has no count.
struct kernel_pagemap_view {
  unsigned int number;
  unsigned int type, lacks, shift;
  int nr_range;
  struct {
    unsigned long long start, end;
  } ranges[KERNEL_PAGEMAP_RANGES];
  bool has_altmap;
  unsigned long base_pfn, end_pfn, reserve, free, align, alloc;
  struct resource *res;  // of the altmap, NULL if there is none
  bool has_ref, is_dying;
  long refs;
};

// How to map a pagemap. `parent` is where the altmap's resource goes, or NULL;
// `own` is memory for it with KERNEL_ALTMAP_SOUND; `conflict`, a result, is
// what was in its way.
struct kernel_map {
  enum kernel_altmap altmap;
  struct resource *parent, *own, *conflict;
};

struct kernel_page_view {
  bool is_used;
  int count;
  bool is_held;  // it has a reference of its pagemap's
};

struct kernel_memory_api {
  bool is_available;  // else there is nothing below

  // Whether its struct vmem_altmap has a parent for a resource and the
  // resource, and the flags that it then has for who looks for it, if those
  // have a name.
  bool altmap_has_resource;
  unsigned long vmemmap_flags;

  // A driver's struct dev_pagemap, in memory of the caller's.
  unsigned long pagemap_bytes;
  void (*pagemap_init)(struct kernel_pagemap *,
                       const struct kernel_pagemap_view *);
  void (*pagemap_view)(const struct kernel_pagemap *,
                       struct kernel_pagemap_view *);
  void (*pagemap_add_range)(struct kernel_pagemap *, unsigned long long start,
                            unsigned long long end);
  void (*pagemap_set_altmap)(struct kernel_pagemap *,
                             const struct kernel_pagemap_view *);

  // 0 or a negative errno.
  int (*memremap_pages)(struct kernel_pagemap *, struct kernel_map *);
  void (*memunmap_pages)(struct kernel_pagemap *, enum kernel_altmap);
  int (*devm_memremap_pages)(struct device *, struct kernel_pagemap *,
                             struct kernel_map *);
  void (*devm_memunmap_pages)(struct device *, struct kernel_pagemap *,
                              enum kernel_altmap);

  // NULL: there is none.
  struct kernel_pagemap *(*get_dev_pagemap)(unsigned long pfn,
                                            struct kernel_pagemap *cached);
  void (*put_dev_pagemap)(struct kernel_pagemap *);
  bool (*pgmap_pfn_valid)(struct kernel_pagemap *, unsigned long pfn);
  unsigned long (*memremap_compat_align)(void);

  void (*zone_device_page_init)(unsigned long pfn);
  void (*free_zone_device_page)(unsigned long pfn, bool is_anon);
  void (*get_page)(unsigned long pfn);
  bool (*put_devmap_page)(unsigned long pfn, int refs);
  void (*page_view)(const struct page *, struct kernel_page_view *);
  void (*page_adopt)(unsigned long pfn, const struct kernel_page_view *);

  unsigned long (*vmem_altmap_offset)(struct kernel_pagemap *);
  bool (*vmemmap_alloc_block_buf)(struct kernel_pagemap *, unsigned long bytes);
  void (*vmem_altmap_free)(struct kernel_pagemap *, unsigned long pages);

  // Finds the first entry of the lookup at or above *first, and the last page
  // that it is for. NULL: there is none.
  struct kernel_pagemap *(*lookup_next)(unsigned long *first,
                                        unsigned long *last);

  // How a pagemap becomes one that is mapped though nobody mapped it. With
  // `is_dying` it has so many references more that as many as `refs` are left
  // once it is unmapped.
  void (*adopt_mapped)(struct kernel_pagemap *, const struct kernel_map *,
                       long refs, bool is_dying);
  void (*adopt_res)(struct kernel_pagemap *, enum kernel_altmap,
                    struct resource *res);
  void (*adopt_pages)(struct kernel_pagemap *, unsigned long first,
                      unsigned long pages);
  void (*adopt_lookup)(struct kernel_pagemap *, unsigned long first,
                       unsigned long last);
  bool (*devres_view)(void (*release)(struct device *, void *), void *data,
                      struct kernel_devres *view);
  void *(*devres_make)(struct kernel_pagemap *, enum kernel_altmap);
};

extern const struct kernel_memory_api linux_6_1_memory_api,
    linux_6_12_memory_api, linux_tree_memory_api;

#ifdef __cplusplus
}  // extern "C"
#endif

#endif  // RESTREE_KERNEL_MEMORY_API_H_
