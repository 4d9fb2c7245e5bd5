#include "mudra/s3/expression.hpp"

#include <charconv>
#include <limits>

#include "mudra/base/error.hpp"

namespace mudra::s3 {
namespace {

constexpr int kMaxDepth = 64;

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text), rest_(text) {}

  std::int64_t all() {
    const std::int64_t value = operation(0, 0);
    if (next() != '\0') bad();
    return value;
  }

 private:
  [[noreturn]] void bad() const { fail("'{}' is not a constant expression", text_); }
  [[noreturn]] void too_big() const { fail("'{}' leaves 64 bits", text_); }

  // The next character that is not blank; 0 at the end.
  char next() {
    while (!rest_.empty() && is_blank(rest_.front())) rest_.remove_prefix(1);
    return rest_.empty() ? '\0' : rest_.front();
  }
  bool take(std::string_view symbol) {
    (void)next();
    if (!rest_.starts_with(symbol)) return false;
    rest_.remove_prefix(symbol.size());
    return true;
  }

  // Level 0: + -; 1: & | ^; 2: * / % << >>; 3: what stands between them.
  std::int64_t operation(int level, int depth) {
    if (depth > kMaxDepth) fail("'{}' is nested more than {} deep", text_, kMaxDepth);
    if (level == 3) return term(depth);
    std::int64_t value = operation(level + 1, depth);
    while (true) {
      const char symbol = operator_of(level);
      if (symbol == '\0') return value;
      value = apply(symbol, value, operation(level + 1, depth));
    }
  }

  // One of `level`, taken; '<' and '>' for shifts.
  char operator_of(int level) {
    static constexpr std::string_view kSymbols[] = {"+-", "&|^", "*/%"};
    const char symbol = next();
    if (symbol != '\0' && kSymbols[level].find(symbol) != std::string_view::npos) {
      rest_.remove_prefix(1);
      return symbol;
    }
    if (level == 2 && (take("<<") || take(">>"))) return symbol;
    return '\0';
  }

  std::int64_t apply(char symbol, std::int64_t x, std::int64_t y) const {
    std::int64_t value = 0;
    switch (symbol) {
      case '+':
        if (__builtin_add_overflow(x, y, &value)) too_big();
        return value;
      case '-':
        if (__builtin_sub_overflow(x, y, &value)) too_big();
        return value;
      case '*':
        if (__builtin_mul_overflow(x, y, &value)) too_big();
        return value;
      case '/':
      case '%':
        if (y == 0) fail("'{}' divides by zero", text_);
        if (y == -1) return symbol == '/' ? apply('-', 0, x) : 0;
        return symbol == '/' ? x / y : x % y;
      case '&':
        return x & y;
      case '|':
        return x | y;
      case '^':
        return x ^ y;
      default:
        break;
    }
    if (y < 0 || y > 63) fail("'{}' shifts by {}", text_, y);
    if (symbol == '>') return x >> y;
    if (y == 63 ? x != 0 : __builtin_mul_overflow(x, std::int64_t{1} << y, &value)) too_big();
    return value;
  }

  std::int64_t term(int depth) {
    if (take("-")) return apply('-', 0, operation(3, depth + 1));
    if (take("+")) return operation(3, depth + 1);
    if (take("~")) return ~operation(3, depth + 1);
    if (take("(")) {
      const std::int64_t value = operation(0, depth + 1);
      if (!take(")")) bad();
      return value;
    }
    return number();
  }

  std::int64_t number() {
    int base = 10;
    if (take("0x") || take("0X"))
      base = 16;
    else if (take("0b") || take("0B"))
      base = 2;
    else if (next() == '0')
      base = 8;
    std::int64_t value = 0;
    if (!rest_.empty() && rest_.front() == '-') bad();
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value, base);
    if (error == std::errc::result_out_of_range) too_big();
    if (error != std::errc()) bad();
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return value;
  }

  std::string_view text_, rest_;
};

}  // namespace

std::int64_t constant(std::string_view text) { return Parser(text).all(); }

}  // namespace mudra::s3
