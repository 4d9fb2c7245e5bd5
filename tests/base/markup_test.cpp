#include "mudra/base/markup.hpp"

#include <gtest/gtest.h>

namespace mudra {
namespace {

TEST(Markup, nothing_in_a_name_is_taken_for_markup) {
  EXPECT_EQ(escaped("<b title=\"x\">&\n"), "&lt;b title=&quot;x&quot;&gt;&amp; ");
}

TEST(Markup, thousands_are_grouped) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(27744), "27,744");
  EXPECT_EQ(grouped(1000002), "1,000,002");
}

TEST(Markup, base64_pads_as_the_rfc_does) {
  const auto encoded = [](std::string_view text) {
    return base64({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  };
  EXPECT_EQ(encoded(""), "");
  EXPECT_EQ(encoded("f"), "Zg==");
  EXPECT_EQ(encoded("fo"), "Zm8=");
  EXPECT_EQ(encoded("foobar"), "Zm9vYmFy");
  EXPECT_EQ(encoded("\xff\xfe"), "//4=");
}

}  // namespace
}  // namespace mudra
