#include <fmt/format.h>
#include <memory>
#include <string>
#include "mudra/base/threads.hpp"
#include "mudra/cli/commands.hpp"
#include "mudra/cli/model.hpp"
#include "mudra/data/dataset_io.hpp"
#include "mudra/quant/judge.hpp"

namespace mudra::cli {
namespace {
struct AnalyzeOptions { std::string a, b; std::vector<std::string> sets; std::size_t skip = 0; };
std::vector<float> logits_of(const report::Predictor& p, const data::Dataset& set, std::size_t skip) {
  std::vector<float> all;
  for (std::size_t f = skip; f < set.size(); f += p.max_batch) {
    auto n = std::min(p.max_batch, set.size() - f);
    std::vector<float> l(n * p.class_names.size());
    p.score(std::span(set.images).subspan(f * data::kImagePixels, n * data::kImagePixels), l);
    all.insert(all.end(), l.begin(), l.end());
  }
  return all;
}
void run_analyze(const AnalyzeOptions& o) {
  auto a = load_predictor(o.a), b = load_predictor(o.b);
  auto set = data::load_sets(o.sets);
  auto e = quant::compare(logits_of(a.predictor, set, o.skip), logits_of(b.predictor, set, o.skip), a.predictor.class_names.size());
  fmt::print("noise {:.3f} % agreement {:.2f} % bytes {}\n", 100 * e.noise, 100 * e.agreement, b.predictor.bytes);
}
}
void add_analyze(CLI::App& app) {
  const auto options = std::make_shared<AnalyzeOptions>();
  CLI::App* command = app.add_subcommand("analyze", "");
  command->add_option("FLOAT", options->a, "")->required();
  command->add_option("X", options->b, "")->required();
  command->add_option("--data", options->sets, "")->required();
  command->add_option("--skip", options->skip, "");
  command->callback([options] { run_analyze(*options); });
}
}
