#include "mudra/train/train_step.hpp"

#include <algorithm>

#include "mudra/base/error.hpp"
#include "mudra/train/training_plan.hpp"

namespace mudra::train {
namespace {

int checked_batch(int max_batch) {
  constexpr int kLargestBatch = 4096;
  if (max_batch < 1 || max_batch > kLargestBatch)
    fail("batches of {} images: must be from 1 to {}", max_batch, kLargestBatch);
  return max_batch;
}

}  // namespace

struct TrainStep::Workspace {
  const graph::Graph& network;
  Tape tape;
  TrainingPlan plan;
  std::size_t input_size, classes;
  std::vector<float> logits, logit_gradients;  // [B, classes]

  Workspace(graph::Graph& net, int max_batch)
      : network(net), tape(net, checked_batch(max_batch)), plan(plan_training(net, tape)) {
    if (network.tensor(network.output).layout != graph::Layout::kNc)
      fail("'{}' is no row of scores", network.tensor(network.output).name);
    input_size = static_cast<std::size_t>(graph::element_count(network.tensor(network.input).shape));
    classes = static_cast<std::size_t>(network.tensor(network.output).shape[1]);
    tape.batch = BatchWork(plan.scratch_floats);
  }

  void forward(std::span<const float> images, double momentum);
  void backward();
};

void TrainStep::Workspace::forward(std::span<const float> images, double momentum) {
  const std::size_t count = images.size() / input_size;
  if (count < 1 || count > static_cast<std::size_t>(tape.max_batch()) || count * input_size != images.size())
    fail("a batch of {} pixels: must be 1 to {} images of {}", images.size(), tape.max_batch(), input_size);
  if (count * static_cast<std::size_t>(plan.least_normalised_pixels) < 2)
    fail("a batch of one image whose last map is one pixel has no variance to normalise by");
  tape.batch.begin(static_cast<int>(count));
  tape.images = images.data();
  tape.momentum = momentum;
  for (const auto& step : plan.steps) {
    step->forward(tape);
    for (const graph::TensorIndex input : step->inputs()) tape.settle(input);
  }
  logits.resize(count * classes);
  tape.batch.for_each_image([&](int image, float* scratch) {
    std::copy_n(tape.values(network.output, image, scratch), classes,
                logits.data() + static_cast<std::size_t>(image) * classes);
  });
  tape.settle(network.output);
}

// From logit_gradients.
void TrainStep::Workspace::backward() {
  auto gradient = tape.new_gradient(network.output);
  for (int image = 0; image < tape.batch.images(); ++image) {
    std::fill_n(gradient->of(image), gradient->floats(), 0.0f);
    std::copy_n(logit_gradients.data() + static_cast<std::size_t>(image) * classes, classes,
                gradient->of(image));
  }
  tape.add_gradient(network.output, std::move(gradient));
  for (auto step = plan.steps.rbegin(); step != plan.steps.rend(); ++step) {
    if ((*step)->inputs().empty()) continue;
    (*step)->backward(tape);
    tape.drop_gradient((*step)->output());
  }
}

TrainStep::TrainStep(graph::Graph& network, int max_batch)
    : workspace_(std::make_unique<Workspace>(network, max_batch)) {}
TrainStep::TrainStep(TrainStep&&) noexcept = default;
TrainStep::~TrainStep() = default;

BatchResult TrainStep::forward_backward(std::span<const float> images, std::span<const std::int32_t> labels) {
  Workspace& work = *workspace_;
  if (labels.size() * work.input_size != images.size())
    fail("{} labels for {} pixels of {} images", labels.size(), images.size(),
         images.size() / work.input_size);
  for (const std::int32_t label : labels)
    if (label < 0 || static_cast<std::size_t>(label) >= work.classes)
      fail("label {}: must be from 0 to {}", label, work.classes - 1);
  work.forward(images, kStatisticsMomentum);
  work.logit_gradients = work.logits;
  const BatchResult result = cross_entropy_gradients(work.logit_gradients, labels);
  work.backward();
  return result;
}

void TrainStep::update_statistics(std::span<const float> images, double momentum) {
  workspace_->forward(images, momentum);
}

const Gradients& TrainStep::gradients() const { return workspace_->tape.parameters.gradients(); }

std::span<const float> TrainStep::logits() const { return workspace_->logits; }

}  // namespace mudra::train
