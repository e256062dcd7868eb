#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Feeds linux_tree.sh trees and patches as people have them: good, mailed,
# damaged and hostile. The kernel here is a few numbered lines.
set -uo pipefail

script=$PWD/$1
failures=0
cd "$(mktemp -d "${TEST_TMPDIR:-/tmp}/linux_tree.XXXXXX")" || exit

fail() {
  echo "FAIL: $*"
  failures=$((failures + 1))
}

# Runs linux_tree.sh on the tree $src and the arguments. It never leaves half a
# tree behind, and never writes to the user's.
src=src
run() {
  local before
  before=$(find src -type f -exec md5sum {} + | sort)
  rm -rf out
  "$script" out "$src" "$@" >stdout 2>stderr
  status=$?
  [[ $before == "$(find src -type f -exec md5sum {} + | sort)" ]] ||
    fail "$*: wrote to the user's tree"
  ((status == 0)) || [[ ! -e out ]] || fail "$*: left files behind"
}

# takes WHAT GREP ARGUMENT...: succeeds, and the tree has a line like GREP.
takes() {
  local what=$1 line=$2
  shift 2
  run "$@"
  ((status == 0)) || fail "$what: status $status: $(<stderr)"
  grep -rq -- "$line" out || fail "$what: no '$line' in the tree"
  [[ -z $(find out -type l) ]] || fail "$what: a link in the tree"
}

# notes TEXT: the run before printed it.
notes() { grep -q -- "$1" stdout || fail "no '$1' in: $(<stdout)"; }

# refuses WHAT MESSAGE ARGUMENT...: a message and status 3, and the argument
# that it is about is named.
refuses() {
  local what=$1 message=$2
  shift 2
  run "$@"
  ((status == 3)) || fail "$what: status $status, want 3"
  grep -q -- "$message" stderr || fail "$what: no '$message' in: $(<stderr)"
  grep -qF -- "${1:-$src}" stderr || fail "$what: does not name ${1:-$src}"
}

# Prints a diff of the kernel that replaces each of the numbered lines given.
diff_of() {
  local file=${file:-kernel/resource.c} line edits=()
  for line; do edits+=(-e "s/^line $line\$/line $line, patched/"); done
  rm -rf a b
  cp -R src a && cp -R src b
  sed -i "${edits[@]}" "b/$file"
  diff -u "a/$file" "b/$file"
}

# Prints a mail with the subject $1 and standard input for body.
mail() {
  printf 'From 0000 Mon Sep 17 00:00:00 2001\n'
  printf 'From: A <a@example.com>\nDate: Thu, 1 Jan 1970 00:00:00 +0000\n'
  printf 'Subject: [PATCH] %s\n%s\n' "$1" "${2:-}"
  cat
  printf -- '-- \n2.39.5\n\n'
}

mkdir -p src/kernel src/include/linux src/drivers
seq -f 'line %g' 60 >src/kernel/resource.c
seq -f 'line %g' 20 >src/include/linux/ioport.h
seq -f 'line %g' 20 >src/drivers/other.c
echo 'int x = 1;' >src/include/linux/resource_ext.h
printf 'VERSION = 6\nPATCHLEVEL = 1\n' >src/Makefile

good_trees() {
  takes 'a tree' 'line 60'
  cp -R src 'a tree'
  src='a tree' takes 'a tree with a space' 'line 60'
  mkdir links
  cp -Rs "$PWD/src/." links
  diff_of 30 >link.diff
  src=links takes 'a tree of links' 'line 30, patched' link.diff
}

bad_trees() {
  src=nowhere refuses 'no tree' 'no such directory'
  src=link.diff refuses 'a file' 'not a directory'
  mkdir -p bare/kernel odd
  src=bare refuses 'an empty tree' 'lacks kernel/resource.c include/linux/iop'
  cp -R src/. odd
  rm odd/kernel/resource.c
  mkdir odd/kernel/resource.c
  src=odd refuses 'a directory for a file' 'resource.c is not a regular file'
  if ((EUID != 0)); then
    rmdir odd/kernel/resource.c
    install -m 0 src/kernel/resource.c odd/kernel/resource.c
    src=odd refuses 'an unreadable file' 'cannot read kernel/resource.c'
    mkdir -m 0 closed
    src=closed refuses 'an unreadable tree' 'closed: cannot read it'
  fi
}

good_patches() {
  diff_of 30 >plain.diff
  takes 'a diff' 'line 30, patched' plain.diff
  cp plain.diff "it's a \"patch\".diff"
  takes 'an odd name' 'line 30, patched' "it's a \"patch\".diff"
  { echo 'Says why.' && echo && cat plain.diff; } >prose.diff
  takes 'a diff below prose' 'line 30, patched' prose.diff
  sed 's/$/\r/' plain.diff >crlf.diff
  takes 'CR LF' 'line 30, patched$' crlf.diff
  notes 'CR LF'
  sed 's/^@@ -27,7 +27,7/@@ -17,7 +17,7/' plain.diff >moved.diff
  takes 'moved lines' 'line 30, patched' moved.diff
  notes 'offset 10 lines'
  printf -- '--- /dev/null\n+++ b/%s\n@@ -0,0 +1 @@\n+new\n' \
    include/linux/range.h >new.diff
  takes 'a new optional file' 'new' new.diff
  { file=drivers/other.c diff_of 10; cat plain.diff; } >both.diff
  takes 'a diff of more' 'line 30, patched' both.diff
  notes 'without effect: drivers/other.c'
  [[ ! -e out/drivers ]] || fail 'a file that is not in the build'
}

good_mails() {
  diff_of 30 >one.diff
  sed 's/, patched/, patched twice/; s/-line 30$/-line 30, patched/' one.diff \
    >two.diff
  echo 'What this is about.' | mail 'cover letter' >series.mbox
  mail 'one' <one.diff >>series.mbox
  mail 'two' <two.diff >>series.mbox
  takes 'a series' 'line 30, patched twice' series.mbox
  mail 'one' <one.diff | tail -n +2 >bare.eml
  takes 'a mail without From line' 'line 30, patched' bare.eml
  mail 'one' <one.diff | sed 's/$/\r/' >crlf.mbox
  takes 'CR LF' 'line 30, patched$' crlf.mbox
  notes 'CR LF'
  sed 's/=/=3D/g; s/patched/=70atched/' one.diff |
    mail 'one' $'Content-Transfer-Encoding: quoted-printable\n' >qp.mbox
  takes 'quoted-printable' 'line 30, patched' qp.mbox
  {
    mail 'one' $'Content-Transfer-Encoding: base64\n' </dev/null | head -n 6
    base64 one.diff
  } >base64.mbox
  takes 'base64' 'line 30, patched' base64.mbox
  mail 'one' <one.diff >bad.mbox
  mail 'again' <one.diff >>bad.mbox
  refuses 'a second mail that fails' 'mail 2, "again": does' bad.mbox
}

# Patches that are sound but not for this tree.
other_patches() {
  file=drivers/other.c diff_of 10 >other.diff
  refuses 'other files' 'changes no file of the build' other.diff
  printf -- '--- a/Makefile\n+++ b/Makefile\n@@ -1,2 +1,2 @@\n%s\n' \
    $'-VERSION = 6\n+VERSION = 7\n PATCHLEVEL = 1' >makefile.diff
  refuses 'an unbuilt file' 'changes no file of the build' makefile.diff
  diff_of 30 | sed 's#^\(---\|+++\) [ab]/#\1 #' >p0.diff
  refuses 'a diff for -p0' 'changes no file of the build' p0.diff
  diff_of 30 | sed 's/^ line 27$/ line 27, elsewhere/' >fuzz.diff
  refuses 'fuzz' 'without fuzz' fuzz.diff
  grep -q 'line 27, elsewhere' stderr || fail 'fuzz: hunk not shown'
  diff_of 5 30 | sed 's/line 30/line thirty/' >reject.diff
  refuses 'a reject' 'Rejected hunk #2' reject.diff
  diff_of 30 >ours.diff
  cp -R src newer
  (cd newer && patch -s -p1 <../ours.diff)
  src=newer refuses 'applied before' 'newer has it already' ours.diff
}

bad_patches() {
  refuses 'no file' 'no such file' nowhere.diff
  mkdir patches && refuses 'a directory' 'a directory' patches
  mkfifo pipe && refuses 'a pipe' 'not a regular file' pipe
  : >empty.diff && refuses 'an empty file' 'empty' empty.diff
  echo '<!doctype html><p>patch' >page.diff
  refuses 'a web page' 'no diff in it' page.diff
  echo 'I agree.' | mail 're: one' >reply.mbox
  refuses 'a reply' 'no diff in it' reply.mbox
  diff_of 30 >whole.diff
  gzip -k whole.diff && refuses 'gzip' 'compressed' whole.diff.gz
  xz -k whole.diff && refuses 'xz' 'compressed' whole.diff.xz
  iconv -t UTF-16 whole.diff >wide.diff && refuses 'UTF-16' 'text' wide.diff
  head -n 6 whole.diff >cut.diff && refuses 'a cut off' 'corrupt' cut.diff
  expand whole.diff | sed 's/^ //' >damaged.diff
  refuses 'lost blanks' 'not a diff that git can read' damaged.diff
  if ((EUID != 0)); then
    install -m 0 whole.diff secret.diff
    refuses 'an unreadable file' 'cannot read' secret.diff
  fi
}

git_header='diff --git a/kernel/resource.c b/kernel/resource.c'

hostile_patches() {
  printf '%s\nindex 1..2 100644\nGIT binary patch\nliteral 2\n%s\n\n' \
    "$git_header" 'JcmZPo000310RR91' >binary.diff
  refuses 'a binary patch' 'binary' binary.diff
  printf '%s\nindex 1..2 100644\nBinary files %s differ\n' "$git_header" \
    'a/kernel/resource.c and b/kernel/resource.c' >differ.diff
  refuses 'a binary difference' 'binary' differ.diff
  printf '%s\nsimilarity index 100%%\nrename from %s\nrename to %s\n' \
    'diff --git a/kernel/resource.c b/kernel/res.c' kernel/resource.c \
    kernel/res.c >rename.diff
  refuses 'a renamed file' 'renames kernel/resource.c' rename.diff
  diff -u --label a/kernel/resource.c --label /dev/null \
    src/kernel/resource.c /dev/null >delete.diff
  refuses 'a deleted file' 'deletes kernel/resource.c' delete.diff
  printf '%s\nnew file mode 120000\n%s\n%s\n@@ -0,0 +1 @@\n+/etc/passwd\n' \
    'diff --git a/include/linux/range.h b/include/linux/range.h' \
    '--- /dev/null' '+++ b/include/linux/range.h' >link.diff
  refuses 'a link' 'makes include/linux/range.h a link' link.diff
  printf -- '--- /dev/null\n+++ b/../escaped\n@@ -0,0 +1 @@\n+out\n' >up.diff
  refuses 'a path out of the tree' 'up.diff' up.diff
  [[ ! -e escaped && ! -e ../escaped ]] || fail 'a file outside the tree'
}

# git would look for a repository around, and read the user's configuration.
in_a_repository() {
  git init -q .
  git config apply.whitespace fix
  git config apply.ignoreWhitespace change
  takes 'a diff inside of a repository' 'line 30, patched' plain.diff
  sed 's/^ line 27/ line  27/' plain.diff >blanks.diff
  refuses 'other blanks' 'does not apply' blanks.diff
}

good_trees
bad_trees
good_patches
good_mails
other_patches
bad_patches
hostile_patches
in_a_repository
((failures == 0)) && echo 'linux_tree_test: all as expected'
