#include "mudra/cli/capture.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mudra/base/error.hpp"
#include "mudra/base/output.hpp"
#include "mudra/cli/board_options.hpp"
#include "mudra/cli/capture_source.hpp"
#include "mudra/cli/json_output.hpp"
#include "mudra/cli/picture_view.hpp"
#include "mudra/data/sitting.hpp"
#include "mudra/pipeline/model.hpp"

namespace mudra::cli {
namespace {

using Clock = std::chrono::steady_clock;
using Picture = std::span<const std::uint8_t>;

struct CaptureOptions {
  std::string port, camera, folder, label, person, out, session, model;
  std::vector<std::string> classes;
  std::size_t count = 0;  // 0: as many as keys say
  double every_s = 0, patience_s = kPatienceSeconds;
  bool json = false;
};

// One run of the command.
class Capture {
 public:
  explicit Capture(const CaptureOptions& options)
      : options_(options),
        source_(open_source()),
        sitting_(options.out, options.person, options.session, source_->shape()) {
    choose_classes();
  }

  void run() {
    const bool counted = options_.count > 0;
    if (!counted) view_ = PictureView::open();
    if (!counted && !view_ && !source_->ends())
      fail("there is no terminal whose keys could be pressed: say how many pictures with --count");
    due_ = new_ = Clock::now();
    try {
      source_->run([&](Picture picture, const std::string& remark) {
        return view_ ? keyed(picture, remark) : counted_or_all(picture);
      });
    } catch (...) {  // what is there is said, whatever ended it
      view_.reset();
      summarize();
      throw;
    }
    view_.reset();
    summarize();
  }

 private:
  std::unique_ptr<CaptureSource> open_source() {
    data::PictureShape shape;
    if (!options_.model.empty()) {
      const auto model = pipeline::load_predictor(options_.model);
      shape = model.predictor.picture;
      classes_ = model.predictor.class_names;
    }
    if (!options_.camera.empty()) return camera_source(options_.camera, shape);
    if (!options_.folder.empty()) return folder_source(options_.folder, shape);
    return board_source(options_.port, options_.patience_s, [this](const std::string& text) {
      if (view_)
        said_ = text;
      else
        print_err("{}\n", text);
    });
  }

  // Those that were named, else the model's, else the board's; the label is one of them.
  void choose_classes() {
    if (!options_.classes.empty()) classes_ = options_.classes;
    if (classes_.empty()) classes_ = source_->classes();
    const auto place = std::ranges::find(classes_, options_.label);
    class_ = static_cast<std::size_t>(options_.label.empty() ? 0 : place - classes_.begin());
    if (!options_.label.empty() && place == classes_.end()) classes_.push_back(options_.label);
    if (classes_.empty()) fail("say what the pictures show, with --label or --classes");
    for (const std::string& name : classes_) data::class_folder(name);
  }

  const std::string& class_now() const { return classes_[class_]; }

  void keep(Picture picture) {
    if (sitting_.keep(class_now(), picture)) {
      new_ = Clock::now();
      said_ = fmt::format("kept: {}", class_now());
    } else {
      said_ = "not kept: the same as the one before";
    }
  }

  // --count, or a folder to its end.
  Next counted_or_all(Picture picture) {
    using Seconds = std::chrono::duration<double>;
    constexpr Seconds kPatience{30};  // with a camera that shows the same again and again
    const Clock::time_point now = Clock::now();
    if (source_->ends() || now >= due_) {
      keep(picture);
      due_ = now + std::chrono::duration_cast<Clock::duration>(Seconds(options_.every_s));
    }
    if (options_.count > 0 && sitting_.kept() >= options_.count) return Next::kEnd;
    if (!source_->ends() && now - new_ > kPatience + Seconds(options_.every_s))
      fail("nothing but the same picture for {:.0f} s: {} of {} kept", Seconds(now - new_).count(),
           sitting_.kept(), options_.count);
    return Next::kGo;
  }

  Next keyed(Picture picture, const std::string& remark) {
    // A picture that stays is looked at again when a key comes, or now and then.
    const auto patience = std::chrono::milliseconds(source_->ends() ? 100 : 0);
    view_->show(picture, source_->shape(), panel(remark));
    for (char key = view_->key(patience); key != '\0'; key = view_->key(std::chrono::milliseconds(0)))
      if (const std::optional<Next> next = pressed(key, picture)) return *next;
    return Next::kStay;
  }

  // What a key means for the pictures; nothing for one that leaves them.
  std::optional<Next> pressed(char key, Picture picture) {
    constexpr char kBackspace = '\b', kDelete = '\x7f';
    if (key == 'q' || key == Terminal::kEnd) return Next::kEnd;
    if (key == 'n') return Next::kGo;
    if (key == ' ') {
      keep(picture);
      return Next::kGo;
    }
    if (key == kBackspace || key == kDelete)
      said_ = sitting_.take_back() ? "taken back" : "nothing to take back";
    if (key == '\t') class_ = (class_ + 1) % classes_.size();
    if (key >= '0' && key <= '9') {
      const auto place = static_cast<std::size_t>(key == '0' ? 9 : key - '1');
      if (place < classes_.size()) class_ = place;
    }
    return std::nullopt;
  }

  std::vector<std::string> panel(const std::string& remark) {
    std::vector<std::string> lines = {fmt::format("{} in {}", sitting_.subject(), options_.out), ""};
    constexpr std::size_t kDigits = 10;
    for (std::size_t i = 0; i < classes_.size(); ++i)
      lines.push_back(fmt::format("{} {} {:<16}{:>6}", i == class_ ? '>' : ' ',
                                  i < kDigits ? static_cast<char>('0' + (i + 1) % kDigits) : ' ', classes_[i],
                                  sitting_.count(classes_[i])));
    lines.insert(
        lines.end(),
        {"", fmt::format("{} kept, {} twins skipped", sitting_.kept(), sitting_.twins()), said_, "",
         "space captures, backspace takes back,",
         source_->ends() ? "n passes over, digits choose, q ends" : "digits choose, q ends", "", remark});
    return lines;
  }

  void summarize() {
    auto counts = nlohmann::ordered_json::object();
    std::string text;
    for (const std::string& name : classes_) {
      const std::size_t count = sitting_.kept() == 0 ? 0 : sitting_.count(name);
      if (count == 0) continue;
      counts[name] = count;
      text += fmt::format("  {:<12} {:>6}\n", name, count);
    }
    if (options_.json)
      print_json({{"out", options_.out},
                  {"subject", sitting_.subject()},
                  {"kept", sitting_.kept()},
                  {"twins", sitting_.twins()},
                  {"classes", counts}});
    else
      print_out(std::string_view(fmt::format("{}/{}: {} pictures kept, {} twins skipped\n{}", options_.out,
                                             sitting_.subject(), sitting_.kept(), sitting_.twins(), text)));
    flush_stdout();
  }

  const CaptureOptions& options_;
  std::vector<std::string> classes_;
  std::unique_ptr<PictureView> view_;
  std::string said_;
  std::unique_ptr<CaptureSource> source_;
  data::Sitting sitting_;
  std::size_t class_ = 0;
  Clock::time_point due_, new_;  // of the next picture; of the last that was kept
};

}  // namespace

void add_capture(CLI::App& app) {
  const auto options = std::make_shared<CaptureOptions>();
  CLI::App* command = app.add_subcommand("capture", "Collect pictures of gestures, from a board or a camera");
  command->add_option("--port", options->port, "A board's port: what its network sees, by its own camera");
  command->add_option("--camera", options->camera, "A camera of this PC: /dev/video0");
  command->add_option("--folder", options->folder, "A folder of pictures, taken in order");
  command->add_option("--label", options->label, "What the first pictures show: fist");
  command->add_option("--classes", options->classes, "All classes, for the keys 1, 2, ...: fist,palm,none")
      ->delimiter(',');
  command->add_option("--model", options->model, "A model whose classes and size of pictures these are");
  command->add_option("--person", options->person, "Whose hand it is")->required();
  command->add_option("--session", options->session, "Of this person; the next free number unless said");
  command->add_option("--out", options->out, "Folder that gets PERSON-SESSION/CLASS/*.png")->required();
  command->add_option("--count", options->count, "Without keys: ends when so many pictures are kept")
      ->check(CLI::Range(1, 100000));
  command->add_option("--every", options->every_s, "With --count: seconds from one picture to the next")
      ->check(CLI::Range(0.0, 3600.0));
  add_patience(*command, options->patience_s);
  command->add_flag("--json", options->json, "Print {out, subject, kept, twins, classes}");
  command->footer(
      "\nKeys: a digit or tab chooses the class, space captures, backspace takes the last one back, n "
      "passes\n"
      "over a picture of a folder, q ends.\n\nExamples:\n"
      "  mudra capture --port /dev/ttyUSB0 --person ana --out my-hands\n"
      "  mudra capture --camera /dev/video0 --classes fist,palm,none --person ana --out my-hands\n"
      "  mudra capture --folder phone --label fist --person ana --out my-hands\n"
      "  mudra capture --port /dev/ttyUSB0 --label fist --person ana --out my-hands --count 30 --every 0.3");
  command->callback([options] {
    const auto given = std::ranges::count_if(std::array{&options->port, &options->camera, &options->folder},
                                             [](const std::string* name) { return !name->empty(); });
    if (given != 1) throw CLI::RequiredError("one of --port, --camera and --folder");
    Capture(*options).run();
  });
}

}  // namespace mudra::cli
