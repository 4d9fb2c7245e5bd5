#include "mudra/data/contact_sheet.hpp"

#include <algorithm>
#include <string>

#include "mudra/base/error.hpp"
#include "mudra/data/bitmap_font.hpp"

namespace mudra::data {
namespace {

constexpr int kGap = 4, kDot = 2;
constexpr int kMostHeight = 15'000;                          // pixels
constexpr int kTextHeight = 2 * kGlyphHeight * kDot + kGap;  // of a row: its title, the number of pictures

struct Row {
  std::string title;
  std::vector<std::uint32_t> images;
};

std::vector<Row> rows_of_unlabelled(const Dataset& dataset, std::size_t columns) {
  constexpr std::size_t kRows = 8;
  std::vector<Row> rows(std::min(kRows, (dataset.size() + columns - 1) / columns));
  for (std::size_t i = 0; i < dataset.size(); ++i)
    rows[i * rows.size() / dataset.size()].images.push_back(static_cast<std::uint32_t>(i));
  return rows;
}

// One row per class; with subjects, one per class and subject that has pictures.
std::vector<Row> rows_of_labelled(const Dataset& dataset, SheetRows kind) {
  const bool by_subject = kind == SheetRows::kClassesOfEachSubject && dataset.knows_subjects();
  const std::size_t subjects = by_subject ? dataset.subject_names.size() + 1 : 1;  // the last: unknown
  std::vector<Row> rows(dataset.class_names.size() * subjects);
  for (std::size_t i = 0; i < dataset.size(); ++i) {
    const std::int32_t subject = dataset.subjects[i];
    const std::size_t place = !by_subject   ? 0
                              : subject < 0 ? subjects - 1
                                            : static_cast<std::size_t>(subject);
    rows[static_cast<std::size_t>(dataset.labels[i]) * subjects + place].images.push_back(
        static_cast<std::uint32_t>(i));
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rows[i].title = dataset.class_names[i / subjects];
    if (by_subject)
      rows[i].title += " " + (i % subjects + 1 < subjects ? dataset.subject_names[i % subjects] : "?");
  }
  if (by_subject) std::erase_if(rows, [](const Row& row) { return row.images.empty(); });
  return rows;
}

void paste(Image& sheet, std::span<const std::uint8_t> image, const PictureShape& shape, int x, int y) {
  const int row_bytes = shape.width * shape.channels;
  for (int row = 0; row < shape.height; ++row)
    std::copy_n(image.begin() + row * row_bytes, row_bytes,
                sheet.pixels.begin() + ((y + row) * sheet.width + x) * shape.channels);
}

}  // namespace

Image contact_sheet(const Dataset& dataset, const SheetConfig& config) {
  if (config.columns < 1 || config.columns > 100) fail("{} columns: a sheet has 1 to 100", config.columns);
  const auto most_columns = static_cast<std::size_t>(config.columns);
  const std::vector<Row> rows = dataset.knows_labels() ? rows_of_labelled(dataset, config.rows)
                                                       : rows_of_unlabelled(dataset, most_columns);
  const PictureShape& shape = dataset.shape;
  const int tile_width = shape.width + kGap, tile_height = std::max(shape.height, kTextHeight) + kGap;
  if (const auto most = static_cast<std::size_t>(kMostHeight / tile_height); rows.size() > most)
    fail("{} rows are more than the {} a sheet may have", rows.size(), most);

  std::size_t columns = 1;
  for (const Row& row : rows) columns = std::max(columns, std::min(most_columns, row.images.size()));
  std::size_t title_characters = dataset.knows_labels() ? 6 : 0;  // room for the number of pictures
  for (const Row& row : rows)
    title_characters = std::max(title_characters, std::min<std::size_t>(row.title.size(), 40));
  const int title_width = static_cast<int>(title_characters) * kGlyphWidth * kDot + kGap;
  Image sheet{.width = title_width + static_cast<int>(columns) * tile_width + kGap,
              .height = static_cast<int>(rows.size()) * tile_height + kGap,
              .channels = shape.channels,
              .pixels = {}};
  constexpr std::uint8_t kBackground = 48;
  sheet.pixels.assign(static_cast<std::size_t>(sheet.width) * static_cast<std::size_t>(sheet.height) *
                          static_cast<std::size_t>(sheet.channels),
                      kBackground);
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const Row& row = rows[r];
    const int top = kGap + static_cast<int>(r) * tile_height, middle = top + (tile_height - kGap) / 2;
    draw_text(sheet, kGap, middle - kGlyphHeight * kDot, kDot, row.title.substr(0, title_characters));
    if (dataset.knows_labels())
      draw_text(sheet, kGap, middle + kGap, kDot, std::to_string(row.images.size()));
    const std::size_t shown = std::min(columns, row.images.size());
    for (std::size_t i = 0; i < shown; ++i)
      paste(sheet, dataset.image(row.images[i * row.images.size() / shown]), shape,
            title_width + kGap + static_cast<int>(i) * tile_width, top);
  }
  return sheet;
}

}  // namespace mudra::data
