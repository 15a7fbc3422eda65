# Toolchain file: Windows x86-64 by mingw-w64 (Debian: gcc-mingw-w64-x86-64-win32, and
# g++-mingw-w64-x86-64-win32 for what is C++). The variant with the system's own threads, so that
# the DLL needs none but the system's libraries.
set(CMAKE_SYSTEM_NAME Windows)
set(CMAKE_SYSTEM_PROCESSOR x86_64)

set(toolchain_prefix x86_64-w64-mingw32)
find_program(CMAKE_C_COMPILER NAMES ${toolchain_prefix}-gcc-win32 ${toolchain_prefix}-gcc)
find_program(CMAKE_CXX_COMPILER NAMES ${toolchain_prefix}-g++-win32 ${toolchain_prefix}-g++)
if(NOT CMAKE_CXX_COMPILER)
  unset(CMAKE_CXX_COMPILER CACHE)
endif()
find_program(CMAKE_RC_COMPILER NAMES ${toolchain_prefix}-windres)

# The compiler's own libraries become part of each program.
set(CMAKE_EXE_LINKER_FLAGS_INIT "-static-libgcc")
set(CMAKE_SHARED_LINKER_FLAGS_INIT "-static-libgcc")

# Programs are the building machine's, everything else is the target's: what the distribution has for
# it, and what lies below the directories of -DCMAKE_FIND_ROOT_PATH.
list(APPEND CMAKE_FIND_ROOT_PATH /usr/${toolchain_prefix})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
