#include <fmt/ranges.h>

#include <algorithm>
#include <tuple>

#include "mudra/base/error.hpp"
#include "mudra/format/onnx_nodes.hpp"

namespace mudra::format {
namespace {

using graph::Layout;
using graph::Shape;
using graph::TensorIndex;

constexpr int kMaxExtent = 4096;  // of a kernel, stride or pad

int extent(std::int64_t value, const char* what) {
  if (value < 0 || value > kMaxExtent) fail("{} of {} is not within 0 to {}", what, value, kMaxExtent);
  return static_cast<int>(value);
}

Integers sizes(const OnnxAttributes& attributes, const char* name, Integers absent) {
  const std::size_t count = absent.size();
  Integers values = attributes.integers(name, std::move(absent));
  if (values.size() != count) fail("{} has {} values, not {}", name, values.size(), count);
  return values;
}

// The padding SAME_UPPER or SAME_LOWER asks for at the two ends of an axis.
std::pair<int, int> same_padding(std::int64_t side, int kernel, int stride, bool upper) {
  if (stride < 1) fail("stride of {}", stride);
  const std::int64_t out = (side + stride - 1) / stride;
  const int total = extent(std::max<std::int64_t>((out - 1) * stride + kernel - side, 0), "padding");
  const int small = total / 2;
  return upper ? std::pair(small, total - small) : std::pair(total - small, small);
}

graph::Window window_of(const OnnxAttributes& attributes, std::int64_t kernel_h, std::int64_t kernel_w,
                        const Shape& in, const Padded& padded = {}) {
  const Integers kernel = sizes(attributes, "kernel_shape", {kernel_h, kernel_w}),
                 strides = sizes(attributes, "strides", {1, 1}),
                 dilations = sizes(attributes, "dilations", {1, 1}),
                 pads = sizes(attributes, "pads", {0, 0, 0, 0});
  if (dilations != Integers{1, 1}) fail("dilations [{}]; only 1 is supported", fmt::join(dilations, ", "));
  graph::Window window{.kernel_h = extent(kernel[0], "kernel"),
                       .kernel_w = extent(kernel[1], "kernel"),
                       .stride_h = extent(strides[0], "stride"),
                       .stride_w = extent(strides[1], "stride"),
                       .pad_top = extent(pads[0], "padding"),
                       .pad_left = extent(pads[1], "padding"),
                       .pad_bottom = extent(pads[2], "padding"),
                       .pad_right = extent(pads[3], "padding")};
  const std::string auto_pad = attributes.text("auto_pad", "NOTSET");
  if (auto_pad == "SAME_UPPER" || auto_pad == "SAME_LOWER") {
    const bool upper = auto_pad == "SAME_UPPER";
    std::tie(window.pad_top, window.pad_bottom) =
        same_padding(in[1] + padded.top + padded.bottom, window.kernel_h, window.stride_h, upper);
    std::tie(window.pad_left, window.pad_right) =
        same_padding(in[2] + padded.left + padded.right, window.kernel_w, window.stride_w, upper);
  } else if (auto_pad != "NOTSET" && auto_pad != "VALID") {
    fail("auto_pad '{}' is unknown", auto_pad);
  }
  window.pad_top += padded.top;
  window.pad_left += padded.left;
  window.pad_bottom += padded.bottom;
  window.pad_right += padded.right;
  return window;
}

// Windows that begin inside the map count with ceil_mode, though padding ends before they do: so much more of
// it.
int rest_of_windows(std::int64_t side, int kernel, int stride, int before, int behind) {
  const std::int64_t room = side + before + behind - kernel;
  if (room < 0 || room % stride == 0) return 0;
  const std::int64_t missing = stride - room % stride;
  return behind + missing < kernel && room + missing < side + before ? static_cast<int>(missing) : 0;
}

graph::Window pool_window(const Source& source, const Shape& in, const Padded& padded = {}) {
  if (!source.attributes.has("kernel_shape")) fail("it does not say its kernel_shape");
  graph::Window window = window_of(source.attributes, 0, 0, in, padded);
  if (source.attributes.integer("ceil_mode", 0) == 0 || window.stride_h < 1 || window.stride_w < 1)
    return window;
  window.pad_bottom +=
      rest_of_windows(in[1], window.kernel_h, window.stride_h, window.pad_top, window.pad_bottom);
  window.pad_right +=
      rest_of_windows(in[2], window.kernel_w, window.stride_w, window.pad_left, window.pad_right);
  return window;
}

graph::Window whole(const Shape& map) {
  return {.kernel_h = extent(map[1], "map"), .kernel_w = extent(map[2], "map")};
}

}  // namespace

void import_conv(const Source& source) {
  const Padded padded = source.to.padded_activation(source.node, 0);
  const TensorIndex in = padded.tensor;
  const OnnxConstant& weights = source.constant(1);
  const Shape& in_shape = source.to.map_shape(in);
  if (weights.shape.size() != 4) fail("its weight has {} dimensions, not 4", weights.shape.size());
  const std::int64_t groups = source.attributes.integer("group", 1);
  const bool depthwise = groups != 1 && groups == in_shape[3] && weights.shape[0] == groups;
  if (groups != 1 && !depthwise)
    fail("group is {}; supported are 1 and the number of channels ({}), with as many outputs", groups,
         in_shape[3]);
  const graph::Conv conv{
      .window = window_of(source.attributes, weights.shape[2], weights.shape[3], in_shape, padded),
      .depthwise = depthwise,
      .fused_relu = false};
  std::vector<TensorIndex> inputs{in,
                                  source.to.weight(weights, weights.shape, Layout::kOihw, weights.floats())};
  if (source.has_input(2)) inputs.push_back(source.to.vector(source.constant(2)));
  source.add(conv, std::move(inputs));
}

void import_max_pool(const Source& source) {
  if (source.node.output_size() > 1 && !source.node.output(1).empty())
    fail("the places of the largest values are not supported, the values alone are");
  const TensorIndex in = source.activation(0);
  source.add(graph::MaxPool{pool_window(source, source.to.map_shape(in))}, {in});
}

void import_average_pool(const Source& source) {
  const Padded padded = source.to.padded_activation(source.node, 0);
  const Shape& shape = source.to.map_shape(padded.tensor);
  const graph::Window window = pool_window(source, shape, padded);
  graph::Window once = window;
  once.stride_h = once.stride_w = 1;  // one position only
  if (once == whole(shape)) return source.add(graph::GlobalAveragePool{}, {padded.tensor});
  const bool own_padding = window_of(source.attributes, 0, 0, shape).is_padded();
  const bool counts = source.attributes.integer("count_include_pad", 0) != 0 || !own_padding;
  if (window != window_of(source.attributes, 0, 0, shape, padded))
    fail("ceil_mode = 1 makes windows that reach beyond the map, whose mean the chip cannot compute; use 0");
  if (!counts && padded.is_any())
    fail("a Pad before it counts, its own padding does not (count_include_pad = 0); use one of them");
  source.add(graph::AveragePool{window, counts}, {padded.tensor});
}

void import_global_average_pool(const Source& source) {
  source.add(graph::GlobalAveragePool{}, {source.activation(0)});
}

void import_global_max_pool(const Source& source) {
  const TensorIndex in = source.activation(0);
  source.add(graph::MaxPool{whole(source.to.map_shape(in))}, {in});
}

void import_reduce_mean(const Source& source) {
  check_rows_and_columns(axes_of(source, 18));
  const TensorIndex in = source.activation(0);
  if (source.attributes.integer("keepdims", 1) != 0) return source.add(graph::GlobalAveragePool{}, {in});
  source.add(graph::Flatten{},
             {source.to.add_hidden(source.name + ".pool", graph::GlobalAveragePool{}, {in})});
}

// Zeros around a map become the padding of the Conv or AveragePool behind.
void import_pad(const Source& source) {
  if (source.attributes.text("mode", "constant") != "constant")
    fail("mode '{}'; only padding with zeros is supported", source.attributes.text("mode", ""));
  float value = source.attributes.real("value", 0);
  Integers pads = source.attributes.integers("pads", {});
  if (source.to.opset() >= 11) {
    pads = source.constant(1).integers();
    if (source.has_input(2) && source.constant(2).size() == 1) value = source.constant(2).floats()[0];
    if (source.has_input(3)) fail("axes are not supported");
  }
  constexpr std::size_t kBefore = 4;  // batch, channels, rows, columns; then the same behind
  if (pads.size() != 2 * kBefore) fail("it has {} paddings, not 8", pads.size());
  if (std::ranges::all_of(pads, [](std::int64_t pad) { return pad == 0; }))
    return source.to.alias(source.node);
  if (value != 0) fail("it pads with {}; only zeros are supported", value);
  for (const std::size_t axis : {0, 1, 4, 5})
    if (pads[axis] != 0) fail("pads [{}]; only rows and columns can be padded", fmt::join(pads, ", "));
  source.to.pad(source.node, {.tensor = source.activation(0),
                              .top = extent(pads[2], "padding"),
                              .left = extent(pads[3], "padding"),
                              .bottom = extent(pads[6], "padding"),
                              .right = extent(pads[7], "padding")});
}

}  // namespace mudra::format
