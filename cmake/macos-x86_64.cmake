# Toolchain file: macOS on Intel's processors.
set(processor x86_64)
include(${CMAKE_CURRENT_LIST_DIR}/macos.cmake)
