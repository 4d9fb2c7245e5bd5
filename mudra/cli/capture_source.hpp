// Where `mudra capture` gets its pictures from: a board, a camera of this PC, or a folder.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "mudra/data/dataset.hpp"

namespace mudra::cli {

enum class Next {
  kGo,    // the next picture
  kStay,  // the same again, where that is possible
  kEnd,
};

class CaptureSource {
 public:
  // Gets each picture, of shape().bytes(), and what is to be said about it.
  using OnPicture = std::function<Next(std::span<const std::uint8_t> picture, const std::string& remark)>;

  virtual ~CaptureSource() = default;
  virtual data::PictureShape shape() const = 0;
  virtual std::vector<std::string> classes() const { return {}; }  // that it knows of
  virtual bool ends() const { return false; }                      // by itself
  virtual void run(const OnPicture& on_picture) = 0;               // Throws Error, also kInterrupted
};

// A board on a serial port, as the network sees its camera; messages go to `tell`.
std::unique_ptr<CaptureSource> board_source(const std::string& port, double patience_s,
                                            const std::function<void(const std::string&)>& tell);
// A camera of this PC (video_camera.hpp), cut to the view of the board's.
std::unique_ptr<CaptureSource> camera_source(const std::string& device, const data::PictureShape& shape);
// The pictures in a folder, by name, cut so too.
std::unique_ptr<CaptureSource> folder_source(const std::string& folder, const data::PictureShape& shape);

}  // namespace mudra::cli
