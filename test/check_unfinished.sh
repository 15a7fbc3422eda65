#!/bin/sh
# check_unfinished.sh UNFINISHED_C UNFINISHED_MD
#
# Compares the functions that the library only pretends to have with the list for users.
set -eu

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

sed -nE \
  -e 's/^MISSING(_VOID)?\((uv_[a-z0-9_]+),.*/\2/p' \
  -e 's/^MISSING_AS\([^,]*, [^,]*, (uv_[a-z0-9_]+),.*/\1/p' \
  -e 's/^[a-z][a-z0-9_* ]*[* ](uv_[a-z0-9_]+)\(.*/\1/p' \
  "$1" | sort > "$dir/code"
sed -nE 's/^- `(uv_[a-z0-9_]+)\(\)`$/\1/p' "$2" | sort > "$dir/list"

# Lines of another form would go unseen.
macros=$(grep -cE '^MISSING' "$1") || true
found=$(sed -nE 's/^MISSING.*[(, ](uv_[a-z0-9_]+), .*/\1/p' "$1" | wc -l)
if [ "$macros" -ne "$found" ]; then
  echo "$1: $macros lines with MISSING, but $found names"
  exit 1
fi

twice=$(uniq -d "$dir/list")
if [ -n "$twice" ]; then
  echo "$2: listed twice: $twice"
  exit 1
fi
if ! diff "$dir/code" "$dir/list" > "$dir/difference"; then
  sed -nE -e 's/^< (.*)/\1 is unfinished and not listed/p' \
    -e 's/^> (.*)/\1 is listed and not unfinished/p' "$dir/difference"
  exit 1
fi
echo "$(wc -l < "$dir/list") functions, the same in both"
