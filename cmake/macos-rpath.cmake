# Included by CMake behind what it knows of the system (CMAKE_USER_MAKE_RULES_OVERRIDE): how programs
# are told where libraries are. It thinks that the machine it runs on decides whether that works.
set(CMAKE_SHARED_LIBRARY_RUNTIME_C_FLAG "-Wl,-rpath,")
set(CMAKE_SHARED_LIBRARY_RUNTIME_CXX_FLAG "-Wl,-rpath,")
