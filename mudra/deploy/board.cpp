#include "mudra/deploy/board.hpp"

#include <algorithm>
#include <array>
#include <random>
#include <thread>
#include <utility>

#include "mudra/base/interrupt.hpp"
#include "mudra/deploy/port_talk.hpp"
#include "mudra/device/probabilities.hpp"

namespace mudra::deploy {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kStep{100};   // between two looks at Ctrl-C
constexpr milliseconds kSettle{50};  // of silence after which a line is quiet
constexpr milliseconds kMostSettle{2000};
// A faster rate holds while the board hears something.
constexpr milliseconds kKeepRate{device::kBaudSilenceMs / 6}, kSureRate{device::kBaudSilenceMs / 2};
constexpr milliseconds kSwitch{20};          // a board needs to change its rate
constexpr milliseconds kQuick{500};          // for an answer to `baud`
constexpr int kMostNoise = 8;                // bytes that are no text: more is another rate
constexpr milliseconds kOtherPicture{1500};  // what the board's other socket needs for one
constexpr int kMostBadPictures = 10;         // in a row
// Of a stream from one frame to the next: twice what the largest picture is.
constexpr int kMostPictureLines =
    2 * 3 * device::kMaxPictureSide * device::kMaxPictureSide / static_cast<int>(device::kDataBytes);
constexpr std::size_t kMostHeard = 4096;  // bytes kept, and one reading more, to tell what is on the port

// Refusals that come of what happened on the way and not of what was asked.
bool is_damage(std::string_view code) {
  using device::Refusal;
  for (const Refusal refusal : {Refusal::kLine, Refusal::kImageData, Refusal::kImageCut,
                                Refusal::kImageTimeout, Refusal::kImageChecksum, Refusal::kStrayData})
    if (code == name_of(refusal)) return true;
  return false;
}

// Takes `text` apart where it lies, with a space for every control character that an escape stood for: what
// a board calls something goes into tables and messages.
device::LineStatus parse_shown(std::string& text, device::Line& line) {
  const device::LineStatus status = device::parse_line(text, line);
  std::ranges::replace_if(
      text, [](char byte) { return (byte >= 0 && byte < ' ') || byte == '\x7f'; }, ' ');
  return status;
}

void note_percent(const device::Score& score, std::vector<double>& percents) {
  if (score.index < 0 || score.index >= device::kMaxClasses) return;
  const auto index = static_cast<std::size_t>(score.index);
  if (percents.size() <= index) percents.resize(index + 1);
  percents[index] = score.percent.value / 100.0;
}

}  // namespace

void Answer::add(std::string_view text) {
  Kept& kept = lines_.emplace_back();
  kept.text = text;
  static_cast<void>(parse_shown(kept.text, kept.line));
}

Board::Board(std::filesystem::path port, Config config)
    : path_(std::move(port)), config_(std::move(config)), port_(std::make_unique<SerialPort>(path_)) {
  tag_ = static_cast<std::uint16_t>(std::random_device{}());  // another than the last program's
  settle();
}

// What was begun ends, as with any other command, and the line is as the next program expects it.
Board::~Board() {
  if (!port_) return;
  if (working_)
    static_cast<void>(port_->write(device::command_line({.verb = device::Verb::kStream}).end(), kStep));
  if (rate_ == device::kBaudRate) return;
  next_tag();
  static_cast<void>(port_->write(device::command_line({.verb = device::Verb::kBaud}).end(tag_), kStep));
  Answer nothing;
  const Clock::time_point end = Clock::now() + kQuick;
  for (Outcome outcome = Outcome::kWaiting;
       outcome != Outcome::kDone && outcome != Outcome::kGone && Clock::now() < end;)
    outcome = read_some(kStep, {}, nothing);
  slow_down();
}

Answer Board::ask(const device::Command& command, const OnLine& on_line) {
  return accepted(try_ask(command, on_line));
}

Answer Board::try_ask(const device::Command& command, const OnLine& on_line) {
  return insist(command, {}, on_line);
}

Answer Board::try_give(const device::Command& command, std::span<const std::uint8_t> data) {
  return insist(command, data, {});
}

Answer Board::classify(device::ImageKind kind, std::span<const std::uint8_t> picture) {
  const device::Command command{.verb = device::Verb::kImage,
                                .image = kind,
                                .bytes = static_cast<std::uint32_t>(picture.size()),
                                .checksum = device::crc32(picture)};
  return accepted(try_give(command, picture));
}

Answer Board::accepted(Answer answer) const {
  if (!answer.refusal().empty()) fail("{}", answer.refusal());
  return answer;
}

Answer Board::insist(const device::Command& command, std::span<const std::uint8_t> data,
                     const OnLine& on_line) {
  for (int attempt = 1;; ++attempt) {
    Answer answer;
    agree_on_rate();
    const Outcome outcome = converse(command, data, on_line, answer);
    if (outcome == Outcome::kDone) return answer;
    if (outcome == Outcome::kStopped) stop_if_over();
    if (outcome == Outcome::kRefused) {
      answer.refuse(fmt::format("{}: {}", path_.string(), why_), code_);
      return answer;
    }
    if (outcome == Outcome::kSilent && !known_)
      throw Error(ErrorKind::kIo, fmt::format("{}: {}", path_.string(), why_));
    if (attempt == config_.attempts)
      throw Error(ErrorKind::kIo, fmt::format("{}: {} ({} attempts)", path_.string(), why_, attempt));
    config_.tell(fmt::format("{}; trying again", why_));
    recover(outcome);
  }
}

BoardPicture Board::snap(bool camera) {
  const device::Command command{.verb = device::Verb::kSnap, .camera = camera};
  for (int attempt = 1;; ++attempt) {
    PictureReceiver receiver;
    static_cast<void>(ask(command, [&](const device::Line& line) { return receiver.take(line); }));
    if (receiver.is_whole()) return receiver.picture();
    const std::string why = fmt::format("the board's picture: {}", receiver.problem());
    if (attempt == config_.attempts) fail("{}: {} ({} attempts)", path_.string(), why, attempt);
    config_.tell(fmt::format("{}; trying again", why));
  }
}

void Board::stream(const std::function<bool(const device::Frame&)>& on_frame) {
  stream({.verb = device::Verb::kStream, .on = true}, [&](const device::Line& line) {
    device::Frame frame;
    return !read(line, frame) || on_frame(frame);
  });
}

void Board::stream_pictures(const OnPicture& on_picture) {
  PictureReceiver receiver;
  std::vector<double> percents;
  int bad = 0, lines = 0;  // pictures in a row; since the last frame
  stream({.verb = device::Verb::kStream, .on = true, .pictures = true}, [&](const device::Line& line) {
    static_cast<void>(receiver.take(line));
    if (++lines > kMostPictureLines) fail("{}: the board sends data without end", path_.string());
    if (device::Score score; read(line, score)) note_percent(score, percents);
    device::Frame frame;
    if (!read(line, frame)) return true;
    bad = receiver.is_whole() ? 0 : bad + 1;
    if (bad == kMostBadPictures)
      fail("{}: the board's pictures: {} ({} in a row)", path_.string(), receiver.problem(), bad);
    const BoardPicture* picture = receiver.is_whole() ? &receiver.picture() : nullptr;
    const bool goes_on = on_picture({.frame = frame, .picture = picture, .percents = percents});
    receiver.forget();
    lines = 0;
    return goes_on;
  });
}

void Board::stream(const device::Command& command, const OnLine& on_line) {
  int without_frames = 0;  // attempts in a row
  bool sees = true;        // the camera gives pictures
  const OnLine on_sign = [&](const device::Line& line) {
    if (device::Camera camera; read(line, camera) && camera.present != sees) {
      sees = camera.present;
      config_.tell(sees ? "the camera is back" : "the camera gives no pictures; waiting for it");
    }
    if (line.kind == device::Frame::kKind) without_frames = 0;
    return on_line(line);
  };
  for (;;) {
    static_cast<void>(ask(command));
    working_ = true;
    Answer answer;
    const Outcome outcome = await(on_sign, answer, config_.silence);
    if (outcome == Outcome::kStopped) return;  // the destructor ends the stream
    if (outcome == Outcome::kDone) break;
    if (outcome == Outcome::kRefused) fail("{}: {}", path_.string(), why_);
    if (++without_frames == config_.attempts)
      throw Error(ErrorKind::kIo, fmt::format("{}: {} ({} attempts without a picture)", path_.string(), why_,
                                              without_frames));
    config_.tell(fmt::format("{}; starting again", why_));
    recover(outcome);
  }
  static_cast<void>(ask({.verb = device::Verb::kStream, .on = false}));
}

Board::Outcome Board::converse(const device::Command& command, std::span<const std::uint8_t> data,
                               const OnLine& on_line, Answer& answer) {
  next_tag();
  damaged_ = false;
  working_ = true;
  device::LineWriter line = device::command_line(command);
  const std::string_view text = line.end(tag_);
  asked_ = text.substr(0, text.find('\r'));
  Outcome outcome = send(text);
  if (outcome == Outcome::kWaiting) outcome = await(on_line, answer, config_.silence);
  if (outcome == Outcome::kReady) {
    outcome = send_data(data);
    if (outcome == Outcome::kWaiting) outcome = await(on_line, answer, config_.silence);
  }
  working_ = outcome == Outcome::kSilent || outcome == Outcome::kStopped;
  if (outcome != Outcome::kDone || !damaged_) return outcome;
  why_ = "a line of the answer was damaged";
  return Outcome::kDamaged;
}

// Stops as soon as the board says something that ends it.
Board::Outcome Board::send_data(std::span<const std::uint8_t> data) {
  Answer nothing;
  while (!data.empty()) {
    const auto part = data.first(std::min(data.size(), device::kDataBytes));
    data = data.subspan(part.size());
    Outcome outcome = send(device::data_line(part).end());
    if (outcome == Outcome::kWaiting && !data.empty()) outcome = read_some(milliseconds(0), {}, nothing);
    if (outcome != Outcome::kWaiting) return outcome;
  }
  return Outcome::kWaiting;
}

Board::Outcome Board::await(const OnLine& on_line, Answer& answer, milliseconds silence) {
  Clock::time_point alive = Clock::now();
  while (Clock::now() - alive < silence) {
    if (is_over()) return Outcome::kStopped;
    if (rate_ != device::kBaudRate && Clock::now() - said_at_ > kKeepRate) static_cast<void>(send("\n"));
    answered_ = false;
    const Outcome outcome = read_some(kStep, on_line, answer);
    if (outcome != Outcome::kWaiting && outcome != Outcome::kSilent) return outcome;
    if (answered_) alive = Clock::now();
  }
  why_ = silence_explained();
  return Outcome::kSilent;
}

std::string Board::silence_explained() const {
  const double seconds = std::chrono::duration<double>(config_.silence).count();
  if (heard_.find_first_not_of("\r\n") == std::string::npos)
    return fmt::format("no answer within {} s; is it a board with mudra's firmware, at {} baud?", seconds,
                       device::kBaudRate);
  const KnownTalk& talk = talk_in(heard_);
  return fmt::format("no answer within {} s; heard instead {}: {}; cure: {}", seconds, last_lines(heard_),
                     talk.meaning, talk.cure);
}

// kWaiting: something came and did not end the answer. kSilent: nothing came.
Board::Outcome Board::read_some(milliseconds timeout, const OnLine& on_line, Answer& answer) {
  if (unread_.empty()) {
    std::array<char, 1024> bytes;
    std::size_t count = 0;
    const SerialPort::State state = port_->read(bytes, count, timeout);
    if (state == SerialPort::State::kGone) {
      why_ = "the port vanished";
      return Outcome::kGone;
    }
    if (state == SerialPort::State::kSilent)
      return timeout.count() == 0 ? Outcome::kWaiting : Outcome::kSilent;
    unread_.assign(bytes.data(), count);
    if (heard_.size() > kMostHeard) heard_.erase(0, heard_.size() - kMostHeard);
  }
  for (std::size_t i = 0; i < unread_.size(); ++i) {
    heard_ += unread_[i];
    const auto byte = static_cast<unsigned char>(unread_[i]);
    noise_ += is_text(byte) ? 0 : 1;
    if (rate_ != device::kBaudRate && noise_ > kMostNoise) {
      why_ = "the board is at another rate: it was reset, or the line is noisy";
      return Outcome::kNoise;
    }
    if (lines_.push(unread_[i]) != device::LineReader::Step::kLine) continue;
    const auto line = lines_.line();
    const Outcome outcome = take_line({line.data(), line.size()}, on_line, answer);
    if (outcome == Outcome::kWaiting) continue;
    unread_.erase(0, i + 1);
    return outcome;
  }
  unread_.clear();
  return Outcome::kWaiting;
}

Board::Outcome Board::take_line(std::string_view text, const OnLine& on_line, Answer& answer) {
  std::string copy(text);
  device::Line line;
  const device::LineStatus status = parse_shown(copy, line);
  if (status != device::LineStatus::kOk || !line.checked) {
    damaged_ = damaged_ || status == device::LineStatus::kBadChecksum;
    config_.log(text);
    return Outcome::kWaiting;
  }
  if (text == asked_) return Outcome::kWaiting;  // an echo
  known_ = true;
  noise_ = 0;
  heard_.clear();
  if (device::Boot boot; read(line, boot)) {
    why_ = fmt::format("the board was reset ({})", boot.reset);
    return Outcome::kReset;
  }
  device::Failure failure;
  const bool failed = read(line, failure);
  // A command that was damaged on its way is refused without its tag.
  const bool is_ours = line.tag == tag_ || (failed && line.tag == 0);
  if (!is_ours) return Outcome::kWaiting;
  answered_ = true;
  if (failed) {
    why_ = fmt::format("the board says: {}", failure.text);
    code_ = failure.code;
    if (failure.code == name_of(device::Refusal::kBusy)) return Outcome::kBusy;
    return is_damage(failure.code) ? Outcome::kDamaged : Outcome::kRefused;
  }
  if (device::Done done; read(line, done)) return Outcome::kDone;
  if (device::Ready ready; read(line, ready)) return Outcome::kReady;
  if (on_line) return on_line(line) ? Outcome::kWaiting : Outcome::kDone;
  answer.add(text);
  return Outcome::kWaiting;
}

Board::Outcome Board::send(std::string_view text) {
  said_at_ = Clock::now();
  switch (port_->write(text, config_.silence)) {
    case SerialPort::State::kGood:
      return Outcome::kWaiting;
    case SerialPort::State::kSilent:
      stop_if_over();
      why_ = "the board takes nothing";
      return Outcome::kSilent;
    case SerialPort::State::kGone:
      break;
  }
  why_ = "the port vanished";
  return Outcome::kGone;
}

bool Board::is_over() const { return interrupted() || config_.is_over(); }

void Board::stop_if_over() const {
  stop_if_interrupted();
  if (config_.is_over()) throw Error(ErrorKind::kInterrupted, "interrupted");
}

void Board::next_tag() { tag_ = tag_ == 0xFFFF ? 1 : static_cast<std::uint16_t>(tag_ + 1); }

// Ends what another program, or an attempt before, left unfinished, and passes over what comes of it.
void Board::settle() {
  static_cast<void>(send("\r\n\r\n\r\n\r\n"));  // a board at another rate hears noise, and comes back
  unread_.clear();
  Answer nothing;
  const Clock::time_point end = Clock::now() + std::min(kMostSettle, config_.silence);
  next_tag();
  for (Outcome outcome = Outcome::kWaiting; outcome != Outcome::kSilent && outcome != Outcome::kGone;) {
    stop_if_over();
    if (Clock::now() > end) return;
    outcome = read_some(kSettle, {}, nothing);
  }
  lines_ = {};  // what came at another rate may have no end
}

// Only with a board that has spoken, and while there is something to say; a rate that does not hold is given
// up after some attempts.
void Board::agree_on_rate() {
  if (config_.rate == device::kBaudRate || !known_) return;
  const bool agreed = rate_ == config_.rate;
  if (agreed && (Clock::now() - said_at_ < kSureRate || ask_for_rate(kQuick))) return;
  if (agreed) {
    slow_down();
    settle();
  }
  if (rates_left_ == 0) return;
  --rates_left_;
  if (!ask_for_rate(kQuick)) return settle();
  if (!port_->set_rate(config_.rate)) return;
  rate_ = config_.rate;
  std::this_thread::sleep_for(kSwitch);
  if (ask_for_rate(kQuick) || is_over()) return;
  slow_down();
  rates_left_ = 0;
  std::this_thread::sleep_for(milliseconds(device::kBaudConfirmMs));
  settle();
}

// Whether the board says yes.
bool Board::ask_for_rate(milliseconds patience) {
  next_tag();
  noise_ = 0;
  device::LineWriter line = device::command_line({.verb = device::Verb::kBaud, .rate = config_.rate});
  const std::string_view text = line.end(tag_);
  asked_ = text.substr(0, text.find('\r'));
  Answer nothing;
  return send(text) == Outcome::kWaiting && await({}, nothing, patience) == Outcome::kDone;
}

// What is said at this rate is noise for a board at another, which makes it come back.
void Board::slow_down() {
  rate_ = device::kBaudRate;
  noise_ = 0;
  if (port_) static_cast<void>(port_->set_rate(rate_));
}

void Board::recover(Outcome outcome) {
  const bool keeps_rate = outcome == Outcome::kDamaged || outcome == Outcome::kBusy;
  if (rate_ != device::kBaudRate && !keeps_rate) slow_down();
  if (outcome == Outcome::kGone) reopen();
  if (outcome == Outcome::kBusy) std::this_thread::sleep_for(kOtherPicture);
  settle();
}

void Board::reopen() {
  port_.reset();
  unread_.clear();
  const Clock::time_point end = Clock::now() + config_.reconnect;
  for (;;) {
    stop_if_over();
    try {
      port_ = std::make_unique<SerialPort>(path_);
      return;
    } catch (const Error&) {
      if (Clock::now() > end)
        throw Error(ErrorKind::kIo,
                    fmt::format("{}: the port vanished and did not come back within {} s", path_.string(),
                                std::chrono::duration<double>(config_.reconnect).count()));
    }
    std::this_thread::sleep_for(kStep);
  }
}

}  // namespace mudra::deploy
