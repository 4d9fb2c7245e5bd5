// A screen with a picture and, beside it, lines of text: what a camera sees, again and again.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "mudra/base/terminal.hpp"
#include "mudra/data/dataset.hpp"
#include "mudra/report/terminal_picture.hpp"

namespace mudra::cli {

// "fist      93.20 % ##################": a row for each class, `percents` as far as they are known.
std::vector<std::string> class_bars(const std::vector<std::string>& labels,
                                    const std::vector<double>& percents);

class PictureView {
 public:
  // Null where stdin and stdout are no terminal to draw on.
  static std::unique_ptr<PictureView> open();

  // Draws the picture, of shape.bytes(), over the one before; `lines` become printable and are cut to the
  // room that is there. An empty picture leaves what was drawn.
  void show(std::span<const std::uint8_t> picture, const data::PictureShape& shape,
            const std::vector<std::string>& lines);

  char key(std::chrono::milliseconds timeout) { return terminal_.key(timeout); }

  ~PictureView();

 private:
  PictureView();

  Terminal terminal_;
  report::Drawing drawing_;
  report::Letters letters_;
  std::size_t rows_ = 0;  // of text, drawn last
};

}  // namespace mudra::cli
