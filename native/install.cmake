# What a program needs that is built with libsyslets: shared and static library, headers, files for
# pkg-config and CMake, man pages.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(MAP ${PROJECT_SOURCE_DIR}/libsyslets.map)
set(VERSION_OF_ABI ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
set(PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/syslets)

# While the version is 0.x, structs of the interface may grow with the second number: it is part of
# the SONAME. -Bsymbolic: a program that is not position-independent may have a stub of its own under
# syslet_park's name, and the kernel side compares frames with that address.
add_library(syslets_shared SHARED $<TARGET_OBJECTS:syslets_kernel_objects> ${USER_SIDE})
syslets_user_side(syslets_shared)
target_link_libraries(syslets_shared PRIVATE Threads::Threads)
target_link_options(syslets_shared PRIVATE -Wl,--version-script=${MAP} -Wl,-Bsymbolic -Wl,-z,defs
  -Wl,-z,now -Wl,-z,relro -Wl,-z,noexecstack
  # handlers and routed imports outlive a dlclose
  -Wl,-z,nodelete)
set_target_properties(syslets_shared PROPERTIES OUTPUT_NAME syslets EXPORT_NAME syslets
  VERSION ${PROJECT_VERSION} SOVERSION ${VERSION_OF_ABI} LINK_DEPENDS ${MAP})

# The static one is a single object in which all but the interface is local, so that names such as
# mutex_lock are the program's to define.
file(STRINGS ${MAP} EXPORTED REGEX "^\tsyslet_")
list(TRANSFORM EXPORTED REPLACE "[\t;]" "")
list(JOIN EXPORTED "\n" EXPORTED)
set(EXPORTED_FILE ${CMAKE_CURRENT_BINARY_DIR}/exported)
file(WRITE ${EXPORTED_FILE} "${EXPORTED}\n")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${MAP})

add_library(syslets_user_objects OBJECT ${USER_SIDE})
syslets_user_side(syslets_user_objects ${HIDDEN})
set(WHOLE $<TARGET_OBJECTS:syslets_kernel_objects> $<TARGET_OBJECTS:syslets_user_objects>)
add_custom_command(OUTPUT libsyslets.o
  COMMAND ${CMAKE_C_COMPILER} -r -nostdlib -o libsyslets.o ${WHOLE}
  COMMAND ${CMAKE_OBJCOPY} --keep-global-symbols=${EXPORTED_FILE} libsyslets.o
  DEPENDS ${WHOLE} ${EXPORTED_FILE} VERBATIM COMMAND_EXPAND_LISTS)
add_library(syslets_static STATIC libsyslets.o)
set_target_properties(syslets_static PROPERTIES OUTPUT_NAME syslets LINKER_LANGUAGE C)
target_link_libraries(syslets_static PUBLIC Threads::Threads)
# the objects are files of other targets: make knows their rule there alone
add_dependencies(syslets_static syslets_kernel_objects syslets_user_objects)

install(TARGETS syslets_shared syslets_static EXPORT syslets
  INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
# not call.h: the block that the addon shares with TypeScript
install(DIRECTORY include/syslets DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  FILES_MATCHING PATTERN "*.h" PATTERN call.h EXCLUDE)

install(EXPORT syslets NAMESPACE syslets:: FILE syslets-targets.cmake DESTINATION ${PACKAGE_DIR})
write_basic_package_version_file(syslets-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES syslets-config.cmake ${CMAKE_CURRENT_BINARY_DIR}/syslets-config-version.cmake
  DESTINATION ${PACKAGE_DIR})

# The prefix is found from where the file lies: `cmake --install --prefix` may choose another one
# than was configured.
if(IS_ABSOLUTE ${CMAKE_INSTALL_LIBDIR})
  set(PC_PREFIX ${CMAKE_INSTALL_PREFIX})
else()
  file(RELATIVE_PATH UP /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
  string(REGEX REPLACE "/$" "" UP ${UP})
  set(PC_PREFIX "\${pcfiledir}/${UP}")
endif()
cmake_path(ABSOLUTE_PATH CMAKE_INSTALL_LIBDIR BASE_DIRECTORY "\${prefix}" OUTPUT_VARIABLE PC_LIBDIR)
cmake_path(ABSOLUTE_PATH CMAKE_INSTALL_INCLUDEDIR BASE_DIRECTORY "\${prefix}"
  OUTPUT_VARIABLE PC_INCLUDEDIR)
configure_file(syslets.pc.in syslets.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/syslets.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

# A page that describes several names is found under each of them.
file(GLOB PAGES CONFIGURE_DEPENDS man/*.[1-9])
foreach(page ${PAGES})
  cmake_path(GET page FILENAME file)
  string(REGEX MATCH "^(.*)\\.([1-9])$" matched ${file})
  set(name ${CMAKE_MATCH_1})
  set(section ${CMAKE_MATCH_2})
  install(FILES ${page} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
  file(READ ${page} text)
  string(REGEX MATCH "\n\\.SH NAME\n([a-z_, ]+)" matched "${text}")
  string(REPLACE ", " ";" others "${CMAKE_MATCH_1}")
  list(TRANSFORM others STRIP)
  list(REMOVE_ITEM others ${name})
  foreach(other ${others})
    set(alias ${CMAKE_CURRENT_BINARY_DIR}/man/${other}.${section})
    file(WRITE ${alias} ".so man${section}/${file}\n")
    install(FILES ${alias} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
  endforeach()
endforeach()
