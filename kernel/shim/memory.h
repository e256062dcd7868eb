/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RESTREE_KERNEL_SHIM_MEMORY_H_
#define RESTREE_KERNEL_SHIM_MEMORY_H_

/*
 * The rest of memory management, as mm/memremap.c, lib/xarray.c and the
 * allocator of mm/sparse-vmemmap.c meet it. Steps that can fail, and what is to
 * be undone, go through the hooks; memory itself is only counted.
 */

#include "kernel/shim/custom.h"
#include "kernel/shim/xarray_shim.h"

/* What they build on. */
#include <linux/container_of.h>
#include <linux/list.h>
#include <linux/minmax.h>
#include <linux/pfn.h>
#include <linux/range.h>

#define ENXIO 6
#define EEXIST 17

#define memset(memory, c, bytes) __builtin_memset(memory, c, bytes)
#define memcpy(to, from, bytes) __builtin_memcpy(to, from, bytes)

typedef struct {
  unsigned long pgprot;
} pgprot_t;
#define PAGE_KERNEL ((pgprot_t){0})
#define pgprot_decrypted(prot) (prot)
#define pgprot_noncached(prot) (prot)

/* The direct map is where no address is NULL or an error. */
#define PAGE_OFFSET (1UL << 63)
#define __va(address) ((void *)((unsigned long)(address) + PAGE_OFFSET))
#define __pa(address) ((unsigned long)(address) - PAGE_OFFSET)
#define __pfn_to_phys(pfn) PFN_PHYS(pfn)

#include "kernel/shim/memory_dup.h"

/* Every warning is one, whatever it says. */
#define WARN(condition, ...) WARN_ON(condition)
#define WARN_ONCE(condition, ...) WARN_ON(condition)
#define VM_BUG_ON_PAGE(condition, page) BUG_ON(condition)
#define VM_BUG_ON_FOLIO(condition, folio) BUG_ON(condition)

#define DECLARE_FLEX_ARRAY(type, name) \
  struct {                             \
    struct {                           \
    } empty_##name;                    \
    type name[];                       \
  }

typedef unsigned int vm_fault_t;
struct vm_fault;
struct percpu_ref_data;

/* A reference count, whose object percpu_ref_init() allocates: it can fail, and
 * it shows where it is left behind. Once percpu_ref_exit() has had it, taking a
 * live reference fails and everything else is a use of what is freed. */
struct percpu_ref {
  struct percpu_ref_data *data;
  bool is_dead;
};
typedef void(percpu_ref_func_t)(struct percpu_ref *);
struct percpu_ref_data {
  long count;
  percpu_ref_func_t *release;
};

static inline int percpu_ref_init(struct percpu_ref *ref,
                                  percpu_ref_func_t *release,
                                  unsigned int flags, gfp_t gfp) {
  ref->data = kernel_alloc(sizeof(*ref->data), gfp);
  if (!ref->data) return -ENOMEM;
  *ref->data = (struct percpu_ref_data){1, release};
  ref->is_dead = false;
  return 0;
}

static inline void percpu_ref_exit(struct percpu_ref *ref) {
  kernel_free(ref->data);
  ref->data = NULL;
  ref->is_dead = true;
}

static inline void percpu_ref_get_many(struct percpu_ref *ref,
                                       unsigned long n) {
  if (!ref->data) return kernel_bad_use();
  ref->data->count += n;
}

static inline void percpu_ref_put_many(struct percpu_ref *ref,
                                       unsigned long n) {
  if (!ref->data || ref->data->count < (long)n) return kernel_bad_use();
  ref->data->count -= n;
  if (n && ref->data->count == 0) ref->data->release(ref);
}

static inline bool percpu_ref_tryget_live(struct percpu_ref *ref) {
  if (ref->is_dead) return false;
  percpu_ref_get_many(ref, 1);
  return true;
}

static inline void percpu_ref_kill(struct percpu_ref *ref) {
  WARN_ON(ref->is_dead);
  ref->is_dead = true;
  percpu_ref_put_many(ref, 1);
}

#define percpu_ref_put(ref) percpu_ref_put_many(ref, 1)
#define percpu_ref_get(ref) percpu_ref_get_many(ref, 1)
#define percpu_ref_tryget_live_rcu(ref) percpu_ref_tryget_live(ref)

struct completion {
  unsigned int done;
};
#define init_completion(completion) ((void)((completion)->done = 0))
#define reinit_completion(completion) init_completion(completion)

static inline void complete(struct completion *completion) {
  ++completion->done;
  kernel_event(KERNEL_COMPLETE, completion);
}

static inline void wait_for_completion(struct completion *completion) {
  kernel_event(KERNEL_SLEEP, NULL);
  while (!completion->done)
    kernel_event(KERNEL_WAIT_FOR_COMPLETION, completion);
  --completion->done;
}

/* The one static key counts its users. */
#define DEFINE_STATIC_KEY_FALSE(name) static struct shim_static_key name
struct shim_static_key {
  int unused;
};
#define static_branch_inc(key) ((void)(key), kernel_count(KERNEL_MANAGED, 1))
#define static_branch_dec(key) ((void)(key), kernel_uncount(KERNEL_MANAGED, 1))

enum { ZONE_DEVICE, MAX_NR_ZONES };
enum { MIGRATE_MOVABLE };
struct zone {
  int unused;
};
struct pglist_data {
  struct zone node_zones[MAX_NR_ZONES];
};
static struct pglist_data shim_node;
#define NODE_DATA(nid) (&shim_node)
#define NUMA_NO_NODE (-1)
#define numa_mem_id() 0
#define dev_to_node(device) ((void)(device), NUMA_NO_NODE)

/* A page, as big as the kernel's. */
struct page {
  unsigned long flags;
  struct address_space *mapping;
  struct dev_pagemap *pgmap;
  unsigned long pfn;
  int _refcount;
  bool is_locked;
  bool is_held; /* it has a reference of its pagemap's */
  unsigned long unused[3];
};
struct folio {
  union {
    struct {
      unsigned long flags;
      struct address_space *mapping;
      struct dev_pagemap *pgmap;
      unsigned long pfn;
      int _refcount;
    };
    struct page page;
  };
};
_Static_assert(sizeof(struct page) == 64, "the vmemmap has another size");

#define page_folio(page) ((struct folio *)(page))
#define folio_page(folio, n) (&(folio)->page + (n))
#define page_zone(page) ((void)(page), &NODE_DATA(0)->node_zones[ZONE_DEVICE])
#define is_zone_device_page(page) true

#define PAGE_MAPPING_ANON 1
#define PageAnon(page) (((unsigned long)(page)->mapping) & PAGE_MAPPING_ANON)
#define PageCompound(page) ((void)(page), false)
#define folio_test_anon(folio) PageAnon(&(folio)->page)
#define folio_test_large(folio) PageCompound(&(folio)->page)
#define __ClearPageAnonExclusive(page) ((void)(page))
#define mem_cgroup_uncharge(folio) ((void)(folio))

#define set_page_count(page, n) ((void)((page)->_refcount = (n)))
#define folio_set_count(folio, n) set_page_count(&(folio)->page, n)
#define page_ref_sub_return(page, n) ((page)->_refcount -= (n))
#define folio_ref_sub_return(folio, n) page_ref_sub_return(&(folio)->page, n)
#define wake_up_var(count) \
  kernel_page_event(container_of(count, struct page, _refcount)->pfn)

static inline void lock_page(struct page *page) {
  kernel_event(KERNEL_SLEEP, NULL);
  if (page->is_locked) BUG(); /* nobody would ever unlock it */
  page->is_locked = true;
}

struct page *shim_pfn_to_page(unsigned long pfn);
#define pfn_to_page(pfn) shim_pfn_to_page(pfn)

/* mm/memory_hotplug.c, and arch/x86/mm below it. */
#define mem_hotplug_begin() kernel_event(KERNEL_HOTPLUG_BEGIN, NULL)
#define mem_hotplug_done() kernel_event(KERNEL_HOTPLUG_DONE, NULL)

static inline bool mhp_range_allowed(u64 start, u64 size, bool need_mapping) {
  const u64 end = start + size;
  if (start < end && end - 1 <= PHYSMEM_END) return true;
  pr_warn("Hotplug memory exceeds maximum addressable range\n");
  return false;
}

/* Some versions have more arguments, which mean nothing here. */
#define arch_remove_memory(start, size, altmap, ...) \
  shim_remove_pages(PHYS_PFN(start), PHYS_PFN(size), altmap)
#define __remove_pages(pfn, nr, altmap, ...) shim_remove_pages(pfn, nr, altmap)
#define arch_add_memory(nid, start, size, params) \
  ((void)(nid), shim_add_pages(start, size, params))
#define add_pages(nid, pfn, nr, params) \
  ((void)(nid), shim_add_pages(PFN_PHYS(pfn), PFN_PHYS(nr), params))
int shim_add_pages(u64 start, u64 size, struct mhp_params *params);
void shim_remove_pages(unsigned long pfn, unsigned long nr,
                       struct vmem_altmap *altmap);

#define move_pfn_range_to_zone(zone, pfn, nr, altmap, migratetype) \
  ((void)(zone), (void)(pfn), kernel_count(KERNEL_ZONE_PAGES, nr))
#define remove_pfn_range_from_zone(zone, pfn, nr) \
  ((void)(zone), (void)(pfn), kernel_uncount(KERNEL_ZONE_PAGES, nr))
#define memmap_init_zone_device(zone, pfn, nr, pgmap) \
  ((void)(zone), kernel_pages_init(pfn, nr, pgmap))

static inline int kasan_add_zero_shadow(void *start, unsigned long size) {
  if (kernel_step_fails(KERNEL_STEP_KASAN)) return -ENOMEM;
  kernel_count(KERNEL_KASAN_BYTES, size);
  return 0;
}

static inline void kasan_remove_zero_shadow(void *start, unsigned long size) {
  kernel_uncount(KERNEL_KASAN_BYTES, size);
}

static inline int track_pfn_remap(void *vma, pgprot_t *prot, unsigned long pfn,
                                  unsigned long address, unsigned long size) {
  if (kernel_step_fails(KERNEL_STEP_TRACK_PFN)) return -ENOMEM;
  kernel_count(KERNEL_TRACKED_BYTES, size);
  return 0;
}

#define untrack_pfn(vma, pfn, size, ...) \
  ((void)(pfn), kernel_uncount(KERNEL_TRACKED_BYTES, size))

#endif /* RESTREE_KERNEL_SHIM_MEMORY_H_ */
