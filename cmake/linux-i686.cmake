# Toolchain file: Linux on 32-bit x86. A 64-bit kernel runs the programs; they find the C library
# where the cross compiler has it.
set(CMAKE_SYSTEM_PROCESSOR i686)
set(triplet i686-linux-gnu)
include(${CMAKE_CURRENT_LIST_DIR}/linux-cross.cmake)
set(CMAKE_EXE_LINKER_FLAGS_INIT
  "-Wl,--dynamic-linker=/usr/${triplet}/lib/ld-linux.so.2 -Wl,-rpath,/usr/${triplet}/lib")
