// Exponents that lessen the error of the outputs, tried one after the other.
#pragma once

#include "mudra/graph/graph.hpp"
#include "mudra/quant/judge.hpp"
#include "mudra/quant/scheme.hpp"

namespace mudra::quant {

enum class Searched { kActivations, kActivationsAndWeights };

// Moves the exponent of one site (or weight) after the other up or down by one and keeps what `judge` likes
// better of what keeps the chip's rules, until a round over all of them, or `most_rounds`, improve nothing.
// The input keeps its exponent. Returns the error reached. Throws Error when interrupted; shows progress.
OutputError search_exponents(const graph::Graph& network, Scheme& scheme, const Judge& judge,
                             Searched searched, int most_rounds);

}  // namespace mudra::quant
