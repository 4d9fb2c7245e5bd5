// gesture_model FILE [WRONG | classes=N | name_bytes=N | input_rule=RULE]: a small .espdl for a board, with
// recorded inputs. With WRONG one of the recorded outputs is another than the model gives.
#include <string>
#include <string_view>

#include "mudra/base/files.hpp"
#include "tests/firmware/gesture_model.hpp"

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  const std::string_view how = argc > 2 ? argv[2] : "";
  const std::string value(how.substr(how.find('=') + 1));
  using mudra::firmware::Traces;
  auto file = mudra::firmware::gesture_file(Traces::kAll, how.starts_with("classes=") ? std::stoi(value) : 4);
  if (how == "WRONG") std::get<std::vector<std::int8_t>>(file.tests[1].output)[2] ^= 1;
  if (how.starts_with("input_rule=")) file.graph.metadata["input_rule"] = value;
  if (how.starts_with("name_bytes="))
    for (std::string& name : file.graph.class_names) name.resize(std::stoul(value), 'x');
  mudra::write_file(argv[1], mudra::format::write_espdl(file));
}
