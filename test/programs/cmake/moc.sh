#!/bin/sh
# moc.sh ... -o OUTPUT INPUT, as far as CMake goes: the output says which input there was.
while [ $# -gt 1 ]; do
  [ "$1" = -o ] && output=$2
  shift
done
echo "// ${1##*/}" >"$output"
