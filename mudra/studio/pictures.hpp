// The pictures of a project: kept as they come, listed, moved to another class, thrown away and taken back.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "mudra/data/sitting.hpp"

namespace mudra::studio {

// What a picture is kept as: what a board's camera gives.
inline constexpr data::PictureShape kKeptShape = {.height = 240, .width = 240, .channels = 1};

// PICTURES/SUBJECT/CLASS/FILE, in trash or among the pictures.
struct PicturePlace {
  std::string subject, label, file;
};

// Every name is checked before it becomes a path (names.hpp); all throw Error. May be used by several
// threads.
class Pictures {
 public:
  Pictures(std::filesystem::path pictures, std::filesystem::path trash)
      : pictures_(std::move(pictures)), trash_(std::move(trash)) {}

  struct Kept {
    bool kept = false;           // false: a twin of one that is there
    std::string subject, label;  // "ana-2", "palm"
    std::size_t count = 0;       // of this class and sitting
  };

  // A PNG of at most 1024 x 1024, decoded and written anew as kKeptShape, in the person's sitting, which
  // begins with the first picture.
  Kept keep(const std::string& person, const std::string& label, std::span<const std::uint8_t> png);

  // The same for one that a board sends, of which each pixel stays as it is.
  Kept keep_whole(const std::string& person, const std::string& label, const data::PictureShape& shape,
                  std::span<const std::uint8_t> pixels);

  // The same for one that was taken elsewhere, in the sitting SUBJECT, "ana-1", which goes on where it is
  // there; "ana": in another one of ana. `label` may be any name of `none` (data::class_called). The person's
  // own sitting is another. What a sitting of this person already has under this class is a twin, too: an
  // import that was broken off goes on when it is begun again.
  Kept import(const std::string& subject, const std::string& label, std::span<const std::uint8_t> png);

  // The next picture of the person begins another sitting.
  void end_sitting(const std::string& person);

  struct TakenBack {
    bool taken_back = false;  // false: there was none
    std::string subject, label;
  };

  // Removes the picture that this person's sitting kept last.
  TakenBack take_back(const std::string& person);

  // {"ana-2": {"fist": ["0001.png", ...]}}, sorted; what has other names is left out.
  nlohmann::ordered_json list();
  // ["0001.png", ...], of one class and sitting; empty where there is none.
  nlohmann::ordered_json list(const std::string& subject, const std::string& label);
  bool empty();
  // How many there are by class.
  nlohmann::ordered_json counts();

  std::vector<std::uint8_t> bytes(const PicturePlace& place);

  // Where it is afterwards, under a new number where its own is taken.
  PicturePlace relabel(const PicturePlace& place, const std::string& label);
  PicturePlace discard(const PicturePlace& place);  // in the trash
  PicturePlace restore(const PicturePlace& place);  // from there

 private:
  // The names in a folder of a class and sitting, read anew when it has changed since.
  struct Listed {
    std::filesystem::file_time_type changed;
    bool certain = false;  // changed long enough before it was read that each later change has another time
    std::vector<std::string> files;
  };

  using Known = std::unordered_map<std::uint64_t, std::filesystem::path>;  // by fingerprint of the pixels

  const std::vector<std::string>& files_of(const std::string& subject, const std::string& label);
  template <typename Take>
  void for_each_folder(const Take& take);
  Known& known_of(const std::string& label);  // that person_ has, of all sittings; with mutex_
  Kept keep_in(const std::string& label, std::span<const std::uint8_t> pixels);  // with mutex_
  void close_sitting();
  PicturePlace move(const std::filesystem::path& from, const PicturePlace& place,
                    const std::filesystem::path& to, const std::string& label);

  std::filesystem::path pictures_, trash_;
  std::mutex mutex_;
  std::map<std::pair<std::string, std::string>, Listed> listed_;  // by subject and label
  std::unique_ptr<data::Sitting> sitting_;                        // the one that is open, of person_
  std::string person_;
  data::PictureShape shape_;  // of its pictures
  std::string known_person_;
  std::map<std::string, Known> known_;           // of known_person_, by class
  bool imports_ = false;                         // it is of pictures from elsewhere
  std::map<std::string, std::string> sessions_;  // by person: of a sitting that goes on with the next picture
};

}  // namespace mudra::studio
