#!/bin/sh
# check_exports.sh LIBRARY [--all]
#
# Checks what a shared library shows to programs: its SONAME is libuv.so.1, and each of its symbols
# is a function of exports.h or, by this library's own header, of own_exports.txt. With --all it must
# have all those functions.
set -eu

library=$1
all=${2:-}
here=$(cd "$(dirname "$0")" && pwd)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

sed -n 's/^ABI_FUNCTION(\([a-z0-9_]*\),.*/\1/p' "$here/exports.h" | LC_ALL=C sort >"$work/libuvs"
nm -D --defined-only "$library" >"$work/nm"
sed 's/^.* //' "$work/nm" | LC_ALL=C sort >"$work/ours"
status=0

if ! readelf -d "$library" | grep -q 'SONAME.*\[libuv\.so\.1\]'; then
  echo "the SONAME is not libuv.so.1:"
  readelf -d "$library" | grep SONAME || true
  status=1
fi

LC_ALL=C sort "$here/own_exports.txt" >"$work/own"
LC_ALL=C comm -13 "$work/libuvs" "$work/ours" | LC_ALL=C comm -13 "$work/own" - >"$work/foreign"
if [ -s "$work/foreign" ]; then
  echo "exported, but neither a function of libuv nor of own_exports.txt:"
  cat "$work/foreign"
  status=1
fi

# Functions, and strong ones: data or a weak symbol could be taken from the program instead.
grep -v ' T ' "$work/nm" >"$work/other" || true
if [ -s "$work/other" ]; then
  echo "exported, but not a plain function:"
  cat "$work/other"
  status=1
fi

LC_ALL=C sort "$work/libuvs" "$work/own" | LC_ALL=C comm -23 - "$work/ours" >"$work/missing"
if [ -s "$work/missing" ] && [ "$all" = --all ]; then
  echo "functions that are missing:"
  cat "$work/missing"
  status=1
fi

echo "$(wc -l <"$work/ours") symbols exported, $(wc -l <"$work/missing") missing of libuv's" \
  "$(wc -l <"$work/libuvs") and $(wc -l <"$work/own") of this library's own"
exit $status
