#include "mudra/cli/option_table.hpp"

#include "mudra/base/error.hpp"
#include "mudra/graph/pixel_values.hpp"

namespace mudra::cli {

std::vector<std::string> OptionTable::words(const OptionTable& defaults) const {
  std::vector<std::string> words;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const CLI::Option& option = *entries_[i].option;
    const auto value = entries_[i].value();
    if (value == defaults.entries_[i].value()) continue;
    if (!option.get_positional()) words.push_back("--" + option.get_lnames().front());
    if (option.get_items_expected_max() > 0) words.insert(words.end(), value.begin(), value.end());
  }
  return words;
}

CLI::Validator is_normalization() {
  return {[](const std::string& text) -> std::string {
            try {
              constexpr int kColors = 3;
              static_cast<void>(graph::normalization_named(text, kColors));
              return {};
            } catch (const Error& error) {
              return error.text;
            }
          },
          ""};
}

}  // namespace mudra::cli
