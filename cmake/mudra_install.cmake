# What `cmake --install` puts where, and the Debian package that `cpack` makes of it: the program with its manual
# page and completions, mudra_board, the libraries with their headers for find_package(mudra), the firmware's sources.
install(TARGETS mudra)

# Made by the program itself, so that they name what it has.
set(made ${CMAKE_CURRENT_BINARY_DIR}/made)
file(MAKE_DIRECTORY ${made})
add_custom_command(OUTPUT ${made}/mudra.bash ${made}/_mudra ${made}/mudra.fish ${made}/mudra.1
                   COMMAND mudra completion bash > ${made}/mudra.bash
                   COMMAND mudra completion zsh > ${made}/_mudra
                   COMMAND mudra completion fish > ${made}/mudra.fish
                   COMMAND mudra help --man > ${made}/mudra.1
                   DEPENDS mudra VERBATIM)
add_custom_target(mudra_shell ALL DEPENDS ${made}/mudra.1)
install(FILES ${made}/mudra.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME mudra)
install(FILES ${made}/_mudra DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
install(FILES ${made}/mudra.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
install(FILES ${made}/mudra.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)

install(DIRECTORY mudra DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.hpp" PATTERN cli EXCLUDE)
install(DIRECTORY device/include/mudra device/host/include/mudra device/s3/include/mudra DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
set(package ${CMAKE_INSTALL_LIBDIR}/cmake/mudra)
install(EXPORT mudra NAMESPACE mudra:: FILE mudra-targets.cmake DESTINATION ${package})
include(CMakePackageConfigHelpers)
configure_package_config_file(cmake/mudra-config.cmake.in ${made}/mudra-config.cmake INSTALL_DESTINATION ${package})
write_basic_package_version_file(${made}/mudra-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${made}/mudra-config.cmake ${made}/mudra-config-version.cmake DESTINATION ${package})

# The ESP-IDF project as it is in this repository; `mudra deploy` carries the same sources inside the program.
install(DIRECTORY firmware DESTINATION ${CMAKE_INSTALL_DATADIR}/mudra PATTERN host EXCLUDE PATTERN build EXCLUDE
                                                                      PATTERN sdkconfig EXCLUDE)
install(DIRECTORY device DESTINATION ${CMAKE_INSTALL_DATADIR}/mudra PATTERN host EXCLUDE)
install(FILES README.md CHANGELOG.md LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR})

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME mudra)
set(CPACK_PACKAGE_CONTACT "mudra <mudra@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY ${PROJECT_DESCRIPTION})
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# Only for programs built against the libraries.
set(CPACK_DEBIAN_PACKAGE_SUGGESTS
    "cmake, g++, pkg-config, libfmt-dev, nlohmann-json3-dev, libpng-dev, libjpeg-dev, libwebp-dev, libzip-dev, libhwy-dev, libprotobuf-dev, libonnx-dev, libxxhash-dev, libcpp-httplib-dev")
include(CPack)
