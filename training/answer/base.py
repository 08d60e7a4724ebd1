"""The base's weights as its GGUF file has them: `python -m answer.base --gguf FILE --out FILE` writes them unpacked.

Reads what a language model of the Llama family needs and no more: values of plain types, and tensors of F32, Q4_1 and
Q8_0. Names and the order of rows stay those of the file, where neighbors in a head are rotated together. After the
specification of GGUF version 3.
"""

import argparse
import hashlib
import math
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np

SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
STRING, ARRAY = 8, 9
BLOCK = 32
F32, Q4_1, Q8_0 = 0, 3, 8
#: Bytes of a block, or of a number.
SIZES = {F32: 4, Q4_1: 20, Q8_0: 34}


class Gguf:
    """Values by name; tensors by name as numpy arrays of float32, shape (rows, columns) or (columns,)."""

    def __init__(self, path):
        self.bytes = np.memmap(path, np.uint8, "r")
        self.at = 0
        magic, version, tensors, values = self.take("<4sIQQ")
        if magic != b"GGUF" or version != 3:
            raise ValueError(f"{path}: no GGUF file of version 3")
        self.values = {}
        for _ in range(values):
            name = self.string()
            self.values[name] = self.value(*self.take("<I"))
        self.places = {}
        for _ in range(tensors):
            name = self.string()
            (dimensions,) = self.take("<I")
            shape = self.take(f"<{dimensions}Q")[::-1]
            kind, offset = self.take("<IQ")
            self.places[name] = (shape, kind, offset)
        alignment = self.values.get("general.alignment", 32)
        self.first = -(-self.at // alignment) * alignment

    def take(self, layout):
        size = struct.calcsize(layout)
        found = struct.unpack(layout, self.bytes[self.at : self.at + size].tobytes())
        self.at += size
        return found

    def string(self):
        (length,) = self.take("<Q")
        self.at += length
        return self.bytes[self.at - length : self.at].tobytes().decode("utf-8", "replace")

    def value(self, kind):
        if kind == STRING:
            return self.string()
        if kind == ARRAY:
            inner, count = self.take("<IQ")
            if inner in SCALARS:
                return self.take(f"<{count}{SCALARS[inner]}")
            return [self.value(inner) for _ in range(count)]
        return self.take("<" + SCALARS[kind])[0]

    def tensor(self, name):
        shape, kind, offset = self.places[name]
        if kind not in SIZES:
            raise ValueError(f"{name}: tensors of type {kind} are not read")
        count = math.prod(shape)
        size = SIZES[kind] * (count if kind == F32 else count // BLOCK)
        data = self.bytes[self.first + offset : self.first + offset + size]
        return UNPACK[kind](data).reshape(shape)


def plain(data):
    return data.view("<f4").astype(np.float32)


def q4_1(data):
    """A block is scale, offset and 32 codes: the low halves of 16 bytes are the first 16."""
    blocks = data.reshape(-1, SIZES[Q4_1])
    ends = np.ascontiguousarray(blocks[:, :4]).view("<f2").astype(np.float32)
    codes = np.concatenate([blocks[:, 4:] & 15, blocks[:, 4:] >> 4], axis=1).astype(np.float32)
    return codes * ends[:, :1] + ends[:, 1:]


def q8_0(data):
    """A block is a scale and 32 signed codes."""
    blocks = data.reshape(-1, SIZES[Q8_0])
    scale = np.ascontiguousarray(blocks[:, :2]).view("<f2").astype(np.float32)
    return np.ascontiguousarray(blocks[:, 2:]).view(np.int8).astype(np.float32) * scale


UNPACK = {F32: plain, Q4_1: q4_1, Q8_0: q8_0}


@dataclass(frozen=True)
class Shape:
    layers: int
    hidden: int
    wide: int
    heads: int
    kv_heads: int
    vocabulary: int
    epsilon: float
    rotation: float

    @property
    def head(self):
        return self.hidden // self.heads

    @staticmethod
    def of(values):
        if values.get("general.architecture") != "llama":
            raise ValueError("only models of the Llama family are read")
        of = lambda name: values[f"llama.{name}"]
        return Shape(
            layers=of("block_count"),
            hidden=of("embedding_length"),
            wide=of("feed_forward_length"),
            heads=of("attention.head_count"),
            kv_heads=of("attention.head_count_kv"),
            vocabulary=of("vocab_size"),
            epsilon=of("attention.layer_norm_rms_epsilon"),
            rotation=of("rope.freq_base"),
        )


def read(path):
    """(shape, tensors by name, SHA-256 of the file)."""
    file = Gguf(path)
    tensors = {name: file.tensor(name) for name in file.places}
    return Shape.of(file.values), tensors, hashlib.sha256(file.bytes).hexdigest()


def main():
    import torch
    from safetensors.torch import save_file

    parser = argparse.ArgumentParser()
    parser.add_argument("--gguf", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    _, tensors, digest = read(options.gguf)
    save_file(
        {name: torch.from_numpy(tensor).bfloat16() for name, tensor in tensors.items()},
        options.out,
        metadata={"base_sha256": digest},
    )
    print(f"{options.out}: {len(tensors)} tensors, {options.out.stat().st_size / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
