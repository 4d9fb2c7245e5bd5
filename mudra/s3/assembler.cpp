// assemble(): text into decoded instructions, for each file in two passes: statements, then labels.
#include <algorithm>
#include <charconv>
#include <limits>
#include <map>
#include <optional>
#include <string>

#include "mudra/base/error.hpp"
#include "mudra/s3/expression.hpp"
#include "mudra/s3/program.hpp"

namespace mudra::s3 {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_symbol(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' || c == '.' || c == '$';
}
bool is_name(std::string_view text) {
  return !text.empty() && !is_digit(text.front()) && std::ranges::all_of(text, is_symbol);
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

// What stands before the first `separator` outside of quotes and parentheses, taken off `rest` with it.
std::string_view take_until(std::string_view& rest, char separator) {
  int depth = 0;
  bool quoted = false;
  std::size_t at = 0;
  for (; at < rest.size(); ++at) {
    const char c = rest[at];
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    if (c == separator && depth <= 0) break;
    depth += c == '(' ? 1 : c == ')' ? -1 : 0;
  }
  const std::string_view taken = rest.substr(0, at);
  rest.remove_prefix(std::min(at + 1, rest.size()));
  return trimmed(taken);
}

// The text with blanks for comments: /* */, // and # to the end of the line. A # that begins a line stays, it
// may be a line marker.
std::string without_comments(std::string_view text) {
  std::string out(text);
  bool quoted = false, line_begins = true;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto blank_until = [&](std::size_t end) {
      for (; i < std::min(end, out.size()); ++i)
        if (out[i] != '\n') out[i] = ' ';
      --i;
    };
    const char c = out[i], behind = i + 1 < out.size() ? out[i + 1] : '\0';
    if (c == '\n') {
      line_begins = true;
      quoted = false;
      continue;
    }
    if (c == '"') quoted = !quoted;
    if (!quoted && c == '/' && behind == '*') {
      const std::size_t end = out.find("*/", i + 2);
      if (end == std::string::npos) fail("a comment that never ends");
      blank_until(end + 2);
    } else if (!quoted && ((c == '/' && behind == '/') || (c == '#' && !line_begins))) {
      blank_until(out.find('\n', i));
    } else if (c == '#' && line_begins) {
      i = std::min(out.find('\n', i), out.size()) - 1;
    } else if (!is_blank(c)) {
      line_begins = false;
    }
  }
  return out;
}

// A statement as messages quote it.
std::string shown(std::string_view text) {
  constexpr std::size_t kMost = 120;
  return text.size() <= kMost ? std::string(text) : fmt::format("{}...", text.substr(0, kMost));
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

// The number behind `prefix`, below `count`.
std::optional<std::int32_t> register_number(std::string_view text, char prefix, std::int32_t count) {
  if (text.size() < 2 || text.front() != prefix || (text[1] == '0' && text.size() > 2)) return std::nullopt;
  std::int32_t number = -1;
  const auto [end, error] = std::from_chars(text.data() + 1, text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0 || number >= count ||
      !is_digit(text[1]))
    return std::nullopt;
  return number;
}

}  // namespace

class Assembler {
 public:
  Program assemble(std::span<const AssemblyText> files) {
    for (const AssemblyText& file : files) read(file);
    finish();
    return std::move(program_);
  }

 private:
  struct Use {
    std::uint32_t instruction = 0;
    std::size_t operand = 0;
    std::string label;
    OperandForm form;
  };

  // ---- statements

  void read(const AssemblyText& file) {
    file_ = file.name;
    line_ = 0;
    named_.clear();
    numbered_.clear();
    section(".text", true);
    const std::string clean = with_context(file_, [&] { return without_comments(file.text); });
    std::string_view rest = clean;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      ++line_;
      line(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    end_function();
    resolve_labels();
  }

  void line(std::string_view text) {
    text = trimmed(text);
    if (text.starts_with('#')) return marker(text.substr(1));
    while (!text.empty()) {
      const std::string_view statement = take_until(text, ';');
      with_context(fmt::format("{}:{}", file_, line_), [&] { labels_and_statement(statement); });
    }
  }

  // # 12 "conv.S" 2: the next line is line 12 of conv.S. Any other is a comment.
  void marker(std::string_view text) {
    text = trimmed(text);
    if (text.starts_with("line")) text = trimmed(text.substr(4));
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    constexpr int kMostLines = 1'000'000'000;
    if (error != std::errc() || number < 0 || number > kMostLines) return;
    text = trimmed(text.substr(static_cast<std::size_t>(end - text.data())));
    if (text.size() < 2 || text.front() != '"') return;
    file_ = text.substr(1, text.find('"', 1) - 1);
    line_ = number - 1;
  }

  void labels_and_statement(std::string_view text) {
    while (true) {
      const auto* end = std::ranges::find_if_not(text, is_symbol);
      const std::string_view name(text.begin(), end);
      if (name.empty() || end == text.end() || *end != ':') break;
      add_label(name);
      text = trimmed(std::string_view(end + 1, text.end()));
    }
    if (text.empty()) return;
    const auto* end = std::ranges::find_if(text, is_blank);
    const std::string_view first(text.begin(), end);
    std::string_view rest = trimmed(std::string_view(end, text.end()));
    std::vector<std::string_view> operands;
    while (!rest.empty()) operands.push_back(take_until(rest, ','));
    if (first.starts_with('.'))
      with_context(shown(text), [&] { directive(lower_case(first), operands); });
    else
      with_context(shown(text), [&] { instruction(first, operands, text); });
  }

  void add_label(std::string_view name) {
    const auto index = static_cast<std::uint32_t>(program_.code_.size());
    if (is_digit(name.front())) {
      if (!std::ranges::all_of(name, is_digit)) fail("label '{}' begins with a digit", name);
      numbered_[std::string(name)].push_back(index);
      return;
    }
    if (!named_.emplace(name, index).second) fail("label '{}' is there twice", name);
    if (!name.starts_with(".L")) pending_.emplace_back(name);
  }

  void directive(std::string_view name, std::span<const std::string_view> operands) {
    const auto wants = [&](std::size_t low, std::size_t high) {
      if (operands.size() < low || operands.size() > high) fail("{} operands", operands.size());
    };
    if (name == ".text") {
      wants(0, 0);
      return section(".text", true);
    }
    if (name == ".data") {
      wants(0, 0);
      return section(".data", false);
    }
    if (name == ".section") {
      wants(1, 3);
      const bool flagged = operands.size() > 1;
      const bool executes = flagged ? operands[1].find('x') != std::string_view::npos
                                    : operands[0].starts_with(".text") || operands[0].starts_with(".iram");
      if (flagged && (operands[1].size() < 2 || operands[1].front() != '"' || operands[1].back() != '"'))
        fail("flags stand in quotes");
      if (!is_name(operands[0])) fail("'{}' cannot name a section", operands[0]);
      return section(operands[0], executes);
    }
    if (name == ".align" || name == ".balign" || name == ".p2align") {
      wants(1, 3);
      std::int64_t bytes = constant(operands[0]);
      if (name == ".p2align") bytes = bytes >= 0 && bytes < 16 ? std::int64_t{1} << bytes : 0;
      if (bytes < 1 || bytes > 32768 || (bytes & (bytes - 1)) != 0) fail("not a power of two up to 32768");
      aligned_ = aligned_ || bytes >= 4;
      return;
    }
    if (name == ".global" || name == ".globl" || name == ".type" || name == ".size") {
      const bool lists = name.starts_with(".glob");
      wants(lists ? 1 : 2, lists ? operands.size() : 2);
      for (const std::string_view symbol : operands.first(lists ? operands.size() : 1))
        if (!is_name(symbol)) fail("'{}' cannot be a symbol", symbol);
      return;
    }
    if (name == ".word" || name == ".long" || name == ".short" || name == ".byte" || name == ".space") {
      if (executes_) fail("data within code; constants come as arguments or from movi");
      wants(1, name == ".space" ? 1 : operands.size());
      for (const std::string_view value : operands) (void)constant(value);
      return;
    }
    fail("an unknown directive");
  }

  void section(std::string_view name, bool executes) {
    end_function();
    section_ = name;
    executes_ = executes;
    aligned_ = false;
    pending_.clear();
  }

  // ---- instructions

  void instruction(std::string_view name, std::span<const std::string_view> operands, std::string_view text) {
    const std::string lower = lower_case(name);
    // An underscore keeps the assembler from replacing the instruction by others.
    const Mnemonic* mnemonic =
        find_mnemonic(lower.starts_with('_') ? std::string_view(lower).substr(1) : lower);
    if (mnemonic == nullptr) {
      const std::string_view why = why_unsupported(lower);
      if (!why.empty()) fail("not supported: {}", why);
      fail("an unknown instruction");
    }
    if (!executes_) fail("an instruction in section {}, which holds data", section_);
    begin_function(mnemonic->flow);
    if (operands.size() != mnemonic->operands.size())
      fail("{} operands, not {}", operands.size(), mnemonic->operands.size());

    Instruction decoded{.execute = mnemonic->execute,
                        .reads = mnemonic->reads,
                        .writes = mnemonic->writes,
                        .mnemonic = static_cast<std::uint16_t>(mnemonic - mnemonics().data()),
                        .flow = mnemonic->flow};
    for (std::size_t i = 0; i < operands.size(); ++i)
      decoded.operands[i] = operand(mnemonic->operands[i], operands[i], i);
    if (mnemonic->flow == Flow::kEntry && decoded.operands[0] != 1) fail("the stack pointer is a1");
    Timing timing{.early = mnemonic->early, .late = mnemonic->late};
    const RegisterSet written = add_registers(*mnemonic, decoded, timing);
    if ((written & a_register(1)) != 0 && mnemonic->flow != Flow::kEntry)
      fail("writes a1: an interrupt would store registers where it then points");

    program_.functions_.back().bytes += static_cast<std::uint32_t>(mnemonic->bytes);
    program_.code_.push_back(decoded);
    program_.sources_.push_back({.file = file_, .line = line_, .text = shown(text)});
    program_.timing_.push_back(timing);
    aligned_ = false;
    pending_.clear();
  }

  // A function begins with `entry` behind a label and an alignment; nothing stands outside of one.
  void begin_function(Flow flow) {
    if (flow != Flow::kEntry) {
      if (program_.functions_.empty() || program_.functions_.back().end != 0)
        fail("outside of a function: those begin with a label and entry");
      return;
    }
    end_function();
    if (pending_.empty()) fail("entry without a label directly before it");
    if (!aligned_) fail("entry may not be aligned to 4 bytes: write .align 4 before the label");
    if (std::ranges::find(program_.functions_, pending_.back(), &Function::name) != program_.functions_.end())
      fail("function '{}' is there twice", pending_.back());
    const auto begin = static_cast<std::uint32_t>(program_.code_.size());
    program_.functions_.push_back(
        {.name = pending_.back(), .section = section_, .begin = begin, .end = 0, .bytes = 0});
  }

  void end_function() {
    if (program_.functions_.empty() || program_.functions_.back().end != 0) return;
    Function& function = program_.functions_.back();
    function.end = static_cast<std::uint32_t>(program_.code_.size());
    const Flow last = program_.code_.back().flow;
    if (last != Flow::kReturn && last != Flow::kJump)
      fail("function '{}' can run past its end: its last instruction is neither retw nor j", function.name);
  }

  std::int32_t operand(const OperandForm& form, std::string_view text, std::size_t place) {
    using OperandType = OperandForm::Type;
    if (form.type == OperandType::kAddressRegister) {
      if (text == "sp") return 1;
      const auto number = register_number(text, 'a', 16);
      if (!number) fail("'{}' is none of a0-a15 and sp", text);
      return *number;
    }
    if (form.type == OperandType::kVectorRegister) {
      const auto number = register_number(text, 'q', 8);
      if (!number) fail("'{}' is none of q0-q7", text);
      return *number;
    }
    if (form.type == OperandType::kLabel) {
      uses_.push_back({.instruction = static_cast<std::uint32_t>(program_.code_.size()),
                       .operand = place,
                       .label = std::string(text),
                       .form = form});
      return 0;
    }
    const std::int64_t value = constant(text);
    if (!form.choices.empty()) {
      if (std::ranges::find(form.choices, value) == form.choices.end()) fail("{} cannot be encoded", value);
    } else if (value < form.low || value > form.high || (value - form.low) % form.step != 0) {
      if (form.low == form.high) fail("{} instead of {}: its meaning is not known (?)", value, form.low);
      fail("{} is not in {} to {}{}", value, form.low, form.high,
           form.step == 1 ? "" : fmt::format(" in steps of {}", form.step));
    }
    return static_cast<std::int32_t>(value);
  }

  // Puts the operands' registers into what the instruction reads, writes, needs early and makes late; those
  // written.
  static RegisterSet add_registers(const Mnemonic& mnemonic, Instruction& decoded, Timing& timing) {
    using OperandType = OperandForm::Type;
    using Part = OperandForm::Part;
    const auto number = std::ranges::find(mnemonic.operands, OperandType::kNumber, &OperandForm::type);
    const auto lane = number == mnemonic.operands.end()
                          ? 0
                          : decoded.operands[static_cast<std::size_t>(number - mnemonic.operands.begin())];
    RegisterSet written = 0;
    for (std::size_t i = 0; i < mnemonic.operands.size(); ++i) {
      const OperandForm& form = mnemonic.operands[i];
      if (form.type == OperandType::kNumber || form.type == OperandType::kLabel) continue;
      const std::int32_t name = decoded.operands[i];
      const RegisterSet whole =
          form.type == OperandType::kAddressRegister ? a_register(name) : q_register(name);
      RegisterSet part = whole;
      if (form.part == Part::kLow) part = q_lane(name, 0) | q_lane(name, 1);
      if (form.part == Part::kHigh) part = q_lane(name, 2) | q_lane(name, 3);
      if (form.part == Part::kLane) part = q_lane(name, lane);
      if (form.reads) decoded.reads |= part;
      if (form.reads || form.part != Part::kAll) timing.early |= whole;
      if (!form.writes) continue;
      if ((written & whole) != 0)
        fail("two results in {}: which one stays is undefined", register_name(whole));
      written |= whole;
      decoded.writes |= part;
      if (form.late) timing.late |= whole;
    }
    if (mnemonic.queue && decoded.operands[0] == decoded.operands[mnemonic.operands.size() - 1])
      fail("q{} is loaded and is the upper half of what is shifted: which comes first is not known (?)",
           decoded.operands[0]);
    return written;
  }

  // ---- labels

  // Of one file, whose functions are complete.
  void resolve_labels() {
    for (std::size_t i = offsets_.size() - 1; i < program_.code_.size(); ++i) {
      // The assembler may put a nop before a loop, so that its body begins within a fetch.
      constexpr std::uint32_t kNop = 3;
      const Mnemonic& mnemonic = mnemonics()[program_.code_[i].mnemonic];
      offsets_.push_back(offsets_.back() + static_cast<std::uint32_t>(mnemonic.bytes) +
                         (mnemonic.flow == Flow::kLoop ? kNop : 0));
    }
    for (const Use& use : uses_) in_context(use.instruction, [&] { resolve(use); });
    uses_.clear();
  }

  void finish() {
    program_.waiting_.resize(program_.code_.size());
    for (const Function& function : program_.functions_) {
      check_loops(function);
      for (std::size_t i = function.begin + 1; i < function.end; ++i)
        program_.waiting_[i] = program_.waiting(i - 1, i);
    }
  }

  template <typename Work>
  void in_context(std::size_t instruction, Work work) const {
    const Source& source = program_.sources_[instruction];
    with_context(fmt::format("{}:{}: {}", source.file, source.line, source.text), work);
  }

  std::uint32_t index_of(const Use& use) const {
    const std::string& label = use.label;
    if (label.size() > 1 && is_digit(label.front()) && (label.back() == 'b' || label.back() == 'f')) {
      const auto found = numbered_.find(label.substr(0, label.size() - 1));
      if (found != numbered_.end()) {
        const auto behind = std::ranges::upper_bound(found->second, use.instruction);
        if (label.back() == 'f' && behind != found->second.end()) return *behind;
        if (label.back() == 'b' && behind != found->second.begin()) return *(behind - 1);
      }
    } else if (const auto found = named_.find(label); found != named_.end()) {
      return found->second;
    }
    fail("no label '{}'", label);
  }

  void resolve(const Use& use) {
    const std::uint32_t index = index_of(use), from = use.instruction;
    const auto function = std::ranges::find_if(
        program_.functions_, [&](const Function& f) { return from >= f.begin && from < f.end; });
    if (index <= function->begin || index >= function->end)
      fail("label '{}' is not within function '{}'", use.label, function->name);
    const std::int64_t distance = std::int64_t{offsets_[index]} - offsets_[from];
    Instruction& instruction = program_.code_[from];
    if (instruction.flow == Flow::kLoop) {
      if (index <= from + 1) fail("a loop without a body behind it");
      const std::uint32_t bytes = offsets_[index] - offsets_[from + 1];
      if (bytes > 256) fail("a loop body of {} bytes; 256 are possible", bytes);
    } else if (distance < use.form.low || distance > use.form.high) {
      fail("'{}' is {} bytes away; {} to {} are possible", use.label, distance, use.form.low, use.form.high);
    }
    instruction.operands[use.operand] = static_cast<std::int32_t>(index);
    instruction.operands[use.operand + 1] = static_cast<std::int32_t>(from + 1);
  }

  void check_loops(const Function& function) {
    std::uint32_t body_end = 0;
    for (std::uint32_t i = function.begin; i < function.end; ++i) {
      if (program_.code_[i].flow != Flow::kLoop) continue;
      in_context(i, [&] {
        if (i < body_end) fail("a loop within a loop: there is one set of registers");
        body_end = static_cast<std::uint32_t>(program_.code_[i].operands[1]);
        Instruction& last = program_.code_[body_end - 1];
        if (last.flow != Flow::kNext)
          fail("the body ends with {}, which may not be a loop's last instruction; put a nop behind it",
               program_.sources_[body_end - 1].text);
        last.ends_loop = true;
      });
    }
  }

  Program program_;
  std::string file_;
  int line_ = 0;
  std::string section_ = ".text";
  bool executes_ = true, aligned_ = false;
  std::vector<std::string> pending_;  // labels since the last instruction
  // Indices of the instructions that labels stand before.
  std::map<std::string, std::uint32_t, std::less<>> named_;
  std::map<std::string, std::vector<std::uint32_t>, std::less<>> numbered_;
  std::vector<Use> uses_;
  std::vector<std::uint32_t> offsets_{0};  // of instructions, in bytes, at most
};

Program assemble(std::span<const AssemblyText> files) { return Assembler().assemble(files); }

Program assemble(std::string_view text, std::string_view file_name) {
  const AssemblyText file{.name = file_name, .text = text};
  return assemble(std::span(&file, 1));
}

}  // namespace mudra::s3
