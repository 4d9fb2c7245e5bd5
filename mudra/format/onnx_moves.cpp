#include <fmt/ranges.h>

#include <algorithm>

#include "mudra/base/error.hpp"
#include "mudra/format/onnx_axes.hpp"
#include "mudra/format/onnx_nodes.hpp"
#include "mudra/graph/build.hpp"

namespace mudra::format {
namespace {

using graph::Layout;
using graph::Shape;
using graph::TensorIndex;

const std::vector<int> kChannelsFirst{0, 3, 1, 2}, kUnchanged{0, 1, 2, 3};

// The axes of one Transpose after another.
std::vector<int> composed(const std::vector<int>& first, const std::vector<int>& second) {
  std::vector<int> axes;
  for (const int axis : second) axes.push_back(first[static_cast<std::size_t>(axis)]);
  return axes;
}

// [batch, features] of a map, in the file's order, or of features.
void flatten(const Source& source) {
  TensorIndex in = source.activation(0);
  const graph::Graph& network = source.to.graph();
  const graph::Tensor& tensor = network.tensor(in);
  if (tensor.layout == Layout::kNc) return source.to.define(source.node, in);
  if (!graph::is_channels_first_too(tensor.shape)) {
    std::vector<int> axes = kChannelsFirst;
    const graph::Node* producer = graph::producer_of(network, in);
    const auto* transpose =
        producer == nullptr ? nullptr : std::get_if<graph::Transpose>(&producer->operation);
    if (transpose != nullptr) {
      axes = composed(transpose->permutation, axes);
      in = producer->inputs[0];
    }
    if (axes != kUnchanged)
      in = source.to.add_hidden(source.name + ".transposed", graph::Transpose{axes}, {in});
  }
  source.add(graph::Flatten{}, {in});
}

void define_integers(const Source& source, Shape shape, Integers values) {
  constexpr std::size_t kMaxCount = 64;
  if (values.size() > kMaxCount) fail("more than {} integers", kMaxCount);
  source.to.define(source.node, OnnxConstant{"", std::move(shape), std::move(values)});
}

}  // namespace

Integers axes_of(const Source& source, int since) {
  Integers axes = source.attributes.integers("axes", {});
  if (source.to.opset() >= since && source.has_input(1)) axes = source.constant(1).integers();
  for (std::int64_t& axis : axes) axis = axis < 0 && axis >= -4 ? axis + 4 : axis;
  std::ranges::sort(axes);
  return axes;
}

void check_rows_and_columns(const Integers& axes) {
  if (axes != Integers{2, 3})
    fail("axes [{}]; only rows and columns (2, 3) are supported", fmt::join(axes, ", "));
}

void import_flatten(const Source& source) {
  const std::int64_t axis = source.attributes.integer("axis", 1);
  if (axis != 1 && axis != -3) fail("axis {}; only 1 is supported", axis);
  flatten(source);
}

void import_squeeze(const Source& source) {
  check_rows_and_columns(axes_of(source, 13));
  flatten(source);
}

void import_transpose(const Source& source) {
  if (source.to.makes_input_nchw(source.node)) return source.to.alias(source.node);
  const Integers perm = source.attributes.integers("perm", {});
  const TensorIndex in = source.activation(0);
  Integers sorted = perm;
  std::ranges::sort(sorted);
  if (sorted != Integers{0, 1, 2, 3} || perm[0] != 0 || source.to.graph().tensor(in).layout != Layout::kNhwc)
    fail("perm [{}]; only channels, rows and columns of a map can change places", fmt::join(perm, ", "));
  std::vector<int> axes;
  for (const int theirs : kTheirAxes)
    axes.push_back(kOurAxes[static_cast<std::size_t>(perm[static_cast<std::size_t>(theirs)])]);
  if (axes == kUnchanged) return source.to.alias(source.node);
  source.add(graph::Transpose{axes}, {in});
}

// A constant in another shape, whose sizes may be 0 (as it was) or, one of them, -1 (what remains).
void reshape_constant(const Source& source, OnnxConstant constant) {
  Shape target = source.constant(1).integers();
  const auto count = static_cast<std::int64_t>(constant.size());
  std::int64_t known = 1, free = 0;
  for (std::size_t axis = 0; axis < target.size(); ++axis) {
    if (target[axis] == 0 && axis < constant.shape.size()) target[axis] = constant.shape[axis];
    if (target[axis] == -1)
      ++free;
    else if (target[axis] < 1 || target[axis] > count || known > count)
      fail("to [{}]", fmt::join(target, ", "));
    else
      known *= target[axis];
  }
  for (std::int64_t& size : target)
    if (size == -1) size = count / known;
  if (free > 1 || graph::element_count(target) != count)
    fail("{} values to [{}]", count, fmt::join(target, ", "));
  constant.shape = std::move(target);
  source.to.define(source.node, std::move(constant));
}

void import_reshape(const Source& source) {
  if (source.to.makes_input_nchw(source.node)) return source.to.alias(source.node);
  if (const OnnxConstant* constant = source.to.find_constant(source.node, 0))
    return reshape_constant(source, *constant);
  const Integers& target = source.constant(1).integers();
  const std::int64_t features =
      graph::element_count(source.to.graph().tensor(source.activation(0)).shape);  // the batch size is 1
  // The batch size is 1, 0 (as it was) or -1 (what remains), the features may be -1 instead.
  const bool flattens = target.size() == 2 && target[0] >= -1 && target[0] <= 1 &&
                        (target[1] == features || (target[1] == -1 && target[0] != -1));
  if (!flattens) fail("to [{}]; only to [batch, {}] is supported", fmt::join(target, ", "), features);
  flatten(source);
}

void import_identity(const Source& source) {
  if (const OnnxConstant* value = source.to.find_constant(source.node, 0))
    return source.to.define(source.node, *value);
  source.to.alias(source.node);
}

void import_dropout(const Source& source) {
  if (source.has_input(2) && source.constant(2).integers() != Integers{0}) fail("it is in training mode");
  source.to.alias(source.node);
}

// At the end of a network: the order of the scores, and so the class, is what it was before.
void leave_out(const Source& source) {
  const std::int64_t absent = source.node.op_type() == "ArgMax" ? 0 : source.to.opset() < 13 ? 1 : -1;
  const std::int64_t axis = source.attributes.integer("axis", absent);
  const TensorIndex in = source.to.leave_out(source.node, source.name);
  const bool of_features = source.to.graph().tensor(in).layout == Layout::kNc;
  if (axis != 1 && !(axis == -1 && of_features)) fail("axis {}; only the classes' (1) is supported", axis);
}

void import_constant(const Source& source) { source.to.define(source.node, source.attributes.constant()); }

void import_shape(const Source& source) {
  const graph::Tensor& tensor = source.to.graph().tensor(source.activation(0));
  Shape shape = tensor.shape;
  if (tensor.layout == Layout::kNhwc) shape = {shape[0], shape[3], shape[1], shape[2]};
  const std::int64_t rank = std::ssize(shape);
  const auto place = [&](const char* name, std::int64_t absent) {
    const std::int64_t given = source.attributes.integer(name, absent);
    return std::clamp<std::int64_t>(given < 0 ? given + rank : given, 0, rank);
  };
  const std::int64_t start = place("start", 0), end = std::max(start, place("end", rank));
  define_integers(source, {end - start}, {shape.begin() + start, shape.begin() + end});
}

void import_gather(const Source& source) {
  const Integers& values = source.constant(0).integers();
  const OnnxConstant& indices = source.constant(1);
  if (source.attributes.integer("axis", 0) != 0) fail("only axis 0 is supported");
  Integers gathered;
  for (const std::int64_t i : indices.integers()) {
    const std::int64_t at = i < 0 ? i + std::ssize(values) : i;
    if (at < 0 || at >= std::ssize(values)) fail("index {} of {} values", i, values.size());
    gathered.push_back(values[static_cast<std::size_t>(at)]);
  }
  define_integers(source, indices.shape, std::move(gathered));
}

void import_unsqueeze(const Source& source) {
  const Integers& values = source.constant(0).integers();
  if (values.size() != 1) fail("only of one number");
  define_integers(source, {1}, values);
}

void import_concat(const Source& source) {
  if (source.node.input_size() == 0) fail("it joins nothing");
  if (source.to.find_constant(source.node, 0) == nullptr) {
    std::vector<TensorIndex> parts;
    for (int i = 0; i < source.node.input_size(); ++i) parts.push_back(source.activation(i));
    const std::int64_t axis = source.attributes.integer("axis", 1);
    if ((axis != 1 && axis != -3) || source.to.graph().tensor(parts[0]).layout != Layout::kNhwc)
      fail("axis {}; only the channels (1) of maps can be joined", axis);
    return source.add(graph::Concat{}, std::move(parts));
  }
  Integers values;
  for (int i = 0; i < source.node.input_size(); ++i) {
    const Integers& part = source.constant(i).integers();
    values.insert(values.end(), part.begin(), part.end());
  }
  define_integers(source, {std::ssize(values)}, values);
}

}  // namespace mudra::format
