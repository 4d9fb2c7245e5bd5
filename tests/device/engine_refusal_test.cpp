// Files the engine must refuse, saying why and where, and never trust.
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <string_view>
#include <vector>

#include "mudra/device/engine.hpp"
#include "mudra/device/model_info.hpp"
#include "mudra/device/trace.hpp"
#include "tests/device/network_family.hpp"

namespace mudra::device {
namespace {

using Bytes = std::vector<std::uint8_t>;

Problem problem_of(const Bytes& model) {
  static std::vector<std::max_align_t> memory(1 << 16);
  Engine engine;
  const Status status = engine.prepare(model, std::as_writable_bytes(std::span(memory)));
  EXPECT_EQ(engine.problem().status, status);
  return engine.problem();
}

Status status_of(const Bytes& model) { return problem_of(model).status; }

Bytes small_model() { return format::write_espdl(format::small_espdl()); }

// The small network after `change`.
Problem problem_after(const std::function<void(graph::Graph&)>& change) {
  format::EspdlFile file = format::small_espdl();
  change(file.graph);
  static Bytes model;  // the problem's node is a part of it
  model = format::write_espdl(file);
  return problem_of(model);
}

graph::Tensor& tensor(graph::Graph& graph, std::string_view name) {
  return graph.tensor(*graph::find_tensor(graph, name));
}

// Overwrites the first `from`, which has to be there, with as long a text.
Bytes replaced(Bytes bytes, std::string_view from, std::string_view to) {
  EXPECT_EQ(from.size(), to.size());
  const auto at = std::search(bytes.begin(), bytes.end(), from.begin(), from.end());
  EXPECT_NE(at, bytes.end()) << from;
  if (at != bytes.end()) std::copy(to.begin(), to.end(), at);
  return bytes;
}

// Where offsets of the model's nodes, and of one node's inputs and output, stand in the file.
class Offsets {
 public:
  explicit Offsets(Bytes& model) : model_(model), buffer_(std::span<const std::uint8_t>(model).subspan(16)) {}

  std::uint8_t* of_node(int i) { return at(nodes(), i); }
  std::uint8_t* of_input(int node) { return at(nodes().table(node).vector(0, 4), 0); }
  std::uint8_t* of_output(int node) { return at(nodes().table(node).vector(1, 4), 0); }
  // The first of field `id` of the graph.
  std::uint8_t* of_graph(int id) { return at(flatbuffer::root(buffer_).table(7).vector(id, 4), 0); }

  // Makes the offset at `from` lead where the one at `to` leads.
  static void redirect(std::uint8_t* from, const std::uint8_t* to) {
    std::uint32_t offset = 0;
    std::memcpy(&offset, to, 4);
    offset += static_cast<std::uint32_t>(to - from);
    std::memcpy(from, &offset, 4);
  }

 private:
  flatbuffer::Vector nodes() { return flatbuffer::root(buffer_).table(7).vector(0, 4); }
  std::uint8_t* at(const flatbuffer::Vector& vector, int i) {
    return model_.data() + (vector.data() - model_.data()) + 4 * i;
  }

  Bytes& model_;
  flatbuffer::Buffer buffer_;
};

constexpr int kRequantize = 4, kConv2 = 5, kRelu = 6;  // neighbours in the small network

TEST(EngineRefusal, of_what_is_no_model) {
  EXPECT_EQ(status_of({}), Status::kNotEspdl);
  EXPECT_EQ(status_of({'E', 'D', 'L'}), Status::kNotEspdl);
  EXPECT_EQ(status_of(replaced(small_model(), "EDL2", "EDL3")), Status::kNotEspdl);
  Bytes encrypted = small_model();
  encrypted[4] = 1;
  EXPECT_EQ(status_of(encrypted), Status::kEncrypted);
}

TEST(EngineRefusal, of_a_file_cut_anywhere) {
  const Bytes model = small_model();
  EXPECT_EQ(status_of(model), Status::kOk);
  for (std::size_t size = 0; size < model.size(); ++size)
    ASSERT_NE(status_of(Bytes(model.begin(), model.begin() + static_cast<std::ptrdiff_t>(size))), Status::kOk)
        << size;
  EXPECT_EQ(status_of(Bytes(model.begin(), model.end() - 1)), Status::kTruncated);
}

TEST(EngineRefusal, or_a_run_that_touches_only_its_own_memory_for_any_changed_byte) {
  std::vector<std::max_align_t> memory(1 << 16);
  int refused = 0, accepted = 0;
  for (const auto generation : {format::EspdlGeneration::kEdl1, format::EspdlGeneration::kEdl2}) {
    const Bytes model = format::write_espdl(format::small_espdl(generation));
    for (std::size_t i = 0; i < model.size(); ++i) {
      Bytes changed = model;
      changed[i] = static_cast<std::uint8_t>(changed[i] + 1 + Random(1, i).below(255));
      Engine engine;
      if (engine.prepare(changed, std::as_writable_bytes(std::span(memory))) == Status::kOk) {
        ++accepted;
        EXPECT_EQ(engine.run(), Status::kOk);
      } else {
        ++refused;
      }
    }
  }
  EXPECT_GT(refused, 2000);
  EXPECT_GT(accepted, 2000);
}

TEST(EngineRefusal, of_offsets_that_lead_nowhere) {
  Bytes model = small_model();
  model[16] = 0xFF, model[17] = 0xFF, model[18] = 0xFF, model[19] = 0x7F;  // of the root table
  EXPECT_EQ(status_of(model), Status::kBadOffset);

  Bytes nameless = small_model();
  std::memset(Offsets(nameless).of_input(kConv2), 0xFF, 4);
  EXPECT_EQ(status_of(nameless), Status::kBadOffset);
}

// A model whose vectors at `firsts` say that they have a million elements. What lies behind their first
// thousand cannot be read: a loop over them all ends the program.
class HugeVectors {
 public:
  HugeVectors(Bytes model, const std::vector<std::uint8_t*>& firsts, const std::uint8_t* begin) {
    constexpr std::uint32_t kCount = 1'000'000;
    for (const std::uint8_t* first : firsts)
      std::memcpy(&model[static_cast<std::size_t>(first - begin) - 4], &kCount, 4);
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    const std::size_t readable = (model.size() / page + 2) * page;
    bytes_ = readable + (4 * kCount / page + 1) * page;
    const auto payload = static_cast<std::uint32_t>(bytes_ - 16);
    std::memcpy(&model[8], &payload, 4);
    memory_ = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    EXPECT_NE(memory_, MAP_FAILED);
    std::memcpy(memory_, model.data(), model.size());
    EXPECT_EQ(mprotect(static_cast<std::byte*>(memory_) + readable, bytes_ - readable, PROT_NONE), 0);
  }
  HugeVectors(const HugeVectors&) = delete;
  HugeVectors& operator=(const HugeVectors&) = delete;
  ~HugeVectors() { munmap(memory_, bytes_); }

  // All that a board does with a model that may be opened, up to its first inference.
  Status use() const {
    const std::span model(static_cast<const std::uint8_t*>(memory_), bytes_);
    ModelView view;
    Status status = view.open(model);
    if (status != Status::kOk) return status;
    ModelInfo info;
    static_cast<void>(read_model_info(view, info));
    const Trace trace(view, 0);
    Engine engine;
    static_cast<void>(engine.prepare(model, {}));
    return Status::kOk;
  }

 private:
  void* memory_ = nullptr;
  std::size_t bytes_ = 0;
};

TEST(EngineRefusal, of_a_million_of_anything_comes_before_any_loop_over_it) {
  const Bytes model = small_model();
  Bytes copy = model;
  Offsets offsets(copy);
  constexpr int kNodes = 0, kInitializers = 2, kValues = 6, kTestInputs = 8, kTestOutputs = 9;
  const auto status_with = [&](const std::vector<std::uint8_t*>& firsts) {
    return HugeVectors(model, firsts, copy.data()).use();
  };
  const auto ends = testing::ExitedWithCode(EXIT_SUCCESS);
  const auto leave = [](bool good) { _exit(good ? EXIT_SUCCESS : EXIT_FAILURE); };
  EXPECT_EXIT(leave(status_with({offsets.of_input(kConv2)}) == Status::kTooLarge), ends, "");
  for (const int id : {kNodes, kInitializers, kValues})
    EXPECT_EXIT(leave(status_with({offsets.of_graph(id)}) == Status::kTooLarge), ends, "") << id;
  EXPECT_EXIT(leave(status_with({offsets.of_graph(kTestInputs), offsets.of_graph(kTestOutputs)}) ==
                    Status::kTooLarge),
              ends, "");
}

TEST(EngineRefusal, of_more_inputs_than_any_operation_has) {
  Bytes model = small_model();
  constexpr std::uint32_t kFew = 5;  // the texts behind the two or three there are need not be any
  std::memcpy(Offsets(model).of_input(kConv2) - 4, &kFew, 4);
  EXPECT_EQ(status_of(model), Status::kUnsupportedNode);
}

TEST(EngineRefusal, of_more_work_than_a_chip_ends_in_minutes) {
  const auto status_with_side = [](std::int64_t side) {
    format::IntegerGraph g(5);
    g.graph.input = g.activation("picture", {1, side, side, 64}, graph::Type::kInt8, -7);
    const auto w = g.constant<std::int8_t>("w", {64, 64, 7, 7}, graph::Layout::kOihw, -6, 2);
    const auto wide = g.activation("wide", {1, side, side, 64}, graph::Type::kInt8, -5);
    g.node("conv", graph::Conv{.window = {7, 7, 1, 1, 3, 3, 3, 3}}, {g.graph.input, w}, wide);
    const auto pooled = g.activation("pooled", {1, 1, 1, 64}, graph::Type::kInt8, -5);
    g.node("pool", graph::GlobalAveragePool{}, {wide}, pooled);
    format::EspdlFile file;
    file.graph = std::move(g.graph);
    Engine engine;
    return engine.prepare(format::write_espdl(file), {});
  };
  EXPECT_EQ(status_with_side(100), Status::kArenaTooSmall);  // 2e9 products
  EXPECT_EQ(status_with_side(150), Status::kTooLarge);       // 4.5e9
}

TEST(EngineRefusal, of_exponents_that_shift_to_the_left) {
  const Problem problem = problem_after([](graph::Graph& graph) {
    for (const char* name : {"c0", "clip0", "c1", "sum"}) tensor(graph, name).exponent = -14;
    for (const char* name : {"b1"}) tensor(graph, name).exponent = -20;
  });
  EXPECT_EQ(problem.status, Status::kLeftShift);
  EXPECT_EQ(problem.node, "conv0");
}

TEST(EngineRefusal, of_an_addition_of_unequal_exponents) {
  const Problem problem = problem_after([](graph::Graph& graph) { tensor(graph, "c1").exponent = -4; });
  EXPECT_EQ(problem.status, Status::kUnequalExponents);
  EXPECT_EQ(problem.node, "add");
}

TEST(EngineRefusal, of_a_bias_of_another_exponent) {
  const Problem problem = problem_after([](graph::Graph& graph) { tensor(graph, "b0").exponent = -12; });
  EXPECT_EQ(problem.status, Status::kUnequalExponents);
  EXPECT_EQ(problem.node, "conv0");
}

TEST(EngineRefusal, of_a_cycle) {
  // conv2 reads what relu makes of its own output. Offsets only lead onward, and equal texts are stored once:
  // the name "relu" has to stand before conv2, so the first node bears it too.
  format::EspdlFile file = format::small_espdl();
  file.graph.nodes[0].name = "relu";
  file.graph.nodes[kRelu].name = "last";
  Bytes model = format::write_espdl(file);
  Offsets offsets(model);
  Offsets::redirect(offsets.of_input(kConv2), offsets.of_output(kRelu));
  const Problem problem = problem_of(model);
  EXPECT_EQ(problem.status, Status::kBadOrder);
  EXPECT_EQ(problem.node, "conv2");
}

TEST(EngineRefusal, of_nodes_in_the_wrong_order) {
  Bytes model = small_model(), original = model;
  Offsets offsets(model), before(original);
  Offsets::redirect(offsets.of_node(kRequantize), offsets.of_node(kConv2));
  std::uint32_t offset = 0;
  std::memcpy(&offset, before.of_node(kRequantize), 4);
  offset -= 4;
  std::memcpy(offsets.of_node(kConv2), &offset, 4);
  const Problem problem = problem_of(model);
  EXPECT_EQ(problem.status, Status::kBadOrder);
  EXPECT_EQ(problem.node, "conv2");
}

TEST(EngineRefusal, of_two_nodes_that_make_the_same_tensor_and_of_one_that_nobody_reads) {
  Bytes model = small_model();
  Offsets offsets(model);
  Offsets::redirect(offsets.of_output(kConv2), offsets.of_output(kRequantize));
  EXPECT_EQ(status_of(model), Status::kDuplicateTensor);

  Bytes unread = small_model();
  Offsets of_unread(unread);
  Offsets::redirect(of_unread.of_input(kConv2), of_unread.of_input(kRequantize));
  const Problem problem = problem_of(unread);
  EXPECT_EQ(problem.status, Status::kUnusedTensor);
  EXPECT_EQ(problem.node, "requantize");
}

TEST(EngineRefusal, of_a_table_that_is_not_its_node) {
  Bytes model = small_model();
  // The table of the clip at [0, 96]: 128 zeros, then 0, 1, 2, ...
  Bytes rising(130, 0);
  rising[129] = 1;
  const auto at = std::search(model.begin(), model.end(), rising.begin(), rising.end());
  ASSERT_NE(at, model.end());
  at[129] = 2;
  const Problem problem = problem_of(model);
  EXPECT_EQ(problem.status, Status::kBadTable);
  EXPECT_EQ(problem.node, "clip");
}

TEST(EngineRefusal, of_absurd_shapes) {
  const auto with_side = [](std::int64_t side) {
    format::EspdlFile file = format::small_espdl();
    Bytes model = format::write_espdl(file);
    // Dimension values are int64; the input's height and width are the only 6.
    for (std::size_t i = 0; i + 8 <= model.size(); i += 8) {
      std::int64_t value = 0;
      std::memcpy(&value, model.data() + i, 8);
      if (value == 6) std::memcpy(model.data() + i, &side, 8);
    }
    return status_of(model);
  };
  EXPECT_EQ(with_side(6), Status::kOk);
  for (const std::int64_t side : {std::int64_t{0}, std::int64_t{-6}, std::int64_t{9}, std::int64_t{1} << 20,
                                  std::int64_t{1} << 62, std::int64_t{-1} << 62})
    EXPECT_EQ(with_side(side), Status::kBadShape) << side;
}

TEST(EngineRefusal, of_operations_it_does_not_know) {
  const Problem problem = problem_of(replaced(small_model(), "GlobalAveragePool", "GlobalMaximumPool"));
  EXPECT_EQ(problem.status, Status::kUnsupportedNode);
}

TEST(EngineRefusal, leaves_the_engine_unprepared) {
  std::vector<std::max_align_t> memory(1 << 16);
  const Bytes model = small_model();
  Engine engine;
  EXPECT_EQ(engine.run(), Status::kNotPrepared);
  EXPECT_EQ(engine.prepare(model, std::as_writable_bytes(std::span(memory))), Status::kOk);
  EXPECT_EQ(engine.run(), Status::kOk);
  EXPECT_EQ(engine.push_row({}), Status::kNotPrepared);
  EXPECT_EQ(engine.prepare({}, {}), Status::kNotEspdl);
  EXPECT_EQ(engine.run(), Status::kNotPrepared);
  EXPECT_EQ(engine.begin(), Status::kNotPrepared);
  EXPECT_TRUE(engine.input().empty());
  EXPECT_TRUE(engine.output().empty());
}

TEST(EngineRefusal, of_rows_that_are_too_many_or_of_another_size) {
  std::vector<std::max_align_t> memory(1 << 16);
  const Bytes model = small_model();
  Engine engine;
  ASSERT_EQ(engine.prepare(model, std::as_writable_bytes(std::span(memory))), Status::kOk);
  ASSERT_EQ(engine.begin(), Status::kOk);
  std::byte row[6 * 3] = {};
  EXPECT_EQ(engine.push_row(std::span(row).first(17)), Status::kBadSize);
  for (int y = 0; y < 6; ++y) EXPECT_EQ(engine.push_row(row), Status::kOk);
  EXPECT_EQ(engine.push_row(row), Status::kTooManyRows);
}

TEST(EngineRefusal, is_described_in_words_for_every_status) {
  for (int i = 0; i <= static_cast<int>(Status::kNotPrepared); ++i)
    EXPECT_STRNE(describe(static_cast<Status>(i)), "unknown status") << i;
  EXPECT_STREQ(describe(static_cast<Status>(static_cast<int>(Status::kNotPrepared) + 1)), "unknown status");
}

}  // namespace
}  // namespace mudra::device
