# cmake -DROOT=folder -DLIST=file -DOUT=file.cpp -P embed_text.cmake: the text files that LIST names, one a line
# and relative to ROOT, as the table behind mudra::deploy::firmware_sources().
file(STRINGS ${LIST} paths)
set(text "#include \"mudra/deploy/firmware_sources.hpp\"\n\nnamespace mudra::deploy {\nnamespace {\n\n"
         "const SourceFile kFiles[] = {\n")
file(WRITE ${OUT}.part ${text})
foreach(path IN LISTS paths)
  file(READ ${ROOT}/${path} content)
  file(APPEND ${OUT}.part "{\"${path}\", R\"mudra_text(${content})mudra_text\"},\n")
endforeach()
file(APPEND ${OUT}.part "};\n\n}  // namespace\n\n"
     "std::span<const SourceFile> firmware_sources() { return kFiles; }\n\n}  // namespace mudra::deploy\n")
file(RENAME ${OUT}.part ${OUT})
