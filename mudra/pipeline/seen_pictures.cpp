#include "mudra/pipeline/seen_pictures.hpp"

#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>
#include <string>
#include <system_error>

#include "mudra/base/error.hpp"
#include "mudra/base/files.hpp"
#include "mudra/base/hash.hpp"

namespace mudra::pipeline {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSeenFile = "seen.json";
constexpr std::size_t kDigits = 16;

std::uint64_t fingerprint_in(const nlohmann::json& entry) {
  std::uint64_t value = 0;
  const std::string text = entry.is_string() ? entry.get<std::string>() : "";
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (text.size() != kDigits || error != std::errc() || end != text.data() + text.size())
    fail("its list 'seen' has an entry that is no fingerprint");
  return value;
}

}  // namespace

void add_seen(SeenPictures& seen, const data::Dataset& set, std::span<const std::uint32_t> indices) {
  for (const std::uint32_t i : indices) seen.insert(fingerprint(set.image(i)));
}

void write_seen(const fs::path& run, const SeenPictures& seen) {
  nlohmann::json list = nlohmann::json::array();
  for (const std::uint64_t picture : seen) list.push_back(fmt::format("{:016x}", picture));
  write_text(run / kSeenFile, nlohmann::json{{"seen", std::move(list)}}.dump(1) + "\n");
}

fs::path run_of(const fs::path& model) {
  std::error_code error;
  return fs::is_directory(model, error) ? model : model.parent_path();
}

std::optional<SeenPictures> read_seen(const fs::path& model) {
  const fs::path file = run_of(model) / kSeenFile;
  std::error_code error;
  if (!fs::exists(file, error)) return std::nullopt;
  const std::string text = read_text(file);
  return with_context(file.string(), [&] {
    const auto document = nlohmann::json::parse(text, nullptr, false);
    if (!document.is_object() || !document.contains("seen") || !document["seen"].is_array())
      fail("has no list 'seen'");
    SeenPictures seen;
    for (const auto& entry : document["seen"]) seen.insert(fingerprint_in(entry));
    return seen;
  });
}

std::vector<bool> are_seen(const SeenPictures& seen, const data::Dataset& set) {
  std::vector<bool> are(set.size());
  for (std::size_t i = 0; i < set.size(); ++i) are[i] = seen.contains(fingerprint(set.image(i)));
  return are;
}

}  // namespace mudra::pipeline
