// SPDX-License-Identifier: Apache-2.0
//
// A small KUnit.
#include "kernel/kunit_runner.h"

#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "kernel/api.h"
#include "kernel/arena.h"
#include "kernel/kunit.h"
#include "kernel/runtime.h"
#include "model/observation.h"

namespace {

struct Action {
  kunit_action run;
  void *context;
};

// KUnit runs one case at a time, and a kernel's test knows only its kunit.
std::vector<Action> actions;
jmp_buf end_of_case;

std::vector<kunit_suite *> &Suites() {
  static auto *suites = new std::vector<kunit_suite *>;
  return *suites;
}

// printf() with the kernel's %pR, in integers and pointers.
std::string FormatKernel(const std::string &format, va_list arguments) {
  std::string out;
  for (size_t at = 0; at < format.size();) {
    size_t end = at + 1;
    if (format[at] == '%') end = format.find_first_of("diouxXscpR%", end);
    if (end == std::string::npos) break;
    std::string piece = format.substr(at, end - at);
    if (format[at] == '%') piece += format[end++];
    at = end;
    if (piece[0] != '%' || piece == "%%") {
      out += piece[0];
    } else if (piece == "%p" && at < format.size() && format[at] == 'R') {
      ++at;
      const auto *r = va_arg(arguments, const resource *);
      absl::StrAppendFormat(&out, "[0x%x-0x%x flags 0x%x]", r->start, r->end,
                            r->flags);
    } else {
      char text[256];
      va_list one;
      va_copy(one, arguments);
      vsnprintf(text, sizeof(text), piece.c_str(), one);
      va_end(one);
      out += text;
      va_arg(arguments, void *);
    }
  }
  return out;
}

void RunActions() {
  while (!actions.empty()) {
    const Action action = actions.back();
    actions.pop_back();
    action.run(action.context);
  }
}

// Takes the newest such action off the list. Returns whether there was one.
bool TakeAction(kunit_action run, void *context) {
  for (auto it = actions.rbegin(); it != actions.rend(); ++it) {
    if (it->run == run && it->context == context) {
      actions.erase(std::next(it).base());
      return true;
    }
  }
  return false;
}

// Runs the case, and what it left to do. Failed assertions jump past frames of
// C alone.
void RunBody(kunit_suite *suite, const kunit_case &one, kunit *test) {
  if (setjmp(end_of_case) == 0) {
    test->failed = suite->init != nullptr && suite->init(test) != 0;
    if (!test->failed) one.run_case(test);
  }
  if (setjmp(end_of_case) == 0 && suite->exit != nullptr) suite->exit(test);
  RunActions();
}

// The memory of a program itself, such as a test's static resources, is no
// slab's, and the kernel may ask that.
restree::Object *FindStatic(void *, const void *memory) {
  static restree::Object object;
  object.is_live = true;
  Dl_info where;
  return dladdr(memory, &where) != 0 ? &object : nullptr;
}

// A case fails, too, where the kernel's code goes against its own rules, or
// where it and the case leave memory behind.
void RunCase(kunit_suite *suite, const kunit_case &one, uint16_t warnings,
             kunit *test) {
  restree::Runtime runtime;
  runtime.find_static = FindStatic;
  restree::Observation seen;
  runtime.Begin(&seen);
  const bool finished =
      runtime.Call([suite, &one, test] { RunBody(suite, one, test); });
  runtime.End();
  actions.clear();
  if (!finished || (seen.warnings & ~warnings) != 0) {
    test->failed = true;
    printf("    # %s: %s\n", test->name, ObservationText(seen).c_str());
  }
  const uint64_t live = runtime.arena.kernel_live();
  if (!test->failed && !test->skipped && live != 0) {
    test->failed = true;
    printf("    # %s: leaks %d objects\n", test->name, static_cast<int>(live));
  }
}

// Returns whether all of it passed.
bool RunSuite(kunit_suite *suite, uint16_t warnings) {
  int cases = 0;
  while (suite->test_cases[cases].run_case != nullptr) ++cases;
  printf("    KTAP version 1\n    # Subtest: %s\n    1..%d\n", suite->name,
         cases);
  const bool ready =
      suite->suite_init == nullptr || suite->suite_init(suite) == 0;
  if (!ready) printf("    # suite_init failed\n");
  bool passed = ready;
  for (int i = 0; ready && i < cases; ++i) {
    kunit test = {};
    test.name = suite->test_cases[i].name;
    RunCase(suite, suite->test_cases[i], warnings, &test);
    printf("    %s %d %s%s\n", test.failed ? "not ok" : "ok", i + 1, test.name,
           test.skipped ? " # SKIP" : "");
    passed &= !test.failed;
  }
  if (suite->suite_exit != nullptr) suite->suite_exit(suite);
  return passed;
}

}  // namespace

void kunit_register(kunit_suite *suite) { Suites().push_back(suite); }

void kunit_fail(kunit *test, const kunit_expectation *expected,
                const char *format, ...) {
  test->failed = true;
  va_list arguments;
  va_start(arguments, format);
  const std::string more = FormatKernel(format, arguments);
  va_end(arguments);
  printf("    # %s: %s FAILED at %s:%d\n", test->name,
         expected->is_assertion ? "ASSERTION" : "EXPECTATION", expected->file,
         expected->line);
  if (expected->left != nullptr) {
    printf("        Expected %s %s %s, got 0x%llx and 0x%llx\n", expected->left,
           expected->relation, expected->right, expected->left_value,
           expected->right_value);
  }
  if (!more.empty()) printf("        %s\n", more.c_str());
  if (expected->is_assertion) longjmp(end_of_case, 1);
}

void kunit_skip_case(kunit *test, const char *, ...) {
  test->skipped = true;
  longjmp(end_of_case, 1);
}

int kunit_add_action(kunit *, kunit_action action, void *context) {
  actions.push_back({action, context});
  return 0;
}

void kunit_remove_action(kunit *, kunit_action action, void *context) {
  TakeAction(action, context);
}

void kunit_release_action(kunit *, kunit_action action, void *context) {
  if (TakeAction(action, context)) action(context);
}

namespace restree {

bool RunKunitSuites(uint16_t warnings) {
  setvbuf(stdout, nullptr, _IOLBF, 0);  // the kernel's code may crash
  const size_t suites = Suites().size();
  printf("KTAP version 1\n1..%zu%s\n", suites,
         suites == 0 ? " # SKIP this kernel has no tests of its own" : "");
  bool passed = true;
  for (size_t i = 0; i < suites; ++i) {
    const bool ok = RunSuite(Suites()[i], warnings);
    printf("%s %zu %s\n", ok ? "ok" : "not ok", i + 1, Suites()[i]->name);
    passed &= ok;
  }
  return passed;
}

}  // namespace restree
