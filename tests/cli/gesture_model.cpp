// gesture_model FILE [WRONG]: a small .espdl for a board, with recorded inputs; with WRONG one of the
// recorded outputs is another than the model gives.
#include "tests/firmware/gesture_model.hpp"
#include "mudra/base/files.hpp"

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  auto file = mudra::firmware::gesture_file();
  if (argc > 2) std::get<std::vector<std::int8_t>>(file.tests[1].output)[2] ^= 1;
  mudra::write_file(argv[1], mudra::format::write_espdl(file));
}
