#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Runs the command as its users do, and looks at what they would see.
set -uo pipefail

# shellcheck source=cli/test_lib.sh
source cli/test_lib.sh
commands=(machines run hunt triage minimize import encode decode export)

write_files() {
  cat >good.trace <<'END'
# Two siblings touch.
r1 = request iomem 0x1000-0x1fff "low" mem busy  -> ok

r2 = request iomem 0x2000-0x2fff "high" mem busy  # no expectation
r3 = request iomem 0x1800-0x27ff "seam" mem  -> EBUSY
END
  cat >good.out <<'END'
# Two siblings touch.
r1 = request iomem 0x1000-0x1fff "low" mem busy -> ok

r2 = request iomem 0x2000-0x2fff "high" mem busy -> ok  # no expectation
r3 = request iomem 0x1800-0x27ff "seam" mem -> EBUSY r1
END
  cat >good.iomem <<'END'
00001000-00001fff : low
00002000-00002fff : high
END
  echo 'r1 = request iomem 0x1000-0x1fff "a" mem -> EBUSY r0' >unmet.trace
  echo 'r1 = reqest iomem 0x1000-0x1fff' >bad.trace
  {
    echo 'r1 = request_region ioport 0x60-0x6f "keyboard"'
    echo 'r2 = request iomem 0x1000-0x1fff "a" mem'
    echo 'r3 = request iomem 0x3000-0x3fff "b" mem'
    echo 'r4 = request r3 0x3000-0x3000 "c" mem'
    echo 'release r3'
  } >roots.trace
  {
    echo 'r1 = devm_request_region d0 iomem 0x1000-0x1fff "d"'
    echo 'r2 = root 0x0-0x0 "mine"'
    echo 'resource_list_add l3 r2'
    echo 'devm_release_region d1 iomem 0x0-0x0 -> ok warn=nonexistent'
    echo 'fail_alloc nth=4 times=1'
    echo 'strict_iomem relaxed'
  } >ledger.trace
}

help_is_there() {
  ends 0 restree help && silent err
  for command in "${commands[@]}"; do mentions out "  $command"; done
  cp out all
  ends 0 restree --help && shows out "$(<all)"
  ends 0 restree --version && mentions out "restree "
  ends 2 restree && mentions err "Usage: restree"
  ends 2 restree frobnicate && silent out
  mentions err 'unknown command "frobnicate"'
  mentions err "  import"
  ends 2 restree help frobnicate && mentions err "unknown command"
  ends 2 restree explore x
}

# The lines behind "Example:" are run as they stand.
examples_work() {
  local command
  for command in machines run import encode decode minimize; do
    ends 0 restree help "$command"
    mentions out "Usage: restree $command"
    ends 0 restree "$command" --help && silent err
    sed '1,/^Example:$/d' out >example.sh
    [[ -s example.sh ]] || fail "$command --help has no example"
    rm -rf example && mkdir example
    ends 0 bash -c 'cd example && bash -euo pipefail ../example.sh'
  done
}

usage_is_checked() {
  local command
  for command in machines run import encode decode minimize; do
    ends 2 restree "$command" --bogus && silent out
    mentions err "restree $command: unknown flag --bogus"
    mentions err "Try: restree $command --help"
  done
  ends 2 restree run && mentions err "no FILE"
  ends 2 restree import a b && mentions err "one argument too many: b"
  ends 2 restree import --root=irq && mentions err "iomem or ioport"
  ends 2 restree run --machine=model, good.trace && mentions err "missing"
  ends 2 restree run --quiet --ops good.trace
}

machines_are_listed() {
  ends 0 restree machines && mentions out "oracle" && mentions out "model"
  ends 0 restree machines --json && mentions out '"name": "model"'
  json '[machine["name"] for machine in it][:2] == ["oracle", "model"]'
  json 'all(machine["available"] and not machine["cannot_play"]
            for machine in it[:2])'
  ends 0 restree machines && mentions out "plays 71 of 71 verbs"
  ends 0 restree run --machine=model,oracle good.trace
  # A kernel is there or says why it is not.
  ends 0 restree machines && mentions out "linux-6.1 "
  if restree run --machine=linux-6.1 good.trace >out 2>err; then
    ends 0 restree machines
    mentions out "not walk_system_ram_res_rev, find_resource_space"
  else
    ends 3 restree run --machine=linux-6.1 good.trace && silent out
    mentions err "machine linux-6.1 is not available: "
  fi
  ends 3 restree run --machine=linux-9.9 good.trace && silent out
  mentions err "machine linux-9.9 is not available in this build"
  mentions err "available: oracle, model"
}

run_prints_ops_and_state() {
  ends 0 restree run --ops good.trace && silent err
  shows out "$(<good.out)"
  ends 0 restree run --quiet good.trace && shows out "$(<good.iomem)"
  ends 0 restree run good.trace
  shows out "$(cat good.out && echo && cat good.iomem)"
  ends 0 restree run --quiet --flags good.trace
  mentions out "00001000-00001fff : low  [r1 mem busy]"
  ends 0 restree run --quiet roots.trace
  shows out "00001000-00001fff : a
ioport:
0060-006f : keyboard
in no tree:
00003000-00003fff : b
  00003000-00003000 : c"
  ends 0 restree run --ops good.trace roots.trace
  mentions out "# good.trace" && mentions out "# roots.trace"
  ends 0 restree run --quiet ledger.trace
  shows out "00001000-00001fff : d
in no tree:
00000000-00000000 : mine
d0: region iomem 0x1000-0x1fff
l3: r2
fail_alloc nth=4 times=1
iomem=relaxed"
  ends 0 restree run --quiet --flags ledger.trace
  mentions out "[r1 region mem busy]" && mentions out "d0: region iomem"
  ends 0 restree run --json ledger.trace
  json 'it[0]["ledger"]["devres"][0]["start"] == "0x1000"'
  json 'it[0]["ledger"]["listed"] == [{"list": "l3", "slot": "r2"}]'
  json 'it[0]["ledger"]["fail_nth"] == 4 and it[0]["ledger"]["live"] == 3'

  # What was seen is what is expected the next time.
  restree run --ops good.trace >seen.trace
  ends 0 restree run --ops seen.trace && shows out "$(<seen.trace)"
  ends 0 bash -c 'restree run --ops - <good.trace'
  shows out "$(<good.out)"
  ends 0 restree run --json good.trace && mentions out '"observed": "EBUSY r1"'
  json '[op["observed"] for op in it[0]["ops"]] == ["ok", "ok", "EBUSY r1"]'
  json 'it[0]["failure"] is None and it[0]["state"][1]["name"] == "low"'
}

run_reports_what_is_wrong() {
  ends 1 restree run unmet.trace
  shows err "unmet.trace:1:45: expected EBUSY r0, observed ok"
  {
    echo 'r1 = request iomem 0x1-0x2 "a -> b" mem  ->  EBUSY # -> ok'
  } >arrows.trace
  ends 1 restree run arrows.trace
  shows err "arrows.trace:1:46: expected EBUSY, observed ok"
  echo "release r1 -> ok$(printf ' 0x%x' {1..9999})" >long.trace
  ends 1 restree run long.trace
  (($(wc -c <err) < 400)) || fail "the message is long"
  ends 1 restree run --json unmet.trace && mentions out '"met": false'
  ends 2 restree run bad.trace && silent out && mentions err "bad.trace:1:6: "
  ends 2 restree run unmet.trace bad.trace good.trace
  mentions out "# good.trace"
  ends 2 restree run missing.trace
  shows err 'cannot read "missing.trace": No such file or directory'
  ends 2 restree run '' && mentions err 'cannot read "": No such file'
  ends 2 restree run $'a\nb\e' && mentions err 'read "a\nb\x1b": No such'
  printf 'x' >$'odd\nname'
  ends 2 restree run $'odd\nname' && mentions err 'odd\nname:1:1: '
  ends 2 restree run .
  mentions err "Is a directory"
  ends 2 bash -c 'restree run - <bad.trace' && mentions err "<stdin>:1:6: "
}

too_much_input_is_refused() {
  truncate -s 1100M huge
  ends 2 restree run huge && shows err "huge: is larger than 1 GiB"
  ends 2 restree decode /dev/zero
  shows err "/dev/zero: is larger than 1 GiB"
  rm huge
  # A sanitizer's shadow does not fit under any limit.
  (ulimit -v 500000 && restree help) >out 2>&1 || return
  head -c 20000000 /dev/zero | tr '\0' '\n' >newlines
  # The judges need little. Each kernel reserves addresses.
  ends 0 bash -c 'ulimit -v 500000 && restree run --machine=model \
    --quiet newlines'
  ends 2 bash -c 'ulimit -v 150000 && restree run --quiet newlines'
  mentions err "restree: out of memory: "
  rm newlines
}

import_and_run_are_inverse() {
  local file
  ends 0 restree import good.iomem && mentions out "# ranges and names."
  ends 0 bash -c 'restree import good.iomem | restree run --quiet -'
  shows out "$(<good.iomem)"
  ends 0 bash -c 'restree import - <good.iomem'
  printf '0060-006f : keyboard\n' >ports
  ends 0 bash -c 'restree import ports | restree run --quiet -'
  shows out "0060-006f : keyboard"
  printf '00000060-0000006f : keyboard\n' | tee ioports a.ioports >b-ioports.txt
  for file in ioports a.ioports b-ioports.txt; do
    ends 0 restree import "./$file" && mentions out "request ioport"
  done
  ends 0 restree import --root=iomem ioports && mentions out "request iomem"
  printf '00001000-00001fff : a\n 00001000-00001fff : b\n' >odd.iomem
  ends 2 restree import odd.iomem && silent out
  shows err "odd.iomem:2:2: odd indentation; a level is two spaces"
  printf '00000000-00000000 : a\n' >zeros.iomem
  ends 2 restree import zeros.iomem && mentions err "run as root"
  : >empty.iomem
  ends 0 bash -c 'restree import empty.iomem | restree run --quiet -'
  silent out
}

# This machine's own tree, where it may be read.
own_iomem_survives() {
  local file
  for file in /proc/iomem /proc/ioports; do
    if ! restree import "$file" >own.trace 2>err; then
      echo "skipped: $(<err)"
      continue
    fi
    ends 0 bash -c 'restree run --quiet - <own.trace'
    cmp out "$file" || fail "$file is not what was imported"
  done
}

codecs_are_inverse() {
  restree run --ops good.trace | sed 's/ -> .*//; /^#/d; /^$/d' >bare.trace
  ends 0 restree encode --out=good.bytes good.trace && silent out
  ends 0 restree decode good.bytes && shows out "$(<bare.trace)"
  ends 2 restree encode bad.trace && mentions err "bad.trace:1:6: "
  local seed hex
  for seed in 1 2 3 4 5 6 7 8; do
    # Any bytes are some trace, and it is canonical and can be played.
    RANDOM=$seed
    for _ in {1..3000}; do
      printf -v hex %x $((RANDOM & 255))
      printf '%b' "\\x$hex"
    done >random.bytes
    ends 0 restree decode --out=random.trace random.bytes
    [[ -s random.trace ]] || fail "3000 bytes decode to nothing"
    ends 0 bash -c 'restree encode random.trace | restree decode'
    cmp -s out random.trace || fail "decode is not the inverse of encode"
    ends 0 restree run --quiet random.trace
  done
}

# 5000 resources: more than the oracle plays, and more than a pipe holds.
big_traces_end() {
  local i
  for ((i = 0; i < 5000; i++)); do
    printf '%08x-%08x : number %d\n' $((i * 16)) $((i * 16 + 15)) $i
  done >big.iomem
  restree import big.iomem >big.trace
  ends 0 restree run --quiet big.trace
  cmp -s out big.iomem || fail "the big tree is not what was imported"
  shows err "big.trace: more than 4096 resources: the oracle, which is slow, \
sits out"
  ends 0 bash -o pipefail -c 'restree run big.trace | head -1'
  ends 0 bash -o pipefail -c 'restree import big.iomem | head -1' && silent err
}

hunt_hunts() {
  ends 0 restree hunt --seconds=2 --jobs=1 --out=campaign
  mentions out "findings         none" && mentions out "distinct states"
  mentions err "1 fuzzer at work"
  [[ $(<campaign/report.txt) == "$(<out)" ]] || fail "the report is another"
  ends 0 restree hunt --help && mentions out "Usage: restree hunt"
  sed '1,/^Example:$/d' out >example.sh
  rm -rf example && mkdir example
  ends 0 bash -c 'cd example && bash -euo pipefail ../example.sh'
  mentions out "in all runs of this directory" && mentions err "resuming"
}

hunt_checks_its_flags() {
  ends 2 restree hunt --bogus && mentions err "unknown flag --bogus"
  ends 2 restree hunt --seconds=abc && silent out
  ends 2 restree hunt --seconds=10000000000
  mentions err "--seconds needs a number up to 1000000000"
  ends 2 restree hunt --fuzzer=x --sanitizers=all
  mentions err "not together with --fuzzer"
  : >file
  ends 2 restree hunt --seconds=1 --out=file && silent out
  ends 3 restree hunt --seconds=1 --machine=linux-9.9 && silent out
  mentions err "linux-9.9 is not available"
  ends 3 restree hunt --seconds=1 --fuzzer=/nonexistent && silent out
  mentions err "cannot run the fuzzer /nonexistent"
  [[ ! -e restree-hunt ]] || fail "a hunt that cannot be left a directory"
}

failed_writes_are_noticed() {
  local command
  for command in "run good.trace" "import good.iomem" "encode good.trace" \
    "decode good.trace" "machines" "help" "import big.iomem"; do
    ends 2 bash -c "restree $command >/dev/full"
    mentions err "cannot write standard output: No space left on device"
  done
  ends 2 restree encode --out=/dev/full good.trace
  mentions err "cannot write \"/dev/full\": No space left on device"
  ends 2 restree encode --out=missing/file good.trace
  mentions err "cannot write \"missing/file\": No such file or directory"
  ends 2 bash -c "restree help >&-"
}

write_files
run_tests help_is_there examples_work usage_is_checked machines_are_listed \
  run_prints_ops_and_state run_reports_what_is_wrong too_much_input_is_refused \
  import_and_run_are_inverse own_iomem_survives codecs_are_inverse \
  big_traces_end hunt_hunts hunt_checks_its_flags failed_writes_are_noticed
