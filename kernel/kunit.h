// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_KERNEL_KUNIT_H_
#define RESTREE_KERNEL_KUNIT_H_

// What <kunit/test.h> of the shims calls: the half of a small KUnit that needs
// libc. Like hooks.h, read by C without libc and by C++.

#ifdef __cplusplus
extern "C" {
#endif

// One run of one case.
struct kunit {
  const char *name;
  bool failed;
  bool skipped;
  void *priv;
};

struct kunit_case {
  void (*run_case)(struct kunit *);
  const char *name;
};

struct kunit_suite {
  char name[256];
  int (*suite_init)(struct kunit_suite *);
  void (*suite_exit)(struct kunit_suite *);
  int (*init)(struct kunit *);
  void (*exit)(struct kunit *);
  struct kunit_case *test_cases;  // the last is empty
};

void kunit_register(struct kunit_suite *suite);

// Where and what a test expected: nothing in words for KUNIT_FAIL().
struct kunit_expectation {
  const char *file;
  int line;
  bool is_assertion;  // ends the case if it does not hold
  const char *left, *relation, *right;
  long long left_value, right_value;
};

// `format` has more to say; it may use %pR.
void kunit_fail(struct kunit *test, const struct kunit_expectation *expected,
                const char *format, ...);

__attribute__((noreturn)) void kunit_skip_case(struct kunit *test,
                                               const char *format, ...);

// Actions run when the case ends, the newest first, or when released.
typedef void (*kunit_action)(void *);
int kunit_add_action(struct kunit *test, kunit_action action, void *context);
void kunit_remove_action(struct kunit *test, kunit_action action,
                         void *context);
void kunit_release_action(struct kunit *test, kunit_action action,
                          void *context);

#ifdef __cplusplus
}  // extern "C"
#endif

#endif  // RESTREE_KERNEL_KUNIT_H_
