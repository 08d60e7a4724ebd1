#!/usr/bin/env python3
"""Reference vectors of all-MiniLM-L6-v2 with our adapter for tests/data/encoder.json, by plain numpy in double precision.

Usage: encoder.py MODEL_FOLDER ADAPTER > tests/data/encoder.json
MODEL_FOLDER holds model.safetensors, config.json and tokenizer.json as published, ADAPTER is
models/adapters/search.safetensors. Needs numpy and tokenizers.
"""

import json
import math
import pathlib
import struct
import sys

import numpy as np
from tokenizers import Tokenizer

TEXTS = [
    "How do I reset my router?",
    "The warranty lasts 36 months from the day of purchase.",
    "Error E-1042: the disk is full. Free at least 2 GB and start the program again.",
    "ok",
    "Grüße aus Köln – die Rückgabe dauert 14 Tage.",
    "Press and hold the button on the back until the light blinks amber, then wait three minutes. " * 20,
]

erf = np.vectorize(math.erf)


def tensors(path: pathlib.Path) -> dict[str, np.ndarray]:
    raw = path.read_bytes()
    (size,) = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8 : 8 + size])
    header.pop("__metadata__", None)
    found = {}
    for name, entry in header.items():
        start, end = entry["data_offsets"]
        kind = {"F32": "<f4", "F16": "<f2"}.get(entry["dtype"])
        if kind:
            data = np.frombuffer(raw[8 + size + start : 8 + size + end], dtype=kind)
            found[name] = data.reshape(entry["shape"]).astype(np.float64)
    return found


def main() -> None:
    folder = pathlib.Path(sys.argv[1])
    base, adapter = tensors(folder / "model.safetensors"), tensors(pathlib.Path(sys.argv[2]))

    def tensor(name: str) -> np.ndarray:
        if f"{name}.delta" in adapter:
            return base[name] + adapter[f"{name}.delta"]
        if f"{name}.up" in adapter:
            return base[name] + adapter[f"{name}.up"] @ adapter[f"{name}.down"]
        return base[name]

    config = json.loads((folder / "config.json").read_text())
    heads, eps = config["num_attention_heads"], config["layer_norm_eps"]
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(256)

    def norm(x, name):
        mean, var = x.mean(-1, keepdims=True), x.var(-1, keepdims=True)
        return (x - mean) / np.sqrt(var + eps) * tensor(name + ".weight") + tensor(name + ".bias")

    def linear(x, name):
        return x @ tensor(name + ".weight").T + tensor(name + ".bias")

    def embed(text: str) -> list[float]:
        ids = tokenizer.encode(text).ids
        x = tensor("embeddings.word_embeddings.weight")[ids]
        x = x + tensor("embeddings.position_embeddings.weight")[: len(ids)]
        x = norm(x + tensor("embeddings.token_type_embeddings.weight")[0], "embeddings.LayerNorm")
        for layer in range(config["num_hidden_layers"]):
            at = f"encoder.layer.{layer}."
            q, k, v = (
                linear(x, at + f"attention.self.{part}").reshape(len(ids), heads, -1).transpose(1, 0, 2)
                for part in ("query", "key", "value")
            )
            scores = q @ k.transpose(0, 2, 1) / math.sqrt(q.shape[-1])
            weights = np.exp(scores - scores.max(-1, keepdims=True))
            weights /= weights.sum(-1, keepdims=True)
            mixed = (weights @ v).transpose(1, 0, 2).reshape(len(ids), -1)
            x = norm(linear(mixed, at + "attention.output.dense") + x, at + "attention.output.LayerNorm")
            inner = linear(x, at + "intermediate.dense")
            inner = inner * 0.5 * (1.0 + erf(inner / math.sqrt(2.0)))
            x = norm(linear(inner, at + "output.dense") + x, at + "output.LayerNorm")
        mean = x.mean(0)
        return [round(float(value), 6) for value in mean / np.linalg.norm(mean)]

    json.dump([{"text": text, "vector": embed(text)} for text in TEXTS], sys.stdout, ensure_ascii=False)


if __name__ == "__main__":
    main()
