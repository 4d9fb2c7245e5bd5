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
    bool kept = false;      // false: a twin of the one before
    std::string subject;    // "ana-2"
    std::size_t count = 0;  // of this class and sitting
  };

  // A PNG of at most 1024 x 1024, decoded and written anew as kKeptShape, in the person's sitting, which
  // begins with the first picture.
  Kept keep(const std::string& person, const std::string& label, std::span<const std::uint8_t> png);

  // The next picture of the person begins another sitting.
  void end_sitting(const std::string& person);

  // Removes the picture that this person's sitting kept last; false: there is none.
  bool take_back(const std::string& person);

  // {"ana-2": {"fist": ["0001.png", ...]}}, sorted; what has other names is left out.
  nlohmann::ordered_json list();
  bool empty();
  // How many there are by class.
  nlohmann::ordered_json counts();

  std::vector<std::uint8_t> bytes(const PicturePlace& place);

  // Where it is afterwards, under a new number where its own is taken.
  PicturePlace relabel(const PicturePlace& place, const std::string& label);
  PicturePlace discard(const PicturePlace& place);  // in the trash
  PicturePlace restore(const PicturePlace& place);  // from there

 private:
  void close_sitting();
  PicturePlace move(const std::filesystem::path& from, const PicturePlace& place,
                    const std::filesystem::path& to, const std::string& label);

  std::filesystem::path pictures_, trash_;
  std::mutex mutex_;
  std::unique_ptr<data::Sitting> sitting_;  // the one that is open, of person_
  std::string person_;
  std::map<std::string, std::string> sessions_;  // by person: of a sitting that goes on with the next picture
};

}  // namespace mudra::studio
