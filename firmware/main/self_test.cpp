#include "self_test.hpp"

#include <algorithm>
#include <cstring>

namespace mudra::firmware {
device::TestOutcome run_test(InferenceEngine& engine, ModelPartition& partition, int index) {
  const device::ModelInfo& info = partition.info();
  device::TestOutcome test{.engine = engine.name(), .index = index, .passed = false, .node = {}};
  const auto input = partition.view().test_input(index).data, want = partition.view().test_output(index).data;
  if (input.size() < info.input_bytes() || want.size() < info.output_bytes()) return test;

  const auto put_input = [&] {
    std::memcpy(engine.input().data(), input.data(), std::min(info.input_bytes(), engine.input().size()));
  };
  put_input();
  if (!engine.run()) return test;
  const auto got = engine.output();
  const auto wanted = std::as_bytes(want.first(info.output_bytes()));
  for (int i = 0; i < info.output.channels && test.element < 0; ++i) {
    test.got = device::score_of(got, info.output.type, i);
    test.want = device::score_of(wanted, info.output.type, i);
    if (test.got != test.want) test.element = i;
  }
  test.passed = test.element < 0;
  if (test.passed) {
    test.got = test.want = 0;
    return test;
  }
  put_input();
  const int node = engine.first_wrong_node(device::Trace(partition.view(), index));
  if (node != device::kNoNode) test.node = partition.view().node(node).name();
  return test;
}

bool run_tests(Classifier& classifier, std::span<Conversation> talks, std::uint16_t tag) {
  bool passed = true;
  for (InferenceEngine* engine : classifier.engines()) {
    if (!engine->is_ready()) continue;
    for (int i = 0; i < classifier.info().tests; ++i) {
      device::TestOutcome test;
      classifier.in_inference_task([&] { test = run_test(*engine, classifier.model(), i); });
      for (Conversation& talk : talks) talk.send(test, tag);
      passed = passed && test.passed;
    }
  }
  return passed;
}

}  // namespace mudra::firmware
