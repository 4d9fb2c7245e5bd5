// The pictures of one sitting of one person, as files that training reads:
// ROOT/PERSON-SESSION/CLASS/0001.png.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "mudra/base/folder_lock.hpp"
#include "mudra/data/dataset.hpp"

namespace mudra::data {

// Two pictures whose gray levels differ by less on average show the same.
inline constexpr double kTwinLevels = 2;

// The mean absolute difference of two pictures as large as each other, in gray levels.
double mean_difference(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b);

// `name`, when it can be a class's folder: not hidden, and none that layouts read as something else (train,
// 04_fist_moved). Throws Error.
std::string class_folder(const std::string& name);

class Sitting {
 public:
  // `session`: empty for the next free number, else a name, whose sitting goes on where it is there. Nothing
  // is made yet. Throws Error for names that are no folder's, or that sets would read otherwise than as a
  // session of this person.
  Sitting(std::filesystem::path root, const std::string& person, const std::string& session,
          const PictureShape& shape);
  Sitting(const Sitting&) = delete;
  Sitting& operator=(const Sitting&) = delete;
  ~Sitting();  // leaves no empty folder

  const std::string& subject() const { return subject_; }  // "ana-2"

  // Writes the picture, of shape.bytes(), unless it is a twin of the one kept last. Whether it was kept. The
  // file is there as a whole or not at all. Throws Error, also when another program writes to this sitting.
  bool keep(const std::string& class_name, std::span<const std::uint8_t> pixels);

  // The picture is there already: twins of it are skipped, too, until the next one.
  void pass(std::span<const std::uint8_t> pixels) { last_.assign(pixels.begin(), pixels.end()); }

  // Removes the picture kept last by this object; false: there is none.
  bool take_back();

  // The class of the picture kept last by this object; "": there is none.
  std::string last_class() const { return kept_.empty() ? "" : kept_.back().class_name; }
  std::filesystem::path last_file() const { return file_of(kept_.back()); }  // of it; there must be one
  std::size_t kept() const { return kept_.size(); }                          // by this object
  std::size_t twins() const { return twins_; }                               // that were skipped
  // Pictures in the folder of this class, those of before too.
  std::size_t count(const std::string& class_name);

 private:
  struct Name {  // of a picture: small, for there may be very many
    std::string class_name;
    int number = 0;
  };

  std::filesystem::path folder() const { return root_ / subject_; }
  std::filesystem::path file_of(const Name& name) const;
  void begin();
  int next_number(const std::string& class_name);

  std::filesystem::path root_;
  std::string person_, subject_;
  bool numbered_, begun_ = false;
  PictureShape shape_;
  FolderLock lock_;
  std::vector<Name> kept_;
  std::vector<std::uint8_t> last_;      // kept or passed last; empty: none
  std::map<std::string, int> numbers_;  // the highest in use
  std::map<std::string, std::size_t> counts_;
  std::size_t twins_ = 0;
};

}  // namespace mudra::data
