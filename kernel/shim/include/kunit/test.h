/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RESTREE_KERNEL_SHIM_KUNIT_TEST_H_
#define RESTREE_KERNEL_SHIM_KUNIT_TEST_H_

#include <linux/err.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/types.h>

#include "kernel/kunit.h"

/* Checks are like the kernel's: EXPECT goes on after a failure, ASSERT ends the
 * case, and _MSG takes a format and its arguments. */
#define KUNIT_CHECK_(test, assertion, holds, l, op, r, lv, rv, ...)            \
  do {                                                                         \
    if (!(holds))                                                              \
      kunit_fail(test,                                                         \
                 &(struct kunit_expectation){__FILE__, __LINE__, assertion, l, \
                                             op, r, lv, rv},                   \
                 "" __VA_ARGS__);                                              \
  } while (0)

#define KUNIT_COMPARE_(test, assertion, left, op, right, ...)          \
  do {                                                                 \
    __auto_type left_ = (left);                                        \
    __auto_type right_ = (right);                                      \
    KUNIT_CHECK_(test, assertion, left_ op right_, #left, #op, #right, \
                 (long long)left_, (long long)right_, ##__VA_ARGS__);  \
  } while (0)

#define KUNIT_BOOL_(test, assertion, want, condition, ...)               \
  KUNIT_CHECK_(test, assertion, !!(condition) == want, #condition, "is", \
               want ? "true" : "false", !!(condition), want, ##__VA_ARGS__)

#define KUNIT_POINTER_(test, assertion, left, op, right, ...) \
  KUNIT_COMPARE_(test, assertion, (unsigned long)(left), op,  \
                 (unsigned long)(right), ##__VA_ARGS__)

#define KUNIT_NOT_ERR_OR_NULL_(test, assertion, pointer, ...)             \
  KUNIT_CHECK_(test, assertion, !IS_ERR_OR_NULL(pointer), #pointer, "is", \
               "neither NULL nor an error", (long long)(pointer), 0,      \
               ##__VA_ARGS__)

#define KUNIT_STRING_(test, assertion, left, op, right, ...)                  \
  KUNIT_CHECK_(test, assertion, strcmp(left, right) op 0, #left, #op, #right, \
               0, 0, ##__VA_ARGS__)

#define KUNIT_EXPECT_TRUE(t, c) KUNIT_BOOL_(t, false, true, c)
#define KUNIT_EXPECT_FALSE(t, c) KUNIT_BOOL_(t, false, false, c)
#define KUNIT_EXPECT_EQ(t, l, r) KUNIT_COMPARE_(t, false, l, ==, r)
#define KUNIT_EXPECT_NE(t, l, r) KUNIT_COMPARE_(t, false, l, !=, r)
#define KUNIT_EXPECT_LT(t, l, r) KUNIT_COMPARE_(t, false, l, <, r)
#define KUNIT_EXPECT_LE(t, l, r) KUNIT_COMPARE_(t, false, l, <=, r)
#define KUNIT_EXPECT_GT(t, l, r) KUNIT_COMPARE_(t, false, l, >, r)
#define KUNIT_EXPECT_GE(t, l, r) KUNIT_COMPARE_(t, false, l, >=, r)
#define KUNIT_EXPECT_PTR_EQ(t, l, r) KUNIT_POINTER_(t, false, l, ==, r)
#define KUNIT_EXPECT_PTR_NE(t, l, r) KUNIT_POINTER_(t, false, l, !=, r)
#define KUNIT_EXPECT_NULL(t, p) KUNIT_POINTER_(t, false, p, ==, 0)
#define KUNIT_EXPECT_NOT_NULL(t, p) KUNIT_POINTER_(t, false, p, !=, 0)
#define KUNIT_EXPECT_NOT_ERR_OR_NULL(t, p) KUNIT_NOT_ERR_OR_NULL_(t, false, p)
#define KUNIT_EXPECT_STREQ(t, l, r) KUNIT_STRING_(t, false, l, ==, r)
#define KUNIT_EXPECT_STRNEQ(t, l, r) KUNIT_STRING_(t, false, l, !=, r)

#define KUNIT_EXPECT_TRUE_MSG(t, c, ...) \
  KUNIT_BOOL_(t, false, true, c, __VA_ARGS__)
#define KUNIT_EXPECT_FALSE_MSG(t, c, ...) \
  KUNIT_BOOL_(t, false, false, c, __VA_ARGS__)
#define KUNIT_EXPECT_EQ_MSG(t, l, r, ...) \
  KUNIT_COMPARE_(t, false, l, ==, r, __VA_ARGS__)
#define KUNIT_EXPECT_NE_MSG(t, l, r, ...) \
  KUNIT_COMPARE_(t, false, l, !=, r, __VA_ARGS__)
#define KUNIT_EXPECT_PTR_EQ_MSG(t, l, r, ...) \
  KUNIT_POINTER_(t, false, l, ==, r, __VA_ARGS__)

#define KUNIT_ASSERT_TRUE(t, c) KUNIT_BOOL_(t, true, true, c)
#define KUNIT_ASSERT_FALSE(t, c) KUNIT_BOOL_(t, true, false, c)
#define KUNIT_ASSERT_EQ(t, l, r) KUNIT_COMPARE_(t, true, l, ==, r)
#define KUNIT_ASSERT_NE(t, l, r) KUNIT_COMPARE_(t, true, l, !=, r)
#define KUNIT_ASSERT_PTR_EQ(t, l, r) KUNIT_POINTER_(t, true, l, ==, r)
#define KUNIT_ASSERT_PTR_NE(t, l, r) KUNIT_POINTER_(t, true, l, !=, r)
#define KUNIT_ASSERT_NULL(t, p) KUNIT_POINTER_(t, true, p, ==, 0)
#define KUNIT_ASSERT_NOT_NULL(t, p) KUNIT_POINTER_(t, true, p, !=, 0)
#define KUNIT_ASSERT_NOT_ERR_OR_NULL(t, p) KUNIT_NOT_ERR_OR_NULL_(t, true, p)

#define KUNIT_ASSERT_TRUE_MSG(t, c, ...) \
  KUNIT_BOOL_(t, true, true, c, __VA_ARGS__)
#define KUNIT_ASSERT_EQ_MSG(t, l, r, ...) \
  KUNIT_COMPARE_(t, true, l, ==, r, __VA_ARGS__)
#define KUNIT_ASSERT_NOT_NULL_MSG(t, p, ...) \
  KUNIT_POINTER_(t, true, p, !=, 0, __VA_ARGS__)
#define KUNIT_ASSERT_NOT_ERR_OR_NULL_MSG(t, p, ...) \
  KUNIT_NOT_ERR_OR_NULL_(t, true, p, __VA_ARGS__)

#define KUNIT_SUCCEED(t) ((void)(t))
#define KUNIT_FAIL(t, ...) \
  KUNIT_CHECK_(t, false, false, "this line", "is", 0, 0, 0, __VA_ARGS__)
#define KUNIT_FAIL_AND_ABORT(t, ...) \
  KUNIT_CHECK_(t, true, false, "this line", "is", 0, 0, 0, __VA_ARGS__)
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
