#include "mudra/base/share.hpp"

#include <gmock/gmock.h>

#include "tests/refusal.hpp"

namespace mudra {
namespace {

TEST(Share, is_a_percentage) {
  EXPECT_DOUBLE_EQ(share_named("80%"), 0.8);
  EXPECT_DOUBLE_EQ(share_named("0.5%"), 0.005);
  EXPECT_DOUBLE_EQ(share_named("0%"), 0);
  EXPECT_DOUBLE_EQ(share_named("0"), 0);
  for (const char* text : {"", "%", "80", "80 %", "101%", "-1%", "nan%", "inf%", "0.5%%", "a%"})
    EXPECT_THAT(refusal([&] { (void)share_named(text); }),
                testing::HasSubstr("is no share: give one from 0% to 100%"))
        << text;
  EXPECT_THAT(refusal([] { (void)share_named("91%", 90); }), testing::HasSubstr("from 0% to 90%"));
}

}  // namespace
}  // namespace mudra
