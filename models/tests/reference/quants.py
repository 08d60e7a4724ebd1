#!/usr/bin/env python3
"""Writes what the `gguf` package reads in random blocks of every quantized type, as `../data/quants.json`.

Usage: quants.py > ../data/quants.json
Needs `pip install gguf numpy`.

Bytes come from Knuth's linear congruential generator; the test makes the same. Of each type, `half` says which bytes
are half-precision numbers: their second highest bit is cleared, so that they are finite. `sha256` is of all weights as
little-endian floats, with zeros positive.
"""

import hashlib
import json
import sys

import numpy as np
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType, quants

HALVES = {
    "Q4_0": [0],
    "Q4_1": [0, 2],
    "Q5_0": [0],
    "Q5_1": [0, 2],
    "Q8_0": [0],
    "Q2_K": [80, 82],
    "Q3_K": [108],
    "Q4_K": [0, 2],
    "Q5_K": [0, 2],
    "Q6_K": [208],
    "IQ4_NL": [0],
    "IQ4_XS": [0],
}
UNITS = 64


def noise(count: int) -> np.ndarray:
    state, out = 7, []
    for _ in range(count):
        state = (state * 6_364_136_223_846_793_005 + 1_442_695_040_888_963_407) % 2**64
        out.append(state >> 33 & 255)
    return np.array(out, np.uint8)


types = {}
for name, halves in HALVES.items():
    kind = GGMLQuantizationType[name]
    _, width = GGML_QUANT_SIZES[kind]
    stored = noise(UNITS * width).reshape(UNITS, width)
    for at in halves:
        stored[:, at + 1] &= 0xBF
    weights = quants.dequantize(stored, kind).astype("<f4") + np.float32(0)
    assert np.isfinite(weights).all()
    types[name] = {
        "id": int(kind),
        "bytes": width,
        "half": halves,
        "first": [float(weight) for weight in weights.ravel()[:4]],
        "sha256": hashlib.sha256(weights.tobytes()).hexdigest(),
    }
lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(facts)}" for name, facts in types.items())
sys.stdout.write(f'{{\n "units": {UNITS},\n "types": {{\n{lines}\n }}\n}}\n')
