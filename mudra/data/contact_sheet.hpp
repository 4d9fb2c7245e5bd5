// Many pictures on one sheet, a row per class, to see what a data set holds.
#pragma once

#include "mudra/data/dataset.hpp"
#include "mudra/data/image.hpp"

namespace mudra::data {

enum class SheetRows { kClasses, kClassesOfEachSubject };

struct SheetConfig {
  int columns = 12;  // pictures in a row, 1 to 100
  SheetRows rows = SheetRows::kClasses;
};

// Rows labelled with class (and subject) and number of pictures; in each row pictures spread evenly over what
// there is. Pictures without labels fill rows without text. Throws Error for more rows than a picture can
// have.
Image contact_sheet(const Dataset& dataset, const SheetConfig& config = {});

}  // namespace mudra::data
