#include <gmock/gmock.h>

#include <limits>

#include "espdl_files.hpp"
#include "mudra/base/error.hpp"
#include "mudra/format/espdl_payload.hpp"
#include "mudra/graph/verify.hpp"
#include "tests/refusal.hpp"

namespace mudra::format {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string espdl_error(std::span<const std::uint8_t> bytes) {
  return refusal([&] { read_espdl(bytes); });
}

class Generation : public testing::TestWithParam<EspdlGeneration> {};

TEST_P(Generation, what_is_written_reads_as_it_was) {
  const EspdlFile file = small_espdl(GetParam());
  graph::verify(file.graph, "building");
  EXPECT_EQ(read_espdl(write_espdl(file)), file);
}

TEST_P(Generation, equal_files_have_equal_bytes) {
  EXPECT_EQ(write_espdl(small_espdl(GetParam())), write_espdl(small_espdl(GetParam())));
}

TEST_P(Generation, every_cut_is_noticed) {
  const auto bytes = write_espdl(small_espdl(GetParam()));
  for (std::size_t length = 0; length < bytes.size(); length += 1 + length / 40)
    EXPECT_NE(espdl_error(std::span(bytes).first(length)), "") << length;
}

TEST_P(Generation, flipped_bits_are_read_or_refused_but_never_crash) {
  const auto bytes = write_espdl(small_espdl(GetParam()));
  Random random(3, static_cast<int>(GetParam()));
  int refused = 0;
  for (int i = 0; i < 4000; ++i) {
    auto damaged = bytes;
    for (std::uint32_t flips = 1 + random.below(3); flips > 0; --flips)
      damaged[random.below(static_cast<std::uint32_t>(bytes.size()))] ^=
          static_cast<std::uint8_t>(1u << random.below(8));
    refused += espdl_error(damaged).empty() ? 0 : 1;
  }
  EXPECT_GT(refused, 1000);
}

INSTANTIATE_TEST_SUITE_P(Espdl, Generation, testing::Values(EspdlGeneration::kEdl1, EspdlGeneration::kEdl2));

TEST(Espdl, an_edl2_payload_is_a_multiple_of_16_behind_a_header_of_16) {
  const auto bytes = write_espdl(small_espdl());
  EXPECT_EQ(bytes.size() % 16, 0u);
  EXPECT_EQ(std::string(bytes.begin(), bytes.begin() + 4), "EDL2");
}

TEST(Espdl, a_bias_is_written_in_the_type_its_generation_reads) {
  EspdlFile file = small_espdl(EspdlGeneration::kEdl1);
  file.generation = EspdlGeneration::kEdl2;
  const EspdlFile again = read_espdl(write_espdl(file));
  const auto& before = file.graph.tensor(*graph::find_tensor(file.graph, "b2"));
  const auto& after = again.graph.tensor(*graph::find_tensor(again.graph, "b2"));
  ASSERT_EQ(before.type, graph::Type::kInt32);
  ASSERT_EQ(after.type, graph::Type::kInt64);
  EXPECT_TRUE(std::ranges::equal(std::get<std::vector<std::int32_t>>(*before.values),
                                 std::get<std::vector<std::int64_t>>(*after.values)));
  file = small_espdl(EspdlGeneration::kEdl2);
  file.generation = EspdlGeneration::kEdl1;
  EXPECT_THAT(refusal([&] { write_espdl(file); }), HasSubstr("node 'conv2': its bias 'b2' holds"));
}

TEST(Espdl, what_the_format_cannot_hold_is_refused_with_the_nodes_name) {
  EspdlFile file = small_espdl();
  file.graph.tensor(*graph::find_tensor(file.graph, "clip0")).exponent = -4;
  EXPECT_THAT(refusal([&] { write_espdl(file); }), HasSubstr("node 'clip': 'c0' and 'clip0' differ"));
  file = small_espdl();
  file.tests[1].input = std::vector<std::int8_t>(5);
  EXPECT_EQ(refusal([&] { write_espdl(file); }), "a test does not suit 'input'");
}

TEST(Espdl, headers_that_promise_other_things_are_refused_by_name) {
  auto bytes = write_espdl(small_espdl());
  bytes[4] = 1;
  EXPECT_THAT(espdl_error(bytes), HasSubstr("is encrypted (AES-128-CTR)"));
  bytes[4] = 2;
  EXPECT_THAT(espdl_error(bytes), HasSubstr("there is no encryption 2"));
  bytes[4] = 0;
  bytes[3] = '3';
  EXPECT_THAT(espdl_error(bytes), HasSubstr("is not an .espdl"));
  bytes[3] = '2';
  bytes.push_back(0);
  EXPECT_THAT(espdl_error(bytes), HasSubstr("has 1 bytes behind its end"));
  bytes[9] = 0xff;
  EXPECT_THAT(espdl_error(bytes), HasSubstr("is cut off: it announces"));
  EXPECT_EQ(espdl_error(std::vector<std::uint8_t>{}), "is empty");
}

TEST(Espdl, a_payload_of_the_other_generation_is_refused) {
  auto bytes = write_espdl(small_espdl(EspdlGeneration::kEdl2));
  bytes[3] = '1';
  bytes.erase(bytes.begin() + 12, bytes.begin() + 16);
  EXPECT_NE(espdl_error(bytes), "");
}

class Pack : public testing::TestWithParam<EspdlPackGeneration> {
 protected:
  static std::vector<EspdlPackEntry> entries() {
    const auto generation =
        GetParam() == EspdlPackGeneration::kPdl1 ? EspdlGeneration::kEdl1 : EspdlGeneration::kEdl2;
    EspdlFile other = small_espdl(generation);
    other.graph.name = "other";
    other.tests.clear();
    return {{"a.espdl", small_espdl(generation)}, {"other.espdl", std::move(other)}};
  }
};

TEST_P(Pack, holds_several_models) {
  const auto pack = write_espdl_pack(entries(), GetParam());
  ASSERT_TRUE(is_espdl_pack(pack));
  EXPECT_EQ(read_espdl_pack(pack), entries());
  EXPECT_EQ(espdl_error(pack), "is a pack of 2 models; unpack the one that is meant");
}

TEST_P(Pack, of_one_reads_like_a_plain_file) {
  const std::vector<EspdlPackEntry> one = {entries()[0]};
  EXPECT_EQ(read_espdl(write_espdl_pack(one, GetParam())), one[0].file);
}

TEST_P(Pack, places_aligned_files_at_multiples_of_16) {
  const auto pack = write_espdl_pack(entries(), GetParam());
  int aligned = 0;
  for (std::size_t i = 0; i + 4 <= pack.size(); i += 16)
    aligned += std::string_view(reinterpret_cast<const char*>(pack.data()) + i, 4) == "EDL2" ? 1 : 0;
  EXPECT_EQ(aligned, GetParam() == EspdlPackGeneration::kPdl1 ? 0 : 2);
}

TEST_P(Pack, that_is_damaged_is_refused_or_read_but_never_crashes) {
  const auto pack = write_espdl_pack(entries(), GetParam());
  for (std::size_t length = 0; length < pack.size(); length += 1 + length / 30)
    EXPECT_NE(refusal([&] { read_espdl_pack(std::span(pack).first(length)); }), "") << length;
  Random random(9);
  for (int i = 0; i < 1000; ++i) {
    auto damaged = pack;
    damaged[random.below(100)] ^= static_cast<std::uint8_t>(1u << random.below(8));
    const std::string error = refusal([&] { read_espdl_pack(damaged); });
    EXPECT_TRUE(!error.empty() || GetParam() != EspdlPackGeneration::kPdl3);
  }
}

TEST_P(Pack, takes_only_files_of_its_generation_with_names_of_their_own) {
  auto mixed = entries();
  mixed[1].file.generation =
      GetParam() == EspdlPackGeneration::kPdl1 ? EspdlGeneration::kEdl2 : EspdlGeneration::kEdl1;
  EXPECT_THAT(refusal([&] { write_espdl_pack(mixed, GetParam()); }), HasSubstr("another generation"));
  auto twins = entries();
  twins[1].name = twins[0].name;
  EXPECT_THAT(refusal([&] { write_espdl_pack(twins, GetParam()); }), HasSubstr("two models of the pack"));
}

INSTANTIATE_TEST_SUITE_P(Espdl, Pack,
                         testing::Values(EspdlPackGeneration::kPdl1, EspdlPackGeneration::kPdl2,
                                         EspdlPackGeneration::kPdl3));

TEST(Espdl, the_description_names_every_node_and_says_what_is_known) {
  const EspdlFile file = small_espdl();
  const std::string text = describe(file);
  EXPECT_THAT(text, HasSubstr("EDL2 graph 'small': 13 nodes"));
  EXPECT_THAT(text, HasSubstr("input: input  int8 [1, 6, 6, 3] * 2^-7\n"));
  EXPECT_THAT(text, HasSubstr("metadata preprocessing: gray\n"));
  EXPECT_THAT(text, HasSubstr("test vectors: 3\n"));
  EXPECT_THAT(text, HasSubstr("clip  Clip 0 to 3 (integers 0 to 96)\n"));
  EXPECT_THAT(text, HasSubstr("depthwise  Conv 3x2, depthwise, padding 1 0 1 1"));
  for (const graph::Node& node : file.graph.nodes) EXPECT_THAT(text, HasSubstr(node.name + "  "));
}

TEST(Espdl, is_shown_with_each_network_of_a_pack_and_the_chip_it_is_for) {
  EspdlFile other = small_espdl();
  other.graph.metadata["target"] = "esp32p4";
  const std::vector<EspdlPackEntry> entries{{"a.espdl", small_espdl()}, {"b.espdl", other}};
  const std::vector<EspdlReport> reports = inspect_espdl(write_espdl_pack(entries));
  ASSERT_EQ(reports.size(), 2u);
  EXPECT_EQ(reports[0].name, "a.espdl");
  EXPECT_TRUE(reports[0].file && reports[0].remarks.empty());
  EXPECT_THAT(reports[1].remarks,
              ElementsAre("made for another chip than the ESP32-S3: its metadata 'target' is 'esp32p4'"));
}

// What a verifier would follow again for each node.
TEST(Espdl, refuses_long_lists_of_names) {
  Payload payload;
  payload.nodes.push_back({.name = "n",
                           .op_type = "Add",
                           .inputs = std::vector<std::string>(33, "x"),
                           .outputs = {},
                           .attributes = {}});
  const auto bytes = serialize_payload(payload, EspdlGeneration::kEdl1);
  EXPECT_EQ(refusal([&] { parse_payload(bytes, EspdlGeneration::kEdl1); }),
            "a node has 33 inputs or outputs, more than 32");
}

// A float is nowhere but in the scale of a RequantizeLinear, which no chip reads.
TEST(Espdl, a_constant_that_is_no_number_is_refused_by_name) {
  constexpr std::size_t kHeader = 12;  // of EDL1
  const auto bytes = write_espdl(small_espdl(EspdlGeneration::kEdl1));
  const Payload whole = parse_payload(std::span(bytes).subspan(kHeader), EspdlGeneration::kEdl1);
  EXPECT_NO_THROW(file_of(whole, EspdlGeneration::kEdl1));
  ASSERT_GE(whole.initializers.size(), 4u);
  for (const float number : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()})
    for (std::size_t i = 0; i < whole.initializers.size(); ++i) {
      Payload payload = whole;
      StoredTensor& stored = payload.initializers[i];
      stored.values = std::vector<float>(static_cast<std::size_t>(graph::element_count(stored.dims)), number);
      EXPECT_THAT(refusal([&] { file_of(payload, EspdlGeneration::kEdl1); }),
                  HasSubstr("constant '" + stored.name + "' holds values that are not finite"));
    }
}

TEST(Espdl, names_all_unknown_operations_with_their_counts) {
  Payload payload;
  for (const char* operation : {"Resize", "Pad", "Conv", "Resize"})
    payload.nodes.push_back(
        {.name = operation, .op_type = operation, .inputs = {}, .outputs = {}, .attributes = {}});
  EXPECT_THAT(refusal([&] { file_of(payload, EspdlGeneration::kEdl2); }),
              HasSubstr("operations that are not supported: Pad (1), Resize (2); supported are Conv, Gemm"));
}

}  // namespace
}  // namespace mudra::format
