// A board on this PC with a console, and the other ends of its sockets.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "console.hpp"
#include "mudra_engine.hpp"
#include "simulated_board.hpp"
#include "tasks.hpp"
#include "tests/firmware/gesture_model.hpp"

namespace mudra::firmware {

// A line the board sent. Its texts live as long as the BoardOnPc.
struct SentLine {
  std::string text;  // as it came
  device::Line line;
};

inline constexpr device::PictureShape kColor{.height = 40, .width = 64, .channels = 3};

inline host::Hardware board_with(const format::EspdlFile& file) {
  host::Hardware hardware;
  hardware.model = format::write_espdl(file);
  return hardware;
}

// All lines of a kind, as what they say.
template <typename Reply>
std::vector<Reply> all(const std::vector<SentLine>& lines) {
  std::vector<Reply> result;
  for (const SentLine& sent : lines) {
    Reply reply;
    if (device::read(sent.line, reply)) result.push_back(reply);
  }
  return result;
}

template <typename Reply>
Reply only(const std::vector<SentLine>& lines) {
  const auto found = all<Reply>(lines);
  EXPECT_EQ(found.size(), 1u) << Reply::kKind;
  return found.empty() ? Reply{} : found[0];
}

inline std::vector<int> scores_of(const std::vector<SentLine>& lines) {
  std::vector<int> values;
  for (const auto& score : all<device::Score>(lines)) values.push_back(score.value);
  return values;
}

// "ok", or the code of the error that ends an answer.
inline std::string end_of(const std::vector<SentLine>& lines) {
  if (lines.empty()) return "no answer";
  device::Failure failure;
  return device::read(lines.back().line, failure) ? std::string(failure.code)
                                                  : std::string(lines.back().line.kind);
}

// A start of the firmware as app_main makes it, with engines that the test chooses. One at a time: there is
// one board.
class BoardOnPc {
 public:
  enum Socket { kUart, kUsb };
  enum class Plugged { kBoth, kUartOnly };

  explicit BoardOnPc(host::Hardware hardware, std::vector<InferenceEngine*> chosen = {},
                     Plugged plugged = Plugged::kBoth)
      : engines_(std::move(chosen)) {
    for (auto& ends : ends_) {
      EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
      constexpr int kRoom = 1 << 20;  // for a picture in lines, which say() reads afterwards
      EXPECT_EQ(setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &kRoom, sizeof kRoom), 0);
    }
    hardware.uart = ends_[kUart][0];
    if (plugged == Plugged::kBoth) hardware.usb = ends_[kUsb][0];
    host::power_on(hardware);
    if (engines_.empty()) engines_.push_back(&own_);
    EXPECT_TRUE(uart_.open());
    EXPECT_TRUE(usb_.open());
    moments_.boot = measure_memory("boot");
    classifier_ = std::make_unique<Classifier>(Classifier::Parts{.partition = partition_,
                                                                 .engines = engines_,
                                                                 .camera = camera_,
                                                                 .moments = moments_,
                                                                 .decision = at_once,
                                                                 .inference = inference_,
                                                                 .gestures = &gestures_});
    EXPECT_TRUE(gestures_.open());
    static_cast<void>(inference_.start());  // where there is memory for its stack
    classifier_->load();
    moments_.loaded = measure_memory("loaded");
    console_ = std::make_unique<Console>(conversations_, *classifier_, moments_);
  }
  BoardOnPc(const BoardOnPc&) = delete;
  BoardOnPc& operator=(const BoardOnPc&) = delete;
  ~BoardOnPc() {
    for (auto& ends : ends_)
      for (const int end : ends) close(end);
  }

  Console& console() { return *console_; }
  GestureEvents& gestures() { return gestures_; }  // without a task
  ModelPartition& partition() { return partition_; }

  SerialPort& uart() { return uart_; }
  SerialPort& usb() { return usb_; }

  void send(std::string_view bytes, Socket socket = kUart) {
    EXPECT_EQ(write(ends_[socket][1], bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  }

  // Whether the board has said what was not read yet.
  bool has_said(Socket socket) const {
    pollfd end{.fd = ends_[socket][1], .events = POLLIN, .revents = 0};
    return poll(&end, 1, 0) == 1;
  }

  // What the board answers to these bytes. Every line is undamaged.
  std::vector<SentLine> say(std::string_view bytes, Socket socket = kUart) {
    std::string answer;
    // In pieces, because the line takes only so much.
    do {
      const std::size_t count = std::min<std::size_t>(bytes.size(), 1000);
      send(bytes.substr(0, count), socket);
      bytes.remove_prefix(count);
      for (int i = 0; i < 40; ++i) {
        console_->step(0);
        answer += receive(socket);
      }
    } while (!bytes.empty());
    return lines_of(answer);
  }

  std::vector<SentLine> say(const device::Command& command) {
    return say(device::command_line(command).end(command.tag));
  }

  // Sends a picture and returns the answers behind `ready`.
  std::vector<SentLine> show(device::ImageKind kind, std::span<const std::uint8_t> picture,
                             std::uint16_t tag = 0) {
    auto ready = say(device::Command{.verb = device::Verb::kImage,
                                     .tag = tag,
                                     .image = kind,
                                     .bytes = static_cast<std::uint32_t>(picture.size()),
                                     .checksum = device::crc32(picture)});
    if (ready.size() != 1 || ready[0].line.kind != "ready") return ready;
    std::string data;
    for (std::size_t at = 0; at < picture.size(); at += device::kDataBytes)
      data += device::data_line(picture.subspan(at, std::min(device::kDataBytes, picture.size() - at))).end();
    return say(data);
  }

 private:
  static device::SmoothingRule at_once(const device::ModelInfo& info) {
    device::SmoothingRule rule = info.decision;
    rule.pictures = 1;
    return rule;
  }

  std::string receive(Socket socket) {
    std::string bytes;
    char some[4096];
    for (ssize_t count = 0; (count = read(ends_[socket][1], some, sizeof some)) > 0;)
      bytes.append(some, static_cast<std::size_t>(count));
    return bytes;
  }

  std::vector<SentLine> lines_of(std::string_view bytes) {
    std::vector<SentLine> lines;
    for (std::size_t end = 0; (end = bytes.find("\r\n")) != std::string_view::npos;
         bytes.remove_prefix(end + 2)) {
      std::string& text = texts_.emplace_back(bytes.substr(0, end));
      SentLine& sent = lines.emplace_back(SentLine{.text = text, .line = {}});
      EXPECT_EQ(device::parse_line(text, sent.line), device::LineStatus::kOk) << sent.text;
      EXPECT_TRUE(sent.line.checked) << sent.text;
    }
    EXPECT_TRUE(bytes.empty()) << bytes;
    return lines;
  }

  int ends_[2][2] = {{-1, -1}, {-1, -1}};  // of each socket, the board's first
  std::deque<std::string> texts_;          // of all lines, taken apart in place
  MudraEngine own_;
  std::vector<InferenceEngine*> engines_;
  UartPort uart_;
  UsbPort usb_;
  Conversation conversations_[2] = {Conversation(uart_), Conversation(usb_)};
  ModelPartition partition_;
  Camera camera_;
  MemoryMoments moments_;
  GestureEvents gestures_;
  Worker inference_{"inference", kInferenceStackBytes, 1};
  std::unique_ptr<Classifier> classifier_;
  std::unique_ptr<Console> console_;
};

}  // namespace mudra::firmware
