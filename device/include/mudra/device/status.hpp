// What a device function says instead of throwing.
#pragma once

#include <cstdint>

namespace mudra::device {

enum class [[nodiscard]] Status : std::uint8_t{
    kOk,
    // Pictures
    kBadSize,      // a picture without pixels or larger than kMaxImageSide
    kTooManyRows,  // more rows pushed than the picture has
    kBadExponent,  // the model's input exponent is outside what the conversion supports
    // A model file
    kNotEspdl,   // it does not start with EDL1, EDL2 or PDL1 to PDL3
    kEncrypted,  // AES is not supported
    kTruncated,  // it is shorter than its header says
    kBadOffset,  // an offset or a length in it leads out of it
    kTooLarge,   // more bytes, nodes, tensors or recorded inputs than the limits in espdl_view.hpp, more work
                 // than kMaxProducts, or a longer name than flatbuffer.hpp's
    kTooManyClasses,  // more than kMaxClasses
    kMisaligned,      // the model, an array in it or the arena does not lie at a multiple of what it needs
    // The network in it
    kNoGraph,              // no nodes, or not one input and one output
    kUnknownTensor,        // a node reads what nothing makes
    kBadOrder,             // a node reads what only a later node makes, or itself: a cycle
    kDuplicateTensor,      // two nodes make the same tensor
    kUnusedTensor,         // what a node makes is never read
    kUnsupportedNode,      // an operation, or a number of inputs, that the engine does not know
    kUnsupportedTopology,  // known operations, joined in a way the engine cannot run
    kBadAttribute,         // an attribute is missing or has a value the engine does not know
    kBadShape,             // a shape that contradicts the node, or is absurd
    kBadType,              // not int8 or int16, or not the type this node needs
    kBadWeights,           // weights, bias or bounds are missing, too short or of a wrong type
    kLeftShift,            // exponents for which the chip's kernels would have to shift left
    kUnequalExponents,     // exponents that have to be equal are not
    kBadTable,             // a look-up table that is not what its node computes
    // The packed weights behind it (packed_section.hpp)
    kNoPackedWeights, kBadChecksum,
    kOtherKernels,  // packed for other kernels, or for another version of these
    kOtherModel,    // packed from another model
    // Memory
    kTooManyOperations,  // more than the engine has room for
    kArenaTooSmall,
    // Running
    kNotPrepared,  // run before a successful prepare, or rows pushed before begin
};

// A few words for a person, such as "picture size is not supported".
const char* describe(Status status);

}  // namespace mudra::device
