#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What tests of the command have in common. To be sourced where Bazel starts
# them; it leaves them in a directory of their own.
export PATH="$PWD:$PATH"
failures=0

# fail WHAT: counts a failure and says so, with the lines that led here.
fail() {
  echo "${0##*/}, lines ${BASH_LINENO[*]}: $1"
  failures=$((failures + 1))
}

# ends CODE COMMAND...: runs COMMAND, which must end with CODE. Leaves what it
# printed in the files out and err.
ends() {
  local want=$1 got=0
  shift
  "$@" >out 2>err </dev/null || got=$?
  ((got == want)) || fail "exit code $got, not $want: $* ($(head -3 err))"
}

# shows FILE TEXT: FILE, out or err, is TEXT.
shows() {
  [[ $(<"$1") == "$2" ]] || fail "$1 is not as expected: $(<"$1")"
}

# mentions FILE TEXT: TEXT is somewhere in FILE.
mentions() {
  grep -qF -- "$2" "$1" || fail "no \"$2\" in $1: $(<"$1")"
}

# json CONDITION: out is JSON, and CONDITION, in Python, holds of `it`.
json() {
  [[ -x /usr/bin/python3 ]] || return 0
  /usr/bin/python3 -c "import json
it = json.load(open('out'))
assert $1" || fail "not so: $1: $(<out)"
}

silent() {
  [[ ! -s $1 ]] || fail "$1 is not empty: $(head -3 "$1")"
}

# run_tests FUNCTION...: runs each, and ends the test.
run_tests() {
  local test
  for test in "$@"; do
    echo "== $test"
    "$test"
  done
  ((failures == 0)) || exit 1
  echo "all passed"
}

cd "$TEST_TMPDIR" || exit
