# Toolchain file: Linux on another processor, by Debian's cross compilers (gcc-TRIPLET, and
# g++-TRIPLET for what is C++), which include the C library. Included by linux-PROCESSOR.cmake,
# which sets CMAKE_SYSTEM_PROCESSOR, `triplet` and
# `loader`, the file that starts programs.
set(CMAKE_SYSTEM_NAME Linux)
find_program(CMAKE_C_COMPILER NAMES ${triplet}-gcc)
find_program(CMAKE_CXX_COMPILER NAMES ${triplet}-g++)

# Programs find the C library where the compiler has it.
set(CMAKE_EXE_LINKER_FLAGS_INIT
  "-Wl,--dynamic-linker=/usr/${triplet}/lib/${loader} -Wl,-rpath,/usr/${triplet}/lib")

# Programs are the building machine's, everything else is the target's.
list(APPEND CMAKE_FIND_ROOT_PATH /usr/${triplet})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
