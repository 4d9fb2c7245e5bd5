#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>

#include "mudra/base/error.hpp"
#include "mudra/base/output.hpp"
#include "mudra/base/progress.hpp"
#include "mudra/cli/answer.hpp"
#include "mudra/cli/board_options.hpp"
#include "mudra/cli/board_report.hpp"
#include "mudra/cli/commands.hpp"
#include "mudra/deploy/transfer.hpp"

namespace mudra::cli {
namespace {

struct SendOptions {
  std::string model, port;
  double patience_s = kPatienceSeconds;
  bool json = false, verbose = false;
};

deploy::Board board_of(const SendOptions& options) {
  auto config = board_config(options.patience_s, [](const std::string& text) { print_err("{}\n", text); });
  if (options.verbose) config.log = [](std::string_view line) { print_err("| {}\n", line); };
  return {options.port, std::move(config)};
}

// What is used in the end, where the board refused the model.
std::string model_kept(deploy::Board& board) {
  const auto model = board.ask({.verb = device::Verb::kInfo}).one<device::Model>();
  if (model.bytes == 0) return "; it has no model";
  return fmt::format("; it goes on with the model it had, {} bytes with CRC-32 {:08x}", model.bytes,
                     model.crc32.value);
}

Answer run_send(const SendOptions& options) {
  const deploy::DeployModel model = deploy::load_deploy_model(options.model);
  with_context(options.model, [&] { static_cast<void>(deploy::info_on_board(model)); });
  deploy::Board board = board_of(options);
  const deploy::Answer info = board.ask({.verb = device::Verb::kInfo});
  const auto image = with_context(options.model, [&] {
    auto bytes = deploy::image_for(model, info);
    deploy::check_room(info, bytes.size());
    return bytes;
  });

  const auto start = std::chrono::steady_clock::now();
  deploy::Sent sent;
  {
    constexpr std::chrono::milliseconds kBetweenLines{500};
    Progress progress("send", image.size(), "bytes", kBetweenLines);
    std::size_t shown = 0;
    sent = deploy::send_model(board, image, [&](std::size_t there) {
      if (there > shown) progress.advance(there - shown);
      shown = std::max(shown, there);
    });
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();

  const bool used = sent.answer.refusal().empty();
  Answer answer;
  answer.json = {{"bytes", image.size()},
                 {"model_bytes", model.bytes.size()},
                 {"crc32", fmt::format("{:08x}", device::crc32(model.bytes))},
                 {"found", sent.found},
                 {"blocks", sent.blocks},
                 {"seconds", seconds},
                 {"used", used},
                 {"selftest", json_of_tests(sent.answer)}};
  answer.text = fmt::format("{} bytes in {} blocks, {:.2f} s", image.size(), sent.blocks, seconds);
  if (sent.found > 0) answer.text += fmt::format("; {} were there already", sent.found);
  answer.text += "\n" + text_of_tests(sent.answer);
  if (used) {
    const auto slot = sent.answer.one<device::Slot>();
    answer.json["slot"] = slot.index;
    answer.json["sequence"] = slot.sequence;
    answer.text += fmt::format("used from now on: {} bytes with CRC-32 {:08x}, slot {}, sequence {}\n",
                               model.bytes.size(), device::crc32(model.bytes), slot.index, slot.sequence);
  } else {
    answer.json["refusal"] = sent.answer.refusal();
    answer.failure = sent.answer.refusal() + model_kept(board);
  }
  return answer;
}

}  // namespace

void add_send(CLI::App& app) {
  const auto options = std::make_shared<SendOptions>();
  CLI::App* command = app.add_subcommand("send", "Give a board another model, over its serial port");
  command->add_option("MODEL", options->model, "An .espdl file")->required();
  command->add_option("--port", options->port, "/dev/ttyUSB0, /dev/ttyACM0, ...")->required();
  add_patience(*command, options->patience_s);
  command->add_flag("--verbose", options->verbose, "Show the log of the board's system on stderr");
  command->add_flag("--json", options->json,
                    "Print {bytes, crc32, found, blocks, seconds, used, selftest, slot, sequence, refusal}");
  command->footer("\nExample:\n  mudra send run/best.espdl --port /dev/ttyUSB0");
  command->callback([options] { say(run_send(*options), options->json); });
}

}  // namespace mudra::cli
