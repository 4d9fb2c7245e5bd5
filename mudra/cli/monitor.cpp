#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "mudra/base/error.hpp"
#include "mudra/base/files.hpp"
#include "mudra/base/output.hpp"
#include "mudra/cli/board_options.hpp"
#include "mudra/cli/board_report.hpp"
#include "mudra/cli/commands.hpp"
#include "mudra/cli/json_output.hpp"
#include "mudra/cli/picture_view.hpp"
#include "mudra/data/image.hpp"
#include "mudra/deploy/board.hpp"
#include "mudra/deploy/deployment.hpp"
#include "mudra/device/probabilities.hpp"
#include "mudra/pipeline/model.hpp"
#include "mudra/pipeline/published_input.hpp"
#include "mudra/report/evaluation.hpp"
#include "mudra/sim/espdl_runner.hpp"
#include "mudra/sim/profile.hpp"
#include "mudra/sim/simulator.hpp"

namespace mudra::cli {
namespace {

using device::Verb;
using Pixels = std::vector<std::uint8_t>;

struct MonitorOptions {
  std::string port, model, snap, snap_camera;
  std::vector<std::string> images;
  std::uint32_t bench = 0;
  int frames = 0;
  double patience_s = kPatienceSeconds;
  bool memory = false, selftest = false, stream = false, picture = false, published = false, json = false,
       verbose = false;
};

// As they lie in the chip's memory, which is little endian as this PC's.
std::vector<std::uint8_t> memory_of(const graph::Values& values) {
  return std::visit(
      [](const auto& integers) {
        std::vector<std::uint8_t> bytes(integers.size() * sizeof integers[0]);
        std::memcpy(bytes.data(), integers.data(), bytes.size());
        return bytes;
      },
      values);
}

// What this PC computes with the model that is on the board.
class PcModel {
 public:
  explicit PcModel(const std::filesystem::path& path) : PcModel(path, deploy::load_deploy_model(path)) {}

  const graph::Graph& graph() const { return simulator_.graph(); }

  // Throws Error when the board has another model.
  void check_same(const device::Model& on_board) const {
    if (on_board.crc32.value != checksum_ || on_board.bytes != bytes_.size())
      fail("{}: {} bytes with CRC-32 {:08x}; the board has another model, {} bytes with {:08x}",
           path_.string(), bytes_.size(), checksum_, on_board.bytes, on_board.crc32.value);
  }

  // Of a picture on such a chip, with what its engine says it runs.
  sim::Time time_on(const device::EngineState& engine, int megahertz) const {
    const sim::ProfileChoice choice{
        .kernels = engine.kernels == "vector" ? sim::KernelSet::kS3 : sim::KernelSet::kPortable,
        .weights =
            engine.weights == "ram" ? device::PackedWeights::kInArena : device::PackedWeights::kInPlace,
        .megahertz = megahertz};
    return sim::profile(bytes_, choice).time;
  }

  graph::Values input_of(const Pixels& pixels) const { return sim::picture_input(graph(), pixels); }

  EngineScores judge(const graph::Values& input) const {
    const auto output = simulator_.run(input)[static_cast<std::size_t>(graph().output)];
    const int exponent = *graph().tensor(graph().output).exponent;
    EngineScores scores;
    scores.engine = "pc";
    std::visit([&](const auto& integers) { scores.integers.assign(integers.begin(), integers.end()); },
               output);
    const auto width = std::holds_alternative<std::vector<std::int8_t>>(output) ? device::Width::kInt8
                                                                                : device::Width::kInt16;
    std::vector<device::Probability> probabilities(scores.integers.size());
    const std::vector<std::uint8_t> memory = memory_of(output);
    const auto status =
        device::probabilities(std::as_bytes(std::span(memory)), width, exponent, probabilities);
    if (status != device::Status::kOk) fail("{}: {}", path_.string(), device::describe(status));
    for (const device::Probability probability : probabilities)
      scores.percents.push_back(device::hundredths_of_percent(probability) / 100.0);
    return scores;
  }

 private:
  PcModel(std::filesystem::path path, const deploy::DeployModel& model)
      : path_(std::move(path)),
        simulator_(with_context(path_.string(), [&] { return sim::Simulator(model.file.graph); })),
        bytes_(model.bytes),
        checksum_(device::crc32(model.bytes)) {}

  std::filesystem::path path_;
  sim::Simulator simulator_;
  std::vector<std::uint8_t> bytes_;
  std::uint32_t checksum_;
};

// One run of the command.
class Monitor {
 public:
  explicit Monitor(const MonitorOptions& options)
      : options_(options),
        pc_(options.model.empty() ? nullptr : std::make_unique<PcModel>(options.model)),
        board_(options.port, config()) {}

  void run() {
    learn_about_board();
    for (const std::string& image : options_.images) classify(image);
    if (options_.bench > 0) bench();
    if (options_.selftest) self_test();
    if (!options_.snap.empty()) snap(options_.snap, false);
    if (!options_.snap_camera.empty()) snap(options_.snap_camera, true);
    if (options_.memory || is_plain()) show_memory();
    if (options_.stream) stream();
    if (options_.json) print_json(document_);
    if (different_ > 0)
      fail("{} of {} images get other scores on the board than here", different_, options_.images.size());
    if (!failure_.empty()) fail("{}", failure_);
  }

 private:
  deploy::Board::Config config() {
    auto config = board_config(options_.patience_s, [this](const std::string& text) {
      if (view_)
        note_ = text;
      else
        print_err("{}\n", text);
    });
    if (options_.verbose)
      config.log = [this](std::string_view line) {
        if (!view_) print_err("| {}\n", line);
      };
    return config;
  }

  device::ImageKind kind_of_pictures() const {
    return shape_.is_color() ? device::ImageKind::kRgb : device::ImageKind::kGray;
  }

  // Whether pictures are to be sent.
  bool sends_pictures() const {
    return options_.bench > 0 || (!options_.images.empty() && !options_.published);
  }

  bool is_plain() const {
    return options_.images.empty() && options_.bench == 0 && !options_.selftest && !options_.stream &&
           options_.snap.empty() && options_.snap_camera.empty();
  }

  void show(const std::string& text) const {
    if (options_.json) return;
    print_out(text);
    flush_stdout();
  }

  void learn_about_board() {
    info_ = board_.ask({.verb = Verb::kInfo});
    for (const auto& label : info_.all<device::Label>()) labels_.emplace_back(label.name);
    for (const auto& engine : info_.all<device::EngineState>())
      if (engine.ready) engines_.emplace_back(engine.name);
    const auto model = info_.one<device::Model>();
    if (labels_.size() != static_cast<std::size_t>(model.classes))
      fail("the board named {} of {} classes", labels_.size(), model.classes);
    recorded_inputs_ = model.tests;
    if (model.bytes > 0)  // without a model the board says so itself
      shape_ = {.height = model.height, .width = model.width, .channels = model.channels};
    if (!is_picture(shape_) && sends_pictures())
      fail("the board's model takes [1, {}, {}, {}], not one gray or colour picture", model.height,
           model.width, model.channels);
    if (pc_) pc_->check_same(model);
    document_ = json_of_info(info_);
    show(text_of_info(info_) + "\n");
  }

  // The published firmware's runs had another preparation, which only the PC knows.
  graph::Values input_of(const std::string& image) const {
    return options_.published ? pipeline::published_input(image, pc_->graph())
                              : pc_->input_of(data::load_picture(image, shape_));
  }

  void classify(const std::string& image) {
    BoardPrediction prediction{.image = image, .labels = labels_, .board = {}, .pc = {}};
    Pixels picture;
    if (pc_) {
      const graph::Values input = input_of(image);
      prediction.pc = pc_->judge(input);
      if (options_.published) picture = memory_of(input);
    }
    if (!options_.published) picture = data::load_picture(image, shape_);
    const auto kind = options_.published ? device::ImageKind::kInput : kind_of_pictures();
    prediction.board = scores_in(board_.classify(kind, picture), labels_.size());
    different_ += prediction.is_equal() ? 0 : 1;
    show(text_of(prediction) + "\n");
    document_["images"].push_back(json_of_prediction(prediction));
  }

  // Of the engines that this PC knows the kernels of, where it has the model.
  std::vector<ExpectedTime> expected_times() const {
    std::vector<ExpectedTime> expected;
    const int megahertz = info_.one<device::Board>().mhz;
    if (!pc_ || megahertz <= 0) return expected;
    for (const auto& engine : info_.all<device::EngineState>()) {
      if (!engine.ready || (engine.kernels != "vector" && engine.kernels != "portable")) continue;
      const sim::Time time = pc_->time_on(engine, megahertz);
      expected.push_back({std::string(engine.name), time.estimate, time.low, time.high});
    }
    return expected;
  }

  // On the last picture, or on a gray one, which is what this PC is timed on.
  void bench() {
    constexpr std::uint8_t kMiddle = 128;
    const Pixels gray(shape_.bytes(), kMiddle);
    if (options_.images.empty()) static_cast<void>(board_.classify(kind_of_pictures(), gray));
    const deploy::Answer answer = board_.ask({.verb = Verb::kBench, .runs = options_.bench});
    const auto expected = expected_times();
    show(text_of_latency(answer, expected) + "\n");
    document_["bench"] = json_of_latency(answer, expected);
    if (pc_) {
      const auto here = pipeline::load_predictor(options_.model);
      const report::Latency time =
          report::measure_latency(here.predictor, gray, static_cast<int>(options_.bench));
      show(text_of_pc(time));
      document_["bench_pc"] = json_of_pc(time);
    }
    const auto latencies = answer.all<device::Latency>();
    const auto ran = [](const device::Latency& latency) { return latency.runs > 0; };
    if (latencies.empty() || !std::ranges::all_of(latencies, ran)) failure_ = "the board measured no run";
  }

  // What differs is told before the command fails, whatever the board calls it.
  void self_test() {
    const deploy::Answer answer = board_.try_ask({.verb = Verb::kSelftest});
    const auto outcomes = answer.all<device::TestOutcome>();
    const auto ran = fewest_tests(outcomes);
    if (!answer.refusal().empty())
      failure_ = answer.refusal();
    else if (!std::ranges::all_of(outcomes, &device::TestOutcome::passed))
      failure_ = "the self-test found outputs that are not the recorded ones";
    else if (ran < recorded_inputs_)
      failure_ = fmt::format("the self-test ran {} of the model's {} recorded inputs", ran, recorded_inputs_);
    show(text_of_tests(answer) + "\n");
    document_["selftest"] = json_of_tests(answer);
  }

  // Of the ready engine that ran the fewest of the recorded inputs.
  std::int64_t fewest_tests(const std::vector<device::TestOutcome>& outcomes) const {
    std::int64_t fewest = engines_.empty() ? 0 : recorded_inputs_;
    for (const std::string& engine : engines_) {
      std::set<std::int32_t> ran;
      for (const device::TestOutcome& outcome : outcomes)
        if (outcome.engine == engine) ran.insert(outcome.index);
      fewest = std::min<std::int64_t>(fewest, std::ssize(ran));
    }
    return fewest;
  }

  void show_memory() {
    const deploy::Answer answer = board_.ask({.verb = Verb::kMem});
    show(text_of_memory(answer));
    document_.update(json_of_memory(answer));
  }

  void snap(const std::string& file, bool camera) {
    const deploy::BoardPicture picture = board_.snap(camera);
    write_file(file, data::encode_png(picture.pixels, picture.shape));
    show(fmt::format("{}: {} {}\n", file, data::text_of(picture.shape),
                     camera ? "as the camera gives it" : "as the network sees it"));
    document_["pictures"].push_back({{"file", file},
                                     {"height", picture.shape.height},
                                     {"width", picture.shape.width},
                                     {"channels", picture.shape.channels}});
  }

  void stream();
  bool draw(const deploy::StreamedPicture& seen);
  bool add_frame(const device::Frame& frame);

  const MonitorOptions& options_;
  std::unique_ptr<PictureView> view_;  // while pictures are drawn
  std::string note_;                   // the last that was told meanwhile
  std::unique_ptr<PcModel> pc_;
  deploy::Board board_;
  deploy::Answer info_;
  std::vector<std::string> labels_, engines_;  // these ready
  Json document_;
  int different_ = 0, frames_drawn_ = 0;
  std::int64_t recorded_inputs_ = 0;
  data::PictureShape shape_;  // of the pictures that the board's model takes
  std::string failure_;
};

// Whether more frames are wanted.
bool Monitor::add_frame(const device::Frame& frame) {
  document_["frames"].push_back(json_of_frame(frame));
  return options_.frames == 0 || static_cast<int>(document_["frames"].size()) < options_.frames;
}

void Monitor::stream() {
  document_["frames"] = Json::array();
  if (options_.picture && !options_.json) {
    view_ = PictureView::open();
    if (!view_) print_err("this is no terminal to draw on: the pictures are left out\n");
  }
  if (view_) {
    try {
      board_.stream_pictures([&](const deploy::StreamedPicture& seen) { return draw(seen); });
    } catch (...) {  // so that it is said on the screen that stays
      view_.reset();
      throw;
    }
    view_.reset();
    show(fmt::format("{} pictures drawn\n", frames_drawn_));
    return;
  }
  board_.stream([&](const device::Frame& frame) {
    show(fmt::format("{:>7}  {:<12} {:<12} {:6.2f} %  {:.1f} ms\n", frame.number, frame.shown, frame.label,
                     frame.percent.value / 100.0, frame.us / 1000.0));
    return add_frame(frame);
  });
}

bool Monitor::draw(const deploy::StreamedPicture& seen) {
  const device::Frame& frame = seen.frame;
  std::vector<std::string> lines = {fmt::format("shown: {}", frame.shown), ""};
  for (std::string& row : class_bars(labels_, seen.percents)) lines.push_back(std::move(row));
  lines.insert(lines.end(),
               {"", fmt::format("picture {}, {:.1f} ms", frame.number, frame.us / 1000.0),
                seen.picture == nullptr ? "this picture came damaged" : "", note_, "q or Ctrl-C ends"});
  if (seen.picture != nullptr)
    view_->show(seen.picture->pixels, seen.picture->shape, lines);
  else
    view_->show({}, {}, lines);
  ++frames_drawn_;
  for (char key = view_->key({}); key != '\0'; key = view_->key({}))
    if (key == 'q' || key == Terminal::kEnd) return false;
  return options_.frames == 0 || frames_drawn_ < options_.frames;
}

void run_monitor(const MonitorOptions& options) {
  if (options.picture && !options.stream) fail("--picture needs --stream, whose pictures it draws");
  if (options.published && options.model.empty()) fail("--published needs --model, whose input it prepares");
  Monitor(options).run();
}

}  // namespace

void add_monitor(CLI::App& app) {
  const auto options = std::make_shared<MonitorOptions>();
  CLI::App* command = app.add_subcommand("monitor", "Talk to a board: what it is, what it sees, how fast");
  command->add_option("--port", options->port, "/dev/ttyUSB0, /dev/ttyACM0, ...")->required();
  command->add_option("IMAGE", options->images, "PNG, JPEG, WebP or BMP pictures for the board to classify");
  command->add_option(
      "--model", options->model,
      "The .espdl on the board: shows beside its scores what this PC computes; other integers fail");
  command->add_option("--bench", options->bench, "Time that many inferences of each engine")
      ->check(CLI::Range(1u, device::kMaxBenchRuns));
  command->add_flag("--selftest", options->selftest, "The model's recorded inputs through each engine");
  command->add_flag("--memory", options->memory, "Show free memory and stacks, after the rest");
  command->add_flag("--stream", options->stream, "Show what the camera sees until Ctrl-C");
  command->add_flag("--picture", options->picture, "With --stream, in a terminal: draw the pictures, too");
  command->add_option("--snap", options->snap, "Write the picture that the network saw last")
      ->type_name("FILE.png");
  command->add_option("--snap-camera", options->snap_camera, "Write what the camera sees, before it is cut")
      ->type_name("FILE.png");
  command->add_option("--frames", options->frames, "End --stream after so many pictures")
      ->check(CLI::Range(1, 1000000));
  add_patience(*command, options->patience_s);
  command->add_flag("--published", options->published,
                    "Prepare pictures as the published firmware did, to repeat its recorded runs");
  command->add_flag("--verbose", options->verbose, "Show the log of the board's system on stderr");
  command->add_flag("--json", options->json,
                    "Print {board, model, labels, engines, camera, images, bench, bench_pc, selftest, "
                    "pictures, memory, frames}");
  command->footer(
      "\nExamples:\n  mudra monitor --port /dev/ttyUSB0\n"
      "  mudra monitor --port /dev/ttyUSB0 --model run/best.espdl hand.png --bench 100 --selftest");
  command->callback([options] { run_monitor(*options); });
}

}  // namespace mudra::cli
