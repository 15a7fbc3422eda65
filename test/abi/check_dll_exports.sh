#!/bin/sh
# check_dll_exports.sh OBJDUMP LIBRARY.dll
#
# Checks what a DLL shows to programs and what it needs: its exports are the functions of exports.h,
# and those of own_exports.txt, all of them; it imports from the system's libraries alone.
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

LC_ALL=C sort "$here/own_exports.txt" >"$work/own"
LC_ALL=C comm -13 "$work/libuvs" "$work/ours" | LC_ALL=C comm -13 "$work/own" - >"$work/foreign"
if [ -s "$work/foreign" ]; then
  echo "exported, but neither a function of libuv nor of own_exports.txt:"
  cat "$work/foreign"
  status=1
fi

LC_ALL=C sort "$work/libuvs" "$work/own" | LC_ALL=C comm -23 - "$work/ours" >"$work/missing"
if [ -s "$work/missing" ]; then
  echo "functions that are missing:"
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

echo "$(wc -l <"$work/ours") symbols exported, $(wc -l <"$work/missing") missing of libuv's" \
  "$(wc -l <"$work/libuvs") and $(wc -l <"$work/own") of this library's own"
exit $status
