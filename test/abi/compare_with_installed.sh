#!/bin/sh
# compare_with_installed.sh INCLUDE_DIRECTORY [COMPILER]
#
# Runs the same probe with this project's uv.h and with the installed one of libuv 1.44. The
# differences must be those of known-differences-1.44.txt. Exit status 77 (skipped) without such a
# header.
set -eu

include=$1
compiler=${2:-cc}
here=$(cd "$(dirname "$0")" && pwd)
installed=/usr/include

if ! grep -q '^#define UV_VERSION_MINOR 44$' "$installed/uv/version.h" 2>/dev/null; then
  echo "libuv 1.44's header is not installed: skipped"
  exit 77
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

grep -h '^ABI_' "$here/layout-linux.h" "$here/constants-linux.h" |
  grep -v -F -f "$here/not-in-1.44.txt" >"$work/table.h"

"$compiler" -std=gnu11 -I"$include" -I"$work" "$here/probe.c" -o "$work/probe-ours"
"$compiler" -std=gnu11 -I"$installed" -I"$work" "$here/probe.c" -o "$work/probe-theirs"
"$work/probe-ours" | sort >"$work/ours"
"$work/probe-theirs" | sort >"$work/theirs"
grep -v '^#' "$here/known-differences-1.44.txt" | sort >"$work/known"

# "<" is a line of 1.44 only, ">" one of ours only.
diff "$work/theirs" "$work/ours" | grep '^[<>]' | sort >"$work/found" || true
if ! diff "$work/known" "$work/found"; then
  echo "The header differs from libuv 1.44's in another way than known-differences-1.44.txt says."
  exit 1
fi
echo "$(wc -l <"$work/ours") facts compared, $(wc -l <"$work/known") lines of known differences"
