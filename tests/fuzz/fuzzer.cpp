// libFuzzer's entry point for the reader MUDRA_FUZZ_TARGET.
#include "tests/fuzz/targets.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  mudra::fuzz::MUDRA_FUZZ_TARGET({data, size});
  return 0;
}
