// A board that a test scripts, on a pseudo-terminal: it answers commands as the protocol says, and can damage
// what passes, be reset, be unplugged and fall silent. And a client whose messages are kept.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "mudra/deploy/board.hpp"
#include "mudra/device/protocol.hpp"
#include "mudra/device/replies.hpp"
#include "tests/data/temporary_folder.hpp"

namespace mudra::deploy {

class PtyBoard {
 public:
  static constexpr std::uint32_t kPictureBytes = 9216;

  // What the board does for a command; called on the board's own thread.
  using Script = std::function<void(PtyBoard&, const device::Command&)>;
  // May change what passes: bytes as they were read, or a line about to be sent.
  using Damage = std::function<void(std::string&)>;

  explicit PtyBoard(Script script, Damage on_arrival = {}, Damage on_sending = {})
      : script_(std::move(script)), on_arrival_(std::move(on_arrival)), on_sending_(std::move(on_sending)) {
    plug_in();
    thread_ = std::thread([this] { run(); });
  }
  PtyBoard(const PtyBoard&) = delete;
  PtyBoard& operator=(const PtyBoard&) = delete;
  ~PtyBoard() {
    stop_ = true;
    thread_.join();
    unplug();
  }

  // A name that stays, whatever terminal is behind it.
  std::filesystem::path path() const { return folder_ / "tty"; }

  // For scripts.
  template <typename Reply>
  void reply(const Reply& reply, std::uint16_t tag) {
    send(std::string(device::line_of(reply).end(tag)));
  }
  void done(const device::Command& command) { reply(device::Done{name_of(command.verb)}, command.tag); }
  void send(std::string bytes) {
    if (on_sending_) on_sending_(bytes);
    static_cast<void>(!::write(line_, bytes.data(), bytes.size()));
  }
  // Forgets what was on its way, and says that it is there again.
  void reset() {
    reader_ = device::CommandReader(picture_, sizes());
    arrived_.clear();
    reply(device::Boot{.firmware = "1.0", .reset = "external"}, 0);
  }
  void unplug() {
    std::filesystem::remove(path());
    if (other_ >= 0) ::close(other_);
    if (line_ >= 0) ::close(line_);
    line_ = other_ = -1;
  }
  void plug_in() {
    reader_ = device::CommandReader(picture_, sizes());
    arrived_.clear();
    line_ = ::posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);  // what nobody reads is lost, as on a real line
    ASSERT_TRUE(line_ >= 0 && ::grantpt(line_) == 0 && ::unlockpt(line_) == 0);
    const std::string name = ::ptsname(line_);
    other_ = ::open(name.c_str(), O_RDWR | O_NOCTTY);  // so that a client may come and go
    termios settings{};
    ::tcgetattr(other_, &settings);
    ::cfmakeraw(&settings);
    ::tcsetattr(other_, TCSANOW, &settings);
    std::filesystem::create_symlink(name, path());
  }
  // The picture or block that came with the command.
  std::vector<std::uint8_t> data() const { return {reader_.data().begin(), reader_.data().end()}; }

 private:
  static device::CommandReader::ImageSizes sizes() { return {.gray = kPictureBytes, .input = kPictureBytes}; }

  void run() {
    while (!stop_) {
      constexpr int kPatienceMs = 5;
      pollfd waiting{.fd = line_, .events = POLLIN, .revents = 0};
      if (line_ < 0 || ::poll(&waiting, 1, kPatienceMs) <= 0 || (waiting.revents & POLLIN) == 0) continue;
      char bytes[512];
      const ssize_t count = ::read(line_, bytes, sizeof bytes);
      if (count <= 0) continue;
      arrived_.assign(bytes, static_cast<std::size_t>(count));
      if (on_arrival_) on_arrival_(arrived_);
      const std::string now = std::exchange(arrived_, {});
      for (const char byte : now) take(byte);
    }
  }

  void take(char byte) {
    using Event = device::CommandReader::Event;
    const Event event = reader_.push(byte);
    const device::Command command = reader_.command();
    if (event == Event::kReady) {
      if (command.verb == device::Verb::kBlock) reader_.receive_block(block_);
      reply(device::Ready{command.bytes}, command.tag);
    }
    if (event == Event::kRefused)
      reply(device::Failure{reader_.refused(), name_of(reader_.refusal()), describe(reader_.refusal())},
            command.tag);
    if (event == Event::kCommand) script_(*this, command);
  }

  data::TemporaryFolder folder_;
  Script script_;
  Damage on_arrival_, on_sending_;
  std::vector<std::uint8_t> picture_ = std::vector<std::uint8_t>(kPictureBytes);
  std::vector<std::uint8_t> block_ = std::vector<std::uint8_t>(device::kBlockBytes);
  device::CommandReader reader_{picture_, sizes()};
  std::string arrived_;
  int line_ = -1, other_ = -1;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

// Turns a bit of the byte behind `mark`, so many times, in however many pieces they come.
inline PtyBoard::Damage damage(std::string mark, int times = 1) {
  struct Seen {
    std::string bytes;
    int left = 0;
  };
  auto seen = std::make_shared<Seen>(Seen{.bytes = {}, .left = times});
  return [mark = std::move(mark), seen = std::move(seen)](std::string& bytes) {
    if (seen->left == 0) return;
    const std::size_t before = seen->bytes.size();
    seen->bytes += bytes;
    const std::size_t at = seen->bytes.find(mark);
    if (at == std::string::npos || at + mark.size() >= seen->bytes.size()) return;
    char& behind = bytes[at + mark.size() - before];
    behind = static_cast<char>(behind ^ 1);
    seen->bytes.erase(0, at + mark.size());
    --seen->left;
  };
}

inline constexpr std::chrono::milliseconds kSilence{800};

struct Client {
  std::vector<std::string> told, logged;
  Board board;

  explicit Client(const std::filesystem::path& path,
                  std::chrono::milliseconds reconnect = std::chrono::milliseconds(3000),
                  std::chrono::milliseconds silence = kSilence)
      : board(path, {.silence = silence,
                     .reconnect = reconnect,
                     .tell = [this](const std::string& text) { told.push_back(text); },
                     .log = [this](std::string_view line) { logged.emplace_back(line); }}) {}
};

}  // namespace mudra::deploy
