#include "mudra/data/synthetic_hands.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include "mudra/base/error.hpp"
#include "mudra/base/hash.hpp"
#include "mudra/base/threads.hpp"
#include "mudra/data/hand_person.hpp"
#include "mudra/data/hand_shot.hpp"

namespace mudra::data {
namespace {

using Rendered = std::array<std::uint8_t, kImagePixels>;

constexpr float kNinth = 1.0f / 9;
constexpr Rendering kInfrared{.light = Lighting::kInfrared, .none = kNinth},
    kVisible{.light = Lighting::kVisible, .none = kNinth};

Rendered render(const HandId& id, const Rendering& rendering = kInfrared) {
  Rendered image;
  render_hand(id, rendering, image);
  return image;
}

// Fingerprint of 36 pictures: every gesture, and none, of four people.
std::uint64_t fingerprint_of_some_hands(const Rendering& rendering) {
  std::vector<std::uint8_t> bytes;
  for (std::uint64_t person = 0; person < 4; ++person)
    for (int gesture = 0; gesture <= kGestures; ++gesture) {
      const Rendered image =
          render({.seed = 1, .person = person, .gesture = gesture, .frame = person}, rendering);
      bytes.insert(bytes.end(), image.begin(), image.end());
    }
  return fingerprint(bytes);
}

constexpr std::uint64_t kFingerprint = 11828986360442225505u, kVisibleFingerprint = 10630539691994808432u;

TEST(SyntheticHands, have_the_bits_they_always_had) {
  EXPECT_EQ(fingerprint_of_some_hands(kInfrared), kFingerprint);
  EXPECT_EQ(fingerprint_of_some_hands(kVisible), kVisibleFingerprint);
}

TEST(SyntheticHands, have_the_same_bits_on_every_instruction_set) {
  const auto targets = hwy::SupportedAndGeneratedTargets();
  ASSERT_FALSE(targets.empty());
  for (const std::int64_t target : targets) {
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
    EXPECT_EQ(fingerprint_of_some_hands(kInfrared), kFingerprint) << hwy::TargetName(target);
    EXPECT_EQ(fingerprint_of_some_hands(kVisible), kVisibleFingerprint) << hwy::TargetName(target);
  }
  hwy::SetSupportedTargetsForTest(0);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

TEST(SyntheticHands, have_the_same_bits_for_any_thread_count) {
  const SyntheticConfig config{.people = 3, .images_per_class = 4, .seed = 9};
  set_threads(1);
  const Dataset one = render_dataset(config);
  for (const int threads : {2, 4}) {
    set_threads(threads);
    EXPECT_EQ(render_dataset(config).images, one.images) << threads << " threads";
  }
  set_threads(0);
}

TEST(SyntheticHands, change_with_each_part_of_their_id) {
  const HandId id{.seed = 3, .person = 4, .gesture = 5, .frame = 6};
  EXPECT_EQ(render(id), render(id));
  EXPECT_NE(render(id), render({.seed = 4, .person = 4, .gesture = 5, .frame = 6}));
  EXPECT_NE(render(id), render({.seed = 3, .person = 5, .gesture = 5, .frame = 6}));
  EXPECT_NE(render(id), render({.seed = 3, .person = 4, .gesture = 6, .frame = 6}));
  EXPECT_NE(render(id), render({.seed = 3, .person = 4, .gesture = 5, .frame = 7}));
}

// Mean difference of the top eight rows, where hands are rare and glare is weak; the median over pictures.
float top_row_difference(const std::vector<std::pair<HandId, HandId>>& pairs) {
  std::vector<float> differences;
  for (const auto& [first, second] : pairs) {
    const Rendered a = render(first), b = render(second);
    float sum = 0;
    for (std::size_t i = 0; i < 8 * kImageSide; ++i)
      sum += std::abs(static_cast<float>(a[i]) - static_cast<float>(b[i]));
    differences.push_back(sum / (8 * kImageSide));
  }
  std::nth_element(differences.begin(),
                   differences.begin() + static_cast<std::ptrdiff_t>(differences.size() / 2),
                   differences.end());
  return differences[differences.size() / 2];
}

TEST(SyntheticHands, of_one_person_share_their_background_and_those_of_others_do_not) {
  std::vector<std::pair<HandId, HandId>> same, different;
  for (std::uint64_t person = 0; person < 24; ++person) {
    const HandId fist{.seed = 2, .person = person, .gesture = 2, .frame = 0};
    same.emplace_back(fist, HandId{.seed = 2, .person = person, .gesture = 6, .frame = 1});
    different.emplace_back(fist, HandId{.seed = 2, .person = person + 100, .gesture = 2, .frame = 0});
  }
  EXPECT_LT(top_row_difference(same), 1.5f);
  EXPECT_GT(top_row_difference(different), 2.0f);
}

Person draw(View view, std::uint64_t seed, std::uint64_t number) {
  const Random random(seed, kPersonStream, number);
  return view == View::kFromBelow ? draw_infrared_person(random) : draw_visible_person(random);
}

TEST(SyntheticHands, show_the_part_that_makes_their_gesture) {
  for (const View view : {View::kFromBelow, View::kFromFront})
    for (int gesture = 0; gesture < kGestures; ++gesture)
      for (std::uint64_t number = 0; number < 200; ++number) {
        const Person person = draw(view, 3, number);
        const Shot shot =
            take_shot(person, {.seed = 3, .person = number, .gesture = gesture, .frame = number});
        ASSERT_TRUE(shows_gesture(static_cast<Gesture>(gesture), view, shot.hand, person.camera))
            << kGestureNames[gesture] << " of person " << number;
      }
}

TEST(SyntheticHands, whose_thumb_lies_at_the_fist_show_no_thumb) {
  int taken_for_thumbs = 0;
  for (std::uint64_t number = 0; number < 200; ++number) {
    const Person person = draw(View::kFromFront, 3, number);
    const Shot fist = take_shot(person, {.seed = 3, .person = number, .gesture = kFist, .frame = number});
    taken_for_thumbs += shows_gesture(kThumb, View::kFromFront, fist.hand, person.camera);
  }
  EXPECT_LT(taken_for_thumbs, 50);
}

TEST(SyntheticHands, show_their_gesture_in_its_mean_pose_the_last_resort) {
  for (const View view : {View::kFromBelow, View::kFromFront})
    for (int gesture = 0; gesture < kGestures; ++gesture) {
      int shown = 0;
      for (std::uint64_t number = 0; number < 200; ++number) {
        const Person person = draw(view, 4, number);
        Variation none(Random(1), Random(2), 0.0f);
        const Shot shot = draw_shot(person, static_cast<Gesture>(gesture), Side::kLeft, none);
        shown += shows_gesture(static_cast<Gesture>(gesture), view, shot.hand, person.camera);
      }
      EXPECT_GE(shown, 160) << kGestureNames[gesture];
    }
}

TEST(SyntheticHands, of_both_kinds_of_light_are_one_or_the_other) {
  const Rendering both{.light = Lighting::kBoth};
  int visible = 0;
  for (std::uint64_t person = 0; person < 100; ++person) {
    const HandId id{.seed = 5, .person = person, .gesture = 1, .frame = 0};
    const bool is_visible = render(id, both) == render(id, kVisible);
    EXPECT_TRUE(is_visible || render(id, both) == render(id, kInfrared));
    visible += is_visible;
  }
  EXPECT_GT(visible, 15);
  EXPECT_LT(visible, 35);
}

TEST(SyntheticHands, that_are_left_ones_are_right_ones_mirrored) {
  const auto quiet = [](std::uint64_t person, Hands hands) {
    return render({.seed = 5, .person = person, .gesture = 1, .frame = 0}, {.hands = hands});
  };
  int left = 0;
  for (std::uint64_t person = 0; person < 40; ++person) {
    const Rendered right = quiet(person, Hands::kRight), mirrored = quiet(person, Hands::kLeft);
    EXPECT_NE(right, mirrored);
    const Rendered any = quiet(person, Hands::kBoth);
    EXPECT_TRUE(any == right || any == mirrored);
    left += any == mirrored;
    double difference = 0;  // but for the camera's noise
    for (int y = 0; y < kImageSide; ++y)
      for (int x = 0; x < kImageSide; ++x)
        difference += std::abs(right[static_cast<std::size_t>(y * kImageSide + x)] -
                               mirrored[static_cast<std::size_t>((y + 1) * kImageSide - 1 - x)]);
    EXPECT_LT(difference / kImagePixels, 12);
  }
  EXPECT_GT(left, 8);
  EXPECT_LT(left, 32);
}

// How real frames were measured, per picture: pixels above 60 are hand or arm.
struct Measures {
  std::vector<float> area, centre_x, centre_y, saturated, background, background_bright;
};

float percentile(std::vector<float> values, int percent) {
  const auto at = values.begin() +
                  static_cast<std::ptrdiff_t>((values.size() - 1) * static_cast<std::size_t>(percent) / 100);
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

Measures measure(int gesture, int count) {
  Measures all;
  for (int i = 0; i < count; ++i) {
    const auto person = static_cast<std::uint64_t>(i);
    const Rendered image = render({.seed = 8, .person = person, .gesture = gesture, .frame = person});
    std::vector<float> background;
    float hand = 0, sum_x = 0, sum_y = 0, saturated = 0;
    for (std::size_t at = 0; at < kImagePixels; ++at) {
      if (image[at] <= 60) {
        background.push_back(image[at]);
        continue;
      }
      hand += 1, saturated += image[at] >= 240;
      const std::size_t x = at % kImageSide, y = at / kImageSide;
      sum_x += static_cast<float>(x), sum_y += static_cast<float>(y);
    }
    if (hand == 0) continue;
    all.area.push_back(hand / kImagePixels);
    all.centre_x.push_back(sum_x / hand / kImageSide);
    all.centre_y.push_back(sum_y / hand / kImageSide);
    all.saturated.push_back(saturated / hand);
    all.background.push_back(percentile(background, 50));
    all.background_bright.push_back(percentile(background, 95));
  }
  return all;
}

// The ranges measured on real people lie within the rendered ones, and the middle of the rendered ones within
// the measured.
TEST(SyntheticHands, have_the_size_place_and_light_of_real_ones) {
  constexpr int kCount = 120;
  for (int gesture = 0; gesture < kGestures; ++gesture) {
    SCOPED_TRACE(kGestureNames[gesture]);
    const Measures all = measure(gesture, kCount);
    EXPECT_GE(all.area.size(), 0.97 * kCount) << "pictures so dim that no hand is seen";
    EXPECT_LT(percentile(all.area, 10), 0.07f);
    EXPECT_GT(percentile(all.area, 90), 0.14f);
    EXPECT_GT(percentile(all.area, 50), 0.06f);
    EXPECT_LT(percentile(all.area, 50), 0.15f);
    EXPECT_GT(percentile(all.centre_x, 50), 0.38f);
    EXPECT_LT(percentile(all.centre_x, 50), 0.55f);
    EXPECT_GT(percentile(all.centre_y, 50), gesture == kDown ? 0.48f : 0.54f);
    EXPECT_LT(percentile(all.centre_y, 50), gesture == kDown ? 0.60f : 0.70f);
    EXPECT_LT(percentile(all.saturated, 10), 0.20f);
    EXPECT_GT(percentile(all.saturated, 90), 0.40f);
    EXPECT_GT(percentile(all.background, 50), 5.0f);
    EXPECT_LT(percentile(all.background, 50), 11.0f);
    EXPECT_GT(percentile(all.background_bright, 50), 11.0f);
    EXPECT_LT(percentile(all.background_bright, 50), 26.0f);
  }
}

// The middle of the hand's outline in the picture.
float middle_x(const Shot& shot, const Camera& camera) {
  std::vector<float> places;
  for (int finger = 0; finger < kFingers; ++finger) places.push_back(camera.project(shot.hand.tip(finger)).x);
  for (const Vec point :
       {shot.hand.thumb_tip(), shot.hand.thumb[0].b, shot.hand.knuckle(kLittleFinger), shot.wrist})
    places.push_back(camera.project(point).x);
  const auto [left, right] = std::minmax_element(places.begin(), places.end());
  return 0.5f * (*left + *right);
}

TEST(SyntheticHands, hook_their_fingers_instead_of_rolling_them_in_now_and_then) {
  constexpr int kPeople = 500;
  const auto hooked = [](Gesture gesture) {
    int count = 0;
    for (std::uint64_t number = 0; number < kPeople; ++number) {
      Variation vary(Random(1, number), Random(2, number));
      const FingerPose finger = draw_pose(gesture, View::kFromBelow, vary).finger[kMiddleFinger];
      count += finger.knuckle < 50 && finger.middle > 85;
    }
    return count;
  };
  for (const Gesture gesture : {kFist, kThumb}) {
    EXPECT_GT(hooked(gesture), kPeople / 20);
    EXPECT_LT(hooked(gesture), kPeople / 4);
  }
  EXPECT_LT(hooked(kL), kPeople / 50);
}

TEST(SyntheticHands, stand_11_to_15_pixels_apart_in_the_two_cameras) {
  for (std::uint64_t number = 0; number < 100; ++number) {
    const Person person = draw(View::kFromBelow, 6, number);
    Variation left_vary(Random(1, number), Random(2, number)), right_vary = left_vary;
    const Shot left = draw_shot(person, kPalm, Side::kLeft, left_vary);
    const Shot right = draw_shot(person, kPalm, Side::kRight, right_vary);
    const float apart = middle_x(left, person.camera) - middle_x(right, person.camera);
    EXPECT_GT(apart, 10.0f);
    EXPECT_LT(apart, 16.0f);
  }
}

TEST(SyntheticDataset, has_every_person_and_class_in_order) {
  const Dataset set = render_dataset({.people = 2, .images_per_class = 3, .seed = 5, .rendering = kInfrared});
  ASSERT_EQ(set.size(), 2u * 9 * 3);
  EXPECT_EQ(set.images.size(), set.size() * kImagePixels);
  EXPECT_THAT(set.subject_names, testing::ElementsAre("s000", "s001"));
  EXPECT_THAT(set.class_names,
              testing::ElementsAre("palm", "l", "fist", "thumb", "index", "ok", "c", "down", "none"));
  EXPECT_EQ(set.paths.size(), set.size());
  for (std::size_t i = 0; i < set.size(); ++i) {
    EXPECT_EQ(set.subjects[i], static_cast<int>(i / 27));
    EXPECT_EQ(set.labels[i], static_cast<int>(i % 27 / 3));
  }
  const Rendered same = render({.seed = 5, .person = 1, .gesture = 8, .frame = 2});
  EXPECT_TRUE(std::equal(same.begin(), same.end(), set.image(53).begin()));
}

TEST(SyntheticDataset, has_as_much_of_none_as_is_asked_for) {
  EXPECT_EQ(render_dataset({.people = 1, .images_per_class = 1, .rendering = {.none = 0}}).class_names.size(),
            8u);
  const Dataset half = render_dataset({.people = 2, .images_per_class = 2, .rendering = {.none = 0.5f}});
  EXPECT_EQ(half.size(), 2u * 32);
  EXPECT_EQ(std::ranges::count(half.labels, kGestures), 32);
}

TEST(SyntheticDataset, refuses_counts_that_make_no_sense_or_do_not_fit) {
  EXPECT_THROW(render_dataset({.people = 0, .images_per_class = 1}), Error);
  EXPECT_THROW(render_dataset({.people = 1, .images_per_class = -1}), Error);
  EXPECT_THROW(render_dataset({.people = 1 << 30, .images_per_class = 1 << 30}), Error);
}

}  // namespace
}  // namespace mudra::data
