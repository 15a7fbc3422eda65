#!/usr/bin/env bash
# test.sh KIND [ARG...]: what the tests of the project do.
set -euo pipefail

case $1 in
maps)
  "$PROGRAM_SH" maps "$EXPECTED_LIBRARY" $PPID ctest
  ;;
meet)
  : >"$2/met$3"
  until [[ -e $2/met1 && -e $2/met2 && -e $2/met3 && -e $2/met4 ]]; do
    sleep 0.01
  done
  ;;
alone)
  mkdir "$2"
  sleep 0.02
  rmdir "$2"
  ;;
status)
  exit "$2"
  ;;
output)
  seq 1 25000
  seq 25001 50000 >&2
  ;;
environment)
  [[ $COLOUR == blue && $SHAPE == "a square" ]]
  ;;
crash)
  kill -SEGV $$
  ;;
sleep)
  exec sleep 100
  ;;
esac
