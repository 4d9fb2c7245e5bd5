# cmake -DFILES=file,... -DOUT=file.cpp -P embed_bytes.cmake: the files, byte by byte, as the table behind
# mudra::studio::web_files().
string(REPLACE "," ";" files "${FILES}")
file(WRITE ${OUT}.part "#include \"mudra/studio/web_files.hpp\"\n\nnamespace mudra::studio {\nnamespace {\n\n")
set(table "")
set(index 0)
foreach(file IN LISTS files)
  get_filename_component(name ${file} NAME)
  file(READ ${file} bytes HEX)
  string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
  file(APPEND ${OUT}.part "constexpr std::uint8_t kFile${index}[] = {${bytes}};\n")
  string(APPEND table "    {\"${name}\", kFile${index}},\n")
  math(EXPR index "${index} + 1")
endforeach()
file(APPEND ${OUT}.part "\nconstexpr WebFile kFiles[] = {\n${table}};\n\n}  // namespace\n\n"
     "std::span<const WebFile> web_files() { return kFiles; }\n\n}  // namespace mudra::studio\n")
file(RENAME ${OUT}.part ${OUT})
