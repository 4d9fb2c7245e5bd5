// The options of a command, bound to the settings that they fill in: what is typed becomes settings, and
// settings become what one would type.
#pragma once

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <concepts>
#include <functional>
#include <string>
#include <vector>

namespace mudra::cli {

class OptionTable {
 public:
  explicit OptionTable(CLI::App& command) : command_(command) {}

  // As CLI::App's. The field outlives the table.
  template <typename Field>
  CLI::Option* add_option(const std::string& name, Field& field, const std::string& description) {
    CLI::Option* option = command_.add_option(name, field, description);
    entries_.push_back({option, [&field] { return words_of(field); }});
    return option;
  }
  CLI::Option* add_flag(const std::string& name, bool& field, const std::string& description) {
    CLI::Option* option = command_.add_flag(name, field, description);
    entries_.push_back({option, [&field] { return std::vector<std::string>(field ? 1 : 0); }});
    return option;
  }

  // What one would type for the fields as they are now: those that are not as in `defaults`, the same table
  // of other fields.
  std::vector<std::string> words(const OptionTable& defaults) const;

 private:
  struct Entry {
    CLI::Option* option;
    std::function<std::vector<std::string>()> value;
  };

  static std::vector<std::string> words_of(const std::vector<std::string>& list) { return list; }
  static std::vector<std::string> words_of(const std::string& text) { return {text}; }
  template <typename Number>
  requires std::integral<Number> || std::floating_point<Number>
  static std::vector<std::string> words_of(Number number) { return {fmt::to_string(number)}; }

  CLI::App& command_;
  std::vector<Entry> entries_;
};

// --classes, for a network that does not name them.
template <typename Command>
void add_classes_option(Command& command, std::string& names) {
  command
      .add_option("--classes", names,
                  "Names of the classes in the order of the outputs, for a network that does not name them")
      ->type_name("A,B,...");
}

// That a text is a normalization of colour pictures.
CLI::Validator is_normalization();

// --normalize, for a network that does not state how its pixels become numbers.
template <typename Command>
CLI::Option* add_normalize_option(Command& command, std::string& normalize,
                                  const std::string& more = "for a network that does not state it") {
  return command
      .add_option(
          "--normalize", normalize,
          "How value / 255 becomes the network's input: less MEAN and divided by STD, one number each "
          "or one per channel with commas; " +
              more)
      ->type_name("none|imagenet|MEAN/STD")
      ->check(is_normalization());
}

// --hands and --without-none, of rendered hands.
template <typename Command>
void add_rendering_options(Command& command, std::string& hands, bool& without_none) {
  command.add_option("--hands", hands, "Rendered hands: right, left (mirrored) or both")
      ->check(CLI::IsMember({"right", "left", "both"}))
      ->default_str("right");
  command.add_flag("--without-none", without_none, "Render no pictures of none, which show no gesture");
}

// --threads, 0 of which are as many as there are cores.
template <typename Command>
void add_threads_option(Command& command, int& threads) {
  command.add_option("--threads", threads, "0: as many as there are cores")->capture_default_str();
}

}  // namespace mudra::cli
