"""Measures an adapter: `python -m answer.evaluate --gguf FILE --tokenizer FILE --rows FILE [--adapter FILE]`.

Rows are those of `held.jsonl` or `golden.jsonl`; without an adapter the base answers.
"""

import argparse
import json
import random
from pathlib import Path

import torch
from safetensors import safe_open

from .base import read
from .model import Adapter, Decoder
from .prompt import Chat
from .score import answered, scores, table


def loaded(path, shape, digest):
    """The adapter of a file for the base with that digest."""
    with safe_open(path, "pt") as file:
        about = json.loads(file.metadata()["citedesk"])
        tensors = {name: file.get_tensor(name) for name in file.keys()}
    if about["base_sha256"] != digest:
        raise SystemExit(f"{path} belongs to another base")
    adapter = Adapter(shape, about["rank"], scale=1.0)
    adapter.load(tensors)
    return adapter


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--gguf", type=Path, required=True)
    parser.add_argument("--tokenizer", type=Path, required=True)
    parser.add_argument("--rows", type=Path, required=True)
    parser.add_argument("--adapter", type=Path)
    parser.add_argument("--limit", type=int, default=10_000)
    parser.add_argument("--most", type=int, default=96, help="most tokens of an answer")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--said", type=Path, help="writes the answers there")
    options = parser.parse_args()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    shape, tensors, digest = read(options.gguf)
    model, chat = Decoder(shape, tensors).to(device), Chat(options.tokenizer)
    pieces = loaded(options.adapter, shape, digest).to(device).pieces(model.dtype) if options.adapter else None
    rows = [json.loads(line) for line in open(options.rows)]
    random.Random(5).shuffle(rows)
    rows = rows[: options.limit]
    texts = answered(model, chat, rows, options.batch, options.most, pieces)
    print(table(scores(rows, texts)))
    if options.said:
        with open(options.said, "w") as file:
            for row, text in zip(rows, texts):
                file.write(json.dumps({"user": row["user"], "wanted": row["answer"], "said": text}) + "\n")


if __name__ == "__main__":
    main()
