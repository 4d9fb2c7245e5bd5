# cmake -DSOURCE=folder -DCOMPILER=c++ -DFILES=a.S,b.S -DFUNCTION=mudra::x::kernels -DOUT=file.cpp -P embed_assembly.cmake:
# the assembly files, relative to SOURCE, behind the C preprocessor, as what FUNCTION() returns.
string(REPLACE "," ";" paths "${FILES}")
string(REGEX MATCH "^(.*)::([a-z0-9_]+)$" matched "${FUNCTION}")
set(type "std::span<const mudra::s3::AssemblyText>")
file(WRITE ${OUT}.part "#include \"mudra/s3/program.hpp\"\n\nnamespace ${CMAKE_MATCH_1} {\nnamespace {\n\n"
     "constexpr mudra::s3::AssemblyText kFiles[] = {\n")
foreach(path IN LISTS paths)
  # Relative, so that messages name the file as it is called here and no folder of this machine gets into the program.
  execute_process(COMMAND ${COMPILER} -E -undef -nostdinc -I. -x assembler-with-cpp ${path}
                  WORKING_DIRECTORY ${SOURCE} OUTPUT_VARIABLE content COMMAND_ERROR_IS_FATAL ANY)
  file(APPEND ${OUT}.part "{\"${path}\", R\"mudra_text(${content})mudra_text\"},\n")
endforeach()
file(APPEND ${OUT}.part "};\n\n}  // namespace\n\n${type} ${CMAKE_MATCH_2}();\n"
     "${type} ${CMAKE_MATCH_2}() { return kFiles; }\n\n}  // namespace ${CMAKE_MATCH_1}\n")
file(RENAME ${OUT}.part ${OUT})
