#include "mudra/studio/demo.hpp"

#include <string>

#include "mudra/base/error.hpp"
#include "mudra/base/files.hpp"
#include "mudra/base/temporary_folder.hpp"
#include "mudra/data/dataset_io.hpp"
#include "mudra/studio/names.hpp"

namespace mudra::studio {
namespace {

namespace fs = std::filesystem;

// People of a set whose pictures lie in a folder of their own, of which none are there yet.
void copy_people(const fs::path& set, const fs::path& hands, const fs::path& pictures) {
  if (!fs::exists(set) || !fs::is_directory(hands) || (fs::exists(pictures) && !fs::is_empty(pictures)))
    return;
  const data::Dataset unseen = data::load_set(set.string());
  const auto counts = data::subject_counts(unseen);
  PendingFolder made(pictures);
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const std::string& person = unseen.subject_names[i];
    if (counts[i] > 0 && is_name(person) && fs::is_directory(hands / person))
      fs::copy(hands / person, made.path() / person, fs::copy_options::recursive);
  }
  made.commit();
}

}  // namespace

fs::path demo_folder(const fs::path& demo, const fs::path& folder) {
  const fs::path run = folder / "runs" / "demo";
  if (fs::exists(run)) return folder;
  for (const char* name : {"model.pth", "best.espdl"})
    if (!fs::exists(demo / name))
      fail("{}: there is no demo here yet: make demo, and this in the same folder", (demo / name).string());
  copy_people(demo / "unseen.npz", demo / "hands", folder / "pictures");
  PendingFolder made(run);
  for (const char* name : {"config.json", "metrics.jsonl", "model.pth"})
    write_file(made.path() / name, read_file(demo / name));
  if (const fs::path seen = demo / "seen.json"; fs::exists(seen))
    write_file(made.path() / "seen.json", read_file(seen));
  write_file(made.path() / "model.espdl", read_file(demo / "best.espdl"));
  made.commit();
  return folder;
}

}  // namespace mudra::studio
