// The HTML page that shows a whole run to people who would rather look than read: one file, no network, no
// script.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mudra/report/evaluation.hpp"

namespace mudra::report {

struct PageSample {
  std::vector<std::uint8_t> png;
  std::string actual;
  std::string by_float, by_integer;  // what the networks say
  double float_confidence = 0, integer_confidence = 0;
};

struct PageEpoch {
  int epoch = 0;
  double train_loss = 0, train_accuracy = 0, validation_loss = 0, validation_accuracy = 0;
};

// What the page's pictures are, beside those that were trained on: what all of its sentences say follows from
// it.
enum class PutAside {
  kPeople,  // of people that nothing was trained on
  kFrames,  // at random, of people that may have been trained on
  kGiven,   // by the split that the set states
};

// Whom the page's pictures show.
enum class People { kReal, kRendered, kBoth };

// A network trained and judged on shuffled frames of the same people, and on others.
struct RandomSplit {
  double own_accuracy = 0;  // on its own random test part
  std::size_t own_images = 0;
  std::size_t leaked = 0;  // of those, the ones with a near-copy in training
  Evaluation unseen;       // on the people the page is about
};

struct PageRecipe {
  std::string name, file;
  std::uint64_t bytes = 0, test_vector_bytes = 0;
  std::optional<std::size_t> arena_bytes;  // none: does not run on the chip
  double accuracy = 0;
  double agreement = 0;  // share of pictures with the float network's class
  double noise = 0;      // of the logits, mean of sum (q - f)^2 / sum f^2
};

struct PageLayer {
  std::string node;
  double graphwise = 0, layerwise = 0;
};

struct PageMemory {
  std::string svg;  // the arena over time
  struct Step {
    std::string makes;
    std::size_t bytes = 0;
    std::int64_t multiply_adds = 0;
  };
  std::vector<Step> steps;
  std::size_t arena_bytes = 0;
};

// What an inference costs on the chip: estimated, not measured.
struct PageCost {
  ChipTime time;
  double half_rate_us = 0;  // if 8-bit multiply-adds took two cycles each
  std::uint64_t instructions = 0;
  struct Node {
    std::string node, kernel, why;
    std::uint64_t instructions = 0, multiply_adds = 0;
    double us = 0;
  };
  std::vector<Node> nodes;
};

struct PageFile {
  std::string path, sha256;
  std::uint64_t bytes = 0;
};

// A line that was checked: "ONNX, read back" and "largest logit difference 1e-6".
struct PageProof {
  std::string claim, shown;
};

struct Page {
  std::string version;
  std::vector<std::string> data;  // names of the sets that were given, without their folders
  std::uint64_t seed = 0;
  PutAside put_aside = PutAside::kPeople;
  std::string given_part = {};  // of kGiven, the set's name for it: "test", or "valid" where it has no test
  People people = People::kReal;
  std::vector<PageSample> samples;
  std::vector<PageEpoch> epochs;
  Evaluation by_float, by_integer;          // on the same pictures
  std::string integer_name;                 // "best.espdl"
  std::optional<RandomSplit> random_split;  // only of a page that judges on other people
  std::vector<PageRecipe> recipes;          // the float network first
  std::vector<PageLayer> layers;            // of the integer network
  std::optional<PageMemory> memory;
  std::optional<PageCost> cost = {};  // of the integer network
  std::vector<PageProof> proofs;
  std::vector<std::string> commands;
  std::vector<PageFile> files;
  std::string processor;  // that latencies were measured on
};

// The whole page. What was timed is in the section "On this computer" only, between two comment lines; all
// else is the same for equal data.
std::string html_of(const Page& page);

}  // namespace mudra::report
