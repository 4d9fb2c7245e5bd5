// A model's way onto a board: checked, planned, and written as a project.
#pragma once

#include <string>

#include "mudra/deploy/deployment.hpp"

namespace mudra::pipeline {

struct DeploySettings {
  std::string model;        // an .espdl
  std::string out;          // the folder to write
  std::string classes{};    // "A,B,...", for a model that does not name them
  std::string normalize{};  // none, imagenet or "MEAN/STD", for a network that does not state it
  std::string board = "generic", engine = "mudra";
  std::string weights{};     // ram or flash; empty: ram where that fits inside of the chip
  std::string flash_size{};  // in megabytes; empty: the board's
  bool replace = false;      // a project that mudra wrote is written anew
};

// Writes the ESP-IDF project if the model fits. Throws Error for what is no model and for what is in the way.
deploy::Deployment deploy_model(const DeploySettings& settings);

}  // namespace mudra::pipeline
