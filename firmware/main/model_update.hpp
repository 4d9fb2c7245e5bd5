// The commands `model`, `block` and `use`: another model over the line, tested before it is the one that is
// used.
#pragma once

#include "classifier.hpp"
#include "conversation.hpp"
#include "memory.hpp"
#include "model_transfer.hpp"

namespace mudra::firmware {

class ModelUpdate {
 public:
  explicit ModelUpdate(Classifier& classifier) : classifier_(classifier), transfer_(classifier.model()) {}

  // The transfer belongs to this conversation until the model is used or nothing of it has come for
  // kTransferTimeoutMs; on another one, `model` is refused meanwhile (`busy`).
  void announce(Conversation& talk, const device::Command& command);
  // A block is about to come. It is kept in kBlockBytes of memory until it is there: the flash cannot be
  // written while the line speaks, because erasing stops all that runs from it.
  void expect(Conversation& talk, const device::Command& command);
  void take(Conversation& talk, const device::Command& command);
  // A block of this conversation will not come.
  void forget_block(const Conversation& talk);
  // Whatever fails, the model from before is loaded again. True: what was loaded before is elsewhere now, and
  // pictures have to go there.
  bool use(Conversation& talk, const device::Command& command);

 private:
  bool fail(Conversation& talk, const device::Command& command);
  bool is_announced_by(Conversation& talk, const device::Command& command);
  bool try_out(Conversation& talk, const device::Command& command);
  bool tell_used(Conversation& talk, const device::Command& command);

  Classifier& classifier_;
  ModelTransfer transfer_;
  // Who announced the model, and until when nobody else may unless more of it comes.
  const Conversation* owner_ = nullptr;
  std::int64_t owned_until_us_ = 0;
  Block block_;  // the owner's, while it comes
};

}  // namespace mudra::firmware
