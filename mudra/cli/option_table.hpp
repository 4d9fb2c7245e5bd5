// The options of a command, bound to the settings that they fill in: what is typed becomes settings, and
// settings become what one would type.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace mudra::cli {

// --classes, for a network that does not name them.
template <typename Command>
void add_classes_option(Command& command, std::string& names) {
  command
      .add_option("--classes", names,
                  "Names of the classes in the order of the outputs, for a network that does not name them")
      ->type_name("A,B,...");
}

}  // namespace mudra::cli
