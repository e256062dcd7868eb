/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RESTREE_KERNEL_SHIM_DUP_H_
#define RESTREE_KERNEL_SHIM_DUP_H_

/*
 * Declarations that must stay what they are in the tree. The comment before
 * each names the header that has it; a test compares them with every tree that
 * is built.
 */
typedef _Bool bool;
typedef unsigned long size_t;
typedef long long loff_t;

/* from include/uapi/asm-generic/int-ll64.h */
typedef unsigned char __u8;
/* from include/uapi/asm-generic/int-ll64.h */
typedef unsigned short __u16;
/* from include/uapi/asm-generic/int-ll64.h */
typedef unsigned int __u32;
/* from include/uapi/asm-generic/int-ll64.h */
__extension__ typedef unsigned long long __u64;
/* from include/asm-generic/int-ll64.h */
typedef __u8 u8;
/* from include/asm-generic/int-ll64.h */
typedef __u16 u16;
/* from include/asm-generic/int-ll64.h */
typedef __u32 u32;
/* from include/asm-generic/int-ll64.h */
typedef __u64 u64;
/* from include/linux/types.h */
typedef u64 phys_addr_t;
/* from include/linux/types.h */
typedef phys_addr_t resource_size_t;
/* from include/linux/types.h */
struct list_head {
  struct list_head *next, *prev;
};

/* from include/linux/types.h */
struct hlist_head {
  struct hlist_node *first;
};
/* from include/linux/types.h */
struct hlist_node {
  struct hlist_node *next, **pprev;
};

struct seq_file;

/* from include/linux/seq_file.h */
struct seq_operations {
  void *(*start)(struct seq_file *m, loff_t *pos);
  void (*stop)(struct seq_file *m, void *v);
  void *(*next)(struct seq_file *m, void *v, loff_t *pos);
  int (*show)(struct seq_file *m, void *v);
};

/* from include/linux/mm.h */
enum {
  REGION_INTERSECTS,
  REGION_DISJOINT,
  REGION_MIXED,
};

/* from include/linux/mm.h */
int region_intersects(resource_size_t offset, size_t size, unsigned long flags,
                      unsigned long desc);

/* from include/uapi/asm-generic/errno-base.h */
#define ENOENT 2
/* from include/uapi/asm-generic/errno-base.h */
#define ENOMEM 12
/* from include/uapi/asm-generic/errno-base.h */
#define EBUSY 16
/* from include/uapi/asm-generic/errno-base.h */
#define ENODEV 19
/* from include/uapi/asm-generic/errno-base.h */
#define EINVAL 22
/* from include/uapi/asm-generic/errno-base.h */
#define ERANGE 34

/* from include/uapi/linux/capability.h */
#define CAP_SYS_ADMIN 21

/* from include/linux/err.h */
#define MAX_ERRNO 4095

/* from include/linux/compiler_types.h */
#define __same_type(a, b) __builtin_types_compatible_p(typeof(a), typeof(b))

#endif /* RESTREE_KERNEL_SHIM_DUP_H_ */
