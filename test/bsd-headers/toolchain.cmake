# Toolchain file that compiles for a BSD with no more than the declarations in this directory:
# -DCMAKE_SYSTEM_NAME=FreeBSD, OpenBSD, NetBSD or DragonFly. Only object files come out; they run
# nowhere, and there are no libraries to link them to.
set(CMAKE_SYSTEM_PROCESSOR amd64)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)

# What the system's own compiler would define, and Linux's has instead.
string(TOLOWER "${CMAKE_SYSTEM_NAME}" system)
string(JOIN " " CMAKE_C_FLAGS_INIT
  -nostdinc
  -isystem ${CMAKE_CURRENT_LIST_DIR}/${system}
  -isystem ${CMAKE_CURRENT_LIST_DIR}/common
  -U__linux__ -U__linux -U__gnu_linux__ -D__${CMAKE_SYSTEM_NAME}__)
