// Constants that an ONNX file keeps in other files beside it.
#pragma once

#include <onnx/onnx_pb.h>

#include <filesystem>

namespace mudra::format {

// Gives every constant of `model` that is kept in a file of `folder` its bytes. Throws Error for names that
// are not plain, files that are not regular (links too) and places outside of them.
void take_in_external_data(onnx::ModelProto& model, const std::filesystem::path& folder);

}  // namespace mudra::format
