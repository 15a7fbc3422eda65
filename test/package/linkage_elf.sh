# Part of package.sh: programs and libraries of Linux and its like.
exe=

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

# shared_library DIRECTORY: the library somewhere below.
shared_library() {
  find "$1" -name libuv.so.1
}

# tell_loader_of LIBRARY: where nothing in a program says where it lies.
tell_loader_of() {
  export LD_LIBRARY_PATH
  LD_LIBRARY_PATH=$(dirname "$1")
}

# run PROGRAM static|LIBRARY
run() {
  "$1"
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
