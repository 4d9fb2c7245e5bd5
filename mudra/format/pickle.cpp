#include "mudra/format/pickle.hpp"

#include <algorithm>
#include <bit>
#include <unordered_map>

#include "mudra/base/error.hpp"

namespace mudra::format::pickle {
namespace {

constexpr std::string_view kOrderedDict = "collections.OrderedDict";

// Opcodes as named in CPython's Lib/pickle.py.
enum Opcode : std::uint8_t {
  kMark = '(',
  kStop = '.',
  kBinInt = 'J',
  kBinInt1 = 'K',
  kBinInt2 = 'M',
  kNone = 'N',
  kBinPersid = 'Q',
  kReduce = 'R',
  kBinUnicode = 'X',
  kBinBytes = 'B',
  kShortBinBytes = 'C',
  kAppend = 'a',
  kBuild = 'b',
  kGlobal = 'c',
  kAppends = 'e',
  kBinGet = 'h',
  kLongBinGet = 'j',
  kBinPut = 'q',
  kLongBinPut = 'r',
  kSetItem = 's',
  kTuple = 't',
  kSetItems = 'u',
  kBinFloat = 'G',
  kEmptyList = ']',
  kEmptyTuple = ')',
  kEmptyDict = '}',
  kProto = 0x80,
  kTuple1 = 0x85,
  kTuple2 = 0x86,
  kTuple3 = 0x87,
  kNewTrue = 0x88,
  kNewFalse = 0x89,
  kLong1 = 0x8a,
  kShortBinUnicode = 0x8c,
  kBinUnicode8 = 0x8d,
  kStackGlobal = 0x93,
  kMemoize = 0x94,
  kFrame = 0x95,
};

class Machine {
 public:
  Machine(std::span<const std::uint8_t> bytes, std::span<const std::string_view> globals)
      : bytes_(bytes), globals_(globals) {}

  Document run() {
    for (std::uint8_t opcode = take(1)[0]; opcode != kStop; opcode = take(1)[0]) step(opcode);
    document_.root = pop();
    return std::move(document_);
  }

 private:
  void step(std::uint8_t opcode) {
    switch (opcode) {
      case kNone:
        return push(None{});
      case kNewTrue:
        return push(true);
      case kNewFalse:
        return push(false);
      case kBinInt:
        return push(std::int64_t{static_cast<std::int32_t>(unsigned_of(4))});
      case kBinInt1:
        return push(static_cast<std::int64_t>(unsigned_of(1)));
      case kBinInt2:
        return push(static_cast<std::int64_t>(unsigned_of(2)));
      case kLong1:
        return push(long_of(unsigned_of(1)));
      case kBinFloat:
        return push(big_endian_double());
      case kShortBinUnicode:
      case kShortBinBytes:
        return push(text_of(unsigned_of(1)));
      case kBinUnicode:
      case kBinBytes:
        return push(text_of(unsigned_of(4)));
      case kBinUnicode8:
        return push(text_of(unsigned_of(8)));
      case kEmptyList:
      case kEmptyTuple:
        return push(Sequence{});
      case kEmptyDict:
        return push(Dict{});
      default:
        return build(opcode);
    }
  }

  // Opcodes that make values out of those on the stack.
  void build(std::uint8_t opcode) {
    switch (opcode) {
      case kMark:
        return marks_.push_back(stack_.size());
      case kTuple:
        return push_sequence(pop_to_mark());
      case kTuple1:
        return push_sequence(pop_last(1));
      case kTuple2:
        return push_sequence(pop_last(2));
      case kTuple3:
        return push_sequence(pop_last(3));
      case kAppend:
        return append(pop_last(1));
      case kAppends:
        return append(pop_to_mark());
      case kSetItem:
        return set_items(pop_last(2));
      case kSetItems:
        return set_items(pop_to_mark());
      case kGlobal:
        return push_global_of_lines();
      case kStackGlobal:
        return push_global_of_texts(pop_last(2));
      case kReduce:
        return reduce(pop_last(2));
      case kBuild:
        return drop_attributes();
      case kBinPersid:
        return push(Persistent{pop()});
      default:
        return use_memo(opcode);
    }
  }

  // Opcodes about shared values and about the pickle itself.
  void use_memo(std::uint8_t opcode) {
    switch (opcode) {
      case kBinPut:
        return memorize(unsigned_of(1));
      case kLongBinPut:
        return memorize(unsigned_of(4));
      case kMemoize:
        return memorize(memo_.size());
      case kBinGet:
        return recall(unsigned_of(1));
      case kLongBinGet:
        return recall(unsigned_of(4));
      case kProto:
        return check_protocol(unsigned_of(1));
      case kFrame:
        return void(take(8));  // its size, which only matters to who reads from a stream
      default:
        fail("opcode 0x{:02x} at byte {} has no place in a state_dict", opcode, at_ - 1);
    }
  }

  void push_global_of_lines() {
    const std::string module = line();
    push_global(module + "." + line());
  }

  void push_global_of_texts(const std::vector<Value*>& names) {
    push_global(as<std::string>(names[0]) + "." + as<std::string>(names[1]));
  }

  void push_global(std::string name) {
    if (name != kOrderedDict && std::ranges::find(globals_, name) == globals_.end())
      fail("refused: {} (only the tensors of a state_dict are read)", excerpt(name));
    push(Global{std::move(name)});
  }

  void reduce(const std::vector<Value*>& call) {
    const auto& function = as<Global>(call[0]).name;
    const auto& arguments = as<Sequence>(call[1]).items;
    if (function != kOrderedDict)
      push(Call{function, call[1]});
    else if (arguments.empty())
      push(Dict{});
    else
      fail("an OrderedDict made from {} arguments", arguments.size());
  }

  void push_sequence(const std::vector<Value*>& items) { push(Sequence{{items.begin(), items.end()}}); }

  void append(const std::vector<Value*>& items) {
    auto& sequence = as<Sequence>(top()).items;
    sequence.insert(sequence.end(), items.begin(), items.end());
  }

  void set_items(const std::vector<Value*>& items) {
    if (items.size() % 2 != 0) fail("a key without a value");
    auto& dict = as<Dict>(top()).items;
    for (std::size_t i = 0; i < items.size(); i += 2) dict.emplace_back(items[i], items[i + 1]);
  }

  // Of a Dict or of what a noted call would make.
  void drop_attributes() {
    pop();
    if (!std::holds_alternative<Call>(top()->is)) as<Dict>(top());
  }

  void memorize(std::uint64_t key) { memo_[key] = top(); }

  void recall(std::uint64_t key) {
    const auto it = memo_.find(key);
    if (it == memo_.end()) fail("the memo has no entry {}", key);
    stack_.push_back(it->second);
  }

  static void check_protocol(std::uint64_t protocol) {
    if (protocol < 2 || protocol > 5) fail("pickle protocol {} is not 2 to 5", protocol);
  }

  template <typename T>
  static T& as(Value* value) {
    if (T* content = std::get_if<T>(&value->is)) return *content;
    fail("an opcode meets a value of another type than it works on");
  }

  template <typename T>
  void push(T content) {
    stack_.push_back(&document_.values.emplace_back(Value{std::move(content)}));
  }

  // The start of the part of the stack that opcodes may take from.
  std::size_t floor() const { return marks_.empty() ? 0 : marks_.back(); }

  Value* top() const {
    if (stack_.size() <= floor()) fail("the stack is empty");
    return stack_.back();
  }

  Value* pop() {
    Value* value = top();
    stack_.pop_back();
    return value;
  }

  std::vector<Value*> pop_last(std::size_t count) {
    if (stack_.size() - floor() < count) fail("the stack is empty");
    std::vector<Value*> values(stack_.end() - static_cast<std::ptrdiff_t>(count), stack_.end());
    stack_.resize(stack_.size() - count);
    return values;
  }

  std::vector<Value*> pop_to_mark() {
    if (marks_.empty()) fail("a mark is missing");
    auto values = pop_last(stack_.size() - marks_.back());
    marks_.pop_back();
    return values;
  }

  std::span<const std::uint8_t> take(std::uint64_t count) {
    if (count > bytes_.size() - at_) fail("ends in the middle");
    const auto taken = bytes_.subspan(at_, count);
    at_ += count;
    return taken;
  }

  std::uint64_t unsigned_of(std::size_t size) {
    std::uint64_t value = 0;
    const auto digits = take(size);
    for (std::size_t i = 0; i < size; ++i) value |= std::uint64_t{digits[i]} << (8 * i);
    return value;
  }

  // Two's complement of `size` bytes; none at all is 0.
  std::int64_t long_of(std::size_t size) {
    if (size > 8) fail("an integer of {} bytes", size);
    const std::uint64_t bits = unsigned_of(size);
    const bool negative = size > 0 && (bits >> (8 * size - 1)) != 0;
    const std::uint64_t sign = negative && size < 8 ? ~std::uint64_t{0} << (8 * size) : 0;
    return static_cast<std::int64_t>(bits | sign);
  }

  double big_endian_double() {
    std::uint64_t bits = 0;
    for (const std::uint8_t byte : take(8)) bits = bits << 8 | byte;
    return std::bit_cast<double>(bits);
  }

  std::string text_of(std::uint64_t size) {
    const auto text = take(size);
    return {text.begin(), text.end()};
  }

  std::string line() {
    const auto rest = bytes_.subspan(at_);
    const auto end = std::ranges::find(rest, std::uint8_t{'\n'});
    if (end == rest.end()) fail("ends in the middle");
    std::string text(rest.begin(), end);
    at_ += text.size() + 1;
    return text;
  }

  // At most 80 characters, those that could steer a terminal replaced.
  static std::string excerpt(std::string_view text) {
    std::string shown(text.substr(0, 80));
    std::ranges::replace_if(
        shown, [](char c) { return c < ' ' || c > '~'; }, '?');
    return shown;
  }

  std::span<const std::uint8_t> bytes_;
  std::span<const std::string_view> globals_;
  std::size_t at_ = 0;
  Document document_;
  std::vector<Value*> stack_;
  std::vector<std::size_t> marks_;  // heights of the stack
  std::unordered_map<std::uint64_t, Value*> memo_;
};

}  // namespace

Document read(std::span<const std::uint8_t> bytes, std::span<const std::string_view> globals) {
  if (bytes.size() > kMaxPickleBytes)
    fail("{} bytes are more than the {} a pickle may have", bytes.size(), kMaxPickleBytes);
  return Machine(bytes, globals).run();
}

}  // namespace mudra::format::pickle
