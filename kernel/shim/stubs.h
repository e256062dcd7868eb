/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RESTREE_KERNEL_SHIM_STUBS_H_
#define RESTREE_KERNEL_SHIM_STUBS_H_

/*
 * What has no meaning here, or only that which the compiler's builtins and
 * x86-64 give it: annotations, module exports, barriers, constants.
 */

#include "kernel/shim/dup.h"

#define true 1
#define false 0
#define NULL ((void *)0)
#define offsetof(type, member) __builtin_offsetof(type, member)

#define __init
#define __weak __attribute__((weak))
#define __acquires(lock)
#define __releases(lock)
#define __always_inline inline __attribute__((always_inline))
#define __maybe_unused __attribute__((unused))
#define __must_check
#define __force
#define __user
#define likely(x) (x)
#define unlikely(x) (x)
#define typecheck(type, x) 1

#define EXPORT_SYMBOL(name)
#define EXPORT_SYMBOL_GPL(name)
#define EXPORT_SYMBOL_NS(name, ns)
#define EXPORT_SYMBOL_NS_GPL(name, ns)
#define THIS_MODULE NULL
#define KBUILD_MODNAME "resource"

/* import.c calls these by their own names. */
#define __setup(text, function)
#define __initcall(function)
#define fs_initcall(function)

/* One thread runs the kernel's code, so plain accesses are in order. */
#define READ_ONCE(x) (x)
#define WRITE_ONCE(x, value) ((x) = (value))
#define smp_load_acquire(pointer) (*(pointer))
#define smp_store_release(pointer, value) (*(pointer) = (value))
#define barrier()

#define is_signed_type(type) (((type)(-1)) < (type)1)
#define statically_true(x) (__builtin_constant_p(x) && (x))
#define compiletime_assert(condition, message)
#define __UNIQUE_ID(prefix) KERNEL_CONCAT(prefix, __COUNTER__)

#define BITS_PER_LONG 64
#define BITS_PER_LONG_LONG 64

#define PAGE_SHIFT 12
#define PAGE_SIZE (1UL << PAGE_SHIFT)
#define PAGE_MASK (~(PAGE_SIZE - 1))

/* x86-64 with 4 levels of page tables, by the names of several versions. */
#define MAX_PHYSMEM_BITS 46
#define PHYSMEM_END ((1ULL << MAX_PHYSMEM_BITS) - 1)
#define DIRECT_MAP_PHYSMEM_END PHYSMEM_END
#define SECTION_SIZE_BITS 27
#define PA_SECTION_SHIFT SECTION_SIZE_BITS
#define IO_SPACE_LIMIT 0xffff

#define ERR_PTR(error) ((void *)(long)(error))
#define PTR_ERR(pointer) ((long)(pointer))
#define IS_ERR(pointer) ((unsigned long)(pointer) >= (unsigned long)-MAX_ERRNO)
#define IS_ERR_OR_NULL(pointer) (!(pointer) || IS_ERR(pointer))

/* Messages below pr_warn say nothing that an observation does not. */
#define KERN_DEBUG ""
#define printk(...) ((void)0)
#define pr_debug(...) ((void)0)
#define pr_info(...) ((void)0)
#define dump_stack() ((void)0)

char *strstr(const char *text, const char *part);

#endif /* RESTREE_KERNEL_SHIM_STUBS_H_ */
