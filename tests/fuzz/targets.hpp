// One function per reader: what a fuzzer throws at it, and what the regression files are replayed through.
//
// Each takes any bytes and returns; an Error of the reader is an answer like any other. What was read is used
// too, so that a file that is accepted can be trusted.
#pragma once

#include <cstdint>
#include <span>

namespace mudra::fuzz {

using Bytes = std::span<const std::uint8_t>;

void read_pth(Bytes bytes);
void read_npz(Bytes bytes);
void read_onnx(Bytes bytes);
void read_tflite(Bytes bytes);
void read_espdl(Bytes bytes);
void read_image(Bytes bytes);
void read_engine(Bytes bytes);  // engine_target.cpp
// Behind a model, with the checksums that a section has to have. engine_target.cpp
void read_packed(Bytes bytes);
void read_checkpoint(Bytes bytes);
void read_protocol(Bytes bytes);  // protocol_target.cpp
// The bytes choose a network: its fast run is its plain one, and its ONNX files are read as what they are.
void read_graph(Bytes bytes);

// The virtual chip's assembly; what is accepted is run for a while.
void read_assembly(Bytes bytes);

// The bytes choose a small operation: the vector kernels compute it as the portable ones do
// (kernels_target.cpp).
void read_kernels(Bytes bytes);

// What a browser asks the studio, request_target.cpp.
void read_request(Bytes bytes);

struct Target {
  const char* name;
  void (*read)(Bytes bytes);
};
inline constexpr Target kTargets[] = {{"pth", read_pth},           {"npz", read_npz},
                                      {"onnx", read_onnx},         {"tflite", read_tflite},
                                      {"espdl", read_espdl},       {"engine", read_engine},
                                      {"image", read_image},       {"protocol", read_protocol},
                                      {"graph", read_graph},       {"checkpoint", read_checkpoint},
                                      {"assembly", read_assembly}, {"packed", read_packed},
                                      {"kernels", read_kernels},   {"request", read_request}};

}  // namespace mudra::fuzz
