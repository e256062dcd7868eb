/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RESTREE_KERNEL_SHIM_KUNIT_TEST_H_
#define RESTREE_KERNEL_SHIM_KUNIT_TEST_H_

#include <linux/err.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/types.h>

#include "kernel/kunit.h"

/*
 * Checks are like the kernel's: EXPECT goes on after a failure, ASSERT ends the
 * case, and _MSG has a format and its arguments. The text of operands is taken
 * before their macros are expanded.
 */
#define KUNIT_CHECK_(t, assertion, holds, l, op, r, lv, rv, ...)               \
  do {                                                                         \
    if (!(holds))                                                              \
      kunit_fail(t,                                                            \
                 &(struct kunit_expectation){__FILE__, __LINE__, assertion, l, \
                                             op, r, lv, rv},                   \
                 "" __VA_ARGS__);                                              \
  } while (0)

#define KUNIT_COMPARE_(t, assertion, l, op, r, lt, rt, ...)                    \
  do {                                                                         \
    __auto_type left_ = (l);                                                   \
    __auto_type right_ = (r);                                                  \
    KUNIT_CHECK_(t, assertion, left_ op right_, lt, #op, rt, (long long)left_, \
                 (long long)right_, ##__VA_ARGS__);                            \
  } while (0)

#define KUNIT_POINTER_(t, assertion, l, op, r, lt, rt, ...)                    \
  KUNIT_COMPARE_(t, assertion, (unsigned long)(l), op, (unsigned long)(r), lt, \
                 rt, ##__VA_ARGS__)

#define KUNIT_VALID_(t, assertion, p, pt, ...)                                 \
  KUNIT_CHECK_(t, assertion, !IS_ERR_OR_NULL(p), pt, "!=", "NULL or an error", \
               (long long)(p), 0, ##__VA_ARGS__)

#define KUNIT_STRING_(t, assertion, l, op, r, lt, rt, ...)                   \
  KUNIT_CHECK_(t, assertion, __builtin_strcmp(l, r) op 0, lt, #op, rt, 0, 0, \
               ##__VA_ARGS__)

#define KUNIT_EXPECT_EQ(t, l, r) KUNIT_COMPARE_(t, false, l, ==, r, #l, #r)
#define KUNIT_EXPECT_EQ_MSG(t, l, r, ...) \
  KUNIT_COMPARE_(t, false, l, ==, r, #l, #r, __VA_ARGS__)
#define KUNIT_EXPECT_NE(t, l, r) KUNIT_COMPARE_(t, false, l, !=, r, #l, #r)
#define KUNIT_EXPECT_NE_MSG(t, l, r, ...) \
  KUNIT_COMPARE_(t, false, l, !=, r, #l, #r, __VA_ARGS__)
#define KUNIT_EXPECT_LT(t, l, r) KUNIT_COMPARE_(t, false, l, <, r, #l, #r)
#define KUNIT_EXPECT_LT_MSG(t, l, r, ...) \
  KUNIT_COMPARE_(t, false, l, <, r, #l, #r, __VA_ARGS__)
#define KUNIT_EXPECT_LE(t, l, r) KUNIT_COMPARE_(t, false, l, <=, r, #l, #r)
#define KUNIT_EXPECT_LE_MSG(t, l, r, ...) \
  KUNIT_COMPARE_(t, false, l, <=, r, #l, #r, __VA_ARGS__)
#define KUNIT_EXPECT_GT(t, l, r) KUNIT_COMPARE_(t, false, l, >, r, #l, #r)
#define KUNIT_EXPECT_GT_MSG(t, l, r, ...) \
  KUNIT_COMPARE_(t, false, l, >, r, #l, #r, __VA_ARGS__)
#define KUNIT_EXPECT_GE(t, l, r) KUNIT_COMPARE_(t, false, l, >=, r, #l, #r)
#define KUNIT_EXPECT_GE_MSG(t, l, r, ...) \
  KUNIT_COMPARE_(t, false, l, >=, r, #l, #r, __VA_ARGS__)
#define KUNIT_EXPECT_PTR_EQ(t, l, r) KUNIT_POINTER_(t, false, l, ==, r, #l, #r)
#define KUNIT_EXPECT_PTR_EQ_MSG(t, l, r, ...) \
  KUNIT_POINTER_(t, false, l, ==, r, #l, #r, __VA_ARGS__)
#define KUNIT_EXPECT_PTR_NE(t, l, r) KUNIT_POINTER_(t, false, l, !=, r, #l, #r)
#define KUNIT_EXPECT_PTR_NE_MSG(t, l, r, ...) \
  KUNIT_POINTER_(t, false, l, !=, r, #l, #r, __VA_ARGS__)
#define KUNIT_EXPECT_TRUE(t, c) \
  KUNIT_COMPARE_(t, false, !!(c), ==, 1, #c, "true")
#define KUNIT_EXPECT_TRUE_MSG(t, c, ...) \
  KUNIT_COMPARE_(t, false, !!(c), ==, 1, #c, "true", __VA_ARGS__)
#define KUNIT_EXPECT_FALSE(t, c) \
  KUNIT_COMPARE_(t, false, !!(c), ==, 0, #c, "false")
#define KUNIT_EXPECT_FALSE_MSG(t, c, ...) \
  KUNIT_COMPARE_(t, false, !!(c), ==, 0, #c, "false", __VA_ARGS__)
#define KUNIT_EXPECT_NULL(t, p) KUNIT_POINTER_(t, false, p, ==, 0, #p, "NULL")
#define KUNIT_EXPECT_NULL_MSG(t, p, ...) \
  KUNIT_POINTER_(t, false, p, ==, 0, #p, "NULL", __VA_ARGS__)
#define KUNIT_EXPECT_NOT_NULL(t, p) \
  KUNIT_POINTER_(t, false, p, !=, 0, #p, "NULL")
#define KUNIT_EXPECT_NOT_NULL_MSG(t, p, ...) \
  KUNIT_POINTER_(t, false, p, !=, 0, #p, "NULL", __VA_ARGS__)
#define KUNIT_EXPECT_NOT_ERR_OR_NULL(t, p) KUNIT_VALID_(t, false, p, #p)
#define KUNIT_EXPECT_NOT_ERR_OR_NULL_MSG(t, p, ...) \
  KUNIT_VALID_(t, false, p, #p, __VA_ARGS__)
#define KUNIT_EXPECT_STREQ(t, l, r) KUNIT_STRING_(t, false, l, ==, r, #l, #r)
#define KUNIT_EXPECT_STRNEQ(t, l, r) KUNIT_STRING_(t, false, l, !=, r, #l, #r)

#define KUNIT_ASSERT_EQ(t, l, r) KUNIT_COMPARE_(t, true, l, ==, r, #l, #r)
#define KUNIT_ASSERT_EQ_MSG(t, l, r, ...) \
  KUNIT_COMPARE_(t, true, l, ==, r, #l, #r, __VA_ARGS__)
#define KUNIT_ASSERT_NE(t, l, r) KUNIT_COMPARE_(t, true, l, !=, r, #l, #r)
#define KUNIT_ASSERT_NE_MSG(t, l, r, ...) \
  KUNIT_COMPARE_(t, true, l, !=, r, #l, #r, __VA_ARGS__)
#define KUNIT_ASSERT_LT(t, l, r) KUNIT_COMPARE_(t, true, l, <, r, #l, #r)
#define KUNIT_ASSERT_LT_MSG(t, l, r, ...) \
  KUNIT_COMPARE_(t, true, l, <, r, #l, #r, __VA_ARGS__)
#define KUNIT_ASSERT_LE(t, l, r) KUNIT_COMPARE_(t, true, l, <=, r, #l, #r)
#define KUNIT_ASSERT_LE_MSG(t, l, r, ...) \
  KUNIT_COMPARE_(t, true, l, <=, r, #l, #r, __VA_ARGS__)
#define KUNIT_ASSERT_GT(t, l, r) KUNIT_COMPARE_(t, true, l, >, r, #l, #r)
#define KUNIT_ASSERT_GT_MSG(t, l, r, ...) \
  KUNIT_COMPARE_(t, true, l, >, r, #l, #r, __VA_ARGS__)
#define KUNIT_ASSERT_GE(t, l, r) KUNIT_COMPARE_(t, true, l, >=, r, #l, #r)
#define KUNIT_ASSERT_GE_MSG(t, l, r, ...) \
  KUNIT_COMPARE_(t, true, l, >=, r, #l, #r, __VA_ARGS__)
#define KUNIT_ASSERT_PTR_EQ(t, l, r) KUNIT_POINTER_(t, true, l, ==, r, #l, #r)
#define KUNIT_ASSERT_PTR_EQ_MSG(t, l, r, ...) \
  KUNIT_POINTER_(t, true, l, ==, r, #l, #r, __VA_ARGS__)
#define KUNIT_ASSERT_PTR_NE(t, l, r) KUNIT_POINTER_(t, true, l, !=, r, #l, #r)
#define KUNIT_ASSERT_PTR_NE_MSG(t, l, r, ...) \
  KUNIT_POINTER_(t, true, l, !=, r, #l, #r, __VA_ARGS__)
#define KUNIT_ASSERT_TRUE(t, c) \
  KUNIT_COMPARE_(t, true, !!(c), ==, 1, #c, "true")
#define KUNIT_ASSERT_TRUE_MSG(t, c, ...) \
  KUNIT_COMPARE_(t, true, !!(c), ==, 1, #c, "true", __VA_ARGS__)
#define KUNIT_ASSERT_FALSE(t, c) \
  KUNIT_COMPARE_(t, true, !!(c), ==, 0, #c, "false")
#define KUNIT_ASSERT_FALSE_MSG(t, c, ...) \
  KUNIT_COMPARE_(t, true, !!(c), ==, 0, #c, "false", __VA_ARGS__)
#define KUNIT_ASSERT_NULL(t, p) KUNIT_POINTER_(t, true, p, ==, 0, #p, "NULL")
#define KUNIT_ASSERT_NULL_MSG(t, p, ...) \
  KUNIT_POINTER_(t, true, p, ==, 0, #p, "NULL", __VA_ARGS__)
#define KUNIT_ASSERT_NOT_NULL(t, p) \
  KUNIT_POINTER_(t, true, p, !=, 0, #p, "NULL")
#define KUNIT_ASSERT_NOT_NULL_MSG(t, p, ...) \
  KUNIT_POINTER_(t, true, p, !=, 0, #p, "NULL", __VA_ARGS__)
#define KUNIT_ASSERT_NOT_ERR_OR_NULL(t, p) KUNIT_VALID_(t, true, p, #p)
#define KUNIT_ASSERT_NOT_ERR_OR_NULL_MSG(t, p, ...) \
  KUNIT_VALID_(t, true, p, #p, __VA_ARGS__)
#define KUNIT_ASSERT_STREQ(t, l, r) KUNIT_STRING_(t, true, l, ==, r, #l, #r)
#define KUNIT_ASSERT_STRNEQ(t, l, r) KUNIT_STRING_(t, true, l, !=, r, #l, #r)

#define KUNIT_SUCCEED(t) ((void)(t))
#define KUNIT_FAIL(t, ...) \
  KUNIT_CHECK_(t, false, false, 0, 0, 0, 0, 0, __VA_ARGS__)
#define KUNIT_FAIL_AND_ABORT(t, ...) \
  KUNIT_CHECK_(t, true, false, 0, 0, 0, 0, 0, __VA_ARGS__)
#define kunit_skip(t, ...) kunit_skip_case(t, "" __VA_ARGS__)

typedef kunit_action kunit_action_t;

/* Adding an action cannot fail here, so there is nothing to reset. */
#define kunit_add_action_or_reset kunit_add_action

#define KUNIT_DEFINE_ACTION_WRAPPER(wrapper, function, type) \
  static void wrapper(void *context) { function((type)context); }

static inline void kunit_kfree_action(void *memory) { kfree(memory); }

static inline void *kunit_kzalloc(struct kunit *test, size_t bytes, gfp_t gfp) {
  void *memory = kzalloc(bytes, gfp);
  if (memory) kunit_add_action(test, kunit_kfree_action, memory);
  return memory;
}
#define kunit_kmalloc kunit_kzalloc

#define KUNIT_CASE(function) {.run_case = function, .name = #function}
#define KUNIT_CASE_SLOW(function) KUNIT_CASE(function)

#define kunit_test_suite(suite)                                     \
  __attribute__((constructor)) static void suite##_register(void) { \
    kunit_register(&suite);                                         \
  }                                                                 \
  extern int kunit_wants_a_semicolon

#ifndef MODULE_LICENSE
#define MODULE_LICENSE(text)
#endif
#ifndef MODULE_DESCRIPTION
#define MODULE_DESCRIPTION(text)
#endif

#endif /* RESTREE_KERNEL_SHIM_KUNIT_TEST_H_ */
