// SPDX-License-Identifier: Apache-2.0
//
// A suite that passes and fails in each way there is; kunit_check_test.sh knows
// what it has to print.
#include "kernel/shim/prefix.h"
#include "linux_source.h"

#if LINUX_AVAILABLE
#include <kunit/test.h>
#include <linux/ioport.h>

static void passes(struct kunit *test) {
  KUNIT_EXPECT_EQ(test, 1, 1);
  KUNIT_EXPECT_TRUE(test, 2);
  KUNIT_EXPECT_STREQ(test, "a", "a");
  KUNIT_EXPECT_NOT_ERR_OR_NULL(test, test);
  KUNIT_ASSERT_PTR_NE(test, test, NULL);
  KUNIT_EXPECT_NOT_NULL(test, kunit_kzalloc(test, 64, GFP_KERNEL));
}

static void expects(struct kunit *test) {
  struct resource r = {.start = 0x1000, .end = 0x1fff, .flags = 0x200};
  KUNIT_EXPECT_EQ(test, 1, 2);
  KUNIT_EXPECT_TRUE_MSG(test, r.start == 0, "%pR is %s %d", &r, "number", 7);
}

static void says(void *context) {
  KUNIT_FAIL((struct kunit *)context, "an action");
}

static void never_says(void *context) { says(context); }

static void asserts(struct kunit *test) {
  kunit_add_action(test, never_says, test);
  kunit_remove_action(test, never_says, test);
  kunit_add_action(test, says, test);
  KUNIT_ASSERT_NULL(test, test);
  KUNIT_FAIL(test, "not reached");
}

static void skips(struct kunit *test) {
  kunit_skip(test, "why not");
  KUNIT_FAIL(test, "not reached");
}

static void breaks_a_rule(struct kunit *test) { kfree(&test->name); }

static struct kunit_case cases[] = {
    KUNIT_CASE(passes), KUNIT_CASE(expects),       KUNIT_CASE(asserts),
    KUNIT_CASE(skips),  KUNIT_CASE(breaks_a_rule), {},
};

static struct kunit_suite suite = {.name = "check", .test_cases = cases};
kunit_test_suite(suite);
#endif
