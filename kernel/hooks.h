// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_KERNEL_HOOKS_H_
#define RESTREE_KERNEL_HOOKS_H_

// What the kernel's code calls instead of the rest of the kernel: the shims
// turn kmalloc(), write_lock(), schedule() and their like into these, and
// runtime.cc and its neighbours answer. Read by C without libc and by C++, so
// it includes nothing.

#ifdef __cplusplus
extern "C" {
#else
typedef _Bool bool;
#endif

struct device;
struct page;
struct resource;
struct seq_file;
struct wait_queue_entry;

// Everything that a caller on another CPU could notice, or that may let another
// caller in. All of it passes through kernel_event(), so that there is one
// place to check discipline, or to let another op run in between.
enum kernel_event_kind {
  KERNEL_READ_LOCK,
  KERNEL_READ_UNLOCK,
  KERNEL_WRITE_LOCK,
  KERNEL_WRITE_UNLOCK,
  KERNEL_WAIT,      // joins a wait queue
  KERNEL_SCHEDULE,  // sleeps until woken
  KERNEL_WAIT_END,  // leaves the wait queue
  KERNEL_WAKE,      // wakes all that wait
  KERNEL_SLEEP,     // may sleep: an allocation that is not atomic
  KERNEL_ALLOC,
  KERNEL_FREE,
  KERNEL_CALLBACK,      // a walk calls its caller back
  KERNEL_ATOMIC_BEGIN,  // takes a spin lock, or reads under RCU
  KERNEL_ATOMIC_END,
  KERNEL_HOTPLUG_BEGIN,  // the lock of memory hotplug
  KERNEL_HOTPLUG_DONE,
  KERNEL_WAIT_FOR_COMPLETION,  // sleeps until the next of its kind is complete
  KERNEL_COMPLETE,
};

// `object` is the lock, the queue entry, or the memory that it is about.
void kernel_event(enum kernel_event_kind what, const void *object);

// Allocation flags: what the shims make of GFP_*.
enum {
  KERNEL_GFP_SLEEP = 1,
  KERNEL_GFP_NOFAIL = 2,
};

void *kernel_alloc(unsigned long bytes, unsigned int gfp);  // zeroed, or NULL
void *kernel_realloc(void *memory, unsigned long bytes, unsigned int gfp);
void kernel_free(const void *memory);

// Returns whether `memory` came from kernel_alloc(), also if it was freed: a
// second kfree() must reach kernel_free() to be noticed.
bool kernel_is_slab(const void *memory);

// `function` is the one that complains, for good: __func__.
void kernel_warn_on(const char *function);
__attribute__((noreturn)) void kernel_bug(const char *function);

// A message of level pr_warn or above, known by how its format begins.
void kernel_printk(const char *format, ...);

void kernel_seq_printf(struct seq_file *file, const char *format, ...);
void kernel_seq_row(const struct resource *row);  // whose line comes next

// devres.
typedef void (*kernel_dr_release)(struct device *, void *);
typedef int (*kernel_dr_match)(struct device *, void *, void *);
void *kernel_devres_alloc(kernel_dr_release release, unsigned long bytes,
                          unsigned int gfp);
void kernel_devres_free(void *data);
void kernel_devres_add(struct device *device, void *data);
void *kernel_devres_remove(struct device *device, kernel_dr_release release,
                           kernel_dr_match match, void *match_data);
const char *kernel_dev_name(const struct device *device);

// get_option() of lib/cmdline.c, which reads one number of a boot parameter.
int kernel_get_option(char **text, int *number);

// unmap_mapping_range() of the inode behind /dev/mem.
void kernel_unmap(unsigned long long start, unsigned long long bytes);

// Device memory (kernel/device_memory.h). Pages are numbered by their pfn.

// Steps on the way to a pagemap that is mapped, each of which may be made to
// fail. Their order is that of `fail_step`.
enum kernel_step {
  KERNEL_STEP_XA_STORE,
  KERNEL_STEP_TRACK_PFN,
  KERNEL_STEP_KASAN,
  KERNEL_STEP_ADD_MEMORY,
};
bool kernel_step_fails(enum kernel_step step);

// What is counted and must be undone as often as it was done.
enum kernel_counter {
  KERNEL_ZONE_PAGES,
  KERNEL_TRACKED_BYTES,
  KERNEL_KASAN_BYTES,
  KERNEL_MANAGED,  // pagemaps of type fsdax
};
void kernel_count(enum kernel_counter counter, unsigned long by);
void kernel_uncount(enum kernel_counter counter, unsigned long by);

// Nodes of an xarray: zeroed, or NULL.
void *kernel_node_alloc(unsigned long bytes, unsigned int gfp);
void kernel_node_free(void *node);

// A reference count is put more often than it was taken, or used once it is
// freed.
void kernel_bad_use(void);

bool kernel_is_live(const void *memory);  // not freed
const char *kernel_vmemmap_name(void);    // of the resource of an altmap

// Memory is there in closed ranges of pages. Adding fails if some of it is
// there already; removing fails if just that range was not added.
// `altmap_pages` is the caller's.
bool kernel_memory_overlaps(unsigned long first, unsigned long pages);
void kernel_memory_add(unsigned long first, unsigned long pages,
                       unsigned long altmap_pages);
bool kernel_memory_remove(unsigned long first, unsigned long pages,
                          unsigned long *altmap_pages);

// From now on these pages are of a pagemap.
void kernel_pages_init(unsigned long first, unsigned long pages, void *pagemap);

// Returns the struct page of a page, zeroed at first, and the pagemap that it
// is of, if of any.
struct page *kernel_page(unsigned long pfn, void **pagemap);

// The driver's page_free(), or wake_up_var() of a page's count.
void kernel_page_event(unsigned long pfn);

// An altmap gave out a block of pages.
void kernel_altmap_block(unsigned long first, unsigned long pages);

#ifdef __cplusplus
}  // extern "C"
#endif

#endif  // RESTREE_KERNEL_HOOKS_H_
