#!/usr/bin/env bash
# package.sh STEP [ARG...]: one step of the package tests; the steps are the functions below. Told by
# the environment: CC, CMAKE, READELF, BUILD_DIR, SOURCE_DIR, WORK_DIR.
set -euo pipefail

here=$SOURCE_DIR/test/package
prefix=$WORK_DIR/moved

die() {
  echo "$*" >&2
  exit 1
}

# The directory of the moved libraries: lib, lib64 or lib/x86_64-linux-gnu.
libdir() {
  dirname "$(find "$prefix" -name libuv.a)"
}

needed() {
  "$READELF" -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'
}

# expect_linkage PROGRAM static|LIBRARY: it needs no libuv.so at all, or it needs libuv.so.1 and the
# loader takes LIBRARY for it.
expect_linkage() {
  local libraries found
  libraries=$(needed "$1")
  if [[ $2 == static ]]; then
    [[ $libraries != *libuv* ]] || die "a static program needs $libraries"
    return
  fi
  grep -qx libuv.so.1 <<<"$libraries" || die "needs no libuv.so.1, but $libraries"
  found=$(ldd "$1" | sed -n 's/.*libuv\.so\.1 => \(.*\) (.*/\1/p')
  [[ $(readlink -f "$found") == "$(readlink -f "$2")" ]] || die "uses '$found', not $2"
}

# Installs to one place and moves the tree to another. No text in it may name a place.
install_and_move() {
  rm -rf "$WORK_DIR"
  "$CMAKE" --install "$BUILD_DIR" --prefix "$WORK_DIR/installed"
  ! grep -rIF -e "$WORK_DIR" -e "$SOURCE_DIR" "$WORK_DIR/installed" || die "names a place"
  mv "$WORK_DIR/installed" "$prefix"
}

files() {
  local lib libraries
  lib=$(libdir)
  [[ -f $lib/libuv.so.1.0.0 && ! -L $lib/libuv.so.1.0.0 ]] || die "no libuv.so.1.0.0"
  [[ $(readlink "$lib/libuv.so.1") == libuv.so.1.0.0 ]] || die "libuv.so.1 is no link to it"
  [[ -L $lib/libuv.so ]] || die "no libuv.so for linkers"
  libraries=$(needed "$lib/libuv.so.1")
  ! grep -vE '^(lib(c|m|pthread|dl|rt)\.so\.[0-9]+|ld-linux.*)$' <<<"$libraries" ||
    die "needs more than the system"
}

# The SONAME, and exactly libuv's functions with the project's own.
exports() {
  "$SOURCE_DIR/test/abi/check_exports.sh" "$(libdir)/libuv.so.1" --all
}

# pkg_config MODULE shared|static
pkg_config() {
  local program=$WORK_DIR/$1-program flags
  export PKG_CONFIG_PATH=
  export PKG_CONFIG_LIBDIR
  PKG_CONFIG_LIBDIR=$(libdir)/pkgconfig
  [[ $(pkg-config --modversion "$1") == 1.52.1 ]] || die "another version"
  read -ra flags <<<"$(pkg-config --cflags --libs "$1")"
  "$CC" -Wall -Werror "$here/echo_to_itself.c" "${flags[@]}" -o "$program"
  if [[ $2 == shared ]]; then
    export LD_LIBRARY_PATH
    LD_LIBRARY_PATH=$(libdir)
    expect_linkage "$program" "$(libdir)/libuv.so.1"
  else
    expect_linkage "$program" static
  fi
  "$program"
}

# find_package TARGET shared|static [CMAKE_ARG...]
find_package() {
  local target=$1 linkage=$2 dir
  shift 2
  dir=$(mktemp -d "$WORK_DIR/find_package.XXXXXX")
  "$CMAKE" -S "$here/find_package" -B "$dir" -DCMAKE_C_COMPILER="$CC" \
    -DCMAKE_PREFIX_PATH="$prefix" -DLIBRARY="$target" "$@"
  "$CMAKE" --build "$dir"
  [[ $linkage == static ]] || linkage=$(libdir)/libuv.so.1
  expect_linkage "$dir/outside" "$linkage"
  "$dir/outside"
}

# subproject add_subdirectory|FetchContent shared|static
subproject() {
  local dir shared=ON linkage
  mkdir -p "$WORK_DIR.subprojects"
  dir=$(mktemp -d "$WORK_DIR.subprojects/XXXXXX")
  [[ $2 == shared ]] || shared=OFF
  "$CMAKE" -S "$here/subproject" -B "$dir" -DCMAKE_C_COMPILER="$CC" -DRONDO="$SOURCE_DIR" \
    -DMETHOD="$1" -DSHARED="$shared" --no-warn-unused-cli
  "$CMAKE" --build "$dir" --target outside
  linkage=static
  [[ $2 == static ]] || linkage=$(find "$dir" -name libuv.so.1)
  expect_linkage "$dir/outside" "$linkage"
  "$dir/outside"

  # The parent has no tests and installs nothing; the library's stay its own.
  "$CMAKE" --install "$dir" --prefix "$dir/installed"
  [[ ! -e $dir/installed ]] || die "a subproject installed something"
  ! grep -rq add_test "$dir" --include=CTestTestfile.cmake || die "a subproject brought tests"
  rm -rf "$dir"
}

"$@"
