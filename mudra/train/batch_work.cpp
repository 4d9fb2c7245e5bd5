#include "mudra/train/batch_work.hpp"

#include "mudra/base/threads.hpp"

namespace mudra::train {

void BatchWork::begin(int images) {
  images_ = images;
  while (scratch_.size() < static_cast<std::size_t>(thread_count())) scratch_.emplace_back(scratch_floats_);
}

}  // namespace mudra::train
