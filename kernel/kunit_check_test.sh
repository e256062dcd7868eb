#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# A KUnit that cannot fail would say that any kernel is in order.
set -uo pipefail

"$1" >"$TEST_TMPDIR/got"
status=$?
got=$(sed 's/got 0x[0-9a-f]* and 0x0$/got POINTER and 0x0/' "$TEST_TMPDIR/got")
if [[ $got == *'# SKIP this kernel has no tests'* ]]; then
  echo 'kunit_check_test: no kernel, so skipped'
  exit
fi
want='KTAP version 1
1..1
    KTAP version 1
    # Subtest: check
    1..5
    ok 1 passes
    # expects: EXPECTATION FAILED at kernel/kunit_check.c:23
        Expected 1 == 2, got 0x1 and 0x2
    # expects: EXPECTATION FAILED at kernel/kunit_check.c:24
        Expected r.start == 0 == true, got 0x0 and 0x1
        [0x1000-0x1fff flags 0x200] is number 7
    not ok 2 expects
    # asserts: ASSERTION FAILED at kernel/kunit_check.c:37
        Expected test == NULL, got POINTER and 0x0
    # asserts: EXPECTATION FAILED at kernel/kunit_check.c:28
        an action
    not ok 3 asserts
    ok 4 skips # SKIP
    # breaks_a_rule: ok warn=BUG
    not ok 5 breaks_a_rule
not ok 1 check'
diff <(cat <<<"$got") <(cat <<<"$want") && ((status == 1)) &&
  echo 'kunit_check_test: as expected'
