#!/usr/bin/env bash
# program.sh PROGRAM LIBRARY: runs one of Debian's programs, compiled against another libuv, with
# LIBRARY in its place; the functions below are the programs. Each reads its own /proc/PID/maps to
# see that LIBRARY and no other libuv is mapped, and checks what it gets from it. Where the program
# is not installed the status is 77. To run one with the system's libuv, name that as LIBRARY.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
program=$1
export EXPECTED_LIBRARY
EXPECTED_LIBRARY=$(readlink -f "$2")
export LD_LIBRARY_PATH=${2%/*}
unset UV_THREADPOOL_SIZE

skip() {
  echo "skipped: $*"
  exit 77
}

# check_maps PID NAME: the process PID is a NAME and has mapped LIBRARY and no other libuv.
check_maps() {
  local name mapped
  name=$(<"/proc/$1/comm")
  [[ $name == "$2" ]] || { echo "process $1 is '$name', not $2" && exit 1; }
  mapped=$(sed -n 's/.* \(\/.*libuv\.so.*\)/\1/p' "/proc/$1/maps" | sort -u)
  [[ $mapped == "$EXPECTED_LIBRARY" ]] ||
    { echo "$2 has mapped '$mapped', not $EXPECTED_LIBRARY" && exit 1; }
}

# Lua's binding of every module, under the interpreter and once more on a terminal of its own.
luv() {
  command -v lua5.4 >/dev/null || skip "lua5.4 is not installed"
  env -u LD_LIBRARY_PATH lua5.4 -e 'require "luv"' 2>/dev/null || skip "lua-luv is not installed"
  command -v script >/dev/null || skip "script (bsdutils) is not installed"
  cd "$here/luv"
  export LUA_PATH="$here/luv/?.lua"
  lua5.4 main.lua "$work" </dev/null
  script --quiet --return --command "lua5.4 terminal.lua" "$work/typescript" </dev/null
}

neovim() {
  command -v nvim >/dev/null || skip "neovim is not installed"
  export HOME=$work XDG_CONFIG_HOME=$work XDG_DATA_HOME=$work XDG_STATE_HOME=$work
  export XDG_CACHE_HOME=$work LUA_PATH="$here/luv/?.lua"
  timeout 60 nvim --headless -u NONE -i NONE -n -c "luafile $here/neovim.lua" </dev/null
}

# An asyncio program in Debian's own Python, for which uvloop is packaged.
uvloop() {
  [[ -x /usr/bin/python3 ]] || skip "python3 is not installed"
  env -u LD_LIBRARY_PATH /usr/bin/python3 -c 'import uvloop' 2>/dev/null ||
    skip "python3-uvloop is not installed"
  cd "$work"
  /usr/bin/python3 "$here/uvloop_program.py"
}

# CMake makes and builds a project, in which file system calls, moc's workers and a look at the
# libraries of a program go through libuv; CTest runs its tests.
cmake() {
  local cmake ctest report=$work/report.xml
  cmake=$(type -P cmake) || skip "cmake is not installed"
  ctest=$(type -P ctest) || skip "ctest is not installed"
  [[ $(ldd "$cmake") == *libuv.so.1* ]] || skip "$cmake is not linked to libuv.so.1"
  cp -r "$here/cmake" "$work/source"
  export PROGRAM_SH=$here/program.sh
  env -u CTEST_PARALLEL_LEVEL "$cmake" -S "$work/source" -B "$work/build" -G "Unix Makefiles"
  "$cmake" --build "$work/build" -j 2
  "$cmake" --install "$work/build" --prefix "$work/installed"
  "$here/cmake/check_build.sh" "$work/build"
  cd "$work/build"
  if "$ctest" -j4 --output-junit "$report" --test-output-size-passed 1000000 | tee "$work/log"; then
    echo "ctest did not notice the tests that fail" && exit 1
  fi
  "$here/cmake/check_report.py" "$report" "$work/log"
}

# As a helper of the tests that CMake starts: check_maps.
if [[ $program == maps ]]; then
  check_maps "$3" "$4"
  exit
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/rondo-$program-XXXXXX")
trap 'rm -rf "$work"' EXIT
"$program"
