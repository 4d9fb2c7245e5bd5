#include "mudra/data/contact_sheet.hpp"

#include <algorithm>
#include <string>

#include "mudra/base/error.hpp"
#include "mudra/data/bitmap_font.hpp"

namespace mudra::data {
namespace {

constexpr int kGap = 4, kTile = kImageSide + kGap, kDot = 2;
constexpr std::size_t kMostRows = 150;  // 15,000 pixels of height

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

void paste(Image& sheet, ImageView image, int x, int y) {
  for (int row = 0; row < kImageSide; ++row)
    std::copy_n(image.begin() + row * kImageSide, kImageSide,
                sheet.pixels.begin() + (y + row) * sheet.width + x);
}

}  // namespace

Image contact_sheet(const Dataset& dataset, const SheetConfig& config) {
  if (config.columns < 1 || config.columns > 100) fail("{} columns: a sheet has 1 to 100", config.columns);
  const auto most_columns = static_cast<std::size_t>(config.columns);
  const std::vector<Row> rows = dataset.knows_labels() ? rows_of_labelled(dataset, config.rows)
                                                       : rows_of_unlabelled(dataset, most_columns);
  if (rows.size() > kMostRows) fail("{} rows are more than the {} a sheet may have", rows.size(), kMostRows);

  std::size_t columns = 1;
  for (const Row& row : rows) columns = std::max(columns, std::min(most_columns, row.images.size()));
  std::size_t title_characters = dataset.knows_labels() ? 6 : 0;  // room for the number of pictures
  for (const Row& row : rows)
    title_characters = std::max(title_characters, std::min<std::size_t>(row.title.size(), 40));
  const int title_width = static_cast<int>(title_characters) * kGlyphWidth * kDot + kGap;
  Image sheet{.width = title_width + static_cast<int>(columns) * kTile + kGap,
              .height = static_cast<int>(rows.size()) * kTile + kGap,
              .channels = 1,
              .pixels = {}};
  constexpr std::uint8_t kBackground = 48;
  sheet.pixels.assign(static_cast<std::size_t>(sheet.width) * static_cast<std::size_t>(sheet.height),
                      kBackground);
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const Row& row = rows[r];
    const int top = kGap + static_cast<int>(r) * kTile;
    draw_text(sheet, kGap, top + kImageSide / 2 - kGlyphHeight * kDot, kDot,
              row.title.substr(0, title_characters));
    if (dataset.knows_labels())
      draw_text(sheet, kGap, top + kImageSide / 2 + kGap, kDot, std::to_string(row.images.size()));
    const std::size_t shown = std::min(columns, row.images.size());
    for (std::size_t i = 0; i < shown; ++i)
      paste(sheet, dataset.image(row.images[i * row.images.size() / shown]),
            title_width + kGap + static_cast<int>(i) * kTile, top);
  }
  return sheet;
}

}  // namespace mudra::data
