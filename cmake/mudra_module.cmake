# A folder is a module is a target: mudra_module(NAME [INCLUDE folder] DEPENDS target...) builds every .cpp of
# the current folder and its src/ into the static library mudra_NAME, alias mudra::NAME.

add_library(mudra_flags INTERFACE)
# No contraction of a*b+c into one rounding unless the source says so: the same bytes on any machine.
target_compile_options(mudra_flags INTERFACE $<BUILD_INTERFACE:-Wall;-Wextra;-Wpedantic;-Wshadow;-Werror;-ffp-contract=off>)
target_compile_features(mudra_flags INTERFACE cxx_std_20)
target_include_directories(mudra_flags INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}> $<INSTALL_INTERFACE:include>)
set_target_properties(mudra_flags PROPERTIES EXPORT_NAME flags)
install(TARGETS mudra_flags EXPORT mudra)
if(MUDRA_FUZZ)
  target_compile_options(mudra_flags INTERFACE -fsanitize=fuzzer-no-link,address,undefined
                                               -fno-sanitize-recover=all -fno-omit-frame-pointer -Wno-error)
  target_link_options(mudra_flags INTERFACE -fsanitize=address,undefined)
endif()
if(MUDRA_SANITIZE)
  # Without the checks that cost most to compile: the address sanitizer finds what comes of their faults.
  target_compile_options(mudra_flags INTERFACE -fsanitize=address,undefined -fno-sanitize=null,object-size,vptr
                                               -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(mudra_flags INTERFACE -fsanitize=address,undefined)
endif()

function(mudra_module name)
  cmake_parse_arguments(arg "" "INCLUDE" "DEPENDS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS *.cpp src/*.cpp kernels/*.cpp)
  if(sources)
    add_library(mudra_${name} STATIC ${sources})
    foreach(source ${sources}) # Highway compiles these once for each instruction set: they stay alone in a unity build
      file(STRINGS ${source} per_target REGEX "foreach_target.h" LIMIT_COUNT 1)
      if(per_target)
        set_source_files_properties(${source} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
      endif()
    endforeach()
    set(scope PUBLIC)
  else()
    add_library(mudra_${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_link_libraries(mudra_${name} ${scope} mudra_flags ${arg_DEPENDS})
  if(arg_INCLUDE)
    target_include_directories(mudra_${name} ${scope} $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/${arg_INCLUDE}>)
  endif()
  add_library(mudra::${name} ALIAS mudra_${name})
  set_target_properties(mudra_${name} PROPERTIES EXPORT_NAME ${name})
  install(TARGETS mudra_${name} EXPORT mudra)
endfunction()

# mudra_embed_assembly(TARGET FUNCTION file.S...): the files, relative to the project, behind the C preprocessor inside
# of TARGET: std::span<const mudra::s3::AssemblyText> FUNCTION(), e.g. mudra::x::kernels, which a header declares.
function(mudra_embed_assembly target function)
  list(TRANSFORM ARGN PREPEND ${PROJECT_SOURCE_DIR}/ OUTPUT_VARIABLE files)
  foreach(file IN LISTS files) # what they may include lies beside them
    get_filename_component(folder ${file} DIRECTORY)
    file(GLOB included CONFIGURE_DEPENDS ${folder}/*.h ${folder}/*.inc)
    list(APPEND files ${included})
  endforeach()
  string(REPLACE "::" "_" name ${function})
  set(embedded ${CMAKE_CURRENT_BINARY_DIR}/${name}_embedded.cpp)
  string(REPLACE ";" "," paths "${ARGN}")
  add_custom_command(OUTPUT ${embedded}
                     COMMAND ${CMAKE_COMMAND} -DSOURCE=${PROJECT_SOURCE_DIR} -DCOMPILER=${CMAKE_CXX_COMPILER} -DFILES=${paths}
                             -DFUNCTION=${function} -DOUT=${embedded} -P ${PROJECT_SOURCE_DIR}/cmake/embed_assembly.cmake
                     DEPENDS ${files} ${PROJECT_SOURCE_DIR}/cmake/embed_assembly.cmake VERBATIM)
  target_sources(${target} PRIVATE ${embedded})
  set_source_files_properties(${embedded} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()

# mudra_tests(MODULE DEPENDS target...): every *_test.cpp of the current folder in one GoogleTest program, which the
# target unit_tests builds too.
add_custom_target(unit_tests)
function(mudra_tests module)
  cmake_parse_arguments(arg "" "" "DEPENDS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS *_test.cpp)
  if(NOT sources)
    return()
  endif()
  add_executable(${module}_tests ${sources})
  target_link_libraries(${module}_tests PRIVATE mudra_flags mudra_test_support GTest::gmock GTest::gtest_main
                                                ${arg_DEPENDS})
  if(MUDRA_SANITIZE) # it is the library's arithmetic that is to be watched; unoptimized, tests compile in three fifths of the time
    target_compile_options(${module}_tests PRIVATE -fno-sanitize=undefined -O0)
  endif()
  add_dependencies(unit_tests ${module}_tests)
  gtest_discover_tests(${module}_tests TEST_PREFIX "${module}." PROPERTIES LABELS unit TIMEOUT 600
                       ENVIRONMENT "OMP_WAIT_POLICY=passive"
                       DISCOVERY_TIMEOUT 60)
endfunction()

# mudra_scripts(LABEL): one test per NAME_test.sh of the current folder, run in a fresh folder with MUDRA (the
# program), MUDRA_BOARD (the firmware on this PC), MUDRA_GESTURE_MODEL and MUDRA_SOURCE in its environment; exit 0 passes, 77 is skipped.
function(mudra_scripts label)
  file(GLOB scripts CONFIGURE_DEPENDS *_test.sh)
  foreach(script ${scripts})
    get_filename_component(name ${script} NAME_WE)
    add_test(NAME ${label}.${name} COMMAND bash ${PROJECT_SOURCE_DIR}/tests/run_script.sh ${script}
                                           ${CMAKE_CURRENT_BINARY_DIR}/${name})
    set_tests_properties(${label}.${name} PROPERTIES SKIP_RETURN_CODE 77 LABELS ${label} TIMEOUT 900
                         ENVIRONMENT "OMP_WAIT_POLICY=passive;MUDRA=$<TARGET_FILE:mudra>;MUDRA_BOARD=$<TARGET_FILE:mudra_board>;MUDRA_GESTURE_MODEL=$<TARGET_FILE:gesture_model>;MUDRA_SOURCE=${PROJECT_SOURCE_DIR}")
  endforeach()
endfunction()
