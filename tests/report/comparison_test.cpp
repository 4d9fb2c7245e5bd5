#include "mudra/report/comparison.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace mudra::report {
namespace {

using testing::HasSubstr;

// A model with classes `names` that said `predicted` of three pictures, all of which show the first picture's
// class.
ComparedModel model_of(std::string name, const std::vector<std::string>& names,
                       const std::vector<std::size_t>& predicted) {
  Evaluation evaluation{.split = "all",
                        .description = "all 3 images",
                        .class_names = names,
                        .confusion = ConfusionMatrix(names.size()),
                        .pictures = {},
                        .subjects = {},
                        .bytes = 1000,
                        .latency = {}};
  std::int64_t hits = 0;
  for (const std::size_t said : predicted) {
    evaluation.pictures.push_back({.actual = 0, .said = said, .probability = 1});
    evaluation.confusion.add(0, said);
    hits += said == 0 ? 1 : 0;
  }
  evaluation.subjects.push_back({"ann", 3, static_cast<double>(hits) / 3});
  return {std::move(name), "espdl", std::move(evaluation), 27744, 15280000};
}

TEST(Comparison, agreement_counts_classes_by_name) {
  const ComparedModel first = model_of("a", {"palm", "fist"}, {0, 1, 1});
  const ComparedModel swapped = model_of("b", {"fist", "palm"}, {1, 0, 1});
  EXPECT_DOUBLE_EQ(agreement(first, first), 1);
  EXPECT_DOUBLE_EQ(agreement(swapped, first), 2.0 / 3);
}

TEST(Comparison, has_a_row_for_each_model_and_each_subject) {
  ComparedModel other = model_of("float.onnx", {"palm", "fist"}, {0, 0, 0});
  other.arena_bytes.reset();
  ComparedModel integer = model_of("int8.espdl", {"palm", "fist"}, {0, 1, 0});
  integer.on_chip = ChipTime{6500, 6000, 8000};
  const std::string text = text_of({other, integer});
  EXPECT_THAT(text, HasSubstr("#1  float.onnx"));
  EXPECT_THAT(text, HasSubstr("27744    66.67 %     66.67 %"));
  EXPECT_THAT(text, HasSubstr("15280000          -\n"));
  EXPECT_THAT(text, HasSubstr("15280000    6.50 ms\n"));
  EXPECT_THAT(text, HasSubstr("estimated, not measured"));
  EXPECT_THAT(text, HasSubstr("ann            3   100.00 %    66.67 %"));
}

TEST(Comparison, json_has_what_a_single_evaluation_has_and_more) {
  ComparedModel model = model_of("a", {"palm", "fist"}, {0, 1, 1});
  model.multiply_adds.reset();
  const auto document = nlohmann::json::parse(json_of(std::vector{model, model}));
  ASSERT_EQ(document["models"].size(), 2u);
  const auto& entry = document["models"][1];
  EXPECT_EQ(entry["model"], "a");
  EXPECT_EQ(entry["arena_bytes"], 27744);
  EXPECT_TRUE(entry["multiply_adds"].is_null());
  EXPECT_TRUE(entry["chip_us"].is_null());
  EXPECT_EQ(entry["agreement"], 1);
  EXPECT_NEAR(entry["accuracy"].get<double>(), 1.0 / 3, 1e-12);
  EXPECT_EQ(entry["subjects"][0]["subject"], "ann");
}

}  // namespace
}  // namespace mudra::report
