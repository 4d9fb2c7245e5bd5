#include "mudra/device/s3/routine.hpp"

#ifndef __XTENSA__

namespace mudra::device::s3 {
namespace {

thread_local Executor* current = nullptr;

}  // namespace

void execute_with(Executor* executor) { current = executor; }
Executor& executor() { return *current; }

}  // namespace mudra::device::s3

#endif
