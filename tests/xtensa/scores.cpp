// scores MODEL FRAME...: runs an .espdl on frames, each a file of the network's input bytes, and prints for
// each frame the output integers; after that what the picture preparation makes of a generated picture. The
// same source runs on the PC and on the emulated Xtensa, where it also tells which instructions belong to
// which node. With EMPTY_KERNELS it runs the vector kernels' C++ side, which calls functions that do nothing:
// the scores mean nothing, and all counted instructions are those of C++. With UNMARKED all are the engine's.
#include <cstring>

#include "mudra/device/engine.hpp"
#include "mudra/device/image.hpp"
#include "platform.hpp"

#ifdef EMPTY_KERNELS
#include "mudra/device/s3/kernels.hpp"
#include "mudra/device/s3/routine.hpp"

#define EMPTY(name) \
  extern "C" void name(const std::uint32_t*) {}
MUDRA_S3_ROUTINES(EMPTY)
#endif

namespace {

using namespace mudra::device;

constexpr int kEngineMark = 126, kOutsideMark = 127;  // the others are nodes

alignas(16) std::uint8_t model_bytes[1 << 18];
alignas(16) std::byte arena[1 << 17];
Engine engine;
constexpr PictureShape kGray{}, kColor{.height = 48, .width = 64, .channels = 3};
std::uint8_t source[160 * 120 * 3], prepared[kGray.bytes()];
std::uint16_t work[Resizer::kMostWorkWords];

void print(const char* text) { platform::write(text, std::strlen(text)); }

void print(std::string_view text) { platform::write(text.data(), text.size()); }

void print(int number) {
  char digits[12];
  char* first = digits + sizeof digits;
  unsigned rest = number < 0 ? 0u - static_cast<unsigned>(number) : static_cast<unsigned>(number);
  do {
    *--first = static_cast<char>('0' + rest % 10);
    rest /= 10;
  } while (rest != 0);
  if (number < 0) *--first = '-';
  platform::write(first, static_cast<std::size_t>(digits + sizeof digits - first));
}

#ifdef EMPTY_KERNELS
const Kernels& own_kernels() { return s3::kernels(); }
#else
const Kernels& own_kernels() { return portable_kernels(); }
#endif

#ifdef UNMARKED
Kernels marked_kernels() { return own_kernels(); }
#else
Kernel kernel_of_node[kMaxNodes];

void run_marked(const Operation& operation, const Tile& tile) {
  platform::mark(operation.node);
  kernel_of_node[operation.node](operation, tile);
  platform::mark(kEngineMark);
}

Kernels marked_kernels() {
  Kernels kernels = own_kernels();
  kernels.choose = [](const Operation& operation) -> Kernel {
    kernel_of_node[operation.node] = own_kernels().choose(operation);
    return run_marked;
  };
  return kernels;
}
#endif

void print_scores() {
  const TensorInfo info = engine.output_info();
  const std::byte* scores = engine.output().data();
  for (int i = 0; i < info.channels; ++i) {
    std::int16_t wide = 0;
    if (info.type == Width::kInt16)
      std::memcpy(&wide, scores + 2 * i, 2);
    else
      wide = static_cast<std::int8_t>(scores[i]);
    print(" ");
    print(wide);
  }
  print("\n");
}

// A colour picture of pseudo-random pixels, resized row by row to gray and to colour.
std::uint32_t hash_of_prepared_pictures() {
  std::uint32_t state = 1, hash = 2166136261u;
  for (std::uint8_t& value : source) {
    state = state * 1664525u + 1013904223u;
    value = static_cast<std::uint8_t>(state >> 24);
  }
  for (const PictureShape& shape : {kGray, kColor}) {
    const std::span<std::uint8_t> out(prepared, shape.bytes());
    if (resize({160, 120, PixelFormat::kRgb888}, source, 160 * 3, shape, out, work) != Status::kOk) return 0;
    for (const std::uint8_t value : out) hash = (hash ^ value) * 16777619u;
  }
  return hash;
}

int run() {
  if (platform::argument_count() < 2) return 2;
  const int size = platform::read_file(platform::argument(0), model_bytes);
  if (size < 0) return 2;
  const Kernels kernels = marked_kernels();
  const Status status = engine.prepare({model_bytes, static_cast<std::size_t>(size)}, arena, kernels);
  if (status != Status::kOk) {
    print(engine.problem().node);
    print(": ");
    print(describe(status));
    print("\n");
    return 1;
  }
  for (int i = 0; i < engine.network().size; ++i) {
    ModelView view;
    const int node = engine.network().operation(i).node;
    if (view.open({model_bytes, static_cast<std::size_t>(size)}) != Status::kOk) return 1;
    print("node ");
    print(node);
    print(" ");
    print(view.node(node).name());
    print("\n");
  }
  const std::span<std::byte> input = engine.input();
  for (int i = 1; i < platform::argument_count(); ++i) {
    std::uint8_t* bytes = reinterpret_cast<std::uint8_t*>(input.data());
    if (platform::read_file(platform::argument(i), {bytes, input.size()}) != static_cast<int>(input.size()))
      return 2;
    platform::mark(kEngineMark);
    const Status ran = engine.run();
    platform::mark(kOutsideMark);
    if (ran != Status::kOk) return 1;
    print("scores");
    print_scores();
  }
  print("picture ");
  print(static_cast<int>(hash_of_prepared_pictures()));
  print("\narena ");
  print(static_cast<int>(engine.arena_bytes()));
  print("\n");
  return 0;
}

}  // namespace

#ifdef __XTENSA__
extern "C" int main();
int main() { return run(); }
#else
int test_main() { return run(); }
#endif
