#!/bin/sh
# check_dll_exports.sh OBJDUMP LIBRARY.dll
#
# Checks what a DLL shows to programs and what it needs: its exports are the functions of exports.h,
# all of them, and names that begin with rondo_; it imports from the system's libraries alone.
set -eu

objdump=$1
library=$2
here=$(cd "$(dirname "$0")" && pwd)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

sed -n 's/^ABI_FUNCTION(\([a-z0-9_]*\),.*/\1/p' "$here/exports.h" | LC_ALL=C sort >"$work/libuvs"
"$objdump" -p "$library" >"$work/headers"
awk '/^\[Ordinal\/Name Pointer\] Table/ { listed = 1; next } /^$/ { listed = 0 } listed { print $NF }' \
  "$work/headers" | LC_ALL=C sort >"$work/ours"
status=0

LC_ALL=C comm -13 "$work/libuvs" "$work/ours" | grep -v '^rondo_' >"$work/foreign" || true
if [ -s "$work/foreign" ]; then
  echo "exported, but neither a function of libuv nor rondo_*:"
  cat "$work/foreign"
  status=1
fi

LC_ALL=C comm -23 "$work/libuvs" "$work/ours" >"$work/missing"
if [ -s "$work/missing" ]; then
  echo "functions of libuv that are missing:"
  cat "$work/missing"
  status=1
fi

# No compiler's runtime, no library for threads: nothing that a program would have to bring along.
sed -n 's/^.*DLL Name: *//p' "$work/headers" | tr '[:upper:]' '[:lower:]' >"$work/needed"
grep -vE '^(advapi32|dbghelp|iphlpapi|kernel32|msvcrt|ntdll|ole32|psapi|shell32|user32|userenv|ws2_32)\.dll$|^api-ms-win-' \
  "$work/needed" >"$work/other" || true
if [ -s "$work/other" ]; then
  echo "imports from more than the system:"
  cat "$work/other"
  status=1
fi

echo "$(wc -l <"$work/ours") symbols exported, $(wc -l <"$work/missing") of libuv's" \
  "$(wc -l <"$work/libuvs") missing"
exit $status
