#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Runs a libFuzzer binary on a scratch corpus that starts from the seeds:
# run.sh FUZZER SEEDS [DICT] -- [libFuzzer arguments]
# A corpus or crash file among the arguments takes the place of the scratch
# corpus. Paths are relative to where `bazel run` was called.
set -euo pipefail

fuzzer=$PWD/$1 seeds=$PWD/$2
args=()
if [[ $3 != -- ]]; then
  args+=("-dict=$PWD/$3")
  shift
fi
shift 3

if symbolizer=$(command -v llvm-symbolizer-19 || command -v llvm-symbolizer)
then
  export ASAN_SYMBOLIZER_PATH=${ASAN_SYMBOLIZER_PATH:-$symbolizer}
fi
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}

scratch=$(mktemp -d "${TMPDIR:-/tmp}/$(basename "$fuzzer").XXXXXX")
mkdir "$scratch/corpus" "$scratch/artifacts"
echo "run.sh: corpus and artifacts are in $scratch" >&2

inputs=("$scratch/corpus" "$seeds")
for arg; do
  [[ $arg == -* ]] || inputs=()
done
cd "${BUILD_WORKING_DIRECTORY:-.}"
exec "$fuzzer" -artifact_prefix="$scratch/artifacts/" "${args[@]}" "$@" \
  "${inputs[@]}"
