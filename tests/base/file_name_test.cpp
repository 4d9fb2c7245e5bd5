#include "mudra/base/file_name.hpp"

#include <gtest/gtest.h>

#include "mudra/base/error.hpp"

namespace mudra {
namespace {

TEST(SafeFileName, is_one_part_of_a_path) {
  for (const char* name : {"palm", "01", "thumb up", "...", "-x", "\u00e9t\u00e9"})
    EXPECT_EQ(safe_file_name(name, "the subject"), name);
  for (const std::string& name :
       {std::string(), std::string("."), std::string(".."), std::string("../../x"), std::string("/etc"),
        std::string("a/b"), std::string("a\nb"), std::string("a\0b", 3), std::string(300, 'a')})
    EXPECT_THROW(safe_file_name(name, "the subject"), Error) << name;
}

}  // namespace
}  // namespace mudra
