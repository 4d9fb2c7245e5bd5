#include "mudra/data/npz.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "mudra/base/error.hpp"
#include "mudra/base/random.hpp"
#include "mudra/base/zip.hpp"
#include "mudra/data/npy_header.hpp"
#include "mudra/data/npy_text.hpp"
#include "tests/refusal.hpp"

namespace mudra::data {
namespace {

using Bytes = std::vector<std::uint8_t>;

std::vector<NpzArray> one_of_each() {
  return {{"u8", {2, 3}, Bytes{1, 2, 3, 250, 254, 255}},
          {"i32", {3}, std::vector<std::int32_t>{-1, 0, 2147483647}},
          {"i64", {}, std::vector<std::int64_t>{-9000000000}},
          {"f32", {2, 1, 1}, std::vector<float>{1.5f, -0.0f}},
          {"text", {2}, std::vector<std::string>{"caf\xc3\xa9 \xf0\x9f\x96\x90", ""}},
          {"none", {0, 96, 96}, Bytes{}}};
}

Bytes npy(const std::string& dict, const Bytes& data = {}, int version = 1) {
  Bytes file = {0x93, 'N', 'U', 'M', 'P', 'Y', static_cast<std::uint8_t>(version), 0};
  file.push_back(static_cast<std::uint8_t>(dict.size() & 0xff));
  file.push_back(static_cast<std::uint8_t>(dict.size() >> 8));
  if (version > 1) file.insert(file.end(), 2, 0);
  file.insert(file.end(), dict.begin(), dict.end());
  file.insert(file.end(), data.begin(), data.end());
  return file;
}

std::string npy_refusal(const Bytes& file) {
  return refusal([&] { read_npy(file); });
}

TEST(Npz, arrays_of_every_type_come_back_as_written) {
  EXPECT_EQ(read_npz(write_npz(one_of_each())), one_of_each());
}

TEST(Npz, equal_arrays_give_equal_bytes) { EXPECT_EQ(write_npz(one_of_each()), write_npz(one_of_each())); }

TEST(Npz, arrays_are_found_by_name_and_type) {
  const auto arrays = one_of_each();
  EXPECT_EQ(values_of<std::int32_t>(arrays, "i32").size(), 3u);
  EXPECT_EQ(array_of<std::uint8_t>(arrays, "u8").shape, (std::vector<std::int64_t>{2, 3}));
  EXPECT_THROW(values_of<float>(arrays, "i32"), Error);
  EXPECT_THROW(values_of<float>(arrays, "missing"), Error);
}

TEST(Npz, an_error_names_the_array) {
  const Bytes archive = write_zip(std::vector<ZipEntry>{{"labels.npy", {1, 2, 3}}});
  try {
    read_npz(archive);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.text, "labels.npy: is not a .npy array");
  }
}

TEST(Npz, truncations_and_thousands_of_flipped_bits_never_crash) {
  const Bytes file = write_npz(one_of_each());
  for (std::size_t length = 0; length < file.size(); ++length)
    EXPECT_THROW(read_npz(std::span(file).first(length)), Error);
  Random random(1);
  for (int i = 0; i < 3000; ++i) {
    Bytes damaged = file;
    damaged[random.below(static_cast<std::uint32_t>(file.size()))] ^=
        static_cast<std::uint8_t>(1 << random.below(8));
    try {
      EXPECT_LE(read_npz(damaged).size(), 6u);
    } catch (const Error& error) {
      EXPECT_FALSE(error.text.empty());
    }
  }
}

TEST(Npy, thousands_of_flipped_bits_never_crash) {
  Random random(2);
  for (const NpzArray& array : one_of_each()) {
    const Bytes file = write_npy(array);
    for (int i = 0; i < 2000; ++i) {
      Bytes damaged = file;
      damaged[random.below(static_cast<std::uint32_t>(file.size()))] ^=
          static_cast<std::uint8_t>(1 << random.below(8));
      try {
        EXPECT_LE(read_npy(damaged).shape.size(), 32u);
      } catch (const Error& error) {
        EXPECT_FALSE(error.text.empty());
      }
    }
  }
}

TEST(Npy, headers_are_read_in_any_spelling_numpy_uses) {
  const Bytes data = {1, 2, 3, 4};
  const auto expected = std::vector<std::int64_t>{2, 2};
  for (const char* dict : {"{'descr': '|u1', 'fortran_order': False, 'shape': (2, 2), }          \n",
                           "{\"shape\":(2,2,),\"fortran_order\":False,\"descr\":\"|u1\"}"})
    for (const int version : {1, 2, 3}) EXPECT_EQ(read_npy(npy(dict, data, version)).shape, expected) << dict;
}

TEST(Npy, data_begin_at_a_multiple_of_64_bytes) {
  for (const std::vector<std::int64_t>& shape : {std::vector<std::int64_t>{}, {5}, {123456, 96, 96}})
    EXPECT_EQ(write_npy_header("<f4", shape).size() % 64, 0u);
}

TEST(Npy, what_cannot_be_read_is_refused_in_words) {
  const auto dict = [](const char* type, const char* order, const char* shape) {
    return fmt::format("{{'descr': '{}', 'fortran_order': {}, 'shape': {}, }}", type, order, shape);
  };
  using testing::HasSubstr;
  EXPECT_THAT(npy_refusal({}), HasSubstr("not a .npy array"));
  EXPECT_THAT(npy_refusal(npy(dict("|u1", "True", "(1, 1)"), {1})), HasSubstr("column-major"));
  EXPECT_THAT(npy_refusal(npy(dict("<f8", "False", "(1,)"), Bytes(8))), HasSubstr("'<f8' are not supported"));
  EXPECT_THAT(npy_refusal(npy(dict(">i4", "False", "(1,)"), Bytes(4))), HasSubstr("'>i4' are not supported"));
  EXPECT_THAT(npy_refusal(npy(dict("|O", "False", "(1,)"), Bytes(8))), HasSubstr("'|O' are not supported"));
  EXPECT_THAT(npy_refusal(npy(dict("<U0", "False", "(1000000000000,)"))),
              HasSubstr("'<U0' is not supported"));
  EXPECT_THAT(npy_refusal(npy(dict("|u1", "False", "(3,)"), {1, 2})), HasSubstr("more data than there are"));
  EXPECT_THAT(npy_refusal(npy(dict("|u1", "False", "(1,)"), {1, 2})),
              HasSubstr("asks for 1 bytes of data, there are 2"));
  EXPECT_THAT(npy_refusal(npy(dict("|u1", "False", "(1099511627776, 1099511627776)"), {1})),
              HasSubstr("more data"));
  EXPECT_THAT(npy_refusal(npy(dict("|u1", "False", "(99999999999999999999,)"))),
              HasSubstr("dimension above"));
  EXPECT_THAT(npy_refusal(npy(dict("|u1", "False", "(-1,)"))), HasSubstr("lacks a dimension"));
  EXPECT_THAT(npy_refusal(npy("{'descr': '|u1'}")), HasSubstr("lacks descr, fortran_order or shape"));
  EXPECT_THAT(npy_refusal(npy("{'evil': '|u1'}")), HasSubstr("unknown key 'evil'"));
  EXPECT_THAT(npy_refusal(npy("", {}, 9)), HasSubstr("version 9"));
}

TEST(Text, of_any_bytes_survives_the_way_through_code_points) {
  for (const std::string& text :
       {std::string("plain"), std::string("caf\xc3\xa9"), std::string("\xff\xfe\x80"),
        std::string("\xed\xa0\x80"), std::string("\xc0\xaf"), std::string("\xe2\x82")})
    EXPECT_EQ(from_code_points(to_code_points(text)), text);
  EXPECT_EQ(to_code_points("\xf0\x9f\x96\x90"), U"\U0001F590");
  const char32_t no_character[] = {0x110000};
  EXPECT_THROW(from_code_points(no_character), Error);
}

}  // namespace
}  // namespace mudra::data
