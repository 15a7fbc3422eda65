#!/bin/sh
# check_headers.sh INCLUDE_DIRECTORY C_COMPILER [C++_COMPILER]
#
# Compiles a file for each public header, which includes it first and twice: as C11 and C++17,
# strict and with the compiler's extensions, without a warning. What they declare is compared with
# libuv's as well (abi/static_check.c). Exit status 77 (skipped) without the C compiler.
set -eu

include=$1
cc=$2
cxx=${3:-}
here=$(cd "$(dirname "$0")" && pwd)
warnings="-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror"
status=0
count=0

if ! command -v "$cc" >/dev/null; then
  echo "no $cc: skipped"
  exit 77
fi

# compile COMPILER FILE FLAG...
compile() {
  compiler=$1
  file=$2
  shift 2
  count=$((count + 1))
  # shellcheck disable=SC2086 # several words
  if ! "$compiler" "$@" $warnings -I"$include" -I"$here/.." -fsyntax-only "$file"; then
    echo "failed: $compiler $* $file"
    status=1
  fi
}

for file in "$here"/*.c; do
  compile "$cc" "$file" -std=c11 -Wstrict-prototypes
  compile "$cc" "$file" -std=gnu11 -Wstrict-prototypes
done

# Not every system has a table. Some constants depend on _GNU_SOURCE.
if echo '#include "abi/tables.h"' | "$cc" -I"$here/.." -E - >/dev/null 2>&1; then
  compile "$cc" "$here/../abi/static_check.c" -std=c11
  compile "$cc" "$here/../abi/static_check.c" -std=c11 -D_GNU_SOURCE
fi

if [ -n "$cxx" ] && command -v "$cxx" >/dev/null; then
  for file in "$here"/*.cc; do
    compile "$cxx" "$file" -std=c++17
    compile "$cxx" "$file" -std=gnu++17
  done
fi

echo "$count compilations"
exit $status
