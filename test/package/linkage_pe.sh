# Part of package.sh: programs and libraries of Windows, run by a launcher.
exe=.exe

needed() {
  "$OBJDUMP" -p "$1" | sed -n 's/^.*DLL Name: *//p'
}

# expect_linkage PROGRAM static|LIBRARY: it needs no libuv.dll at all, or it needs it. Where that
# comes from, no program says: run tells.
expect_linkage() {
  local libraries
  libraries=$(needed "$1")
  if [[ $2 == static ]]; then
    [[ $libraries != *libuv* ]] || die "a static program needs $libraries"
    return
  fi
  grep -qx libuv.dll <<<"$libraries" || die "needs no libuv.dll, but $libraries"
}

# shared_library DIRECTORY: the library somewhere below.
shared_library() {
  find "$1" -name libuv.dll
}

tell_loader_of() {
  :
}

# run PROGRAM static|LIBRARY: with the library's directory among those that are searched.
run() {
  local launcher directory
  IFS='|' read -ra launcher <<<"$LAUNCHER"
  if [[ $2 != static ]]; then
    directory=$(dirname "$2")
    export WINEPATH="Z:${directory//\//\\}"
  fi
  "${launcher[@]}" "$1"
}

files() {
  [[ -f $prefix/bin/libuv.dll ]] || die "no libuv.dll"
  [[ -f $(libdir)/libuv.dll.a ]] || die "no import library"
}

# Exactly libuv's functions with the project's own, and nothing needed but the system's libraries.
exports() {
  "$SOURCE_DIR/test/abi/check_dll_exports.sh" "$OBJDUMP" "$prefix/bin/libuv.dll"
}
