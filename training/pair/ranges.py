"""Measures what 8-bit integers need to know: `python -m pair.ranges --base BASE --work WORK --adapter FILE`.

Runs the base with the adapter over pairs that trained, and writes into the adapter's description how far the activations
before each matrix reach: one limit, and by channel the few that go further (see `models/src/compile/encoder/int8.rs`).
"""

import argparse
import json
import math
import random
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from . import sets
from .model import PairEncoder, merged
from .tokens import Tokens
from .train import MOST

LIMIT = 5.0
#: Room for texts that go further.
MARGIN = 1.05
#: Layers whose inner activations stay floats: they lose too much.
FLOATS = (0, 1)


def pairs(work, count, seed=5):
    """Claims with evidence and questions with passages, of the training sets."""
    support = [(row["claim"], row["evidence"]) for row in sets.lines(work / "support.jsonl")]
    relevance = [(row["query"], row["passages"][0]) for row in sets.lines(work / "relevance.jsonl")]
    draw = random.Random(seed)
    return draw.sample(support, count) + draw.sample(relevance, count // 2)


@torch.no_grad()
def largest(model, rows, tokens):
    """For each place, `(layer, name)`, the largest amount of every channel."""
    reached, length = {}, 0

    def watch(key):
        def hook(_, given):
            most = given[0][0, :length].abs().amax(0)
            reached[key] = torch.maximum(reached[key], most) if key in reached else most

        return hook

    for number, layer in enumerate(model.layers):
        places = {"attention": layer.qkv, "attended": layer.out, "widening": layer.wide, "narrowing": layer.narrow}
        for name, module in places.items():
            module.register_forward_pre_hook(watch((number, name)))
    for row in rows:
        # One at a time: filling must not be measured.
        length = len(row[0])
        model.hidden(*tokens.batch([row]))
    return reached


def described(reached, layers):
    half = lambda value: math.ceil(2 * value * MARGIN) / 2

    def peaks(key):
        values = enumerate(reached[key].tolist())
        return {str(channel): half(most) for channel, most in values if most * MARGIN > LIMIT}

    return {
        "limit": LIMIT,
        "layers": [
            {
                "attention": peaks((layer, "attention")),
                "attended": half(reached[(layer, "attended")].max().item()),
                "widening": peaks((layer, "widening")),
                "narrowing": None if layer in FLOATS else peaks((layer, "narrowing")),
            }
            for layer in range(layers)
        ],
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True, help="the pairs of `pair.data`")
    parser.add_argument("--adapter", type=Path, required=True)
    parser.add_argument("--pairs", type=int, default=1500)
    options = parser.parse_args()
    with safe_open(options.adapter, "pt") as file:
        about = json.loads(file.metadata()["citedesk"])
    tensors, tokens, model = load_file(options.adapter), Tokens(options.base), PairEncoder(options.base).eval()
    with torch.no_grad():
        model.load_base(merged(load_file(options.base / "model.safetensors"), tensors))
    rows = tokens.pairs(pairs(options.work, options.pairs), MOST["support"])
    about["int8"] = described(largest(model, rows, tokens), len(model.layers))
    save_file(tensors, options.adapter, metadata={"citedesk": json.dumps(about)})
    read = sum(len(ids) for ids, _ in rows)
    print(f"{options.adapter}: {read} tokens, {options.adapter.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
