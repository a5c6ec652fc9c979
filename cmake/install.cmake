# cmake --install: the command, the archive, the headers, and what find_package(cornu) reads.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/cornu)
install(TARGETS cornu_command RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS cornu cornu_libraries EXPORT cornuTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT cornuTargets NAMESPACE cornu:: DESTINATION ${package_folder})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/cornu/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/cornu
  FILES_MATCHING PATTERN "*.h" PATTERN "*.def"
  PATTERN "*-inl.h" EXCLUDE  # compiled once for each kind of processor, inside the library
  PATTERN "app" EXCLUDE)

configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/cornuConfig.cmake.in ${CMAKE_BINARY_DIR}/cornuConfig.cmake
  INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/cornuConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/cornuConfig.cmake ${CMAKE_BINARY_DIR}/cornuConfigVersion.cmake ${PROJECT_SOURCE_DIR}/cmake/libraries.cmake DESTINATION ${package_folder})
