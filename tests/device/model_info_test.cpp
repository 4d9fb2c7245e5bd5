#include "mudra/device/model_info.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <vector>

#include "mudra/graph/decision_rule.hpp"
#include "tests/firmware/gesture_model.hpp"

namespace mudra::device {
namespace {

// What is read of a model that `change` made; `status` otherwise.
ModelInfo info_of(const std::function<void(format::EspdlFile&)>& change, Status status = Status::kOk) {
  auto file = firmware::gesture_file();
  change(file);
  const auto bytes = format::write_espdl(file);
  ModelView view;
  EXPECT_EQ(view.open(bytes), Status::kOk);
  EXPECT_EQ(view.file_bytes(), bytes.size());
  ModelInfo info;
  EXPECT_EQ(read_model_info(view, info), status);
  return info;
}

constexpr std::size_t kMaxClassNameBytes = ClassNames::kMaxBytes / 4;  // of one of four

const auto kUnchanged = [](format::EspdlFile&) {};

graph::Tensor& input_of(format::EspdlFile& file) { return file.graph.tensor(file.graph.input); }

TEST(ModelInfo, says_shapes_exponents_tests_and_names) {
  const ModelInfo info = info_of(kUnchanged);
  EXPECT_TRUE(info.takes_pictures());
  EXPECT_EQ(info.input_bytes(), PictureShape{}.bytes());
  EXPECT_EQ(info.input.exponent, -7);
  EXPECT_EQ(info.output.channels, 4);
  EXPECT_EQ(info.output_bytes(), 4u);
  EXPECT_EQ(info.output.exponent, -4);
  EXPECT_EQ(info.tests, 2);
  EXPECT_EQ(info.classes[2], "thumb up");
  EXPECT_EQ(info.rule, InputRule::kRounded);
}

TEST(ModelInfo, takes_the_rule_for_pictures_from_the_metadata) {
  EXPECT_EQ(info_of([](auto& file) { file.graph.metadata["input_rule"] = "published"; }).rule,
            InputRule::kPublished);
  EXPECT_EQ(info_of([](auto& file) { file.graph.metadata["input_rule"] = "rounded"; }).rule,
            InputRule::kRounded);
  info_of([](auto& file) { file.graph.metadata["input_rule"] = "squared"; }, Status::kBadAttribute);
}

TEST(ModelInfo, takes_the_normalization_of_pixels_from_the_metadata) {
  const auto normalized = [](const char* text, int channels = 1) {
    return [=](format::EspdlFile& file) {
      file = firmware::gesture_file(firmware::Traces::kNone, 4,
                                    {.height = 40, .width = 64, .channels = channels});
      file.graph.metadata["normalization"] = text;
    };
  };
  EXPECT_EQ(info_of(normalized("0.5/0.5")).rule.normalization.mean[0], Normalization::kUnit / 2);
  EXPECT_EQ(info_of(normalized("0.485,0.456,0.406/0.229,0.224,0.225", 3)).rule.normalization.channels, 3);
  info_of(normalized("0.485,0.456,0.406/0.229,0.224,0.225", 1), Status::kBadAttribute);
  info_of(normalized("0.5/0"), Status::kBadAttribute);

  const ModelInfo info = info_of(normalized("0.5/0.5"));
  std::vector<std::uint8_t> picture(info.picture().bytes(), 255);
  picture[1] = 0;
  std::vector<std::byte> out(picture.size());
  ASSERT_EQ(prepare(picture, info.input, info.rule, out), Status::kOk);
  EXPECT_EQ(out[0], std::byte{127});
  EXPECT_EQ(out[1], std::byte{0x80});  // -1 at exponent -7
  InputRule color;
  ASSERT_TRUE(read_normalization("0,0.5,0/1", color.normalization));
  EXPECT_EQ(prepare(picture, info.input, color, out), Status::kBadAttribute);
}

TEST(ModelInfo, takes_the_rule_of_decision_from_the_metadata) {
  const SmoothingRule plain = info_of(kUnchanged).decision;
  EXPECT_EQ(plain, SmoothingRule{});
  const SmoothingRule stated =
      info_of([](auto& file) {
        graph::state_decision_rule(
            file.graph.metadata,
            {.pictures = 2, .enter = probability_of(9125), .leave = probability_of(100)});
      }).decision;
  EXPECT_EQ(stated,
            (SmoothingRule{.pictures = 2, .enter = probability_of(9125), .leave = probability_of(100)}));
  info_of([](auto& file) { file.graph.metadata["decision_enter"] = "12.00"; }, Status::kBadAttribute);
}

TEST(ModelInfo, knows_the_class_that_means_none_of_the_others) {
  EXPECT_EQ(info_of(kUnchanged).classes.none(), kNoClass);
  EXPECT_EQ(info_of([](auto& file) { file.graph.class_names[1] = "none"; }).classes.none(), 1);
}

TEST(ModelInfo, refuses_an_input_that_pictures_cannot_be_prepared_for) {
  info_of([](auto& file) { input_of(file).exponent = -40; }, Status::kBadExponent);
}

TEST(ModelInfo, refuses_more_classes_than_there_is_room_for) {
  EXPECT_EQ(info_of([](auto& file) {
              file = firmware::gesture_file(firmware::Traces::kNone, kMaxClasses);
            }).classes[kMaxClasses - 1],
            "gesture 63");
  info_of([](auto& file) { file = firmware::gesture_file(firmware::Traces::kNone, kMaxClasses + 1); },
          Status::kTooManyClasses);
}

TEST(ModelInfo, falls_back_to_numbers_for_names_of_any_length) {
  for (const std::size_t bytes : {kMaxClassNameBytes, kMaxClassNameBytes + 1, std::size_t{5000}}) {
    const ModelInfo info = info_of([&](auto& file) {
      for (std::string& name : file.graph.class_names) name.resize(bytes, 'x');
    });
    EXPECT_EQ(info.named, bytes == kMaxClassNameBytes);
    EXPECT_EQ(info.classes[2], info.named ? "thumb up" + std::string(bytes - 8, 'x') : "2");
  }
}

TEST(ModelInfo, is_of_no_pictures_when_the_input_has_another_size) {
  const ModelInfo info = info_of([](auto& file) { file = format::small_espdl(); });
  EXPECT_FALSE(info.takes_pictures());
  EXPECT_EQ(info.input_bytes(), 6u * 6 * 3);
  EXPECT_EQ(info.classes[16], "class, 16");
}

TEST(ModelInfo, prepares_pictures_by_its_rule) {
  const std::vector<std::uint8_t> picture(PictureShape{}.bytes(), 255);
  std::vector<std::byte> out(picture.size());
  const auto prepared = [&](const ModelInfo& info, std::span<std::byte> to) {
    return prepare(picture, info.input, info.rule, to);
  };
  EXPECT_EQ(prepared(info_of(kUnchanged), out), Status::kOk);
  EXPECT_THAT(out, testing::Each(std::byte{127}));
  EXPECT_EQ(prepared(info_of([](auto& file) { file.graph.metadata["input_rule"] = "published"; }), out),
            Status::kOk);
  EXPECT_THAT(out, testing::Each(std::byte{0x80}));
  EXPECT_EQ(prepared(info_of(kUnchanged), std::span(out).first(100)), Status::kBadSize);
  const ModelInfo color = info_of([](auto& file) {
    file = firmware::gesture_file(firmware::Traces::kNone, 4, {.height = 40, .width = 64, .channels = 3});
  });
  EXPECT_EQ(color.picture(), (PictureShape{.height = 40, .width = 64, .channels = 3}));
  EXPECT_TRUE(color.takes_pictures());
  EXPECT_EQ(prepared(color, out), Status::kBadSize);
}

}  // namespace
}  // namespace mudra::device
