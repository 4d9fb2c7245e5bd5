#include "mudra/quant/quantize.hpp"

#include "mudra/quant/integer_graph.hpp"
#include "mudra/quant/search.hpp"

namespace mudra::quant {
namespace {

// Of the search: enough to tell exponents apart, few enough to take less time than the calibration.
constexpr std::size_t kSearchPictures = 48;
constexpr int kSearchRounds = 2;

}  // namespace

Quantized quantize(const graph::Graph& network, const NodeBits& bits, const Pictures& pictures,
                   Calibration calibration, const IntegerRun& run) {
  Scheme scheme = calibrated(network, bits, pictures, calibration);
  if (calibration == Calibration::kSearch)
    search_exponents(network, scheme, Judge(network, pictures, kSearchPictures, run), Searched::kActivations,
                     kSearchRounds);
  graph::Graph integer = integer_graph(network, scheme);
  return {network, std::move(scheme), std::move(integer)};
}

}  // namespace mudra::quant
