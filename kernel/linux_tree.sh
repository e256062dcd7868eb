#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
set -uo pipefail

usage() {
  cat <<'EOF'
usage: kernel/linux_tree.sh OUT SRC [PATCH]

Copies the files of tree_files.txt from the kernel tree SRC to the directory
OUT, and applies PATCH to the copies: a unified diff, or a mailbox of patches,
which are applied in order. Prints notes, such as what of PATCH has no effect.

What cannot be used ends this with status 3, OUT as it was, and an explanation
on standard error. A patch must apply without fuzz, so that it is certain what
is tested; lines may have moved.
EOF
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)

die() {
  printf '%s\n' "$*" >&2
  exit 3
}

note() { echo "note: $*"; }

# Prints what stands before each line of input that is to be quoted.
quote() { sed 's/^/    /'; }

# Prints the files of tree_files.txt, or those of the kind $1.
tree_files() {
  sed -nE "s/^(${1:-[a-z]*}) //p" "$here/tree_files.txt"
}

# Prints some of the arguments, and how many more there are.
some() {
  local more=$(($# - 5))
  echo -n "${*:1:5}"
  ((more <= 0)) || echo -n " and $more more"
}

# What the user's own configuration says of whitespace, or a repository around
# the scratch directory, must not change what a patch does.
isolated_git() {
  GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null \
    GIT_CEILING_DIRECTORIES=$scratch LC_ALL=C \
    env -u GIT_DIR -u GIT_WORK_TREE git "$@"
}

check_tree() {
  local file lacks=()
  [[ -e $src ]] || die "LINUX_SRC=$src: no such directory"
  [[ -d $src ]] || die "LINUX_SRC=$src: not a directory; unpack it if it is" \
    "an archive"
  [[ -r $src && -x $src ]] || die "LINUX_SRC=$src: cannot read it"
  while read -r file; do
    [[ -e $src/$file ]] || lacks+=("$file")
  done < <(tree_files required)
  ((${#lacks[@]} == 0)) || die "LINUX_SRC=$src: not a kernel tree, it lacks" \
    "${lacks[*]}"
}

# Copies, since a patch through a link would change the user's own tree.
copy_tree() {
  local file
  while read -r file; do
    [[ -e $src/$file ]] || continue
    [[ -f $src/$file ]] || die "LINUX_SRC=$src: $file is not a regular file"
    mkdir -p "$tree/$(dirname "$file")"
    cat -- "$src/$file" >"$tree/$file" 2>/dev/null ||
      die "LINUX_SRC=$src: cannot read $file"
  done < <(tree_files)
}

check_patch() {
  local magic
  [[ -e $patch ]] || die "LINUX_PATCH=$patch: no such file"
  [[ ! -d $patch ]] || die "LINUX_PATCH=$patch: a directory; it takes one" \
    "file, such as: cat $patch/*.patch >all.patch"
  [[ -f $patch ]] || die "LINUX_PATCH=$patch: not a regular file"
  cat -- "$patch" >"$scratch/patch" 2>/dev/null ||
    die "LINUX_PATCH=$patch: cannot read it"
  [[ -s $patch ]] || die "LINUX_PATCH=$patch: empty"
  magic=$(od -An -tx1 -N4 "$scratch/patch" | tr -d ' ')
  case $magic in
    1f8b* | fd377a58 | 425a68* | 28b52ffd)
      die "LINUX_PATCH=$patch: compressed; decompress it"
      ;;
  esac
  ! LC_ALL=C grep -qaP '\x00' "$scratch/patch" ||
    die "LINUX_PATCH=$patch: not text"
}

# Splits the patch into $scratch/pieces/<number>, one a mail, with what to call
# each in <number>.title. git takes off what mail put on, such as
# quoted-printable.
split_patch() {
  local pieces=$scratch/pieces mail info
  local header='(From|To|Cc|Subject|Date|Return-Path|Received|Message-ID'
  header+='|Delivered-To|MIME-Version|DKIM-Signature|X-[A-Za-z-]+):'
  mkdir "$pieces" "$scratch/mails"
  if ! grep -m1 '[^[:space:]]' "$scratch/patch" |
    grep -qiE "^(From |$header)"; then
    cp "$scratch/patch" "$pieces/1"
    return
  fi
  isolated_git mailsplit -b --keep-cr -o"$scratch/mails" "$scratch/patch" \
    >/dev/null 2>&1 || die "LINUX_PATCH=$patch: not a mailbox that git can read"
  for mail in "$scratch/mails"/*; do
    info=$(isolated_git mailinfo -n --quoted-cr=nowarn /dev/null \
      "$pieces/${mail##*/}" <"$mail" 2>/dev/null) ||
      die "LINUX_PATCH=$patch: mail ${mail##*/} is not one that git can read"
    sed -n 's/^Subject: //p' <<<"$info" | tr -d '\r' \
      >"$pieces/${mail##*/}.title"
  done
}

# Prints the name of the piece $1 for a person.
title() {
  [[ -e $1.title ]] || { echo "LINUX_PATCH=$patch" && return; }
  echo "LINUX_PATCH=$patch: mail $((10#${1##*/})), \"$(<"$1.title")\""
}

# Prints the hunks of the piece $1 that do not apply.
explain_reject() {
  local file
  cp -R "$tree" "$scratch/try"
  if (cd "$scratch/try" && isolated_git apply -R "${only[@]}" "$1") 2>/dev/null
  then
    echo "LINUX_SRC=$src has it already."
    return
  fi
  rm -rf "$scratch/try"
  cp -R "$tree" "$scratch/try"
  (
    cd "$scratch/try" || exit
    isolated_git apply --reject --whitespace=nowarn "${only[@]}" "$1" 2>&1 |
      grep -E '^(Checking|Applying|Rejected|error)' | grep -v '^Checking'
    find . -name '*.rej' | sort | while read -r file; do
      head -n 40 "$file" | tr -d '\r'
    done
  ) | quote
  echo "It must apply without fuzz: rebase it on the tree that LINUX_SRC names."
}

# Applies the piece $1 as far as it is about files in the build.
apply_piece() {
  local piece=$1 error listed file output mine=()
  if LC_ALL=C grep -q $'\r$' "$piece"; then
    sed -i 's/\r$//' "$piece"
    note "$(title "$piece"): lines end in CR LF; taken as LF"
  fi
  error=$( (cd "$tree" && isolated_git apply --allow-empty --numstat -z \
    "$piece") 2>&1 >"$scratch/listed") ||
    die "$(title "$piece"): not a diff that git can read: ${error#error: }"
  mapfile -d '' -t listed <"$scratch/listed"
  for file in "${listed[@]#*$'\t'*$'\t'}"; do
    case ${kind[$file]:-} in
      required | optional) mine+=("$file") touched+=("$file") ;;
      unbuilt) mine+=("$file") ignored+=("$file") ;;
      *) ignored+=("$file") ;;
    esac
  done
  while read -r file; do
    ! grep -qxF "rename from $file" "$piece" ||
      die "$(title "$piece"): renames $file, which the build needs by that name"
  done < <(tree_files)
  ((${#mine[@]})) || return 0
  only=("${mine[@]/#/--include=}")
  if ! output=$(cd "$tree" && isolated_git apply -v --whitespace=nowarn \
    "${only[@]}" "$piece" 2>&1); then
    die "$(title "$piece"): does not apply to LINUX_SRC=$src"$'\n'"$(
      explain_reject "$piece")"
  fi
  while read -r file; do
    note "$(title "$piece"): ${file%.}"
  done < <(grep '^Hunk' <<<"$output")
}

apply_patch() {
  local piece
  for piece in "$scratch/pieces"/*; do
    [[ $piece == *.title ]] || apply_piece "$piece"
  done
  if ((${#touched[@]} == 0 && ${#ignored[@]} == 0)); then
    die "LINUX_PATCH=$patch: no diff in it"
  elif ((${#touched[@]} == 0)); then
    die "LINUX_PATCH=$patch: changes no file of the build, only" \
      "$(some "${ignored[@]}")"$'\n'"kernel/tree_files.txt lists those of" \
      "the build, such as kernel/resource.c; paths are as for \`patch -p1\`."
  elif ((${#ignored[@]})); then
    note "LINUX_PATCH=$patch: not in the build, so without effect:" \
      "$(some "${ignored[@]}")"
  fi
}

# A patch can delete a file, or put a link in its place.
check_result() {
  local file
  while read -r file; do
    [[ ! -L $tree/$file ]] || die "LINUX_PATCH=$patch: makes $file a link"
  done < <(tree_files)
  while read -r file; do
    [[ -f $tree/$file ]] || die "LINUX_PATCH=$patch: deletes $file"
  done < <(tree_files required)
}

case ${1:-} in
  --help | -h) usage && exit ;;
esac
(($# == 2 || $# == 3)) || { usage >&2 && exit 2; }
out=$1 src=$2 patch=${3:-}
scratch=$(mktemp -d) || exit 3
trap 'rm -rf "$scratch"' EXIT
tree=$scratch/tree
mkdir "$tree"
touched=() ignored=() only=()
declare -A kind
while read -r need file; do
  [[ $need != [a-z]* ]] || kind[$file]=$need
done <"$here/tree_files.txt"

check_tree
copy_tree
if [[ -n $patch ]]; then
  check_patch
  split_patch
  apply_patch
  check_result
fi
{ mkdir -p "$out" && cp -R "$tree/." "$out"; } || die "cannot write to $out"
