#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "mudra/base/error.hpp"
#include "mudra/base/files.hpp"
#include "pth_files.hpp"
#include "tests/refusal.hpp"
#include "tests/shared_data.hpp"

namespace mudra::format {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::filesystem::path kData = MUDRA_TEST_FOLDER "/data";

std::string pth_error(std::span<const std::uint8_t> bytes) {
  return refusal([&] { read_pth(bytes); });
}

std::string error_of_file(const std::string& name) { return pth_error(read_file(kData / name)); }

std::vector<float> floats_of(const graph::StateDict& state, const char* name) {
  return std::get<std::vector<float>>(graph::find(state, name)->values);
}

std::vector<std::int64_t> integers_of(const graph::StateDict& state, const char* name) {
  return std::get<std::vector<std::int64_t>>(graph::find(state, name)->values);
}

class TorchFile : public testing::TestWithParam<int> {};

TEST_P(TorchFile, of_any_protocol_reads_as_torch_wrote_it) {
  const auto state = load_pth(kData / fmt::format("state_protocol_{}.pth", GetParam())).state;
  ASSERT_EQ(state.tensors.size(), 16u);
  EXPECT_EQ(graph::floats(state, "parameter", {2, 3}), (std::vector<float>{0, 1, 2, 3, 4, 5}));
  EXPECT_THAT(floats_of(state, "half"), ElementsAre(1.5f, -2.0f, std::ldexp(1.0f, -24), 65504.0f, -INFINITY));
  EXPECT_THAT(floats_of(state, "bfloat16"), ElementsAre(1.5f, -0.25f));
  EXPECT_THAT(floats_of(state, "double"), ElementsAre(0.1f, INFINITY));
  EXPECT_THAT(integers_of(state, "long"), ElementsAre(-(std::int64_t{1} << 40), 5));
  EXPECT_THAT(integers_of(state, "int"), ElementsAre(-3, 4));
  EXPECT_THAT(integers_of(state, "short"), ElementsAre(-300));
  EXPECT_THAT(integers_of(state, "char"), ElementsAre(-8));
  EXPECT_THAT(integers_of(state, "byte"), ElementsAre(200));
  EXPECT_THAT(integers_of(state, "bool"), ElementsAre(1, 0));
  EXPECT_THAT(integers_of(state, "scalar"), ElementsAre(42));
  EXPECT_TRUE(graph::find(state, "scalar")->shape.empty());
  EXPECT_EQ(graph::floats(state, "empty", {0, 3}).size(), 0u);
}

TEST_P(TorchFile, views_of_a_shared_storage_are_resolved) {
  const auto state = load_pth(kData / fmt::format("state_protocol_{}.pth", GetParam())).state;
  std::vector<float> counting(24);
  std::iota(counting.begin(), counting.end(), 0.0f);
  EXPECT_EQ(graph::floats(state, "whole", {2, 3, 4}), counting);
  const auto& transposed = graph::floats(state, "transposed", {4, 2, 3});
  EXPECT_THAT(std::vector<float>(transposed.begin(), transposed.begin() + 8),
              ElementsAre(0, 4, 8, 12, 16, 20, 1, 5));
  EXPECT_EQ(graph::floats(state, "window", {2, 2}), (std::vector<float>{16, 18, 20, 22}));
  EXPECT_EQ(graph::floats(state, "expanded", {3}), (std::vector<float>{7, 7, 7}));
}

INSTANTIATE_TEST_SUITE_P(Protocols, TorchFile, testing::Values(2, 3, 4, 5));

TEST(PthReader, finds_the_state_dict_in_a_trainers_checkpoint) {
  const auto state = load_pth(kData / "checkpoint.pth").state;
  ASSERT_EQ(state.tensors.size(), 5u);
  EXPECT_EQ(state.tensors[0].name, "weight");
  EXPECT_THAT(floats_of(state, "running_var"), ElementsAre(1, 1));
  EXPECT_THAT(integers_of(state, "num_batches_tracked"), ElementsAre(0));
}

TEST(PthReader, refuses_what_is_no_state_dict_and_says_what_it_is) {
  EXPECT_THAT(error_of_file("whole_model.pth"), HasSubstr("refused: torch.nn.modules.linear.Linear"));
  EXPECT_THAT(error_of_file("tensor.pth"), HasSubstr("no dict of named tensors"));
  EXPECT_THAT(error_of_file("legacy.pth"), HasSubstr("PyTorch before 1.6"));
  EXPECT_THAT(error_of_file("script.pth"), HasSubstr("TorchScript"));
  EXPECT_THAT(pth_error(bytes_of("")), HasSubstr("is empty"));
  EXPECT_THAT(pth_error(bytes_of("hello")), HasSubstr("is not a .pth"));
  EXPECT_THAT(pth_error(write_zip(std::vector<ZipEntry>{{"a/b.txt", bytes_of("x")}})),
              HasSubstr("without data.pkl"));
}

// One tensor called "w": its view of data/0, of `stored` floats.
std::string tensor_pickle(std::int64_t stored, std::int64_t offset, const std::vector<std::int64_t>& shape,
                          const std::vector<std::int64_t>& strides) {
  const auto integer = [](std::int64_t value) {
    std::string text = "\x8a\x08";
    for (int i = 0; i < 8; ++i) text += static_cast<char>(value >> (8 * i) & 0xff);
    return text;
  };
  const auto tuple = [&](const std::vector<std::int64_t>& values) {
    std::string text = "(";
    for (const auto value : values) text += integer(value);
    return text + "t";
  };
  const auto string = [](std::string_view value) {
    return "\x8c" + std::string(1, static_cast<char>(value.size())) + std::string(value);
  };
  return "\x80\x04}(" + string("w") + "ctorch._utils\n_rebuild_tensor_v2\n((" + string("storage") +
         "ctorch\nFloatStorage\n" + string("0") + string("cpu") + integer(stored) + "tQ" + integer(offset) +
         tuple(shape) + tuple(strides) + "\x89NtRu.";
}

TEST(PthReader, takes_off_what_wrappers_put_in_front_of_all_names) {
  const auto names_of = [](const std::vector<std::string>& names) {
    graph::StateDict state;
    for (const std::string& name : names) state.tensors.push_back({name, {1}, std::vector<float>{1}});
    std::vector<std::string> read;
    for (const graph::NamedTensor& tensor : read_pth(write_pth(state)).state.tensors)
      read.push_back(tensor.name);
    return read;
  };
  EXPECT_THAT(names_of({"module.a", "module.b"}), ElementsAre("a", "b"));
  EXPECT_THAT(names_of({"_orig_mod.module.a", "_orig_mod.module.b"}), ElementsAre("a", "b"));
  EXPECT_THAT(names_of({"module.a", "b"}), ElementsAre("module.a", "b"));
  EXPECT_THAT(names_of({"module."}), ElementsAre("module."));
}

// numpy.float64 as best_acc, as pickle protocol 2 writes it.
TEST(PthReader, lets_numbers_of_numpy_by_beside_the_state_dict) {
  const auto text = [](std::string_view value) {
    return "\x8c" + std::string(1, static_cast<char>(value.size())) + std::string(value);
  };
  const std::string tensor = tensor_pickle(1, 0, {1}, {1});  // {"w": ...}
  const std::string inner = tensor.substr(2, tensor.size() - 3);
  for (const char* module : {"numpy.core.multiarray", "numpy._core.multiarray"}) {
    const std::string dtype =
        "(cnumpy\ndtype\n(" + text("f8") + "\x89\x88tR(K\x03" + text("<") + "NNNK\x01K\x01K\x01tb";
    const std::string number = "c_codecs\nencode\n(" + text("12345678") + text("latin1") + "tR";
    const std::string scalar = fmt::format("c{}\nscalar\n", module) + dtype + number + "tR";
    const std::string pickle = "\x80\x04}(" + text("best_acc") + scalar + text("state_dict") + inner + "u.";
    const auto state = read_pth(pth_with_pickle(pickle, std::vector<std::uint8_t>(4))).state;
    ASSERT_EQ(state.tensors.size(), 1u);
    EXPECT_EQ(state.tensors[0].name, "w");
  }
}

TEST(PthReader, puts_the_path_in_front_of_errors_once) {
  const std::string path = (kData / "tensor.pth").string();
  try {
    load_pth(path);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.text, path + ": holds no dict of named tensors");
  }
}

TEST(PthReader, refuses_big_endian_numbers) {
  const std::vector<ZipEntry> entries = {{"a/data.pkl", bytes_of("\x80\x02}.")},
                                         {"a/byteorder", bytes_of("big")}};
  EXPECT_THAT(pth_error(write_zip(entries)), HasSubstr("little-endian"));
}

TEST(PthReader, names_the_global_of_a_malicious_pickle_and_does_not_run_it) {
  const std::string module =
                        "\x80\x02"
                        "cos\nsystem\n",
                    argument = "X\x04\0\0\0true";
  EXPECT_THAT(pth_error(pth_with_pickle(module + argument + "\x85R.")), HasSubstr("refused: os.system"));
  EXPECT_THAT(pth_error(pth_with_pickle("cos\nsystem\n(S'true'\ntR.")), HasSubstr("refused: os.system"));
  EXPECT_THAT(pth_error(pth_with_pickle("\x80\x04\x8c\x08"
                                        "builtins"
                                        "\x8c\x04"
                                        "eval"
                                        "\x93.")),
              HasSubstr("refused: builtins.eval"));
  EXPECT_THAT(pth_error(pth_with_pickle("\x80\x02"
                                        "c\x1b[31mos\nsystem\n.")),
              HasSubstr("refused: ?[31mos.system"));
}

std::string view_error(std::int64_t stored, std::int64_t offset, const std::vector<std::int64_t>& shape,
                       const std::vector<std::int64_t>& strides) {
  return pth_error(
      pth_with_pickle(tensor_pickle(stored, offset, shape, strides), std::vector<std::uint8_t>(16)));
}

TEST(PthReader, keeps_views_inside_their_storage) {
  constexpr std::int64_t kHuge = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(view_error(4, 0, {2, 2}, {2, 1}), "");
  EXPECT_EQ(view_error(4, 1, {3}, {1}), "");
  EXPECT_EQ(view_error(4, 1, {1, 3}, {kHuge, 1}), "");
  EXPECT_THAT(view_error(4, 1, {4}, {1}), HasSubstr("'w': it reaches beyond its storage"));
  EXPECT_THAT(view_error(4, 0, {2, 2}, {3, 1}), HasSubstr("beyond"));
  EXPECT_THAT(view_error(4, kHuge, {1}, {1}), HasSubstr("beyond"));
  EXPECT_THAT(view_error(4, kHuge, {2}, {1}), HasSubstr("beyond"));
  EXPECT_THAT(view_error(4, 0, {2, 2}, {kHuge, kHuge}), HasSubstr("beyond"));
  EXPECT_THAT(view_error(4, -1, {1}, {1}), HasSubstr("negative"));
  EXPECT_THAT(view_error(4, 0, {-1}, {1}), HasSubstr("negative"));
  EXPECT_THAT(view_error(4, 0, {2}, {-1}), HasSubstr("negative"));
  EXPECT_THAT(view_error(4, 0, {2}, {1, 1}), HasSubstr("differ in length"));
  EXPECT_THAT(view_error(5, 0, {1}, {1}), HasSubstr("16 bytes, not 5 elements"));
  EXPECT_THAT(view_error(-1, 0, {1}, {1}), HasSubstr("not -1 elements"));
}

TEST(PthReader, refuses_tensors_that_would_fill_the_memory) {
  constexpr std::int64_t kMany = std::int64_t{1} << 40;
  EXPECT_THAT(view_error(4, 0, {kMany}, {0}), HasSubstr("more than 67108864 elements"));
  EXPECT_THAT(view_error(4, 0, {kMany, kMany, kMany}, {0, 0, 0}), HasSubstr("more than"));
  EXPECT_THAT(view_error(4, 0, std::vector<std::int64_t>(9, 1), std::vector<std::int64_t>(9, 1)),
              HasSubstr("9 numbers, more than 8"));
}

TEST(PthReader, refuses_broken_pickles) {
  const auto pickle_error = [](std::string_view pickle) { return pth_error(pth_with_pickle(pickle)); };
  EXPECT_THAT(pickle_error(""), HasSubstr("data.pkl: ends in the middle"));
  EXPECT_THAT(pickle_error("."), HasSubstr("stack is empty"));
  EXPECT_THAT(pickle_error("\x80\x06."), HasSubstr("protocol 6"));
  EXPECT_THAT(pickle_error("\x80\x02}(t."), HasSubstr("no dict"));
  EXPECT_THAT(pickle_error("\x80\x02}t."), HasSubstr("mark is missing"));
  EXPECT_THAT(pickle_error("\x80\x02}(Nu."), HasSubstr("key without a value"));
  EXPECT_THAT(pickle_error("\x80\x02h\x05."), HasSubstr("memo has no entry 5"));
  EXPECT_THAT(pickle_error("\x80\x02\x8d\xff\xff\xff\xff\xff\xff\xff\xff."), HasSubstr("ends in the middle"));
  EXPECT_THAT(pickle_error("\x80\x02N)R."), HasSubstr("another type"));
  EXPECT_THAT(pickle_error("\x80\x02}\x81."), HasSubstr("opcode 0x81 at byte 3"));
  EXPECT_THAT(pickle_error("\x80\x02}."), HasSubstr("no tensors"));
  EXPECT_THAT(pickle_error("\x80\x02}(K\x01Nu."), HasSubstr("without a plain name"));
  EXPECT_THAT(pickle_error("\x80\x04}(\x8c\x05"
                           "epochK\x01u."),
              HasSubstr("'epoch' is not a tensor"));
  EXPECT_THAT(pickle_error(std::string(5 << 20, 'N')), HasSubstr("more than the 4194304"));
}

TEST(PthReader, survives_deep_nesting_and_cycles) {
  std::string nested = "\x80\x02";
  for (int i = 0; i < 1000000; ++i) nested += "]";
  for (int i = 1; i < 1000000; ++i) nested += "a";
  EXPECT_THAT(pth_error(pth_with_pickle(nested + ".")), HasSubstr("no dict"));
  EXPECT_THAT(pth_error(pth_with_pickle(std::string_view("\x80\x02}q\0X\x05\0\0\0modelh\0s.", 19))),
              HasSubstr("'model' is not a tensor"));
}

TEST(PthReader, a_truncated_file_is_an_error_at_every_length) {
  const auto whole = write_pth(small_state(), "{}");
  for (std::size_t size = 0; size < whole.size(); ++size)
    ASSERT_THROW(read_pth(std::span(whole).first(size)), Error) << size;
}

TEST(PthReader, a_flipped_bit_is_an_error_or_changes_no_tensor) {
  const auto whole = write_pth(small_state(), "{}");
  auto flipped = whole;
  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    flipped[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    try {
      ASSERT_EQ(read_pth(flipped).state, small_state()) << bit;
    } catch (const Error&) {
    }
    flipped[bit / 8] = whole[bit / 8];
  }
}

TEST(PthReader, survives_flipped_bits_in_a_pickle_with_a_valid_checksum) {
  auto entries = read_zip(read_file(kData / "state_protocol_4.pth"), 1 << 20);
  auto& pickle = entries.front().bytes;
  std::size_t errors = 0;
  for (std::size_t bit = 0; bit < pickle.size() * 8; bit += 3) {
    pickle[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    try {
      read_pth(write_zip(entries));
    } catch (const Error&) {
      ++errors;
    }
    pickle[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
  }
  EXPECT_GT(errors, pickle.size());
}

TEST(PthReader, reads_the_published_models) {
  if (shared_data().empty()) GTEST_SKIP() << "MUDRA_SHARED is not set";
  // Both hold the same weights. Printed by torch 1.13: sum(float(t.double().sum()) for t in state.values()).
  constexpr double kSum = 29698.196807606073;
  for (const auto* name : {"best_model.pth", "gesture_model.pth"}) {
    const auto state = load_pth(shared_data("published/models") / name).state;
    ASSERT_EQ(state.tensors.size(), 80u);
    EXPECT_EQ(graph::floats(state, "first.0.weight", {16, 1, 3, 3}).size(), 144u);
    EXPECT_EQ(graph::floats(state, "classifier.2.bias", {8}).front(), -0.02375883422791958f);
    EXPECT_THAT(integers_of(state, "first.1.num_batches_tracked"), ElementsAre(2100));
    double sum = 0;
    for (const auto& tensor : state.tensors)
      std::visit([&](const auto& values) { sum = std::accumulate(values.begin(), values.end(), sum); },
                 tensor.values);
    EXPECT_NEAR(sum, kSum, 1e-6) << name;
  }
}

}  // namespace
}  // namespace mudra::format
