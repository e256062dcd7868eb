#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
set -uo pipefail

usage() {
  cat <<'EOF'
usage: ci/presubmit.sh [STEP...]

Checks what a reviewer should not have to, in all files that git tracks. Without
arguments runs every step; each that fails says how to fix it.

  format     clang-format leaves C and C++ as they are
  licence    every source file has an SPDX line
  size       lines fit 80 columns, sources 400 lines, BUILD files 500
  scripts    shellcheck has nothing to say
  floors     dependencies point down: model, properties and kernel, drivers
  tidy       clang-tidy has nothing to say (the slowest step; cached by Bazel)
EOF
}

steps=(format licence size scripts floors tidy)
c_files=('*.c' '*.cc' '*.h')
scripts=('*.sh' ci/browser ci/coverage ci/hunt ci/setup ci/test .ci/run)
build_files=(BUILD '*/BUILD' '*.BUILD' WORKSPACE '*/WORKSPACE' '*.bzl')
bazel=(--noshow_progress --ui_event_filters=-info)

# A checkout may belong to someone else, as in a container.
export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0='*'

# Prints its arguments, which say how to fix what was just printed, and fails.
fix() {
  echo "  fix: $*"
  return 1
}

format() {
  git ls-files -z -- "${c_files[@]}" |
    xargs -0r clang-format-19 --dry-run -Werror ||
    fix "git ls-files '*.c' '*.cc' '*.h' | xargs clang-format-19 -i"
}

licence() {
  local bare
  bare=$(git grep -L 'SPDX-License-Identifier: ' -- "${c_files[@]}" \
    "${scripts[@]}" "${build_files[@]}" '*.py' .bazelrc .clang-format \
    .clang-tidy .gitignore)
  [[ -z $bare ]] && return
  echo "$bare"
  fix "begin the file with a comment: SPDX-License-Identifier: Apache-2.0"
}

too_long() {
  local max=$1
  shift
  git ls-files -z -- "$@" | xargs -0r awk -v max="$max" '
    FNR == max + 1 { print FILENAME ": has more than " max " lines" }'
}

size() {
  local wide long
  wide=$(LC_ALL=C.UTF-8 git grep -nE '^.{81,}' -- "${c_files[@]}" \
    "${scripts[@]}")
  long=$(
    too_long 400 "${c_files[@]}" "${scripts[@]}" '*.bzl'
    too_long 500 BUILD '*/BUILD'
  )
  [[ -z $wide$long ]] && return
  printf '%s\n' "$wide" "$long" | sed '/^$/d'
  fix "break the line; split the file, each half about one noun"
}

scripts() {
  git ls-files -z -- "${scripts[@]}" | xargs -0r shellcheck ||
    fix "follow the advice above"
}

# Prints the arguments that are directories of packages, as a query.
packages() {
  local directory query='set()'
  for directory; do
    if [[ -n $(git ls-files -- "$directory/BUILD") ]]; then
      query+=" + //$directory/..."
    fi
  done
  echo "$query"
}

# Fails if anything in the directories $1 depends on the directories $2.
keep_below() {
  local below above culprits
  # shellcheck disable=SC2086
  below=$(packages $1) above=$(packages $2)
  culprits=$(bazel query "${bazel[@]}" --noimplicit_deps --notool_deps \
    "rdeps($below, deps($below) intersect ($above), 1) except ($above)") ||
    return 1
  [[ -z $culprits ]] && return
  echo "These depend on one of $2:"
  echo "$culprits"
  return 1
}

floors() {
  local drivers="fuzz corpus bench triage cli" status=0
  keep_below "model" "properties kernel $drivers" || status=1
  keep_below "properties" "kernel $drivers" || status=1
  keep_below "kernel" "properties $drivers" || status=1
  keep_below "corpus" "fuzz bench triage cli" || status=1
  keep_below "fuzz" "bench triage cli" || status=1  # has the corpus as data
  keep_below "bench" "triage cli" || status=1  # which measures fuzz targets
  keep_below "triage" "cli" || status=1
  ((status == 0)) || fix "move the code down a floor, or its user up"
}

tidy() {
  bazel build "${bazel[@]}" --keep_going --config=tidy //... ||
    fix "follow the advice above, or say NOLINT(check) and why"
}

for step; do
  case $step in
    --help | -h) usage && exit ;;
  esac
  [[ " ${steps[*]} " == *" $step "* ]] || { usage >&2 && exit 2; }
done
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit
failed=()
for step in "${@:-${steps[@]}}"; do
  echo "== $step"
  "$step" </dev/null || failed+=("$step")
done
if ((${#failed[@]})); then
  echo "ci/presubmit.sh: failed: ${failed[*]}"
  exit 1
fi
echo "ci/presubmit.sh: all steps passed"
