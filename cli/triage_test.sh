#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# From a crash to an answer: triage, minimize and export as their users run
# them, on good input and bad.
set -uo pipefail

# shellcheck source=cli/test_lib.sh
source cli/test_lib.sh

# A variant of the model that breaks laws, and is there whatever kernels are.
patch=--machine=model:altmap=patch

write_files() {
  echo 'r1 = request iomem 0x1000-0x1fff "low" mem busy' >good.trace
  echo 'r1 = reqest iomem 0x1000-0x1fff' >bad.trace
  {
    echo 'r7 = request iomem 0x8000-0x8fff "bus" mem'
    echo 'p3 = nvdimm_setup_pfn fsdax 0x0-0xfffffff align=1 parent=r7'
    echo 'memremap_pages p3'
    echo 'release r7'
  } >long.trace
  mkdir -p crashes/more
  cp good.trace long.trace crashes
  restree encode long.trace >crashes/more/0-crash-1
  {
    echo 'r1 = devm_request_region d0 iomem 0x0-0xfffffff "d"'
    echo 'p0 = nvdimm_setup_pfn fsdax 0x0-0xfffffff align=1 parent=r1'
    echo 'devm_memremap_pages d0 p0'
    echo 'unbind d0'
  } >unbind.trace
  restree encode unbind.trace >crashes/more/crash-2
}

# listing DIR: all that can be seen of it, but when it was read.
listing() {
  (cd "$1" && find . -printf '%p %y %m %s %T@ %C@ %l\n' | sort &&
    find . -type f -size -9000k -readable -print0 | sort -z |
    xargs -0r sha256sum)
}

# same OUT OUT: two triages wrote the same.
same() {
  diff -r -x work "$1" "$2" >differences ||
    fail "$1 and $2 differ: $(head -20 differences)"
}

triage_tells_bugs() {
  listing crashes >before
  ends 1 restree triage $patch crashes
  mentions err "all reports are in restree-triage"
  mentions out "4 inputs: "
  mentions out "VmemmapIsThereWhileMapped.memremap_pages.ok.alone"
  mentions out "0-crash-1"
  grep -q "gtest.cc not verified" out && fail "a test is not verified"
  cmp out restree-triage/report.txt ||
    fail "another report is printed"
  local file finding
  for file in report.{txt,json,html,sarif}; do
    [[ -s restree-triage/$file ]] || fail "no $file"
  done
  finding=$(echo restree-triage/findings/VmemmapIsThereWhileMapped.*)
  for file in finding.json minimal.trace minimal.bytes inputs.txt report.txt; do
    [[ -s $finding/$file ]] || fail "no $file in $finding"
  done
  ends 1 restree run $patch "$finding/minimal.trace"

  # Again, where all is done, and in a directory of its own.
  cp -r restree-triage first
  ends 1 restree triage $patch crashes && same first restree-triage
  ends 1 restree triage $patch --jobs=1 --out=again crashes && same first again
  for as in mail json html sarif; do
    ends 1 restree triage $patch --as=$as crashes
    [[ -s out ]] || fail "--as=$as prints nothing"
    [[ $as == mail ]] || cmp out restree-triage/report.$as ||
      fail "--as=$as prints something else"
  done
  listing crashes >after
  cmp before after || fail "the inputs were changed"
}

triage_knows_what_was_fixed() {
  cp -r first/findings known && cp -r known mended
  ends 0 restree triage $patch --out=known.out --known=known known
  mentions out "known"
  # Without the patch nothing fails.
  ends 0 restree triage --machine=model --out=mended.out mended
  mentions out "fixed"
}

examples_work() {
  local command
  for command in triage minimize export; do
    ends 0 restree help "$command" && mentions out "Usage: restree $command"
    sed '1,/^Example:$/d' out >example.sh
    [[ -s example.sh ]] || fail "$command --help has no example"
  done
  ends 0 restree help triage
  sed '1,/^Example:$/d' out >example.sh
  mkdir example
  ends 0 bash -c 'cd example && bash -euo pipefail ../example.sh'
}

usage_is_checked() {
  ends 2 restree triage && mentions err "no DIR"
  ends 2 restree triage a b && mentions err "one argument too many: b"
  ends 2 restree triage --bogus crashes && silent out
  ends 2 restree triage --as=pdf crashes
  mentions err '--as is text, mail, json, html or sarif, not "pdf"'
  ends 2 restree triage --jobs=0 crashes && mentions err "from 1 to 1024"
  ends 2 restree triage --timeout=0 crashes && mentions err "from 1 to 3600"
  ends 2 restree triage --out= crashes && mentions err "needs a directory"
  ends 2 restree triage --known=nowhere crashes
  mentions err "--known=nowhere is no directory"
  ends 3 restree triage --machine=linux-9.9 crashes && silent out
  mentions err "linux-9.9 is not available"
}

directories_that_are_none_are_refused() {
  mkdir empty
  ends 2 restree triage --out=o empty
  mentions err '"empty": nothing is in it'
  ends 2 restree triage --out=o none
  mentions err '"none": No such file or directory'
  ends 2 restree triage --out=o good.trace && mentions err "is a file"
  ends 2 restree triage --out=o $'no\nne' && mentions err '"no\nne": No such'
  [[ ! -e o ]] || fail "reports about nothing"
  local out
  for out in crashes crashes/out crashes/more/../x "$PWD/crashes/more"; do
    ends 2 restree triage "--out=$out" crashes
  done
  ln -s crashes/more link
  ends 2 restree triage --out=link/out crashes
  ends 2 bash -c 'cd crashes && restree triage .'
  listing crashes >after
  cmp before after || fail "the inputs were changed"
  : >file
  ends 2 restree triage --out=file crashes
  ends 2 restree triage --out=file/out crashes
  rm link file
}

odd_files_are_skipped_or_played() {
  mkdir odd odd/sub
  printf '\x89PNG\r\n\x1a\n\0\0\0\rIHDR' >odd/image.png
  cp /bin/true odd/elf
  head -c 3000 /dev/urandom >odd/crash-random
  truncate -s 1G odd/gigabyte
  : >odd/empty
  echo 'remember the milk' >odd/notes.txt
  cp bad.trace odd
  ln -s loop odd/loop
  ln -s .. odd/sub/up
  ln -s / odd/sub/root
  ln -s nowhere odd/dangling
  mkfifo odd/pipe
  cp good.trace "odd/"$'na\nme\e[2J\xff.trace'
  cp good.trace odd/.hidden
  listing odd >before.odd
  ends 0 restree triage --machine=model --out=odd.out odd
  mentions out "bad.trace: 1:6: unknown verb"
  mentions out "larger than 4 MiB"
  mentions out "a loop of symbolic links"
  mentions out "a symbolic link to nothing"
  mentions out "a named pipe"
  grep -q $'\e' out && fail "a name got through to the terminal"
  listing odd >after.odd
  cmp before.odd after.odd || fail "the inputs were changed"
  mkdir useless && cp bad.trace useless
  ends 2 restree triage --machine=model --out=useless.out useless
  mentions err "all 1 files are skipped"
}

# Root reads everything, unless it gives that up.
unreadable_files_are_skipped() {
  mkdir closed closed/sub && cp good.trace closed
  cp good.trace closed/no.trace
  chmod 0 closed/no.trace closed/sub
  local without=()
  if ((EUID == 0)); then
    without=(setpriv --bounding-set=-all --inh-caps=-all)
    "${without[@]}" true || return 0
  fi
  ends 0 "${without[@]}" restree triage --machine=model --out=closed.out closed
  mentions out "no.trace: cannot be read: Permission denied"
  mentions out "sub: cannot be read: Permission denied"
  chmod 700 closed/sub
}

full_disks_are_noticed() {
  ends 2 bash -c "trap '' XFSZ; ulimit -f 1; restree triage $patch \
    --out=full crashes"
  mentions err "cannot"
  [[ ! -e full/report.json ]] || fail "a report that is not complete"
  ends 1 restree triage $patch --out=full crashes && same first full
  ends 2 bash -c "restree triage $patch crashes >/dev/full"
  mentions err "No space left on device"
}

# Whenever it dies, the next one ends where the first would have.
triages_resume() {
  local seconds
  for seconds in 0.05 0.2 0.4 0.8; do
    timeout -s KILL $seconds restree triage $patch --out=killed crashes \
      >out 2>err
  done
  ends 1 restree triage $patch --out=killed crashes && same first killed
  for seconds in 0.1 0.3; do
    timeout -s INT $seconds restree triage $patch --out=stopped crashes \
      >out 2>err
  done
  ends 1 restree triage $patch --out=stopped crashes && same first stopped
  [[ -z $(find killed stopped -name '.*.tmp') ]] || fail "pieces are left"
}

minimize_minimizes() {
  {
    echo 'r7 = request iomem 0x8000-0x8fff "bus" mem'
    echo 'p3 = nvdimm_setup_pfn fsdax 0x0-0xfffffff align=1 parent=r7'
    echo 'memremap_pages p3'
    echo 'release r7'
  } >long.trace
  local machine=--machine=model:altmap=patch
  ends 0 restree minimize $machine long.trace
  mentions out "# VmemmapIsThereWhileMapped.memremap_pages.ok.alone"
  mentions err "4 ops to 2"
  [[ $(grep -vc '^#' out) == 2 ]] || fail "not two ops: $(<out)"
  cp out short.trace
  ends 1 restree run $machine short.trace
  restree encode long.trace >long.bytes
  ends 0 restree minimize $machine --out=short.again long.bytes && silent out
  diff <(grep -v '^#' short.trace) <(grep -v '^#' short.again) ||
    fail "text and bytes are not minimized alike"
  ends 0 restree minimize $machine --explain long.trace
  mentions out "traces where nothing fails, such as"
  ends 0 restree minimize $machine --json long.trace
  json 'it["to_ops"] == 2 and it["from_ops"] == 4 and it["complete"]'
  ends 2 restree minimize $machine --out=missing/x long.trace
  mentions err "cannot write" && mentions out "memremap_pages p0"
  ends 2 restree minimize good.trace && mentions err "nothing fails"
  ends 2 restree minimize && mentions err "no FILE"
  ends 2 restree minimize bad.trace && mentions err "bad.trace:1:6"
  ends 2 restree minimize --evaluations=0 good.trace
  ends 3 restree minimize --machine=linux-9.9 good.trace
}

exports_are_verified() {
  printf '%s\n' '# They share a byte.' 'r0 = request iomem 0x1-0x2' \
    'r1 = request iomem 0x2-0x3' >overlap.trace
  ends 0 restree export --as=gtest --machine=RequestOverlapsByOneByte \
    overlap.trace
  mentions out '// They share a byte.'
  shows err 'verified: fails on RequestOverlapsByOneByte, passes on model'
  ends 0 restree export --as=iomem overlap.trace
  shows out '00000001-00000002 : r0'
  ends 0 restree export --as=kunit --no-verify good.trace && silent err
  mentions out 'static void resource_test_'
  ends 1 bash -c 'echo "proc iomem" | restree export --as=kunit' && silent out
  mentions err 'no test: op 1, proc: it is seen from user space'
  ends 2 restree export good.trace
  mentions err '--as is kunit, gtest, iomem, dot or bytes'
  ends 2 restree export --as=iomem --step=2 good.trace && silent out
  ends 3 restree export --as=iomem --machine=linux-9.9 good.trace
}

write_files
run_tests triage_tells_bugs triage_knows_what_was_fixed examples_work \
  usage_is_checked directories_that_are_none_are_refused \
  odd_files_are_skipped_or_played unreadable_files_are_skipped \
  full_disks_are_noticed triages_resume minimize_minimizes exports_are_verified
