#include "mudra/deploy/firmware_project.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "mudra/base/error.hpp"
#include "mudra/base/files.hpp"
#include "mudra/base/shell.hpp"
#include "mudra/base/temporary_folder.hpp"
#include "mudra/deploy/board_settings.hpp"
#include "mudra/deploy/firmware_sources.hpp"
#include "mudra/deploy/memory_picture.hpp"
#include "mudra/device/line.hpp"

namespace mudra::deploy {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMarker = "mudra-project.json";
constexpr std::string_view kFirmware = "firmware/", kPartitions = "firmware/partitions.csv",
                           kSettings = "firmware/sdkconfig.defaults", kReadme = "firmware/README.md",
                           kGuide = "docs/firmware.md", kScreens = "docs/terminal.md";

std::vector<std::uint8_t> bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

// The firmware's settings with what the options of `deploy` say in ESP-IDF's words.
std::string settings_of(std::string_view defaults, const Deployment& deployment) {
  const DeployConfig& config = deployment.config;
  std::string text;
  while (!defaults.empty()) {
    const std::string_view line = defaults.substr(0, defaults.find('\n') + 1);
    if (!line.starts_with("CONFIG_ESPTOOLPY_FLASHSIZE_") && !line.starts_with("CONFIG_SPIRAM_MODE_"))
      text += line;
    defaults.remove_prefix(line.empty() ? defaults.size() : line.size());
  }
  BoardKind board = config.board;
  board.flash_bytes = config.flash_bytes;
  text += "\n# Chosen by mudra deploy\n" + settings_of_board(board);
  switch (config.engine) {
    case EngineChoice::kMudra:
      text += "CONFIG_MUDRA_ENGINE_OWN=y\n";
      break;
    case EngineChoice::kEspDl:
      text += "CONFIG_MUDRA_ENGINE_ESP_DL=y\n";
      break;
    case EngineChoice::kBoth:
      text += "CONFIG_MUDRA_ENGINE_BOTH=y\n";
      break;
  }
  if (config.engine != EngineChoice::kEspDl)
    text += config.weights == device::PackedWeights::kInPlace ? "CONFIG_MUDRA_WEIGHTS_FLASH=y\n"
                                                              : "CONFIG_MUDRA_WEIGHTS_RAM=y\n";
  return text;
}

std::string description_of(const DeployModel& model, const Deployment& deployment) {
  const nlohmann::ordered_json json = {
      {"board", deployment.config.board.name},
      {"engine", name_of(deployment.config.engine)},
      {"model_bytes", deployment.model_bytes},
      {"model_crc32", fmt::format("{:08x}", device::crc32(model.bytes))},
      {"packed_bytes", deployment.image.size() - deployment.model_bytes},
      {"arena_bytes", deployment.arena.arena_bytes},
      {"ram_bytes", deployment.ram_bytes},
      {"flash_bytes", deployment.flash_bytes},
  };
  return json.dump(2) + "\n";
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
  return text;
}

// The documents with paths and commands as they are in the project.
std::string document_of(const SourceFile& source, const Deployment& deployment) {
  std::string text(source.text);
  if (source.path == kGuide) text = replaced(std::move(text), "../firmware/README.md", "../README.md");
  if (source.path == kReadme) {
    text = replaced(std::move(text), "../docs/", "docs/");
    text = replaced(std::move(text), "../device/", "components/device/");
    text = replaced(std::move(text), "idf.py -C firmware", "idf.py");
    text = replaced(std::move(text), "/dev/ttyUSB0", deployment.config.board.port());
  }
  return text;
}

// Where a file of the repository lies in the project.
fs::path place_of(std::string_view source) {
  if (source == kGuide || source == kScreens) return source;
  if (!source.starts_with(kFirmware)) return fs::path("components") / source;
  source.remove_prefix(kFirmware.size());
  return source;
}

void write_all(const fs::path& folder, const std::vector<ProjectFile>& files) {
  for (const ProjectFile& file : files) {
    make_folder((folder / file.path).parent_path());
    write_file(folder / file.path, file.bytes);
  }
}

// Puts `made` in the place of `folder`, which may exist.
void move_into_place(PendingFolder& made, const fs::path& folder) {
  std::error_code error;
  const fs::path old = folder.string() + fmt::format(".{}.old", ::getpid());
  const bool replaces = fs::exists(folder) && !fs::is_empty(folder);
  if (replaces) fs::rename(folder, old, error);
  if (error) fail_io(folder, error.value());
  try {
    made.commit();
  } catch (const Error&) {
    if (replaces) fs::rename(old, folder, error);
    throw;
  }
  if (replaces) fs::remove_all(old, error);
}

}  // namespace

std::vector<ProjectFile> firmware_project(const DeployModel& model, const Deployment& deployment) {
  std::vector<ProjectFile> files;
  for (const SourceFile& source : firmware_sources()) {
    std::string text(source.text);
    if (source.path == kPartitions) text = write_partition_table(deployment.partitions);
    if (source.path == kSettings) text = settings_of(source.text, deployment);
    if (source.path == kReadme || source.path == kGuide) text = document_of(source, deployment);
    files.push_back({place_of(source.path), bytes_of(text)});
  }
  files.push_back({"model.espdl", deployment.image});
  files.push_back({"memory_plan.txt", bytes_of(text_of(deployment))});
  files.push_back({"memory_plan.svg", bytes_of(arena_svg(deployment.arena, "Arena over time"))});
  files.push_back({kMarker, bytes_of(description_of(model, deployment))});
  std::ranges::sort(files, {}, &ProjectFile::path);
  return files;
}

void write_project(const fs::path& folder, const std::vector<ProjectFile>& files, Existing existing) {
  std::error_code error;
  const fs::path target = fs::absolute(folder).lexically_normal();
  const fs::path place = target.has_filename() ? target : target.parent_path();
  if (fs::exists(place, error) && !fs::is_directory(place, error))
    fail("{}: is not a folder", folder.string());
  if (fs::exists(place, error) && !fs::is_empty(place, error)) {
    if (existing == Existing::kRefuse)
      fail("{}: is there and not empty; --replace writes a project of mudra's anew", folder.string());
    if (!fs::exists(place / kMarker, error))
      fail("{}: has no {}, so it is not replaced", folder.string(), kMarker);
  }
  PendingFolder folder_made(place);
  write_all(folder_made.path(), files);
  move_into_place(folder_made, place);
}

std::string next_commands(const fs::path& folder, const fs::path& model, const BoardKind& board) {
  const auto word = [](const fs::path& path) { return shell_word(path.string()); };
  const bool usb = board.socket == Socket::kUsb;
  return fmt::format(
      "  . $IDF_PATH/export.sh                       # ESP-IDF 5.3 or newer\n"
      "  idf.py -C {0} -p {1} flash         # builds, flashes program and model\n"
      "  mudra monitor --port {1} --model {2} hand.png     # {3}\n"
      "another model later, without the program: copy it to {4}, then\n"
      "  idf.py -C {0} -p {1} model-flash\n",
      word(folder), board.port(), word(fs::absolute(model).lexically_normal()),
      usb ? "the chip's own USB; ls /dev/ttyACM* shows it"
          : "the socket \"UART\" or \"COM\", or /dev/ttyACM0: ls /dev/ttyUSB* /dev/ttyACM* shows it",
      word(folder / "model.espdl"));
}

}  // namespace mudra::deploy
