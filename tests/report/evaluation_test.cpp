#include "mudra/report/evaluation.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <iterator>
#include <nlohmann/json.hpp>
#include <numeric>

#include "mudra/base/error.hpp"
#include "mudra/base/threads.hpp"
#include "tests/refusal.hpp"

namespace mudra::report {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Says the class whose number is the picture's first pixel.
Predictor first_pixel_predictor() {
  Predictor predictor;
  predictor.format = "test";
  predictor.class_names = {"palm", "fist", "ok"};
  predictor.bytes = 1234;
  predictor.max_batch = 4;
  predictor.score = [](std::span<const std::uint8_t> images) {
    EXPECT_LE(images.size(), 4 * data::kImagePixels);
    std::vector<float> logits(3 * images.size() / data::kImagePixels);
    for (std::size_t i = 0; i * data::kImagePixels < images.size(); ++i)
      logits[i * 3 + images[i * data::kImagePixels]] = 1.0f;
    return Scores{logits};
  };
  return predictor;
}

struct Sample {
  std::int32_t label, subject;
  std::uint8_t said;  // in the predictor's numbering
};

// A set that knows palm and ok, after being given the predictor's classes.
data::Dataset set_of(const std::vector<Sample>& samples) {
  data::Dataset set;
  set.name = "set.npz";
  set.class_names = {"ok", "palm"};
  set.subject_names = {"ann", "bob", "cy"};
  for (const Sample& sample : samples) {
    set.images.insert(set.images.end(), data::kImagePixels, sample.said);
    set.labels.push_back(sample.label);
    set.subjects.push_back(sample.subject);
    set.paths.emplace_back();
  }
  return data::with_classes(std::move(set), first_pixel_predictor().class_names);
}

Judged all_of(const data::Dataset& set) {
  Judged judged{.split = "all", .description = "all images of set.npz", .indices = {}};
  judged.indices.resize(set.size());
  std::iota(judged.indices.begin(), judged.indices.end(), 0u);
  return judged;
}

const std::vector<Sample> kSamples = {{0, 0, 2}, {0, 0, 2}, {0, 1, 1},  {1, 1, 0}, {1, 1, 0},
                                      {1, 1, 0}, {1, 0, 2}, {1, -1, 0}, {0, 1, 2}};

TEST(Evaluation, counts_every_judged_image) {
  const auto set = set_of(kSamples);
  const Evaluation evaluation = evaluate(first_pixel_predictor(), set, all_of(set));
  const auto& confusion = evaluation.confusion;
  EXPECT_EQ(confusion.count(0, 0), 4);  // palm
  EXPECT_EQ(confusion.count(0, 2), 1);
  EXPECT_EQ(confusion.count(2, 2), 3);  // ok
  EXPECT_EQ(confusion.count(2, 1), 1);
  EXPECT_EQ(images_of(confusion), 9);
  EXPECT_DOUBLE_EQ(accuracy_of(confusion).value(), 7.0 / 9);
}

TEST(Evaluation, counts_subjects_apart_and_those_nobody_knows_together) {
  const auto set = set_of(kSamples);
  const auto subjects = evaluate(first_pixel_predictor(), set, all_of(set)).subjects;
  ASSERT_EQ(subjects.size(), 3u);  // cy has no images
  EXPECT_EQ(subjects[0].subject, "ann");
  EXPECT_EQ(subjects[0].images, 3);
  EXPECT_DOUBLE_EQ(subjects[0].accuracy, 2.0 / 3);
  EXPECT_EQ(subjects[1].subject, "bob");
  EXPECT_DOUBLE_EQ(subjects[1].accuracy, 4.0 / 5);
  EXPECT_EQ(subjects[2].subject, "unknown");
  EXPECT_DOUBLE_EQ(subjects[2].accuracy, 1.0);
}

TEST(Evaluation, judges_only_the_images_it_is_told_to) {
  const auto set = set_of(kSamples);
  Judged judged = all_of(set);
  judged.indices = {2, 6};
  const Evaluation evaluation = evaluate(first_pixel_predictor(), set, judged);
  EXPECT_EQ(images_of(evaluation.confusion), 2);
  EXPECT_EQ(accuracy_of(evaluation.confusion), 0.0);
}

std::string evaluation_error(const Predictor& predictor, const data::Dataset& set) {
  return refusal([&] { evaluate(predictor, set, all_of(set)); });
}

TEST(Evaluation, refuses_a_set_without_images) {
  EXPECT_EQ(evaluation_error(first_pixel_predictor(), set_of({})), "set.npz: no images to judge");
}

TEST(Evaluation, refuses_scores_that_are_no_numbers) {
  auto predictor = first_pixel_predictor();
  predictor.score = [](std::span<const std::uint8_t> images) {
    return Scores{std::vector<float>(3 * images.size() / data::kImagePixels, std::nanf(""))};
  };
  EXPECT_THAT(evaluation_error(predictor, set_of(kSamples)), HasSubstr("not finite"));
}

TEST(Evaluation, latency_is_of_one_image_on_one_thread_and_gives_the_threads_back) {
  auto predictor = first_pixel_predictor();
  int calls = 0;
  predictor.score = [&](std::span<const std::uint8_t> images) {
    ++calls;
    EXPECT_EQ(images.size(), data::kImagePixels);
    EXPECT_EQ(thread_count(), 1);
    return Scores{};
  };
  const auto set = set_of(kSamples);
  set_threads(2);
  const Latency latency = measure_latency(predictor, set.image(0), 20);
  EXPECT_EQ(thread_count(), 2);
  EXPECT_EQ(latency.runs, 20);
  EXPECT_GT(calls, 20);
  EXPECT_LE(latency.low_us, latency.median_us);
  EXPECT_LE(latency.median_us, latency.high_us);
}

TEST(Evaluation, its_text_says_what_was_judged_and_shows_missing_scores_as_dashes) {
  const auto set = set_of(kSamples);
  const std::string text = text_of(evaluate(first_pixel_predictor(), set, all_of(set)));
  EXPECT_THAT(text, HasSubstr("accuracy 77.78 % on all images of set.npz\n"));
  EXPECT_THAT(text, HasSubstr("class  precision     recall         F1   images\n"
                              "palm    100.00 %    80.00 %    88.89 %        5\n"
                              "fist      0.00 %          -     0.00 %        0\n"
                              "ok       75.00 %    75.00 %    75.00 %        4\n"));
  EXPECT_THAT(text, HasSubstr("subject   images   accuracy\n"
                              "ann            3    66.67 %\n"));
  EXPECT_THAT(text, HasSubstr("       palm   fist     ok\n"
                              "palm      4      .      1\n"
                              "fist      .      .      .\n"
                              "ok        .      1      3\n"));
}

TEST(Evaluation, its_json_has_the_promised_fields) {
  const auto set = set_of(kSamples);
  const auto json = nlohmann::json::parse(json_of(evaluate(first_pixel_predictor(), set, all_of(set))));
  EXPECT_DOUBLE_EQ(json.at("accuracy"), 7.0 / 9);
  EXPECT_EQ(json.at("split"), "all");
  EXPECT_EQ(json.at("classes").size(), 3u);
  EXPECT_EQ(json.at("classes")[1].at("name"), "fist");
  EXPECT_EQ(json.at("classes")[1].at("precision"), 0.0);
  EXPECT_TRUE(json.at("classes")[1].at("recall").is_null());
  EXPECT_EQ(json.at("classes")[1].at("f1"), 0.0);
  EXPECT_EQ(json.at("classes")[0].at("support"), 5);
  EXPECT_EQ(json.at("subjects")[1].at("subject"), "bob");
  EXPECT_EQ(json.at("subjects")[1].at("images"), 5);
  EXPECT_DOUBLE_EQ(json.at("subjects")[1].at("accuracy"), 0.8);
  EXPECT_EQ(json.at("confusion"), nlohmann::json::parse("[[4, 0, 1], [0, 0, 0], [0, 1, 3]]"));
  EXPECT_EQ(json.at("bytes"), 1234);
  EXPECT_GT(json.at("latency_us").get<double>(), 0);
}

TEST(Evaluation, tells_what_is_shown_from_the_threshold_of_its_network_on) {
  const auto set = set_of(kSamples);
  auto predictor = first_pixel_predictor();  // sure to e / (e + 2), 57.6 %
  predictor.threshold = 0.5;
  const Evaluation evaluation = evaluate(predictor, set, all_of(set));
  EXPECT_NEAR(evaluation.pictures[0].probability, 0.5761, 1e-4);
  EXPECT_THAT(text_of(evaluation),
              HasSubstr("shown from 50.00 % on: right 77.78 %, unknown 0.00 %, wrong 22.22 %"));
  const auto json = nlohmann::json::parse(json_of(evaluation));
  EXPECT_EQ(json.at("threshold"), 0.5);
  EXPECT_DOUBLE_EQ(json.at("right"), 7.0 / 9);
  EXPECT_DOUBLE_EQ(json.at("wrong"), 2.0 / 9);
  EXPECT_EQ(json.at("unknown"), 0.0);
  ASSERT_EQ(json.at("curve").size(), std::size(kThresholds));
  EXPECT_EQ(json.at("curve")[2].at("threshold"), 0.6);
  EXPECT_EQ(json.at("curve")[2].at("unknown"), 1.0);
  EXPECT_DOUBLE_EQ(json.at("curve")[0].at("right"), 7.0 / 9);
}

TEST(Predictor, softmax_adds_up_to_one_and_survives_large_logits) {
  const auto probabilities = softmax({std::vector<float>{1000.0f, 1000.0f, -1000.0f}});
  EXPECT_THAT(probabilities, ElementsAre(0.5, 0.5, 0.0));
  EXPECT_NEAR(softmax({std::vector<float>{0.0f, std::log(3.0f)}})[1], 0.75, 1e-7);
}

TEST(Predictor, softmax_of_several_pictures_is_that_of_each) {
  EXPECT_THAT(softmax({std::vector<float>{0, 0, 7, 7, 0, 1000}}, 2),
              ElementsAre(0.5, 0.5, 0.5, 0.5, 0.0, 1.0));
}

TEST(Predictor, softmax_of_integers_is_that_of_what_they_are_worth) {
  EXPECT_EQ(softmax({std::vector<std::int8_t>{-128, 3, 127}, -2}),
            softmax({std::vector<float>{-32.0f, 0.75f, 31.75f}}));
  EXPECT_EQ(softmax({std::vector<std::int16_t>{-20000, 3}, -11}),
            softmax({std::vector<float>{-20000.0f / 2048, 3.0f / 2048}}));
}

TEST(Predictor, the_best_class_of_each_picture_is_the_first_of_equals) {
  EXPECT_THAT(best_classes({std::vector<float>{-1.0f, 2.0f, 2.0f, 4.0f, 3.0f, 2.0f}}, 3), ElementsAre(1, 0));
  EXPECT_THAT(best_classes({std::vector<std::int8_t>{-128, 127, 127, -1}, -3}, 2), ElementsAre(1, 0));
  EXPECT_THROW(best_classes({std::vector<float>{1.0f, INFINITY}}, 2), Error);
}

TEST(EvaluationText, names_the_least_recognised_of_many_people) {
  Evaluation evaluation{.split = "subject",
                        .description = "a test",
                        .class_names = {"a"},
                        .confusion = ConfusionMatrix(1),
                        .pictures = {},
                        .subjects = {},
                        .bytes = 0,
                        .latency = {}};
  evaluation.confusion.add(0, 0);
  for (int i = 0; i < 40; ++i)
    evaluation.subjects.push_back({fmt::format("s{}", i), 1, i == 33 ? 0.25 : 0.75});
  const std::string text = text_of(evaluation);
  EXPECT_NE(text.find("s33"), std::string::npos);
  EXPECT_EQ(text.find("s32"), std::string::npos);
  EXPECT_NE(text.find("and 28 more people, 75.00 % to 75.00 %"), std::string::npos);
}

TEST(Evaluation, its_json_lists_pictures_where_their_files_are_to_be_told) {
  const auto set = set_of({{0, 0, 2}, {0, 0, 1}, {1, 1, 0}});
  Evaluation evaluation = evaluate(first_pixel_predictor(), set, all_of(set));
  EXPECT_FALSE(nlohmann::json::parse(json_of(evaluation)).contains("pictures"));
  EXPECT_FALSE(nlohmann::json::parse(json_of(evaluation)).contains("seen"));
  evaluation.files = {"ann-1/ok/1.png", "<b>", ""};
  auto json = nlohmann::json::parse(json_of(evaluation));
  ASSERT_EQ(json["pictures"].size(), 2u);
  const double sure = std::exp(1) / (std::exp(1) + 2);
  EXPECT_EQ(json["pictures"][1]["file"], "<b>");
  EXPECT_EQ(json["pictures"][1]["actual"], "ok");
  EXPECT_EQ(json["pictures"][1]["said"], "fist");
  EXPECT_NEAR(json["pictures"][1]["probability"].get<double>(), sure, 1e-6);
  EXPECT_FALSE(json["pictures"][1].contains("seen"));
  evaluation.seen = {true, false, true};
  json = nlohmann::json::parse(json_of(evaluation));
  EXPECT_EQ(json["seen"], 2);
  EXPECT_EQ(json["pictures"][0]["seen"], true);
  EXPECT_EQ(json["pictures"][1]["seen"], false);
}

}  // namespace
}  // namespace mudra::report
