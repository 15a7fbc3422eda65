# Toolchain file: Linux with the C library musl in place of glibc, by musl-gcc (Debian: musl-tools).
# There is no C++ library for it.
find_program(CMAKE_C_COMPILER NAMES musl-gcc)
set(CMAKE_CXX_COMPILER NOTFOUND)

# musl-gcc looks in musl's own directories alone; the kernel's headers are where glibc's are, so they
# get a directory of their own.
execute_process(COMMAND ${CMAKE_C_COMPILER} -print-multiarch
  OUTPUT_VARIABLE multiarch OUTPUT_STRIP_TRAILING_WHITESPACE)
set(kernel_headers ${CMAKE_BINARY_DIR}/kernel-headers)
file(MAKE_DIRECTORY ${kernel_headers})
foreach(name linux asm-generic ${multiarch}/asm)
  get_filename_component(link ${kernel_headers}/${name} NAME)
  file(CREATE_LINK /usr/include/${name} ${kernel_headers}/${link} SYMBOLIC)
endforeach()
set(CMAKE_C_FLAGS_INIT "-idirafter ${kernel_headers}")
