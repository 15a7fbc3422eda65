#!/usr/bin/env bash
# package.sh STEP [ARG...]: one step of the package tests; the steps are the functions below. Told by
# the environment: CC, CMAKE, READELF or OBJDUMP, BUILD_DIR, SOURCE_DIR, WORK_DIR, LINKAGE (elf or
# pe), and for programs of another system TOOLCHAIN_FILE and LAUNCHER.
set -euo pipefail

here=$SOURCE_DIR/test/package
prefix=$WORK_DIR/moved

die() {
  echo "$*" >&2
  exit 1
}

compiler=(-DCMAKE_C_COMPILER="$CC")
if [[ -n ${TOOLCHAIN_FILE:-} ]]; then
  compiler=(-DCMAKE_TOOLCHAIN_FILE="$TOOLCHAIN_FILE" -DCMAKE_FIND_ROOT_PATH="$prefix")
fi

# The directory of the moved libraries: lib, lib64 or lib/x86_64-linux-gnu.
libdir() {
  dirname "$(find "$prefix" -name libuv.a)"
}

# What depends on how programs and libraries are made: exe, shared_library,
# expect_linkage, tell_loader_of, run, files, exports.
. "$here/linkage_$LINKAGE.sh"

# Installs to one place and moves the tree to another. No text in it may name a place.
install_and_move() {
  rm -rf "$WORK_DIR"
  "$CMAKE" --install "$BUILD_DIR" --prefix "$WORK_DIR/installed"
  ! grep -rIF -e "$WORK_DIR" -e "$SOURCE_DIR" "$WORK_DIR/installed" || die "names a place"
  mv "$WORK_DIR/installed" "$prefix"
}

# pkg_config MODULE shared|static
pkg_config() {
  local program=$WORK_DIR/$1-program$exe flags linkage
  export PKG_CONFIG_PATH=
  export PKG_CONFIG_LIBDIR
  PKG_CONFIG_LIBDIR=$(libdir)/pkgconfig
  [[ $(pkg-config --modversion "$1") == 1.52.1 ]] || die "another version"
  read -ra flags <<<"$(pkg-config --cflags --libs "$1")"
  "$CC" -Wall -Werror "$here/echo_to_itself.c" "${flags[@]}" -o "$program"
  linkage=static
  if [[ $2 == shared ]]; then
    linkage=$(shared_library "$prefix")
    tell_loader_of "$linkage"
  fi
  expect_linkage "$program" "$linkage"
  run "$program" "$linkage"
}

# find_package TARGET shared|static [CMAKE_ARG...]
find_package() {
  local target=$1 linkage=$2 dir
  shift 2
  dir=$(mktemp -d "$WORK_DIR/find_package.XXXXXX")
  "$CMAKE" -S "$here/find_package" -B "$dir" "${compiler[@]}" \
    -DCMAKE_PREFIX_PATH="$prefix" -DLIBRARY="$target" "$@"
  "$CMAKE" --build "$dir"
  [[ $linkage == static ]] || linkage=$(shared_library "$prefix")
  expect_linkage "$dir/outside$exe" "$linkage"
  run "$dir/outside$exe" "$linkage"
}

# subproject add_subdirectory|FetchContent shared|static
subproject() {
  local dir shared=ON linkage
  mkdir -p "$WORK_DIR.subprojects"
  dir=$(mktemp -d "$WORK_DIR.subprojects/XXXXXX")
  [[ $2 == shared ]] || shared=OFF
  "$CMAKE" -S "$here/subproject" -B "$dir" "${compiler[@]}" -DRONDO="$SOURCE_DIR" \
    -DMETHOD="$1" -DSHARED="$shared" --no-warn-unused-cli
  "$CMAKE" --build "$dir" --target outside --parallel 2
  linkage=static
  [[ $2 == static ]] || linkage=$(shared_library "$dir")
  expect_linkage "$dir/outside$exe" "$linkage"
  run "$dir/outside$exe" "$linkage"

  # The parent has no tests and installs nothing; the library's stay its own.
  "$CMAKE" --install "$dir" --prefix "$dir/installed"
  [[ ! -e $dir/installed ]] || die "a subproject installed something"
  ! grep -rq add_test "$dir" --include=CTestTestfile.cmake || die "a subproject brought tests"
  rm -rf "$dir"
}

"$@"
