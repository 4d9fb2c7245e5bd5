#!/usr/bin/env python3
"""espdl_facts.py FILE: what an .espdl says, one line per fact, read without FlatBuffers or mudra.

Written from espdl-format.md alone, with its own reading of the wire format and of the weight layouts (section 6),
so that the C++ reader has something independent to agree with. Lines:
  activation NAME TYPE EXPONENT SHAPE
  constant NAME TYPE EXPONENT SHAPE SUM WEIGHTED     of weights (order out, in, height, width) and biases
  test input|output SUM WEIGHTED
SUM adds the values; WEIGHTED adds value * (place + 1), modulo 2^64, so that order counts.
"""
import struct
import sys

TYPES = {1: ("float32", "f", 4), 3: ("int8", "b", 1), 5: ("int16", "h", 2), 6: ("int32", "i", 4), 7: ("int64", "q", 8)}


class Table:
    """A FlatBuffers table: fields by id."""

    def __init__(self, data, at):
        self.data, self.at = data, at
        self.vtable = at - struct.unpack_from("<i", data, at)[0]
        self.size = struct.unpack_from("<H", data, self.vtable)[0]

    def place(self, field):
        slot = 4 + 2 * field
        offset = struct.unpack_from("<H", self.data, self.vtable + slot)[0] if slot < self.size else 0
        return self.at + offset if offset else None

    def number(self, field, code):
        at = self.place(field)
        return struct.unpack_from("<" + code, self.data, at)[0] if at else 0

    def target(self, field):
        at = self.place(field)
        return at + struct.unpack_from("<I", self.data, at)[0] if at else None

    def table(self, field):
        at = self.target(field)
        return Table(self.data, at) if at else None

    def vector(self, field, code):
        at = self.target(field)
        if at is None:
            return None
        count = struct.unpack_from("<I", self.data, at)[0]
        return list(struct.unpack_from("<%d%s" % (count, code), self.data, at + 4))

    def text(self, field):
        at = self.target(field)
        count = struct.unpack_from("<I", self.data, at)[0]
        return self.data[at + 4:at + 4 + count].decode()

    def entries(self, field):
        at = self.target(field)
        count = struct.unpack_from("<I", self.data, at)[0] if at else 0
        places = [at + 4 + 4 * i for i in range(count)]
        return [place + struct.unpack_from("<I", self.data, place)[0] for place in places]

    def tables(self, field):
        return [Table(self.data, at) for at in self.entries(field)]

    def texts(self, field):
        return [self.data[at + 4:at + 4 + struct.unpack_from("<I", self.data, at)[0]].decode()
                for at in self.entries(field)]


def values_of(tensor, unit):
    """The stored values; `unit` is the bytes raw_data counts in."""
    name, code, size = TYPES[tensor.number(1, "i")]
    count = 1
    for dim in tensor.vector(0, "q"):
        count *= dim
    at = tensor.target(8)
    if at is None:
        return (tensor.vector(2, "f") if name == "float32" else tensor.vector(3, "i"))[:count]
    stored = struct.unpack_from("<I", tensor.data, at)[0] * unit
    assert count * size <= stored < count * size + unit
    return list(struct.unpack_from("<%d%s" % (count, code), tensor.data, at + 4))


def unpacked(stored, block, n, c, kh, kw, depthwise):
    """[N, C, kh, kw] of stored weights, from the place each element has in the file."""
    whole, rest, result = n // block * block, n % block, []
    for i in range(n):
        for k in range(c):
            for y in range(kh):
                for x in range(kw):
                    tap = y * kw + x
                    if i < whole:
                        place = ((i // block * kh * kw + tap) * c + k) * block + i % block
                    elif depthwise:
                        place = whole * kh * kw + tap * rest + i - whole
                    else:
                        place = whole * c * kh * kw + ((i - whole) * kh * kw + tap) * c + k
                    result.append(stored[place])
    return result


def checksum(values):
    weighted = sum(value * (i + 1) for i, value in enumerate(values)) % (1 << 64)
    return "%d %d" % (sum(values), weighted)


def shape_text(shape):
    return "x".join(str(size) for size in shape)


def main(path):
    with open(path, "rb") as file:
        content = file.read()
    old = content[:4] == b"EDL1"
    size = struct.unpack_from("<I", content, 8)[0]
    data = content[12 if old else 16:]
    assert len(data) == size
    graph = Table(data, struct.unpack_from("<I", data, 0)[0]).table(7)
    unit = 1 if old else 16

    for info in graph.tables(6):
        tensor = info.table(1).table(1)
        shape = [d.table(0).number(1, "q") for d in tensor.table(1).tables(0)]
        print("activation", info.text(0), TYPES[tensor.number(0, "i")][0], info.vector(3, "q")[0], shape_text(shape))

    initializers = {tensor.text(6): tensor for tensor in graph.tables(2)}
    for node in graph.tables(0):
        kind, inputs = node.text(3), node.texts(0)
        if kind not in ("Conv", "Gemm"):
            continue
        weight = initializers[inputs[1]]
        kh, kw, a, b = weight.vector(0, "q")
        groups = [attribute.number(5, "q") for attribute in node.tables(5) if attribute.text(0) == "group"]
        depthwise = groups not in ([], [1])
        n, c = (a, b) if depthwise else (b, a)
        block = 16 if TYPES[weight.number(1, "i")][2] == 1 else 8
        values = unpacked(values_of(weight, unit), block, n, c, kh, kw, depthwise)
        shape = [n, c] if kind == "Gemm" else [n, c, kh, kw]
        for name, tensor, tensor_shape, content in ((inputs[1], weight, shape, values),
                                                    (inputs[2], initializers[inputs[2]], [n],
                                                     values_of(initializers[inputs[2]], unit))):
            print("constant", name, TYPES[tensor.number(1, "i")][0], tensor.vector(13, "q")[0],
                  shape_text(tensor_shape), checksum(content))
    for role, field in (("input", 8), ("output", 9)):
        for tensor in graph.tables(field):
            print("test", role, checksum(values_of(tensor, unit)))


main(sys.argv[1])
