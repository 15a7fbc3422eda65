#!/usr/bin/env bash
# check_build.sh DIRECTORY: looks at what CMake and the build have made there.
set -euo pipefail
cd "$1"

die() {
  echo "$*" >&2
  exit 1
}

[[ $(<report.txt) == "sum is 55" ]] || die "report is $(<report.txt)"
[[ $(./sum_link) == "sum is 55" && -L sum_link ]] || die "sum_link"
[[ $(./sum_copy) == "sum is 55" && sum_copy -ef sum ]] || die "sum_copy"
[[ $(<hard) == content && hard -ef original && ! -L hard ]] || die "hard"
[[ $(readlink soft) == original ]] || die "soft"
for ((number = 1; number <= 40; number++)); do
  found=$(cat with_moc_autogen/*/"moc_moc$number.cpp")
  [[ $found == "// moc$number.h" ]] || die "moc of $number is '$found'"
done
[[ $(<dependencies.txt) == *"$PWD/libhigh.so"* ]] || die "dependencies: $(<dependencies.txt)"
