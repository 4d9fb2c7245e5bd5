// Names that files, boards and pages give, on their way into paths.
#pragma once

#include <string>

namespace mudra {

// `name`, when it can be one part of a path: "palm", not "", "..", "a/b" or one of control characters. Throws
// Error otherwise, calling it "ROLE 'NAME'". What a file calls something goes through here before it becomes
// a path.
std::string safe_file_name(const std::string& name, const char* role);

}  // namespace mudra
