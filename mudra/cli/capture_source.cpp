#include "mudra/cli/capture_source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <utility>

#include "mudra/base/error.hpp"
#include "mudra/base/files.hpp"
#include "mudra/base/interrupt.hpp"
#include "mudra/cli/board_options.hpp"
#include "mudra/data/camera_view.hpp"
#include "mudra/data/folders.hpp"
#include "mudra/data/video_camera.hpp"
#include "mudra/deploy/board.hpp"

namespace mudra::cli {
namespace {

namespace fs = std::filesystem;

class BoardSource final : public CaptureSource {
 public:
  BoardSource(const std::string& port, double patience_s, const std::function<void(const std::string&)>& tell)
      : board_(port, board_config(patience_s, tell)) {
    const deploy::Answer info = board_.ask({.verb = device::Verb::kInfo});
    for (const auto& label : info.all<device::Label>()) classes_.emplace_back(label.name);
    const auto model = info.one<device::Model>();
    shape_ = {.height = model.height, .width = model.width, .channels = model.channels};
    if (model.bytes > 0 && !is_picture(shape_))
      fail("{}: the board's model takes [1, {}, {}, {}], not one gray or colour picture", port, model.height,
           model.width, model.channels);
  }

  data::PictureShape shape() const override { return shape_; }
  std::vector<std::string> classes() const override { return classes_; }

  void run(const OnPicture& on_picture) override {
    board_.stream_pictures([&](const deploy::StreamedPicture& seen) {
      if (seen.picture == nullptr) return true;
      if (seen.picture->shape != shape_)
        fail("the board sends pictures of {}x{}, its model takes {}x{}", seen.picture->shape.width,
             seen.picture->shape.height, shape_.width, shape_.height);
      const std::string remark =
          fmt::format("the board sees: {} {:.2f} %", seen.frame.label, seen.frame.percent.value / 100.0);
      return on_picture(seen.picture->pixels, remark) != Next::kEnd;
    });
    stop_if_interrupted();
  }

 private:
  deploy::Board board_;
  std::vector<std::string> classes_;
  data::PictureShape shape_;
};

class CameraSource final : public CaptureSource {
 public:
  CameraSource(const std::string& device, const data::PictureShape& shape) : camera_(device), shape_(shape) {}

  data::PictureShape shape() const override { return shape_; }

  void run(const OnPicture& on_picture) override {
    for (Next next = Next::kGo; next != Next::kEnd;)
      next = on_picture(data::camera_view(camera_.grab(shape_.is_color()), shape_), "");
  }

 private:
  data::VideoCamera camera_;
  data::PictureShape shape_;
};

class FolderSource final : public CaptureSource {
 public:
  FolderSource(const std::string& folder, const data::PictureShape& shape) : shape_(shape) {
    std::error_code error;
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
      if (data::has_image_extension(it->path()) && !fs::is_directory(it->path()))
        files_.push_back(it->path());
    if (error) throw Error(ErrorKind::kIo, fmt::format("{}: {}", folder, error.message()));
    if (files_.empty()) fail("{}: no pictures (.png, .jpg, .webp, .bmp)", folder);
    std::ranges::sort(files_, [](const fs::path& a, const fs::path& b) {
      return data::natural_less(a.filename().string(), b.filename().string());
    });
  }

  data::PictureShape shape() const override { return shape_; }
  bool ends() const override { return true; }

  void run(const OnPicture& on_picture) override {
    for (const fs::path& file : files_) {
      stop_if_interrupted();
      const auto bytes = read_file(file);
      const auto picture =
          with_context(file.string(), [&] { return data::camera_view(data::decode_image(bytes), shape_); });
      Next next = Next::kStay;
      while (next == Next::kStay) {
        stop_if_interrupted();
        next = on_picture(picture, file.filename().string());
      }
      if (next == Next::kEnd) return;
    }
  }

 private:
  std::vector<fs::path> files_;
  data::PictureShape shape_;
};

}  // namespace

std::unique_ptr<CaptureSource> board_source(const std::string& port, double patience_s,
                                            const std::function<void(const std::string&)>& tell) {
  return std::make_unique<BoardSource>(port, patience_s, tell);
}

std::unique_ptr<CaptureSource> camera_source(const std::string& device, const data::PictureShape& shape) {
  return std::make_unique<CameraSource>(device, shape);
}

std::unique_ptr<CaptureSource> folder_source(const std::string& folder, const data::PictureShape& shape) {
  return std::make_unique<FolderSource>(folder, shape);
}

}  // namespace mudra::cli
