# What holds the interface in place: layout, numbers, prototypes, headers, exported names.
rondo_test(test_tree test_tree.c LABELS valgrind)

# The tables in abi/ describe two systems.
if(CMAKE_SYSTEM_NAME MATCHES "^(Linux|Windows)$" AND CMAKE_SIZEOF_VOID_P EQUAL 8
    AND CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$")
  rondo_test(test_abi test_abi.c)
endif()

# rondo_check(NAME COMMAND...): a script that answers 77 where it has nothing to check.
function(rondo_check name)
  add_test(NAME ${name} COMMAND ${ARGN})
  set_tests_properties(${name} PROPERTIES TIMEOUT 300 SKIP_RETURN_CODE 77)
endfunction()

if(UNIX)
  find_program(RONDO_CXX NAMES c++ g++ clang++)
  mark_as_advanced(RONDO_CXX)
  rondo_check(test_headers ${CMAKE_CURRENT_SOURCE_DIR}/header/check_headers.sh
    ${PROJECT_SOURCE_DIR}/include ${CMAKE_C_COMPILER} $<$<BOOL:${RONDO_CXX}>:${RONDO_CXX}>)
  rondo_check(test_headers_windows ${CMAKE_CURRENT_SOURCE_DIR}/header/check_headers.sh
    ${PROJECT_SOURCE_DIR}/include x86_64-w64-mingw32-gcc x86_64-w64-mingw32-g++)
endif()

if(CMAKE_SYSTEM_NAME STREQUAL Linux AND CMAKE_SYSTEM_PROCESSOR STREQUAL x86_64)
  rondo_check(test_header_against_installed
    ${CMAKE_CURRENT_SOURCE_DIR}/abi/compare_with_installed.sh
    ${PROJECT_SOURCE_DIR}/include ${CMAKE_C_COMPILER})
endif()

# Sanitizers add symbols of their own.
if(CMAKE_SYSTEM_NAME STREQUAL Linux AND LIBUV_BUILD_SHARED
    AND NOT CMAKE_C_FLAGS MATCHES "-fsanitize")
  rondo_check(test_exports
    ${CMAKE_CURRENT_SOURCE_DIR}/abi/check_exports.sh $<TARGET_FILE:uv>)
endif()
