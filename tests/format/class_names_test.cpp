#include "mudra/format/class_names.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/refusal.hpp"

namespace mudra::format {
namespace {

using ::testing::HasSubstr;

TEST(ClassNames, that_no_format_keeps_are_refused) {
  check_class_names({"palm", "\u4f60\u597d", std::string(kMaxClassName, 'x')}, 3);
  const auto reason = [](const std::vector<std::string>& names) {
    return refusal([&] { check_class_names(names, 2); });
  };
  EXPECT_THAT(reason({"palm"}), HasSubstr("it names 1 classes, but the network tells 2 apart"));
  EXPECT_THAT(reason({"palm", ""}), HasSubstr("a class has an empty name; 1 to 100 bytes"));
  EXPECT_THAT(reason({"palm", std::string(kMaxClassName + 1, 'x')}), HasSubstr("has 101 bytes; 1 to 100"));
  EXPECT_THAT(reason({"palm", "fi\nst"}), HasSubstr("has control characters"));
  EXPECT_THAT(reason({"palm", "pouc\xe9"}), HasSubstr("is not UTF-8"));
  EXPECT_THAT(reason({"palm", "palm"}), HasSubstr("it names the class 'palm' twice"));
}

}  // namespace
}  // namespace mudra::format
