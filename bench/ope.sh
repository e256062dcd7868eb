#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
set -euo pipefail

usage() {
  cat <<'USAGE'
usage: bazel run //bench:ope -- [--seconds=10] [--rounds=3]

Prints OPE, ops per empty execution: the ops that kernel_fuzzer plays in a
second, in full lockstep and with all checks, divided by the executions of a
fuzz target that does nothing, built the same way. Runs the two in turns, one
process at a time, and takes medians, so that the machine's speed cancels out.
RESTREE_MACHINES chooses among the kernels.
USAGE
}

seconds=10
rounds=3
for argument; do
  case $argument in
    --seconds=*) seconds=${argument#*=} ;;
    --rounds=*) rounds=${argument#*=} ;;
    --help | -h) usage && exit ;;
    *) usage >&2 && exit 2 ;;
  esac
done
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

# Runs a fuzzer as `restree hunt` does.
fuzz() {
  "$1" -max_total_time="$seconds" -seed=1 -max_len=8192 -len_control=0 \
    -entropic=0 -detect_leaks=0 -print_final_stats=1 "$scratch/corpus"
}

# Prints the executions per second of the empty target $1.
execs() {
  mkdir -p "$scratch/corpus"
  fuzz "$1" 2>&1 | awk -v seconds="$seconds" '
    /stat::number_of_executed_units/ { print int($2 / seconds) }'
  rm -r "$scratch/corpus"
}

# Prints the ops per second of the fuzzer $1. fuzz/stats.h counts them, as the
# third number of its file.
ops() {
  cp -RL fuzz/kernel_fuzzer_corpus "$scratch/corpus"
  chmod -R u+w "$scratch/corpus"
  RESTREE_STATS=$scratch/stats RESTREE_FINDINGS=$scratch fuzz "$1" 2>/dev/null
  od -An -t u8 -j 16 -N 8 "$scratch/stats" |
    awk -v seconds="$seconds" '{ print int($1 / seconds) }'
  rm -r "$scratch/corpus" "$scratch/stats"
}

# Prints the OPE of the targets whose names end in $1.
measure() {
  local i
  for ((i = 0; i < rounds; ++i)); do
    execs "fuzz/empty_fuzzer_libfuzzer$1" >>"$scratch/execs$1"
    ops "fuzz/kernel_fuzzer_libfuzzer$1" >>"$scratch/ops$1"
  done
  awk -v ops="$(median <"$scratch/ops$1")" \
    -v execs="$(median <"$scratch/execs$1")" -v kind="$2" 'BEGIN {
      printf "%-20s %10d ops/s  %10d empty exec/s  OPE %.2f\n",
        kind, ops, execs, ops / execs }'
}

measure _nosan "without sanitizers"
measure "" "with ASan and UBSan"
