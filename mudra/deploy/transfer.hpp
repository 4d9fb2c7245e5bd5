// A model over the serial line into the slot that a board does not use (device/model_slots.hpp), tested there
// and used from then on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include "mudra/deploy/board.hpp"
#include "mudra/deploy/deployment.hpp"

namespace mudra::deploy {

// What is sent of a model: its bytes and, if the board has mudra's engine, its packed weights behind them, as
// plan_deployment() has them flashed. `info`: what the board answered.
std::vector<std::uint8_t> image_for(const DeployModel& model, const Answer& info);

// Throws Error, with the sizes, when the board has no slot for so many bytes.
void check_room(const Answer& info, std::size_t bytes);

struct Sent {
  std::size_t found = 0;   // bytes that were there already, of a transfer that was broken off
  std::size_t blocks = 0;  // sent, those again that were damaged not counted twice
  Answer answer;  // to `use`: tests, engines, the slot; or why the board goes on with the model it had
};

// Sends what is not there yet and has it used. Goes on after damage, silence and resets as Board does; throws
// Error when the board cannot be made to take a block. `tell` gets the bytes that are there.
Sent send_model(
    Board& board, std::span<const std::uint8_t> image,
    const std::function<void(std::size_t)>& tell = [](std::size_t) {});

}  // namespace mudra::deploy
