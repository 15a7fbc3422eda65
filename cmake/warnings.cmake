# rondo_warnings(TARGET): the warnings that this project's own files are free of. In a subproject the
# parent decides which it wants to see, and which are errors.
function(rondo_warnings target)
  if(NOT is_top_level)
    return()
  endif()
  if(MSVC)
    target_compile_options(${target} PRIVATE /W3)
    return()
  endif()
  target_compile_options(${target} PRIVATE
    -Wall -Wextra -Wpedantic -Wconversion -Wshadow
    $<$<COMPILE_LANGUAGE:C>:-Wstrict-prototypes>
    $<$<BOOL:${RONDO_WERROR}>:-Werror>)
endfunction()
