// random_model SEED MODEL FRAME...: writes a random network, of the family if SEED is odd, else joined in any
// way, and pictures for it.
#include <cstdint>
#include <string>
#include <vector>

#include "mudra/base/files.hpp"
#include "tests/device/network_dags.hpp"
#include "tests/device/network_family.hpp"

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  const auto seed = std::stoull(argv[1]);
  const auto file = seed % 2 == 0 ? mudra::device::random_dag(seed) : mudra::device::random_network(seed);
  mudra::write_file(argv[2], mudra::format::write_espdl(file));
  const auto& input = file.graph.tensor(file.graph.input);
  const auto bytes = static_cast<std::size_t>(mudra::graph::element_count(input.shape)) *
                     (input.type == mudra::graph::Type::kInt8 ? 1 : 2);
  for (int i = 3; i < argc; ++i) {
    mudra::Random random(std::stoull(argv[1]), i);
    std::vector<std::uint8_t> frame(bytes);
    for (std::uint8_t& value : frame) value = static_cast<std::uint8_t>(random.bits());
    mudra::write_file(argv[i], frame);
  }
}
