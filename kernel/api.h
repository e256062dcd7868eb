// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_KERNEL_API_H_
#define RESTREE_KERNEL_API_H_

// The seam between the kernel's code and ours: all that a LinuxMachine may call
// in one version of kernel/resource.c. One `struct kernel_api` a version lives
// in import.c. Like hooks.h, read by C without libc and by C++.

#ifdef __cplusplus
extern "C" {

// include/linux/ioport.h. Its layout is what kernel modules are built against;
// import.c asserts it for each version.
struct resource {
  unsigned long long start;
  unsigned long long end;
  const char *name;
  unsigned long flags;
  unsigned long desc;
  struct resource *parent, *sibling, *child;
};
#else
struct resource;
#endif

struct device;

enum kernel_devres_kind {
  KERNEL_DEVRES_OTHER,
  KERNEL_DEVRES_RESOURCE,
  KERNEL_DEVRES_REGION,
  KERNEL_DEVRES_PAGEMAP,
};

// A devres entry, in words of this file. `start` and `bytes` are a region's.
struct kernel_devres {
  enum kernel_devres_kind kind;
  struct resource *resource;  // the resource, or the region's parent operand
  unsigned int pagemap;       // its number
  unsigned long long start;
  unsigned long long bytes;
};

// The arguments of allocate_resource() and find_resource_space(), which takes
// them as a struct that 6.1 keeps to itself.
struct kernel_constraint {
  unsigned long long size, min, max, align;
  bool isa_align;  // with the alignment callback of x86's I/O ports
};

typedef int (*kernel_walk_func)(struct resource *, void *);
typedef int (*kernel_pfn_func)(unsigned long, unsigned long, void *);

struct kernel_list;  // a list of struct resource_entry
struct kernel_memory_api;

struct kernel_api {
  const char *name;  // of the machine, such as "linux-6.12"

  // What the repository of the source says (kernel/linux.bzl). Without a
  // source there is nothing below.
  bool is_available;
  const char *version;  // "6.12.117"
  const char *source;   // where it came from
  const char *why;      // it is not available

  // The variables of the unit, which Reset() puts back.
  struct {
    char *begin, *end;
  } data, bss;

  struct resource *iomem, *ioport;

  int (*request_resource)(struct resource *, struct resource *);
  struct resource *(*request_resource_conflict)(struct resource *,
                                                struct resource *);
  int (*insert_resource)(struct resource *, struct resource *);
  struct resource *(*insert_resource_conflict)(struct resource *,
                                               struct resource *);
  void (*insert_resource_expand_to_fit)(struct resource *, struct resource *);
  int (*release_resource)(struct resource *);
  int (*remove_resource)(struct resource *);
  int (*adjust_resource)(struct resource *, unsigned long long start,
                         unsigned long long size);
  void (*release_child_resources)(struct resource *);
  int (*allocate_resource)(struct resource *, struct resource *,
                           const struct kernel_constraint *);
  int (*find_resource_space)(struct resource *, struct resource *,
                             const struct kernel_constraint *);
  const void *has_find_resource_space;  // NULL: not to be called
  struct resource *(*lookup_resource)(struct resource *,
                                      unsigned long long start);
  unsigned long long (*resource_alignment)(struct resource *);
  void (*reserve_region_with_split)(struct resource *, unsigned long long start,
                                    unsigned long long end, const char *name);

  struct resource *(*request_region)(struct resource *,
                                     unsigned long long start,
                                     unsigned long long size, const char *name,
                                     int flags);
  void (*release_region)(struct resource *, unsigned long long start,
                         unsigned long long size);
  void (*release_mem_region_adjustable)(unsigned long long start,
                                        unsigned long long size);
  void (*merge_system_ram_resource)(struct resource *);

  int (*region_intersects)(unsigned long long start, unsigned long size,
                           unsigned long flags, unsigned long desc);
  int (*walk_iomem_res_desc)(unsigned long desc, unsigned long flags,
                             unsigned long long start, unsigned long long end,
                             void *, kernel_walk_func);
  int (*walk_mem_res)(unsigned long long start, unsigned long long end, void *,
                      kernel_walk_func);
  int (*walk_system_ram_res)(unsigned long long start, unsigned long long end,
                             void *, kernel_walk_func);
  int (*walk_system_ram_res_rev)(unsigned long long start,
                                 unsigned long long end, void *,
                                 kernel_walk_func);  // or NULL
  int (*walk_system_ram_range)(unsigned long pfn, unsigned long pages, void *,
                               kernel_pfn_func);
  int (*page_is_ram)(unsigned long pfn);
  int (*iomem_map_sanity_check)(unsigned long long start, unsigned long size);
  bool (*resource_is_exclusive)(struct resource *, unsigned long long start,
                                unsigned long long size);
  bool (*iomem_is_exclusive)(unsigned long long address);

  int (*devm_request_resource)(struct device *, struct resource *,
                               struct resource *);
  void (*devm_release_resource)(struct device *, struct resource *);
  struct resource *(*devm_request_region)(struct device *, struct resource *,
                                          unsigned long long start,
                                          unsigned long long size,
                                          const char *name);
  void (*devm_release_region)(struct device *, struct resource *,
                              unsigned long long start,
                              unsigned long long size);
  // Says what a devres entry of this unit is about.
  void (*devres_view)(void (*release)(struct device *, void *), void *data,
                      struct kernel_devres *view);
  // Makes the entry that devm_request_resource() or devm_request_region()
  // would have made; the caller gives it to a device.
  void *(*devres_make)(const struct kernel_devres *view);

  // Free regions: the resource, or NULL and *error, a negative errno.
  struct resource *(*devm_request_free_mem_region)(struct device *,
                                                   struct resource *,
                                                   unsigned long size,
                                                   int *error);
  struct resource *(*request_free_mem_region)(struct resource *,
                                              unsigned long size,
                                              const char *name, int *error);
  struct resource *(*alloc_free_mem_region)(struct resource *,
                                            unsigned long size,
                                            unsigned long align,
                                            const char *name, int *error);

  // Lists of resources. list_next(list, NULL) is the first entry.
  void (*list_init)(struct kernel_list *);
  bool (*list_add)(struct kernel_list *, struct resource *, bool at_tail);
  void *(*list_next)(struct kernel_list *, void *entry);
  struct resource *(*list_resource)(void *entry);
  void (*list_destroy_entry)(void *entry);
  struct resource *(*list_first_type)(struct kernel_list *, unsigned long type);
  void (*list_free)(struct kernel_list *);

  // Inline functions of ioport.h.
  bool (*resource_contains)(struct resource *, struct resource *);
  bool (*resource_overlaps)(struct resource *, struct resource *);
  bool (*resource_intersection)(struct resource *, struct resource *,
                                unsigned long long *start,
                                unsigned long long *end);
  bool (*resource_union)(struct resource *, struct resource *,
                         unsigned long long *start, unsigned long long *end);
  unsigned long long (*resource_size)(struct resource *);

  // Reads the whole of /proc/iomem or /proc/ioports, as a process that may see
  // addresses or not. The lines come through kernel_seq_printf().
  void (*proc_read)(struct resource *root, bool privileged);

  // What boot does: initcalls and parameters of the command line.
  void (*boot)(void);
  int (*reserve_setup)(char *);
  int (*strict_iomem)(char *);
  int (*iomem_init_inode)(void);
  bool (*has_inode)(void);
  bool (*iomem_get_mapping)(void);  // whether there is one
  bool (*is_strict)(void);

  const struct kernel_memory_api *memory;
};

// Storage for struct list_head.
struct kernel_list {
  struct kernel_list *next, *prev;
};

// Those that this binary may be linked with.
extern const struct kernel_api linux_6_1_api, linux_6_12_api, linux_tree_api;

#ifdef __cplusplus
}  // extern "C"
#endif

#endif  // RESTREE_KERNEL_API_H_
