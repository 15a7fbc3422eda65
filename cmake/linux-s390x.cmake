# Toolchain file: Linux on s390x.
set(CMAKE_SYSTEM_PROCESSOR s390x)
set(triplet s390x-linux-gnu)
set(loader ld64.so.1)
include(${CMAKE_CURRENT_LIST_DIR}/linux-cross.cmake)
