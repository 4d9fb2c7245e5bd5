#include "mudra/cli/reproduction.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "mudra/base/error.hpp"
#include "mudra/base/files.hpp"
#include "mudra/base/output.hpp"
#include "mudra/cli/json_output.hpp"
#include "mudra/cli/run_page.hpp"
#include "mudra/data/dataset_io.hpp"
#include "mudra/data/split.hpp"
#include "mudra/data/synthetic_set.hpp"

namespace mudra::cli {
namespace {

namespace fs = std::filesystem;

// Steps work in the folder, so files given from elsewhere need their whole path.
std::string from_anywhere(const std::string& path) {
  return data::synthetic_set(path) ? path : fs::absolute(path).lexically_normal().string();
}

std::string summary_of(const report::Page& page, const fs::path& folder) {
  std::string text = fmt::format(
      "\naccuracy on {}:\n  float                {:6.2f} %\n  the chip's integers  {:6.2f} %\n",
      page.by_float.description, 100 * accuracy_of(page.by_float), 100 * accuracy_of(page.by_integer));
  const std::uint64_t test_vectors = page.by_integer.test_vector_bytes;
  text += fmt::format("model {} bytes and {} of test vectors", page.by_integer.bytes - test_vectors,
                      test_vectors);
  if (page.memory) text += fmt::format(", memory to run it {} bytes", page.memory->arena_bytes);
  text += "\n\nchecked:\n";
  for (const report::PageProof& proof : page.proofs)
    text += fmt::format("  {}: {}\n", proof.claim, proof.shown);
  return text + fmt::format(R"(
What next:
  open {0}/report.html in a browser: all of this, with pictures
  mudra studio {0} --export site, and put site on any web server: this network before a camera, with that page
  mudra predict {0}/best.espdl --picture YOUR_PICTURE.png
  cd {0}/firmware && idf.py set-target esp32s3 && idf.py flash monitor
  mudra reproduce --out OTHER_FOLDER --data YOUR_PICTURES
)",
                            folder.string());
}

nlohmann::ordered_json json_of(const report::Page& page, const fs::path& folder) {
  nlohmann::ordered_json proofs = nlohmann::ordered_json::array();
  for (const report::PageProof& proof : page.proofs)
    proofs.push_back({{"claim", proof.claim}, {"shown", proof.shown}});
  return {{"report", (folder / "report.html").string()},
          {"accuracy_float", accuracy_of(page.by_float)},
          {"accuracy_integer", accuracy_of(page.by_integer)},
          {"model_bytes", page.by_integer.bytes},
          {"test_vector_bytes", page.by_integer.test_vector_bytes},
          {"arena_bytes", page.memory ? page.memory->arena_bytes : 0},
          {"proofs", std::move(proofs)}};
}

}  // namespace

void add_options(CLI::App& command, Reproduction& run) {
  command.add_option("--out", run.out, "The folder to make, or to go on with")->required();
  command
      .add_option_function<std::vector<std::string>>(
          "--data",
          [&run](const std::vector<std::string>& sets) {
            for (const std::string& set : sets) run.data.push_back(from_anywhere(set));
          },
          "Real pictures: a LeapGestRecog tree, a folder, a .npz; without it hands are rendered")
      ->type_name("SET");
  command
      .add_option("--split", run.split,
                  "What is put aside to judge by: the set's own test part, people, or frames where people "
                  "are not known; unless given, the first of these two that the set has")
      ->check(CLI::IsMember({"given", "subject", "random"}));
  command.add_option("--seed", run.seed, "Of everything random")->capture_default_str();
  command.add_option("--hands", run.hands, "Freshly rendered hands an epoch; 0: learn from --data alone")
      ->check(CLI::Range(0, 1000000))
      ->capture_default_str();
  command.add_option("--epochs", run.epochs, "Of each training")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  command
      .add_option_function<std::string>(
          "--recorded", [&run](const std::string& list) { run.recorded = from_anywhere(list); },
          "Recorded runs of a real chip, as for mudra replay")
      ->type_name("RUNS.json")
      ->check(CLI::ExistingFile);
  command.add_flag("--json", run.json, "Print one JSON document");
}

void choose_split(Reproduction& run) {
  if (run.split.empty())
    run.split = data::default_split(run.data.empty() ? data::Dataset{} : data::load_sets(run.data));
}

void reproduce(const Reproduction& run, const std::vector<pipeline::Step>& steps) {
  const fs::path folder(run.out);
  const pipeline::Record record = pipeline::run_steps(
      folder, {.version = MUDRA_VERSION, .seed = run.seed, .data = run.data, .artefacts = {}}, steps);
  print_err("\nThe page: judging all of them on unseen.npz\n");
  const report::Page page = page_of_run(run, record, steps);
  write_text(folder / "report.html", report::html_of(page));
  if (run.json)
    print_json(json_of(page, folder));
  else
    print_out(summary_of(page, folder));
  flush_stdout();
}

}  // namespace mudra::cli
