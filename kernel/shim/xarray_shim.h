/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RESTREE_KERNEL_SHIM_XARRAY_SHIM_H_
#define RESTREE_KERNEL_SHIM_XARRAY_SHIM_H_

/*
 * What lib/xarray.c builds on: spin locks, RCU without a grace period, bitmaps,
 * and nodes of its own, which the hooks count apart from all else.
 */

#include "kernel/shim/custom.h"

/* stubs.h comes first: the tree's headers build on it. */
#include <linux/bits.h>
#include <linux/const.h>
#include <vdso/limits.h>

#define __GFP_BITS_SHIFT 26
#define __GFP_ACCOUNT ((gfp_t)0)
#define __GFP_NOWARN ((gfp_t)0)
#define __GFP_RETRY_MAYFAIL ((gfp_t)0)
#define GFP_NOWAIT ((gfp_t)0)
#define gfpflags_allow_blocking(gfp) (((gfp) & GFP_KERNEL) != 0)
#define might_alloc(gfp) \
  (gfpflags_allow_blocking(gfp) ? kernel_event(KERNEL_SLEEP, NULL) : (void)0)

typedef struct {
  int unused;
} spinlock_t;
#define __SPIN_LOCK_UNLOCKED(name) {0}
#define spin_lock_init(lock) ((void)(lock))
#define spin_lock(lock) kernel_event(KERNEL_ATOMIC_BEGIN, lock)
#define spin_unlock(lock) kernel_event(KERNEL_ATOMIC_END, lock)
#define spin_lock_bh(lock) spin_lock(lock)
#define spin_unlock_bh(lock) spin_unlock(lock)
#define spin_lock_irq(lock) spin_lock(lock)
#define spin_unlock_irq(lock) spin_unlock(lock)
#define spin_lock_irqsave(lock, flags) ((void)(flags), spin_lock(lock))
#define spin_unlock_irqrestore(lock, flags) ((void)(flags), spin_unlock(lock))
#define lockdep_is_held(lock) 1
#define __must_hold(lock)
#define __rcu
#define __bitwise

#define rcu_read_lock() kernel_event(KERNEL_ATOMIC_BEGIN, NULL)
#define rcu_read_unlock() kernel_event(KERNEL_ATOMIC_END, NULL)
#define synchronize_rcu() kernel_event(KERNEL_SLEEP, NULL)
#define rcu_dereference_check(pointer, condition) (pointer)
#define rcu_dereference_protected(pointer, condition) (pointer)
#define rcu_dereference_raw(pointer) (pointer)
#define rcu_dereference(pointer) (pointer)
#define rcu_assign_pointer(pointer, value) ((void)((pointer) = (value)))
#define RCU_INIT_POINTER(pointer, value) rcu_assign_pointer(pointer, value)
struct rcu_head {
  void (*unused[2])(struct rcu_head *);
};
#define call_rcu(head, function) function(head)

/* A node of an xarray, freed at once: whoever still uses it is found. */
#define radix_tree_node_cachep KERNEL_NAME(radix_tree_node_cachep)
struct kmem_cache;
extern struct kmem_cache *radix_tree_node_cachep;
void radix_tree_node_rcu_free(struct rcu_head *head);
struct xa_node *shim_alloc_node(gfp_t gfp);
#define kmem_cache_alloc_lru(cache, lru, gfp) shim_alloc_node(gfp)

#define fallthrough __attribute__((fallthrough))
#define printk_once(...) ((void)0)
#define pr_cont(...) ((void)0)
#define DIV_ROUND_UP(n, d) (((n) + (d) - 1) / (d))
#define BITS_TO_LONGS(n) DIV_ROUND_UP(n, BITS_PER_LONG)
#define DECLARE_BITMAP(name, bits) unsigned long name[BITS_TO_LONGS(bits)]
#define __ffs(word) ((unsigned long)__builtin_ctzl(word))

static inline bool test_bit(unsigned long n, const unsigned long *map) {
  return map[n / BITS_PER_LONG] >> n % BITS_PER_LONG & 1;
}

static inline void __set_bit(unsigned long n, unsigned long *map) {
  map[n / BITS_PER_LONG] |= 1UL << n % BITS_PER_LONG;
}

static inline void __clear_bit(unsigned long n, unsigned long *map) {
  map[n / BITS_PER_LONG] &= ~(1UL << n % BITS_PER_LONG);
}

static inline bool __test_and_set_bit(unsigned long n, unsigned long *map) {
  const bool old = test_bit(n, map);
  __set_bit(n, map);
  return old;
}

static inline bool __test_and_clear_bit(unsigned long n, unsigned long *map) {
  const bool old = test_bit(n, map);
  __clear_bit(n, map);
  return old;
}

static inline unsigned long find_next_bit(const unsigned long *map,
                                          unsigned long bits,
                                          unsigned long from) {
  while (from < bits && !test_bit(from, map)) ++from;
  return from < bits ? from : bits;
}

#define find_first_bit(map, bits) find_next_bit(map, bits, 0)
#define bitmap_empty(map, bits) (find_first_bit(map, bits) == (bits))

static inline void bitmap_clear(unsigned long *map, unsigned int from,
                                unsigned int n) {
  while (n--) __clear_bit(from++, map);
}

static inline void bitmap_fill(unsigned long *map, unsigned int bits) {
  while (bits--) __set_bit(bits, map);
}

#endif /* RESTREE_KERNEL_SHIM_XARRAY_SHIM_H_ */
