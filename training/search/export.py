"""Turns checkpoints into the adapter: `python -m search.export --base BASE --checkpoint FILE... --out FILE`.

Of several checkpoints the mean is taken, and `--share` of what they added to the base (Wortsman and others, "Robust
fine-tuning of zero-shot models", 2022). What was added to a matrix is kept as a product of low rank, as for the pair encoder, and
how far activations reach is measured on passages and questions that trained.
"""

import argparse
import hashlib
import json
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from pair.export import added, mean
from pair.model import Encoder
from pair.ranges import described, largest
from pair.tokens import Tokens

from .desks import FOLDER, MOST, context, desks


@torch.no_grad()
def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--checkpoint", type=Path, nargs="+", required=True)
    parser.add_argument("--desks", type=Path, default=FOLDER, help="folder of the help centers")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--merged", type=Path, help="checkpoint of what comes of the adapter, to be measured")
    parser.add_argument("--share", type=float, default=0.9, help="of what training added")
    parser.add_argument("--rank", type=int, default=64)
    parser.add_argument("--version", default="3")
    parser.add_argument("--sha256", help="of the base's weights, where those at hand are a rounded copy")
    options = parser.parse_args()
    tokens, model, weights = Tokens(options.base), Encoder(options.base).eval(), options.base / "model.safetensors"
    start = model.state_dict()
    trained = mean([torch.load(file, map_location="cpu")["model"] for file in options.checkpoint])
    model.load_state_dict({name: value + options.share * (trained[name] - value) for name, value in start.items()})
    tensors, merged = added(model, load_file(weights), options.rank)
    model.load_base(merged)
    texts = []
    for desk in desks(False, options.desks):
        texts += [context(passage) for passage in desk.passages] + [question.text for question in desk.questions[::4]]
    rows = [(row, [0] * len(row)) for row in tokens.single(texts, MOST[0])]
    about = {
        "format": 1,
        "kind": "search",
        "version": options.version,
        "base_sha256": options.sha256 or hashlib.sha256(weights.read_bytes()).hexdigest(),
        "rank": options.rank,
        "int8": described(largest(model, rows, tokens), len(model.layers)),
    }
    save_file(tensors, options.out, metadata={"citedesk": json.dumps(about)})
    print(f"{options.out}: {options.out.stat().st_size / 1e6:.2f} MB, ranges of {len(rows)} texts")
    if options.merged:
        torch.save({"model": model.state_dict()}, options.merged)


if __name__ == "__main__":
    main()
