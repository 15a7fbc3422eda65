# What the toolchain files for macOS share; `processor` is theirs. The compiler is the Zig compiler
# that scripts/zig-compiler puts below build/.
set(CMAKE_SYSTEM_NAME Darwin)
set(CMAKE_SYSTEM_VERSION 20.0.0) # of the kernel: macOS 11
set(CMAKE_SYSTEM_PROCESSOR ${processor})

get_filename_component(zig_tools ${CMAKE_CURRENT_LIST_DIR}/../build/zig/bin ABSOLUTE)
set(CMAKE_C_COMPILER ${zig_tools}/${processor}-macos-cc)
set(CMAKE_CXX_COMPILER "") # would build its whole library before it compiles a line
set(CMAKE_AR ${zig_tools}/ar CACHE FILEPATH "")
set(CMAKE_RANLIB ${zig_tools}/ranlib CACHE FILEPATH "")
# Apple's tool changes names in finished programs, which nothing here asks for.
set(CMAKE_INSTALL_NAME_TOOL /bin/false CACHE FILEPATH "")

set(CMAKE_USER_MAKE_RULES_OVERRIDE ${CMAKE_CURRENT_LIST_DIR}/macos-rpath.cmake)

# The compiler has the system's headers and libraries in itself.
set(CMAKE_OSX_SYSROOT "" CACHE STRING "")
set(CMAKE_OSX_DEPLOYMENT_TARGET "" CACHE STRING "")

# Programs are the building machine's, everything else is the target's.
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
