// A conversation with a board on a serial port (device/protocol.hpp): commands out, answers back, over a line
// that may be noisy and a board that may be reset or unplugged meanwhile.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mudra/base/error.hpp"
#include "mudra/deploy/board_picture.hpp"
#include "mudra/deploy/serial_port.hpp"
#include "mudra/device/protocol.hpp"
#include "mudra/device/replies.hpp"

namespace mudra::deploy {

// The lines a board answered with before its `ok` or `error`.
class Answer {
 public:
  // Why the board refused, in its words; empty: it did not.
  const std::string& refusal() const { return refusal_; }
  // name_of(device::Refusal) of it.
  const std::string& refusal_code() const { return refusal_code_; }
  void refuse(std::string why, std::string code) {
    refusal_ = std::move(why);
    refusal_code_ = std::move(code);
  }

  // Keeps a line, whose text is copied.
  void add(std::string_view text);

  // Every reply of one kind, in order. Its texts live as long as the answer.
  template <typename Reply>
  std::vector<Reply> all() const {
    std::vector<Reply> replies;
    for (const Kept& kept : lines_) {
      Reply reply;
      if (device::read(kept.line, reply)) replies.push_back(reply);
    }
    return replies;
  }

  // The only reply of a kind. Throws Error when there is none: it was lost on the line.
  template <typename Reply>
  Reply one() const {
    const auto replies = all<Reply>();
    if (replies.empty()) fail("the board's answer has no '{}' line", Reply::kKind);
    return replies.front();
  }

 private:
  struct Kept {
    std::string text;
    device::Line line;
  };
  std::deque<Kept> lines_;  // which do not move
  std::string refusal_, refusal_code_;
};

// Agreed on with boards, where the line does it.
inline constexpr int kFastRate = 1'000'000;

class Board {
 public:
  struct Config {
    std::chrono::milliseconds silence{5 *
                                      device::kMaxSilenceMs};  // without a sign of life: it is taken for dead
    std::chrono::milliseconds reconnect{30'000};               // how long a vanished port may stay away
    int attempts = 3;                                          // for one command
    int rate = device::kBaudRate;  // to be agreed on with a board that has spoken, if the line does it
    // What a person should know: "the board was reset (watchdog); trying again". And the board's own log.
    std::function<void(const std::string&)> tell = [](const std::string&) {};
    std::function<void(std::string_view)> log = [](std::string_view) {};
    // Asked now and then, as after Ctrl-C: whether what is asked of the board is wanted no more.
    std::function<bool()> is_over = [] { return false; };
  };

  // Opens the port. Throws Error, as every call below: with the port's path in front, kInterrupted after
  // Ctrl-C. Only answers to the command that was asked are a sign of life. Without one for `silence` a board
  // that has spoken the protocol is asked again, anything else given up: the error has the last lines heard
  // and, where they are known (port_talk.hpp), what they mean.
  Board(std::filesystem::path port, Config config);
  ~Board();

  // Gets each line of an answer as it comes, which is then not kept; false ends the answer there.
  using OnLine = std::function<bool(const device::Line&)>;

  // Sends a command and collects its answer, again when the line or the board failed on the way. Throws Error
  // for what the board refuses, in its words.
  Answer ask(const device::Command& command, const OnLine& on_line = {});
  // The same, with the board's refusal in the answer.
  Answer try_ask(const device::Command& command, const OnLine& on_line = {});
  // The same with data that the board takes after `ready`.
  Answer try_give(const device::Command& command, std::span<const std::uint8_t> data);

  // The same with a picture, of which kind and how many bytes the board says.
  Answer classify(device::ImageKind kind, std::span<const std::uint8_t> picture);

  // The picture that the network saw last or, with `camera`, the whole of what the camera sees next. Asked
  // for again, `attempts` times in all, when it came damaged.
  BoardPicture snap(bool camera = false);

  // What the camera sees, until `on_frame` returns false or Ctrl-C; starts again after a reset, but not after
  // `attempts` in a row that gave no frame.
  void stream(const std::function<bool(const device::Frame&)>& on_frame);

  // The same with the picture of each frame. Throws Error when ten in a row came damaged, or data comes
  // without end.
  using OnPicture = std::function<bool(const StreamedPicture&)>;
  void stream_pictures(const OnPicture& on_picture);

 private:
  enum class Outcome {
    kWaiting,
    kDone,
    kReady,
    kRefused,
    kDamaged,
    kBusy,
    kNoise,
    kReset,
    kSilent,
    kGone,
    kStopped
  };

  Answer accepted(Answer answer) const;
  void stream(const device::Command& command, const OnLine& on_line);
  Answer insist(const device::Command& command, std::span<const std::uint8_t> data, const OnLine& on_line);
  Outcome converse(const device::Command& command, std::span<const std::uint8_t> data, const OnLine& on_line,
                   Answer& answer);
  Outcome send_data(std::span<const std::uint8_t> data);
  Outcome await(const OnLine& on_line, Answer& answer, std::chrono::milliseconds silence);
  Outcome read_some(std::chrono::milliseconds timeout, const OnLine& on_line, Answer& answer);
  Outcome take_line(std::string_view text, const OnLine& on_line, Answer& answer);
  Outcome send(std::string_view text);
  std::string silence_explained() const;
  void agree_on_rate();
  bool ask_for_rate(std::chrono::milliseconds patience);
  void slow_down();
  bool is_over() const;
  void stop_if_over() const;
  void next_tag();
  void settle();
  void recover(Outcome outcome);
  void reopen();

  std::filesystem::path path_;
  Config config_;
  std::unique_ptr<SerialPort> port_;
  device::LineReader lines_;
  std::string unread_;     // bytes behind the line that ended an answer
  std::string heard_;      // the last bytes behind the last line of the protocol
  std::string asked_;      // the command that is being answered, as a line
  std::uint16_t tag_ = 0;  // of it
  bool answered_ = false;  // whether a line with this tag came since this was set to false
  bool known_ = false;     // whether anything that came was the protocol
  bool working_ = false;   // whether the board does something that has not ended
  bool damaged_ = false;   // whether a line came whose checksum is wrong
  int rate_ = device::kBaudRate;
  int rates_left_ = 3;  // so often a faster one is agreed on
  int noise_ = 0;       // bytes that were no text since the last line of the protocol
  std::chrono::steady_clock::time_point said_at_;  // the last that was sent
  std::string why_;                                // of the last outcome that was not good
  std::string code_;                               // of the last refusal
};

}  // namespace mudra::deploy
