#!/bin/sh
# check_size.sh LIBRARY MOST: the library is no larger than MOST bytes when it is stripped. Leaves
# with 77 where there is no strip.
set -eu

command -v strip >/dev/null || exit 77
directory=$(mktemp -d "${TMPDIR:-/tmp}/rondo-size-XXXXXX")
trap 'rm -rf "$directory"' EXIT
strip -o "$directory/stripped" "$1"
size=$(wc -c <"$directory/stripped")
echo "$size bytes, $2 at most"
[ "$size" -le "$2" ]
