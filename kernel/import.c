// SPDX-License-Identifier: Apache-2.0
//
// One version of kernel/resource.c, unmodified, and the seam to it. Built once
// a version with KERNEL_PREFIX and KERNEL_MACHINE defined; the tree's own
// headers are used where kernel/linux.bzl takes them, the shims elsewhere.
//
// All writable variables of the kernel's code go into two sections of their
// own, file statics and function-local statics included, so that Reset() can
// put them back without knowing them.
#include "kernel/shim/prefix.h"
#include "linux_source.h"

#if LINUX_AVAILABLE

#define IMPORT_PRAGMA(text) _Pragma(#text)
#define IMPORT_SECTION(kind, name) IMPORT_PRAGMA(clang section kind = name)
#define IMPORT_DATA KERNEL_NAME(data)
#define IMPORT_BSS KERNEL_NAME(bss)
IMPORT_SECTION(data, KERNEL_STRING(IMPORT_DATA))
IMPORT_SECTION(bss, KERNEL_STRING(IMPORT_BSS))

#include <linux/kconfig.h>

#include "kernel/shim/custom.h"
#include "kernel/shim/pseudo_fs.h"

// The tree's own.
#include "kernel/resource.c"

IMPORT_PRAGMA(clang section data = "" bss = "")

#include "kernel/api.h"
#include "kernel/memory_api.h"

_Static_assert(sizeof(struct resource) == 64, "api.h has another layout");
_Static_assert(offsetof(struct resource, end) == 8, "end");
_Static_assert(offsetof(struct resource, name) == 16, "name");
_Static_assert(offsetof(struct resource, flags) == 24, "flags");
_Static_assert(offsetof(struct resource, desc) == 32, "desc");
_Static_assert(offsetof(struct resource, parent) == 40, "parent");
_Static_assert(offsetof(struct resource, sibling) == 48, "sibling");
_Static_assert(offsetof(struct resource, child) == 56, "child");
_Static_assert(sizeof(struct kernel_list) == sizeof(struct list_head), "list");

// Not every version has these; where one is missing, its address is NULL.
extern int walk_system_ram_res_rev(u64, u64, void *,
                                   int (*)(struct resource *, void *))
    __attribute__((weak));
extern int find_resource_space(struct resource *, struct resource *,
                               resource_size_t, struct resource_constraint *)
    __attribute__((weak));

// pcibios_align_resource() (arch/x86/pci/i386.c) for I/O ports: ISA cards
// decode 10 bits, so a device must not start where they alias.
static resource_size_t import_isa_align(void *data, const struct resource *res,
                                        resource_size_t size,
                                        resource_size_t align) {
  resource_size_t start = res->start;
  if (start & 0x300) start = (start + 0x3ff) & ~(resource_size_t)0x3ff;
  return start;
}

// 6.1 wants a function where 6.12 takes NULL, and has its own for NULL.
static int import_allocate(struct resource *root, struct resource *res,
                           const struct kernel_constraint *c) {
  return allocate_resource(root, res, c->size, c->min, c->max, c->align,
                           c->isa_align ? import_isa_align : NULL, NULL);
}

static int import_find_space(struct resource *root, struct resource *res,
                             const struct kernel_constraint *c) {
  struct resource_constraint constraint = {
      .min = c->min,
      .max = c->max,
      .align = c->align,
      .alignf = c->isa_align ? import_isa_align : NULL,
  };
  return find_resource_space(root, res, c->size, &constraint);
}

static void import_devres_view(dr_release_t release, void *data,
                               struct kernel_devres *view) {
  if (release == devm_resource_release) {
    view->kind = KERNEL_DEVRES_RESOURCE;
    view->resource = *(struct resource **)data;
  } else if (release == devm_region_release) {
    const struct region_devres *region = data;
    view->kind = KERNEL_DEVRES_REGION;
    view->resource = region->parent;
    view->start = region->start;
    view->bytes = region->n;
  } else {
    view->kind = KERNEL_DEVRES_OTHER;
  }
}

static void *import_devres_make(const struct kernel_devres *view) {
  if (view->kind == KERNEL_DEVRES_RESOURCE) {
    struct resource **data =
        devres_alloc(devm_resource_release, sizeof(*data), GFP_KERNEL);
    if (data) *data = view->resource;
    return data;
  }
  struct region_devres *data =
      devres_alloc(devm_region_release, sizeof(*data), GFP_KERNEL);
  if (data)
    *data = (struct region_devres){view->resource, view->start, view->bytes};
  return data;
}

static struct resource *import_unwrap(struct resource *res, int *error) {
  *error = IS_ERR(res) ? PTR_ERR(res) : 0;
  return IS_ERR(res) ? NULL : res;
}

static struct resource *import_devm_request_free(struct device *dev,
                                                 struct resource *base,
                                                 unsigned long size,
                                                 int *error) {
  return import_unwrap(devm_request_free_mem_region(dev, base, size), error);
}

static struct resource *import_request_free(struct resource *base,
                                            unsigned long size,
                                            const char *name, int *error) {
  return import_unwrap(request_free_mem_region(base, size, name), error);
}

static struct resource *import_alloc_free(struct resource *base,
                                          unsigned long size,
                                          unsigned long align, const char *name,
                                          int *error) {
  return import_unwrap(alloc_free_mem_region(base, size, align, name), error);
}

static void import_list_init(struct kernel_list *list) {
  INIT_LIST_HEAD((struct list_head *)list);
}

static bool import_list_add(struct kernel_list *list, struct resource *res,
                            bool at_tail) {
  struct resource_entry *entry = resource_list_create_entry(res, 0);
  if (!entry) return false;
  if (at_tail)
    resource_list_add_tail(entry, (struct list_head *)list);
  else
    resource_list_add(entry, (struct list_head *)list);
  return true;
}

static void *import_list_next(struct kernel_list *list, void *entry) {
  struct list_head *head = (struct list_head *)list;
  struct list_head *next =
      entry ? ((struct resource_entry *)entry)->node.next : head->next;
  return next == head ? NULL : list_entry(next, struct resource_entry, node);
}

static struct resource *import_list_resource(void *entry) {
  return ((struct resource_entry *)entry)->res;
}

static void import_list_destroy_entry(void *entry) {
  resource_list_destroy_entry(entry);
}

static struct resource *import_list_first_type(struct kernel_list *list,
                                               unsigned long type) {
  struct resource_entry *entry =
      resource_list_first_type((struct list_head *)list, type);
  return entry ? entry->res : NULL;
}

static void import_list_free(struct kernel_list *list) {
  resource_list_free((struct list_head *)list);
}

static bool import_contains(struct resource *a, struct resource *b) {
  return resource_contains(a, b);
}

static bool import_overlaps(struct resource *a, struct resource *b) {
  return resource_overlaps(a, b);
}

static bool import_intersection(struct resource *a, struct resource *b,
                                u64 *start, u64 *end) {
  struct resource result;
  if (!resource_intersection(a, b, &result)) return false;
  *start = result.start;
  *end = result.end;
  return true;
}

static bool import_union(struct resource *a, struct resource *b, u64 *start,
                         u64 *end) {
  struct resource result;
  if (!resource_union(a, b, &result)) return false;
  *start = result.start;
  *end = result.end;
  return true;
}

static u64 import_size(struct resource *res) { return resource_size(res); }

// seq_read() fills a page, stops, and starts again where it was; so does this,
// with pages of few lines, for r_start() has a position to find then.
static void import_proc_read(struct resource *root, bool privileged) {
  enum { kLines = 8 };
  const struct shim_proc_file *proc = &shim_proc_files[0];
  if (proc->data != root) proc = &shim_proc_files[1];
  struct inode inode = {.i_private = proc->data};
  struct file file = {&inode, privileged};
  struct seq_file seq = {&file};
  loff_t pos = 0;
  void *row = NULL;
  do {
    row = proc->ops->start(&seq, &pos);
    for (int i = 0; row && i < kLines; ++i) {
      kernel_seq_row(row);
      proc->ops->show(&seq, row);
      row = proc->ops->next(&seq, row, &pos);
    }
    proc->ops->stop(&seq, row);
  } while (row);
}

static void import_boot(void) { ioresources_init(); }
static bool import_has_inode(void) { return iomem_inode != NULL; }
static bool import_get_mapping(void) { return iomem_get_mapping() != NULL; }
static bool import_is_strict(void) { return strict_iomem_checks != 0; }

// The linker defines these for sections whose names are C identifiers.
#define IMPORT_BEGIN(section) KERNEL_CONCAT(__start_, section)
#define IMPORT_END(section) KERNEL_CONCAT(__stop_, section)
extern char IMPORT_BEGIN(IMPORT_DATA)[], IMPORT_END(IMPORT_DATA)[];
extern char IMPORT_BEGIN(IMPORT_BSS)[], IMPORT_END(IMPORT_BSS)[];

const struct kernel_api KERNEL_NAME(api) = {
    .name = KERNEL_MACHINE,
    .is_available = true,
    .version = LINUX_VERSION,
    .source = LINUX_SOURCE,
    .why = LINUX_WHY,
    .data = {IMPORT_BEGIN(IMPORT_DATA), IMPORT_END(IMPORT_DATA)},
    .bss = {IMPORT_BEGIN(IMPORT_BSS), IMPORT_END(IMPORT_BSS)},
    .iomem = &iomem_resource,
    .ioport = &ioport_resource,
    .request_resource = request_resource,
    .request_resource_conflict = request_resource_conflict,
    .insert_resource = insert_resource,
    .insert_resource_conflict = insert_resource_conflict,
    .insert_resource_expand_to_fit = insert_resource_expand_to_fit,
    .release_resource = release_resource,
    .remove_resource = remove_resource,
    .adjust_resource = adjust_resource,
    .release_child_resources = release_child_resources,
    .allocate_resource = import_allocate,
    .find_resource_space = import_find_space,
    .has_find_resource_space = find_resource_space,
    .lookup_resource = lookup_resource,
    .resource_alignment = resource_alignment,
    .reserve_region_with_split = reserve_region_with_split,
    .request_region = __request_region,
    .release_region = __release_region,
    .release_mem_region_adjustable = release_mem_region_adjustable,
    .merge_system_ram_resource = merge_system_ram_resource,
    .region_intersects = region_intersects,
    .walk_iomem_res_desc = walk_iomem_res_desc,
    .walk_mem_res = walk_mem_res,
    .walk_system_ram_res = walk_system_ram_res,
    .walk_system_ram_res_rev = walk_system_ram_res_rev,
    .walk_system_ram_range = walk_system_ram_range,
    .page_is_ram = page_is_ram,
    .iomem_map_sanity_check = iomem_map_sanity_check,
    .resource_is_exclusive = resource_is_exclusive,
    .iomem_is_exclusive = iomem_is_exclusive,
    .devm_request_resource = devm_request_resource,
    .devm_release_resource = devm_release_resource,
    .devm_request_region = __devm_request_region,
    .devm_release_region = __devm_release_region,
    .devres_view = import_devres_view,
    .devres_make = import_devres_make,
    .devm_request_free_mem_region = import_devm_request_free,
    .request_free_mem_region = import_request_free,
    .alloc_free_mem_region = import_alloc_free,
    .list_init = import_list_init,
    .list_add = import_list_add,
    .list_next = import_list_next,
    .list_resource = import_list_resource,
    .list_destroy_entry = import_list_destroy_entry,
    .list_first_type = import_list_first_type,
    .list_free = import_list_free,
    .resource_contains = import_contains,
    .resource_overlaps = import_overlaps,
    .resource_intersection = import_intersection,
    .resource_union = import_union,
    .resource_size = import_size,
    .proc_read = import_proc_read,
    .boot = import_boot,
    .reserve_setup = reserve_setup,
    .strict_iomem = strict_iomem,
    .iomem_init_inode = iomem_init_inode,
    .has_inode = import_has_inode,
    .iomem_get_mapping = import_get_mapping,
    .is_strict = import_is_strict,
    .memory = &KERNEL_NAME(memory_api),
};

#else

#include "kernel/hooks.h"
// hooks.h comes first: it has bool.
#include "kernel/api.h"

const struct kernel_api KERNEL_NAME(api) = {
    .name = KERNEL_MACHINE,
    .is_available = 0,
    .version = LINUX_VERSION,
    .source = LINUX_SOURCE,
    .why = LINUX_WHY,
};

#endif
