// Everything around the story of reproduce.cpp: its options, the page it ends in, the summary.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "mudra/pipeline/steps.hpp"

namespace mudra::cli {

struct Reproduction {
  std::string out;                // the folder
  std::vector<std::string> data;  // sets; empty: the built-in hands
  std::string split;              // what is put aside to judge by, and in training; empty: not chosen yet
  std::string recorded;           // runs of a real chip to compute again; empty: none
  std::uint64_t seed = 1;
  int hands = 16000;  // freshly rendered ones an epoch
  int epochs = 8;
  bool json = false;
};

void add_options(CLI::App& command, Reproduction& run);

// Unless it was chosen: the split that the sets state, else by people.
void choose_split(Reproduction& run);

// Does the steps, writes OUT/report.html and prints the summary. Throws Error as run_steps does.
void reproduce(const Reproduction& run, const std::vector<pipeline::Step>& steps);

}  // namespace mudra::cli
