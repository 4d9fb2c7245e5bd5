// The specification of every instruction, written down once more: by name, one bit or lane at a time, slow
// and plain. No memory checks, no undefined cases: the caller keeps to what is defined.
#pragma once

#include <algorithm>
#include <array>
#include <bitset>
#include <cstdint>
#include <string>
#include <vector>

namespace mudra::s3 {

class PlainChip {
 public:
  using Quad = std::array<std::uint8_t, 16>;

  std::array<std::uint32_t, 16> a{};
  std::array<Quad, 8> q{};
  std::bitset<320> qacc;
  std::int64_t accx = 0;
  std::uint32_t sar = 0, sar_byte = 0;
  std::vector<std::uint8_t> memory;
  std::uint32_t memory_address = 0;

  // Operands are register numbers and immediates as written. Instructions that only choose the next one do
  // nothing.
  void step(const std::string& name, const std::vector<std::int32_t>& operands) {
    o_ = operands;
    t_.clear();
    for (std::size_t begin = 0; begin <= name.size();) {
      const std::size_t end = std::min(name.find('.', begin), name.size());
      t_.push_back(name.substr(begin, end - begin));
      begin = end + 1;
    }
    if (t_[0] == "ee") {
      t_.erase(t_.begin());
      vector_step();
    } else {
      base_step(name);
    }
  }

  static std::int64_t signed_bits(std::uint64_t value, int bits) {
    const std::uint64_t sign = std::uint64_t{1} << (bits - 1);
    value &= 2 * sign - 1;
    return static_cast<std::int64_t>(value) - (value & sign ? static_cast<std::int64_t>(2 * sign) : 0);
  }
  std::uint64_t qacc_bits(int first, int count) const {
    std::uint64_t value = 0;
    for (int i = 0; i < count; ++i) value |= std::uint64_t{qacc[static_cast<std::size_t>(first + i)]} << i;
    return value;
  }
  void set_qacc_bits(int first, int count, std::uint64_t value) {
    for (int i = 0; i < count; ++i) qacc[static_cast<std::size_t>(first + i)] = ((value >> i) & 1) != 0;
  }

 private:
  std::uint32_t& word(std::size_t operand) { return a[static_cast<std::size_t>(o_[operand])]; }
  Quad& quad(std::size_t operand) { return q[static_cast<std::size_t>(o_[operand])]; }
  std::uint32_t imm(std::size_t operand) const { return static_cast<std::uint32_t>(o_[operand]); }
  bool has(const char* token) const { return std::ranges::find(t_, token) != t_.end(); }

  std::uint64_t load(std::uint32_t address, int bytes) const {
    std::uint64_t value = 0;
    for (int i = 0; i < bytes; ++i)
      value |= std::uint64_t{memory[address - memory_address + static_cast<std::uint32_t>(i)]} << (8 * i);
    return value;
  }
  void store(std::uint32_t address, int bytes, std::uint64_t value) {
    for (int i = 0; i < bytes; ++i)
      memory[address - memory_address + static_cast<std::uint32_t>(i)] =
          static_cast<std::uint8_t>(value >> (8 * i));
  }
  Quad load16(std::uint32_t address) const {
    Quad out{};
    for (int i = 0; i < 16; ++i)
      out[static_cast<std::size_t>(i)] =
          static_cast<std::uint8_t>(load((address & ~15u) + static_cast<std::uint32_t>(i), 1));
    return out;
  }
  void store16(std::uint32_t address, const Quad& value) {
    for (std::size_t i = 0; i < 16; ++i) store((address & ~15u) + static_cast<std::uint32_t>(i), 1, value[i]);
  }

  // "s8", "u16", "32": lanes of a register.
  static int bits_of(const std::string& type) {
    return std::stoi(type[0] == 's' || type[0] == 'u' ? type.substr(1) : type);
  }
  static std::int64_t lane(const Quad& from, const std::string& type, int index) {
    const int bytes = bits_of(type) / 8;
    std::uint64_t value = 0;
    for (int i = 0; i < bytes; ++i)
      value |= std::uint64_t{from[static_cast<std::size_t>(index * bytes + i)]} << (8 * i);
    return type[0] == 's' ? signed_bits(value, 8 * bytes) : static_cast<std::int64_t>(value);
  }
  static void set_lane(Quad& to, const std::string& type, int index, std::int64_t value) {
    const int bytes = bits_of(type) / 8;
    for (int i = 0; i < bytes; ++i)
      to[static_cast<std::size_t>(index * bytes + i)] = static_cast<std::uint8_t>(value >> (8 * i));
  }
  static int lanes_of(const std::string& type) { return 128 / bits_of(type); }
  static std::int64_t saturate(std::int64_t value, int bits) {
    const std::int64_t limit = std::int64_t{1} << (bits - 1);
    return std::min(std::max(value, -limit), limit - 1);
  }

  // The 16 bytes from SAR_BYTE on of {high, low}.
  Quad shifted(const Quad& low, const Quad& high) const {
    Quad out{};
    for (std::uint32_t i = 0; i < 16; ++i) {
      const std::uint32_t from = sar_byte + i;
      out[i] = from < 16 ? low[from] : high[from - 16];
    }
    return out;
  }

  // as += immediate or register, in operand `operand`, when the name ends that way.
  std::uint32_t step_size(std::size_t operand) {
    if (has("ip")) return imm(operand);
    if (has("xp")) return word(operand);
    return 0;
  }

  void vector_step() {
    const std::string& op = t_[0];
    if (op == "vadds" || op == "vsubs" || op == "vmax" || op == "vmin" || op == "vmul") return arithmetic(op);
    if (op == "vmulas" || op == "vsmulas") return multiply_add(op == "vsmulas");
    if (op == "vld" || op == "vst") return load_store(op == "vld");
    if (op == "vldbc") return broadcast();
    if (op == "ldqa" || op == "mov") return fill_qacc(op == "ldqa");
    if (op == "ld" || op == "st") return special_load_store(op == "ld");
    if (op == "src" || op == "srcq") return shift_pair(op == "srcq");
    if (op == "slci" || op == "srci" || op == "slcxxp" || op == "srcxxp") return move_pair(op);
    if (op == "vzip" || op == "vunzip") return zip(op == "vunzip");
    if (op == "vcmp") {
      const Quad x = quad(1), y = quad(2);
      for (int i = 0; i < lanes_of(t_[2]); ++i) {
        const std::int64_t p = lane(x, t_[2], i), r = lane(y, t_[2], i);
        const bool holds = t_[1] == "eq" ? p == r : t_[1] == "lt" ? p < r : p > r;
        set_lane(quad(0), t_[2], i, holds ? -1 : 0);
      }
    } else if (op == "srcmb") {
      const int bits = t_[1] == "s8" ? 20 : 40;
      for (int i = 0; i < lanes_of(t_[1]); ++i) {
        const std::int64_t value = signed_bits(qacc_bits(bits * i, bits), bits) >> word(1);
        set_qacc_bits(bits * i, bits, static_cast<std::uint64_t>(value));
        set_lane(quad(0), t_[1], i, saturate(value, bits_of(t_[1])));
      }
    } else if (op == "srs") {
      accx >>= word(1);
      word(0) = static_cast<std::uint32_t>(saturate(accx, 32));
    } else if (op == "zero") {
      if (t_[1] == "q") quad(0) = {};
      if (t_[1] == "qacc") qacc.reset();
      if (t_[1] == "accx") accx = 0;
    } else if (op == "movi") {
      if (t_[2] == "a")
        word(1) = static_cast<std::uint32_t>(lane(quad(0), "32", o_[2]));
      else
        set_lane(quad(0), "32", o_[2], word(1));
    } else if (op == "vldhbc") {
      const Quad from = load16(word(2));
      word(2) += 16;
      for (int i = 0; i < 8; ++i) {
        set_lane(quad(0), "16", i, lane(from, "16", i / 2));
        set_lane(quad(1), "16", i, lane(from, "16", 4 + i / 2));
      }
    } else if (op == "ldxq" || op == "stxq") {
      const std::uint32_t at = word(2) + 4 * static_cast<std::uint32_t>(lane(quad(1), "u16", o_[4]));
      if (op == "ldxq")
        set_lane(quad(0), "32", o_[3], static_cast<std::int64_t>(load(at, 4)));
      else
        store(at, 4, static_cast<std::uint64_t>(lane(quad(0), "32", o_[3])));
    } else if (op == "andq" || op == "orq" || op == "xorq" || op == "notq") {
      const Quad x = quad(1), y = op == "notq" ? x : quad(2);
      for (std::size_t i = 0; i < 16; ++i)
        quad(0)[i] = static_cast<std::uint8_t>(op == "andq"   ? x[i] & y[i]
                                               : op == "orq"  ? x[i] | y[i]
                                               : op == "xorq" ? x[i] ^ y[i]
                                                              : ~x[i]);
    } else if (op == "vsl" || op == "vsr") {
      for (int i = 0; i < 4; ++i) {
        const std::int64_t x = lane(quad(1), "s32", i);
        set_lane(quad(0), "s32", i, op == "vsl" ? x * (std::int64_t{1} << sar) : x >> sar);
      }
    } else if (op == "vrelu") {
      for (int i = 0; i < lanes_of(t_[1]); ++i) {
        const std::int64_t x = lane(quad(0), t_[1], i), factor = signed_bits(word(1), bits_of(t_[1]));
        if (x <= 0) set_lane(quad(0), t_[1], i, (x * factor) >> (word(2) & (t_[1] == "s8" ? 31u : 63u)));
      }
    } else if (op == "vprelu") {
      const Quad x = quad(1), y = quad(2);
      for (int i = 0; i < lanes_of(t_[1]); ++i) {
        const std::int64_t p = lane(x, t_[1], i);
        set_lane(quad(0), t_[1], i, p <= 0 ? (p * lane(y, t_[1], i)) >> word(3) : p);
      }
    } else if (op == "cmul") {
      const Quad x = quad(1), y = quad(2);
      for (int i = 0; i < 4; i += 2) {
        const std::int64_t p = lane(x, "s16", i), r = lane(x, "s16", i + 1), u = lane(y, "s16", i),
                           v = lane(y, "s16", i + 1);
        set_lane(quad(0), "s16", i, (p * u - r * v) >> sar);
        set_lane(quad(0), "s16", i + 1, (p * v + r * u) >> sar);
      }
    } else {
      unknown_ = true;
    }
  }

  void arithmetic(const std::string& op) {
    const std::string& type = t_[1];
    const std::size_t first = t_.size() > 2 ? 2 : 0;
    const Quad x = quad(first + 1), y = quad(first + 2);
    if (has("st")) store16(word(1), quad(0));
    Quad result{};
    for (int i = 0; i < lanes_of(type); ++i) {
      const std::int64_t p = lane(x, type, i), r = lane(y, type, i);
      std::int64_t value = 0;
      if (op == "vadds") value = saturate(p + r, bits_of(type));
      if (op == "vsubs") value = saturate(p - r, bits_of(type));
      if (op == "vmax") value = p > r ? p : r;
      if (op == "vmin") value = p < r ? p : r;
      if (op == "vmul") value = (p * r) >> sar;
      set_lane(result, type, i, value);
    }
    quad(first) = result;
    if (has("ld")) quad(0) = load16(word(1));
    if (first != 0) word(1) += 16;
  }

  void multiply_add(bool selects) {
    const std::string& type = t_[1];
    const bool by_step = has("ip") || has("xp"), loads = t_.size() > 3, is_signed = type[0] == 's';
    const std::size_t first = by_step ? 3 : loads ? 2 : 0;
    const Quad x = quad(first), y = quad(first + 1);
    const int bits = bits_of(type) == 8 ? 20 : 40;
    const auto accumulate = [&](std::int64_t sum, int width) {
      const std::int64_t top = (std::int64_t{1} << width) - 1;
      return is_signed ? saturate(sum, width) : std::min(sum, top);
    };
    if (t_[2] == "qacc") {
      for (int i = 0; i < lanes_of(type); ++i) {
        const std::uint64_t now = qacc_bits(bits * i, bits);
        const std::int64_t factor = lane(y, type, selects ? o_[first + 2] : i);
        const std::int64_t sum =
            (is_signed ? signed_bits(now, bits) : static_cast<std::int64_t>(now)) + lane(x, type, i) * factor;
        set_qacc_bits(bits * i, bits, static_cast<std::uint64_t>(accumulate(sum, bits)));
      }
    } else {
      std::int64_t sum = is_signed ? accx : accx & 0xffffffffff;
      for (int i = 0; i < lanes_of(type); ++i) sum += lane(x, type, i) * lane(y, type, i);
      accx = signed_bits(static_cast<std::uint64_t>(accumulate(sum, 40)), 40);
    }
    if (!loads) return;
    const std::uint32_t at = word(1);
    const std::uint32_t width = static_cast<std::uint32_t>(bits_of(type)) / 8;
    word(1) += by_step ? step_size(2) : has("ldbc") ? width : 16;
    if (has("qup")) quad(first + 2) = shifted(quad(first + 2), quad(first + 3));
    if (!has("ldbc")) {
      quad(0) = load16(at);
      return;
    }
    const std::uint64_t element = load(at, static_cast<int>(width));
    for (int i = 0; i < lanes_of(type); ++i) set_lane(quad(0), type, i, static_cast<std::int64_t>(element));
  }

  void load_store(bool loads) {
    const std::uint32_t at = word(1);
    word(1) += step_size(2);
    if (t_[1] == "128") {
      if (loads)
        quad(0) = load16(at);
      else
        store16(at, quad(0));
      return;
    }
    for (std::uint32_t i = 0; i < 8; ++i) {
      std::uint8_t& byte = quad(0)[i + (t_[1] == "h" ? 8 : 0)];
      if (loads)
        byte = static_cast<std::uint8_t>(load(at + i, 1));
      else
        store(at + i, 1, byte);
    }
  }

  void broadcast() {
    const std::uint64_t element = load(word(1), bits_of(t_[1]) / 8);
    word(1) += step_size(2);
    for (int i = 0; i < lanes_of(t_[1]); ++i) set_lane(quad(0), t_[1], i, static_cast<std::int64_t>(element));
  }

  void fill_qacc(bool loads) {
    const Quad from = loads ? load16(word(0)) : quad(0);
    if (loads) word(0) += step_size(1);
    const int bits = bits_of(t_[1]) == 8 ? 20 : 40;
    for (int i = 0; i < lanes_of(t_[1]); ++i)
      set_qacc_bits(bits * i, bits, static_cast<std::uint64_t>(lane(from, t_[1], i)));
  }

  void special_load_store(bool loads) {
    if (t_[1] == "128") {  // usar
      const std::uint32_t at = word(1);
      word(1) += step_size(2);
      sar_byte = at % 16;
      quad(0) = load16(at);
    } else if (t_[1] == "accx") {
      const std::uint32_t at = word(0);
      word(0) += imm(1);
      if (loads)
        accx = signed_bits(load(at, 8), 40);
      else
        store(at, 8, static_cast<std::uint64_t>(accx) & 0xffffffffff);
    } else {
      const int first = (t_[1] == "qacc_h" ? 160 : 0) + (t_[2] == "h" ? 128 : 0);
      const int bytes = t_[2] == "h" ? 4 : 16;
      const std::uint32_t at = word(0);
      word(0) += imm(1);
      for (int i = 0; i < bytes; ++i) {
        const std::uint32_t address = at + static_cast<std::uint32_t>(i);
        if (loads)
          set_qacc_bits(first + 8 * i, 8, load(address, 1));
        else
          store(address, 1, qacc_bits(first + 8 * i, 8));
      }
    }
  }

  void shift_pair(bool stores) {
    if (stores) {
      store16(word(2), shifted(quad(0), quad(1)));
      word(2) += 16;
    } else if (has("ld")) {
      const std::uint32_t at = word(1);
      word(1) += step_size(2);
      quad(3) = shifted(quad(3), quad(4));
      quad(0) = load16(at);
    } else {
      const Quad result = shifted(quad(1), quad(2)), high = quad(2);
      if (has("qup")) quad(1) = high;
      quad(0) = result;
    }
  }

  void move_pair(const std::string& op) {
    const bool by_register = op.ends_with("xxp"), left = op[1] == 'l';
    const int bytes = (by_register ? static_cast<int>(word(2) & 15) : o_[2]) + 1;
    std::array<std::uint8_t, 32> from{}, to{};
    std::ranges::copy(quad(1), from.begin());
    std::ranges::copy(quad(0), from.begin() + 16);
    for (int i = 0; i < 32; ++i) {
      const int source = left ? i - bytes : i + bytes;
      to[static_cast<std::size_t>(i)] =
          source >= 0 && source < 32 ? from[static_cast<std::size_t>(source)] : 0;
    }
    std::copy_n(to.begin(), 16, quad(1).begin());
    std::copy_n(to.begin() + 16, 16, quad(0).begin());
    if (by_register) word(2) += word(3);
  }

  void zip(bool apart) {
    const std::string& type = t_[1];
    const Quad x = quad(0), y = quad(1);
    const int lanes = lanes_of(type);
    // Lane i of both registers, one behind the other.
    const auto get = [&](int i) { return i < lanes ? lane(x, type, i) : lane(y, type, i - lanes); };
    const auto put = [&](int i, std::int64_t value) {
      set_lane(i < lanes ? quad(0) : quad(1), type, i % lanes, value);
    };
    for (int i = 0; i < lanes; ++i) {
      if (apart) {
        put(i, get(2 * i));
        put(lanes + i, get(2 * i + 1));
      } else {
        put(2 * i, lane(x, type, i));
        put(2 * i + 1, lane(y, type, i));
      }
    }
  }

  // ---- the base instructions

  void base_step(const std::string& name) {
    if (t_[0] == "rur" || t_[0] == "wur") return user_register(t_[1], t_[0] == "rur");
    if (name == "mv.qr") {
      quad(0) = quad(1);
    } else if (name == "ld.qr") {
      quad(0) = load16(word(1) + imm(2));
    } else if (name == "st.qr") {
      store16(word(1) + imm(2), quad(0));
    } else if (name == "ssr" || name == "ssl" || name == "ssai" || name == "wsr.sar") {
      sar = name == "ssr"    ? word(0) % 32
            : name == "ssl"  ? 32 - word(0) % 32
            : name == "ssai" ? imm(0)
                             : word(0) % 64;
    } else if (name == "rsr.sar") {
      word(0) = sar;
    } else if (t_[0] == "movi") {
      word(0) = imm(1);
    } else if (t_[0][0] == 'l' && o_.size() == 3) {
      const int bytes = t_[0][1] == '8' ? 1 : t_[0][1] == '1' ? 2 : 4;
      const std::uint64_t value = load(word(1) + imm(2), bytes);
      word(0) = static_cast<std::uint32_t>(t_[0] == "l16si" ? signed_bits(value, 16)
                                                            : static_cast<std::int64_t>(value));
    } else if (t_[0] == "s8i" || t_[0] == "s16i" || t_[0] == "s32i") {
      store(word(1) + imm(2), t_[0] == "s8i" ? 1 : t_[0] == "s16i" ? 2 : 4, word(0));
    } else if (t_[0].starts_with("mov") && o_.size() == 3) {
      const std::int64_t test = signed_bits(word(2), 32);
      const bool moves = t_[0] == "moveqz"   ? test == 0
                         : t_[0] == "movnez" ? test != 0
                         : t_[0] == "movltz" ? test < 0
                                             : test >= 0;
      if (moves) word(0) = word(1);
    } else if (o_.size() >= 2 && t_[0] != "entry" && t_[0][0] != 'b' && !t_[0].starts_with("loop")) {
      const std::int64_t result = scalar(t_[0]);
      word(0) = static_cast<std::uint32_t>(result);
    }
  }

  // Of arithmetic with a result in its first operand; modulo 2^32.
  std::int64_t scalar(const std::string& op) {
    const std::int64_t x = signed_bits(word(1), 32), ux = word(1);
    // The third operand as a register or as a number.
    const bool by_register = o_.size() == 3 && !op.starts_with("addi") && op != "addmi" && op != "slli" &&
                             op != "srli" && op != "srai" && op != "sext" && op != "clamps";
    const std::int64_t n = o_.size() == 3 && !by_register ? o_[2] : 0;
    const std::int64_t y = by_register ? signed_bits(word(2), 32) : 0, uy = by_register ? word(2) : 0;
    if (op == "add") return x + y;
    if (op == "sub") return x - y;
    if (op == "addx2") return 2 * x + y;
    if (op == "addx4") return 4 * x + y;
    if (op == "addx8") return 8 * x + y;
    if (op == "subx2") return 2 * x - y;
    if (op == "subx4") return 4 * x - y;
    if (op == "subx8") return 8 * x - y;
    if (op == "and") return ux & uy;
    if (op == "or") return ux | uy;
    if (op == "xor") return ux ^ uy;
    if (op == "min") return std::min(x, y);
    if (op == "max") return std::max(x, y);
    if (op == "minu") return std::min(ux, uy);
    if (op == "maxu") return std::max(ux, uy);
    if (op == "mull") return x * y;
    if (op == "mulsh") return (x * y) >> 32;
    if (op == "muluh") return static_cast<std::int64_t>((word(1) * std::uint64_t{word(2)}) >> 32);
    if (op == "mul16s") return signed_bits(word(1), 16) * signed_bits(word(2), 16);
    if (op == "mul16u") return (ux & 0xffff) * (uy & 0xffff);
    if (op == "quos") return x / y;
    if (op == "quou") return ux / uy;
    if (op == "rems") return x % y;
    if (op == "remu") return ux % uy;
    if (op == "mov") return x;
    if (op == "neg") return -x;
    if (op == "abs") return x < 0 ? -x : x;
    if (op == "nsau" || op == "nsa") {
      const std::bitset<32> bits(op == "nsa" && x < 0 ? ~word(1) : word(1));
      int zeros = 0;
      while (zeros < 32 && !bits[static_cast<std::size_t>(31 - zeros)]) ++zeros;
      return op == "nsa" ? zeros - 1 : zeros;
    }
    if (op == "addi" || op == "addmi") return x + n;
    if (op == "slli") return x * (std::int64_t{1} << n);
    if (op == "srli") return ux >> n;
    if (op == "srai") return x >> n;
    if (op == "sext") return signed_bits(word(1), static_cast<int>(n) + 1);
    if (op == "clamps") return saturate(x, static_cast<int>(n) + 1);
    if (op == "extui") return (ux >> o_[2]) & ((std::int64_t{1} << o_[3]) - 1);
    if (op == "srl") return ux >> sar;
    if (op == "sra") return x >> sar;
    if (op == "sll") return static_cast<std::int64_t>((std::uint64_t{word(1)} << 32) >> sar);
    if (op == "src") return static_cast<std::int64_t>(((std::uint64_t{word(1)} << 32) | word(2)) >> sar);
    unknown_ = true;
    return 0;
  }

  void user_register(const std::string& name, bool reads) {
    const auto piece = static_cast<int>(name.back() - '0');
    if (name == "sar_byte") {
      if (reads)
        word(0) = sar_byte;
      else
        sar_byte = word(0) % 16;
    } else if (name.starts_with("accx")) {
      const std::uint64_t all = static_cast<std::uint64_t>(accx) & 0xffffffffff, low = all & 0xffffffff;
      if (reads)
        word(0) = static_cast<std::uint32_t>(piece == 0 ? low : all >> 32);
      else
        accx =
            signed_bits(piece == 0 ? (all - low) | word(0) : (std::uint64_t{word(0) & 0xff} << 32) | low, 40);
    } else {
      const int first = (name.starts_with("qacc_h") ? 160 : 0) + 32 * piece;
      if (reads)
        word(0) = static_cast<std::uint32_t>(qacc_bits(first, 32));
      else
        set_qacc_bits(first, 32, word(0));
    }
  }

  std::vector<std::int32_t> o_;
  std::vector<std::string> t_;
  bool unknown_ = false;

 public:
  // Whether an instruction without a transcription was met.
  bool met_unknown() const { return unknown_; }
};

}  // namespace mudra::s3
