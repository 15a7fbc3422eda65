#!/bin/sh
# check_idna_table.sh SCRIPT TABLE
#
# Makes the tables for host names anew and compares them with those that are kept. Skipped (77)
# without Python, or where there is no Unicode Character Database of the version they are from.
set -eu

unicode=/usr/share/unicode
version=$(sed -nE 's/.* from Unicode ([0-9.]+)\.$/\1/p' "$2")

command -v python3 > /dev/null || exit 77
[ -r "$unicode/DerivedNormalizationProps.txt" ] || exit 77
head -n 1 "$unicode/DerivedNormalizationProps.txt" | grep -qF -- "-$version.txt" || exit 77

"$1" "$unicode" | cmp - "$2"
echo "the same, from Unicode $version"
