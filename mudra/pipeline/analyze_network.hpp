// What quantizing cost a network, layer by layer, on a set of pictures.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "mudra/quant/analysis.hpp"
#include "mudra/quant/judge.hpp"

namespace mudra::pipeline {

struct AnalyzeSettings {
  std::string model;              // the float network
  std::string espdl;              // what was made of it
  std::vector<std::string> sets;  // labels are not needed
  std::string normalize{};        // none, imagenet or "MEAN/STD", for a network that does not state it
  int threads = 0;
};

struct Analyzed {
  quant::Analysis analysis;  // of up to quant::kAnalyzedPictures
  quant::OutputError error;  // of all
  std::string set;
  std::size_t pictures = 0;
};

// Throws Error, for networks that are not of one origin too.
Analyzed analyze_network(const AnalyzeSettings& settings);

}  // namespace mudra::pipeline
