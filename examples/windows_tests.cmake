# The examples as programs of Windows, run by the launcher. Their servers end by themselves, after
# some seconds: no signal reaches them.

# The load from Linux is the same as on Linux, so it is made by the machine's own compiler.
find_program(RONDO_HOST_CC NAMES cc gcc clang)
mark_as_advanced(RONDO_HOST_CC)
set(host_load ${CMAKE_CURRENT_BINARY_DIR}/echo_load)
add_custom_command(OUTPUT ${host_load}
  COMMAND ${RONDO_HOST_CC} -std=c11 -O2 -D_GNU_SOURCE
    ${CMAKE_CURRENT_SOURCE_DIR}/echo_load.c -o ${host_load}
  DEPENDS echo_load.c)
add_custom_target(echo_load_for_host ALL DEPENDS ${host_load})

# And the one from Windows.
add_executable(echo_load_windows ${test_dir}/echo_load_windows.c)
target_compile_definitions(echo_load_windows PRIVATE $<$<BOOL:${MINGW}>:__USE_MINGW_ANSI_STDIO=1>)
target_link_libraries(echo_load_windows PRIVATE ws2_32)
set_target_properties(echo_load_windows PROPERTIES C_STANDARD 11 C_STANDARD_REQUIRED ON)
rondo_warnings(echo_load_windows)

set(server ${test_dir}/windows-server ${RONDO_TEST_LAUNCHER})
add_test(NAME example_echo_server COMMAND
  ${server} $<TARGET_FILE:example_echo_server> 0 20 --
  ${host_load} -c 200 -m 20 --
  ${RONDO_TEST_LAUNCHER} $<TARGET_FILE:echo_load_windows> 30 20 5000 --
  ${host_load} -c 4 -m 3 -s 300000)
add_test(NAME example_pipe_echo_client COMMAND
  ${server} $<TARGET_FILE:example_pipe_echo_server> "\\\\.\\pipe\\rondo-example" 10 --
  ${test_dir}/expect-output ${test_dir}/pipe_echo_client.txt
  ${RONDO_TEST_LAUNCHER} $<TARGET_FILE:example_pipe_echo_client> "one, two")

# Where the DLL is, if the examples use it.
set_tests_properties(example_echo_server example_idle example_pipe_echo_client example_timers
  PROPERTIES TIMEOUT 120 ENVIRONMENT "WINEPATH=Z:${PROJECT_BINARY_DIR}/src")
