# Toolchain file: macOS on Apple's own processors.
set(processor aarch64)
include(${CMAKE_CURRENT_LIST_DIR}/macos.cmake)
