#include "mudra/graph/shape_inference.hpp"

#include <fmt/ranges.h>

#include <set>

#include "mudra/base/error.hpp"
#include "mudra/graph/operations.hpp"

namespace mudra::graph {
namespace {

// The inputs of one node, with the checks that all operations share.
class Inputs {
 public:
  Inputs(const Graph& graph, const Node& node) : graph_(graph), node_(node) {}

  void expect_count(std::size_t least, std::size_t most) const {
    const std::size_t count = node_.inputs.size();
    if (count >= least && count <= most) return;
    if (least == most) fail("it takes {} inputs, not {}", least, count);
    fail("it takes {} to {} inputs, not {}", least, most, count);
  }
  bool has(std::size_t i) const { return i < node_.inputs.size(); }
  const Tensor& at(std::size_t i) const { return graph_.tensor(node_.inputs[i]); }

  const Shape& of_layout(std::size_t i, Layout layout, std::size_t rank) const {
    const Tensor& tensor = at(i);
    if (tensor.layout != layout || tensor.shape.size() != rank)
      fail("input '{}' is {} [{}], not {} of {} dimensions", tensor.name, name_of(tensor.layout),
           fmt::join(tensor.shape, ", "), name_of(layout), rank);
    return tensor.shape;
  }
  const Shape& map(std::size_t i) const { return of_layout(i, Layout::kNhwc, 4); }
  const Shape& features(std::size_t i) const { return of_layout(i, Layout::kNc, 2); }

  void expect_vector(std::size_t i, std::int64_t channels) const {
    if (of_layout(i, Layout::kVector, 1)[0] != channels)
      fail("'{}' has {} values for {} channels", at(i).name, at(i).shape[0], channels);
  }

 private:
  const Graph& graph_;
  const Node& node_;
};

std::int64_t slid(std::int64_t side, int kernel, int stride, int pads) {
  const std::int64_t room = side + pads - kernel;
  if (room < 0) fail("a kernel of {} does not fit into {} with {} of padding", kernel, side, pads);
  return room / stride + 1;
}

void check_window(const Window& window) {
  if (window.kernel_h < 1 || window.kernel_w < 1) fail("kernel is {}x{}", window.kernel_h, window.kernel_w);
  if (window.stride_h < 1 || window.stride_w < 1) fail("stride is {}x{}", window.stride_h, window.stride_w);
  for (const int pad : {window.pad_top, window.pad_left, window.pad_bottom, window.pad_right})
    if (pad < 0 || pad > kMaxPadding) fail("padding of {} is not within 0 to {}", pad, kMaxPadding);
}

// What a window gives of a map of these sides, as so many channels.
TensorForm slid_over(const Window& window, const Shape& in, std::int64_t channels) {
  check_window(window);
  return {{in[0], slid(in[1], window.kernel_h, window.stride_h, window.pad_top + window.pad_bottom),
           slid(in[2], window.kernel_w, window.stride_w, window.pad_left + window.pad_right), channels},
          Layout::kNhwc};
}

TensorForm form_of(const Conv& conv, const Inputs& inputs) {
  inputs.expect_count(2, 3);
  const Shape &in = inputs.map(0), &weight = inputs.of_layout(1, Layout::kOihw, 4);
  const Window& window = conv.window;
  if (weight[2] != window.kernel_h || weight[3] != window.kernel_w)
    fail("kernel is {}x{} but the weight's is {}x{}", window.kernel_h, window.kernel_w, weight[2], weight[3]);
  const std::int64_t groups = conv.depthwise ? in[3] : 1;
  if (weight[1] * groups != in[3])
    fail("the weight takes {} channels, the input has {}", weight[1] * groups, in[3]);
  if (conv.depthwise && weight[0] != in[3])
    fail("a depthwise weight for {} channels, the input has {}", weight[0], in[3]);
  if (inputs.has(2)) inputs.expect_vector(2, weight[0]);
  return slid_over(window, in, weight[0]);
}

TensorForm same_as_input(const Inputs& inputs) { return {inputs.at(0).shape, inputs.at(0).layout}; }

TensorForm form_of(const BatchNormalization&, const Inputs& inputs) {
  inputs.expect_count(5, 5);
  if (inputs.at(0).layout != Layout::kNc) inputs.map(0);
  for (std::size_t i = 1; i < 5; ++i) inputs.expect_vector(i, inputs.at(0).shape.back());
  return same_as_input(inputs);
}

TensorForm form_of(const Clip& clip, const Inputs& inputs) {
  inputs.expect_count(1, 1);
  if (!(clip.low <= clip.high)) fail("it clips to [{}, {}]", clip.low, clip.high);
  return same_as_input(inputs);
}

TensorForm form_of(const Relu&, const Inputs& inputs) {
  inputs.expect_count(1, 1);
  return same_as_input(inputs);
}

TensorForm form_of(const RequantizeLinear&, const Inputs& inputs) {
  inputs.expect_count(1, 1);
  return same_as_input(inputs);
}

TensorForm form_of(const Add&, const Inputs& inputs) {
  inputs.expect_count(2, 2);
  if (inputs.at(0).shape != inputs.at(1).shape || inputs.at(0).layout != inputs.at(1).layout)
    fail("it adds [{}] and [{}]", fmt::join(inputs.at(0).shape, ", "), fmt::join(inputs.at(1).shape, ", "));
  return same_as_input(inputs);
}

TensorForm form_of(const Mul&, const Inputs& inputs) {
  inputs.expect_count(2, 2);
  const Shape &in = inputs.at(0).shape, &factor = inputs.at(1).shape;
  const bool per_channel = in.size() == 4 && factor == Shape{in[0], 1, 1, in[3]};
  if ((in != factor && !per_channel) || inputs.at(0).layout != inputs.at(1).layout)
    fail("it multiplies [{}] by [{}]", fmt::join(in, ", "), fmt::join(factor, ", "));
  return same_as_input(inputs);
}

TensorForm form_of(const Concat&, const Inputs& inputs) {
  if (!inputs.has(0)) fail("it joins nothing");
  Shape all = inputs.map(0);
  for (std::size_t i = 1; inputs.has(i); ++i) {
    const Shape& part = inputs.map(i);
    if (part[0] != all[0] || part[1] != all[1] || part[2] != all[2])
      fail("it joins the channels of [{}] and [{}]", fmt::join(inputs.map(0), ", "), fmt::join(part, ", "));
    all[3] += part[3];
  }
  return {all, Layout::kNhwc};
}

TensorForm form_of(const Activation&, const Inputs& inputs) {
  inputs.expect_count(1, 2);
  if (inputs.has(1)) inputs.expect_vector(1, kTableSize);
  return same_as_input(inputs);
}

TensorForm form_of(const PRelu&, const Inputs& inputs) {
  inputs.expect_count(2, 2);
  inputs.expect_vector(1, inputs.at(0).shape.back());
  return same_as_input(inputs);
}

TensorForm pooled(const Window& window, const Inputs& inputs) {
  inputs.expect_count(1, 1);
  const Shape& in = inputs.map(0);
  if (window.pad_top >= window.kernel_h || window.pad_bottom >= window.kernel_h ||
      window.pad_left >= window.kernel_w || window.pad_right >= window.kernel_w)
    fail("padding of {}, {}, {} and {} for a window of {}x{}; a window would see padding alone",
         window.pad_top, window.pad_left, window.pad_bottom, window.pad_right, window.kernel_h,
         window.kernel_w);
  return slid_over(window, in, in[3]);
}
TensorForm form_of(const MaxPool& pool, const Inputs& inputs) { return pooled(pool.window, inputs); }
TensorForm form_of(const AveragePool& pool, const Inputs& inputs) { return pooled(pool.window, inputs); }

TensorForm form_of(const GlobalAveragePool&, const Inputs& inputs) {
  inputs.expect_count(1, 1);
  const Shape& in = inputs.map(0);
  return {{in[0], 1, 1, in[3]}, Layout::kNhwc};
}

TensorForm form_of(const Flatten&, const Inputs& inputs) {
  inputs.expect_count(1, 1);
  const Shape& in = inputs.map(0);
  return {{in[0], in[1] * in[2] * in[3]}, Layout::kNc};
}

TensorForm form_of(const Gemm&, const Inputs& inputs) {
  inputs.expect_count(2, 3);
  const Shape &in = inputs.features(0), &weight = inputs.of_layout(1, Layout::kOi, 2);
  if (weight[1] != in[1]) fail("the weight takes {} features, the input has {}", weight[1], in[1]);
  if (inputs.has(2)) inputs.expect_vector(2, weight[0]);
  return {{in[0], weight[0]}, Layout::kNc};
}

TensorForm form_of(const Transpose& transpose, const Inputs& inputs) {
  inputs.expect_count(1, 1);
  const Shape& in = inputs.at(0).shape;
  const std::set<int> axes(transpose.permutation.begin(), transpose.permutation.end());
  if (transpose.permutation.size() != in.size() || axes.size() != in.size() ||
      (!axes.empty() && (*axes.begin() != 0 || *axes.rbegin() != static_cast<int>(in.size()) - 1)))
    fail("[{}] is no permutation of {} axes", fmt::join(transpose.permutation, ", "), in.size());
  TensorForm form = same_as_input(inputs);
  for (std::size_t i = 0; i < in.size(); ++i)
    form.shape[i] = in[static_cast<std::size_t>(transpose.permutation[i])];
  return form;
}

}  // namespace

void check_shape(const Shape& shape) {
  std::int64_t elements = 1;
  for (const std::int64_t size : shape) {
    if (size < 1) fail("shape [{}] has a size below 1", fmt::join(shape, ", "));
    if (size > kMaxElements / elements)
      fail("shape [{}] has more than {} elements", fmt::join(shape, ", "), kMaxElements);
    elements *= size;
  }
}

TensorForm output_form(const Graph& graph, const Node& node) {
  const Inputs inputs(graph, node);
  auto form = std::visit([&](const auto& operation) { return form_of(operation, inputs); }, node.operation);
  check_shape(form.shape);
  return form;
}

}  // namespace mudra::graph
