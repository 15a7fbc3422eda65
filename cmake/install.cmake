# Install rules: libraries, headers, CMake package `libuv`, libuv.pc and libuv-static.pc. Nothing
# installed knows where it was installed: the tree may be moved.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(libraries uv_a)
if(TARGET uv)
  list(APPEND libraries uv)
endif()
install(TARGETS ${libraries} EXPORT libuvTargets
  RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR}
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
  INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  FILES_MATCHING PATTERN "*.h")
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/libuv)
install(EXPORT libuvTargets NAMESPACE libuv:: DESTINATION ${package_dir})
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/libuvConfig.cmake.in
  ${PROJECT_BINARY_DIR}/libuvConfig.cmake INSTALL_DESTINATION ${package_dir}
  NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/libuvConfigVersion.cmake
  VERSION ${PROJECT_VERSION} COMPATIBILITY SameMajorVersion)
install(FILES
  ${PROJECT_BINARY_DIR}/libuvConfig.cmake
  ${PROJECT_BINARY_DIR}/libuvConfigVersion.cmake
  DESTINATION ${package_dir})

# pkg-config: the prefix is found from where the .pc file lies. Absolute install directories stay
# as they are.
file(RELATIVE_PATH pc_prefix
  ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
string(REGEX REPLACE "/$" "" pc_prefix "\${pcfiledir}/${pc_prefix}")
set(pc_libdir "\${prefix}/${CMAKE_INSTALL_LIBDIR}")
if(IS_ABSOLUTE ${CMAKE_INSTALL_LIBDIR})
  set(pc_libdir ${CMAKE_INSTALL_LIBDIR})
endif()
set(pc_includedir "\${prefix}/${CMAKE_INSTALL_INCLUDEDIR}")
if(IS_ABSOLUTE ${CMAKE_INSTALL_INCLUDEDIR})
  set(pc_includedir ${CMAKE_INSTALL_INCLUDEDIR})
endif()
get_target_property(system_libraries uv_a RONDO_SYSTEM_LIBRARIES)
set(pc_system_libs)
foreach(library IN LISTS system_libraries)
  string(APPEND pc_system_libs " -l${library}")
endforeach()

set(pc_files libuv-static.pc)
if(TARGET uv)
  list(APPEND pc_files libuv.pc)
endif()
foreach(file IN LISTS pc_files)
  configure_file(${PROJECT_SOURCE_DIR}/${file}.in ${PROJECT_BINARY_DIR}/${file} @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/${file} DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endforeach()
