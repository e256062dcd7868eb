/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RESTREE_KERNEL_SHIM_CUSTOM_H_
#define RESTREE_KERNEL_SHIM_CUSTOM_H_

/*
 * What is deliberately different: everything that allocates, locks, sleeps,
 * warns or prints asks the hooks.
 */

#include "kernel/hooks.h"
#include "kernel/shim/stubs.h"

/* stubs.h comes first: the tree's headers build on it. */
#include <linux/align.h>

typedef unsigned int gfp_t;
#define GFP_KERNEL ((gfp_t)KERNEL_GFP_SLEEP)
#define GFP_ATOMIC ((gfp_t)0)
#define __GFP_NOFAIL ((gfp_t)KERNEL_GFP_NOFAIL)
#define __GFP_ZERO ((gfp_t)0)

#define kmalloc(bytes, gfp) kernel_alloc(bytes, gfp)
#define kzalloc(bytes, gfp) kernel_alloc(bytes, gfp)
#define kcalloc(n, bytes, gfp) kernel_alloc((n) * (bytes), gfp)
#define kvcalloc(n, bytes, gfp) kernel_alloc((n) * (bytes), gfp)
#define kfree(memory) kernel_free(memory)
#define kvfree(memory) kernel_free(memory)

/* 6.1 has the old size as second argument, 6.12 has not. */
#define kvrealloc(...) \
  KERNEL_KVREALLOC(__VA_ARGS__, KERNEL_KVREALLOC4, KERNEL_KVREALLOC3)
#define KERNEL_KVREALLOC(a, b, c, d, macro, ...) \
  KERNEL_CONCAT(macro, )(a, b, c, d)
#define KERNEL_KVREALLOC4(memory, old, bytes, gfp) \
  kernel_realloc(memory, bytes, gfp)
#define KERNEL_KVREALLOC3(memory, bytes, gfp, ignored) \
  kernel_realloc(memory, bytes, gfp)

#define virt_to_head_page(memory) (memory)
#define PageSlab(page) kernel_is_slab(page)
#define folio_test_slab(folio) kernel_is_slab(folio)
#define virt_to_folio(memory) (memory)

/* WARN_ON_ONCE() loses its "once": each trace is a new boot. */
#define WARN_ON(condition)                  \
  ({                                        \
    int warn_on_ = !!(condition);           \
    if (warn_on_) kernel_warn_on(__func__); \
    warn_on_;                               \
  })
#define WARN_ON_ONCE(condition) WARN_ON(condition)
#define BUG() kernel_bug(__func__)
#define BUG_ON(condition)                \
  do {                                   \
    if (condition) kernel_bug(__func__); \
  } while (0)

#define pr_warn(...) kernel_printk(__VA_ARGS__)
#define pr_warn_once(...) kernel_printk(__VA_ARGS__)
#define pr_err(...) kernel_printk(__VA_ARGS__)

/* devm_request_resource() alone uses it, and says the same by its result. */
#define dev_err(device, ...) ((void)(device))

typedef struct {
  int held;
} rwlock_t;
#define DEFINE_RWLOCK(name) rwlock_t name = {0}
#define read_lock(lock) kernel_event(KERNEL_READ_LOCK, lock)
#define read_unlock(lock) kernel_event(KERNEL_READ_UNLOCK, lock)
#define write_lock(lock) kernel_event(KERNEL_WRITE_LOCK, lock)
#define write_unlock(lock) kernel_event(KERNEL_WRITE_UNLOCK, lock)

/* The hooks keep the queue; the entry only says who waits. */
struct wait_queue_entry {
  void *task;
};
typedef struct {
  int unused;
} wait_queue_head_t;
#define current NULL
#define TASK_UNINTERRUPTIBLE 2
#define DECLARE_WAIT_QUEUE_HEAD(name) wait_queue_head_t name
#define DECLARE_WAITQUEUE(name, who) struct wait_queue_entry name = {who}
#define set_current_state(state) ((void)(state))
#define add_wait_queue(queue, entry) \
  ((void)(queue), kernel_event(KERNEL_WAIT, entry))
#define schedule() kernel_event(KERNEL_SCHEDULE, NULL)
#define remove_wait_queue(queue, entry) \
  ((void)(queue), kernel_event(KERNEL_WAIT_END, entry))
#define wake_up(queue) kernel_event(KERNEL_WAKE, queue)

typedef kernel_dr_release dr_release_t;
typedef kernel_dr_match dr_match_t;
#define devres_alloc(release, bytes, gfp) \
  kernel_devres_alloc(release, bytes, gfp)
#define devres_free(data) kernel_devres_free(data)
#define devres_add(device, data) kernel_devres_add(device, data)
#define dev_name(device) kernel_dev_name(device)

static inline int devres_destroy(struct device *dev, dr_release_t release,
                                 dr_match_t match, void *match_data) {
  void *data = kernel_devres_remove(dev, release, match, match_data);
  if (!data) return -ENOENT;
  kernel_devres_free(data);
  return 0;
}

static inline int devres_release(struct device *dev, dr_release_t release,
                                 dr_match_t match, void *match_data) {
  void *data = kernel_devres_remove(dev, release, match, match_data);
  if (!data) return -ENOENT;
  release(dev, data);
  kernel_devres_free(data);
  return 0;
}

struct devm_action {
  void *data;
  void (*action)(void *);
};

static inline void devm_action_release(struct device *dev, void *data) {
  struct devm_action *devres = data;
  devres->action(devres->data);
}

static inline int devm_action_match(struct device *dev, void *data,
                                    void *match_data) {
  struct devm_action *devres = data, *match = match_data;
  return devres->action == match->action && devres->data == match->data;
}

static inline int devm_add_action_or_reset(struct device *dev,
                                           void (*action)(void *), void *data) {
  struct devm_action *devres =
      devres_alloc(devm_action_release, sizeof(*devres), GFP_KERNEL);
  if (!devres) {
    action(data);
    return -ENOMEM;
  }
  devres->data = data;
  devres->action = action;
  devres_add(dev, devres);
  return 0;
}

static inline void devm_release_action(struct device *dev,
                                       void (*action)(void *), void *data) {
  struct devm_action match = {data, action};
  WARN_ON(devres_release(dev, devm_action_release, devm_action_match, &match));
}

struct address_space {
  int unused;
};
struct super_block {
  int unused;
};
struct inode {
  struct address_space *i_mapping;
  void *i_private;
  struct address_space i_data;
};
struct file {
  struct inode *f_inode;
  bool privileged;
};
struct seq_file {
  struct file *file;
};
struct proc_dir_entry;

#define file_inode(file) ((file)->f_inode)
#define pde_data(inode) ((inode)->i_private)
#define PDE_DATA(inode) ((inode)->i_private)
#define file_ns_capable(file, ns, capability) ((file)->privileged)
#define seq_printf kernel_seq_printf

/* /proc files, of which resource.c makes two. */
struct shim_proc_file {
  const struct seq_operations *ops;
  void *data;
};
static struct shim_proc_file shim_proc_files[2];

static inline void proc_create_seq_data(const char *name, int mode,
                                        struct proc_dir_entry *parent,
                                        const struct seq_operations *ops,
                                        void *data) {
  const int i = shim_proc_files[0].ops ? 1 : 0;
  shim_proc_files[i].ops = ops;
  shim_proc_files[i].data = data;
}

#define unmap_mapping_range(mapping, start, bytes, even_cows) \
  ((void)(mapping), kernel_unmap(start, bytes))

/* drivers/char/mem.c with CONFIG_IO_STRICT_DEVMEM. */
bool iomem_is_exclusive(u64 address);
#define devmem_is_allowed(pfn) (!iomem_is_exclusive((u64)(pfn) << PAGE_SHIFT))

#define get_option(text, number) kernel_get_option(text, (int *)(number))

#endif /* RESTREE_KERNEL_SHIM_CUSTOM_H_ */
