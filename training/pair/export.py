"""Turns checkpoints into the adapter: `python -m pair.export --base BASE --checkpoint FILE... --out FILE`.

Of several checkpoints the mean is taken (Wortsman and others, "Model soups", 2022).

What training added to a matrix is kept as a product of low rank, the best there is by its singular values; what it added
to a vector is kept whole. With `--merged` the model that comes of the adapter is saved as a checkpoint too, to be measured.
"""

import argparse
import hashlib
import json
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from .data import OFFSET
from .model import PairEncoder
from .tokens import Tokens
from .train import MOST

FIRST = 64
PAIRS = [
    ("How long is the warranty?", "The warranty lasts two years from the day of purchase."),
    ("How long is the warranty?", "Press the reset button for ten seconds until the light turns red."),
    ("The battery lasts 12 hours.", "A full charge takes two hours and then lasts for 12 hours of use."),
    ("The battery lasts 21 hours.", "A full charge takes two hours and then lasts for 12 hours of use."),
    ("reset", "To reset the router, hold the button. " * 40),
    ("Naïve café ☕ résumé?", "第二の文章。 Ünïcödé."),
]


def mean(states):
    return {name: sum(state[name] for state in states) / len(states) for name in states[0]}


def named(model):
    """Parameters of the model under the base's names: (name, values)."""
    for name, value in model.state_dict().items():
        part = name.split(".")
        if part[0] == "types":
            yield "embeddings.token_type_embeddings.weight", value
        elif part[0] == "norm":
            yield f"embeddings.LayerNorm.{part[1]}", value
        elif part[0] == "layers":
            to = f"encoder.layer.{part[1]}"
            names = {"out": "attention.output.dense", "norm1": "attention.output.LayerNorm", "wide": "intermediate.dense"}
            names |= {"narrow": "output.dense", "norm2": "output.LayerNorm"}
            if part[2] == "qkv":
                for key, piece in zip(("query", "key", "value"), value.chunk(3)):
                    yield f"{to}.attention.self.{key}.{part[3]}", piece
            else:
                yield f"{to}.{names[part[2]]}.{part[3]}", value


def added(model, base, rank):
    """What training added to the base's tensors, and these with it."""
    tensors, merged = {}, dict(base)
    for name, value in named(model):
        delta = value.float() - base[name]
        if not delta.any():
            continue
        if delta.dim() == 2 and min(delta.shape) > rank:
            u, s, v = torch.linalg.svd(delta, full_matrices=False)
            root = s[:rank].sqrt()
            up, down = (u[:, :rank] * root).half(), (v[:rank] * root[:, None]).half()
            tensors[f"{name}.up"], tensors[f"{name}.down"] = up.contiguous(), down.contiguous()
            merged[name] = base[name] + up.float() @ down.float()
        else:
            tensors[f"{name}.delta"] = delta.half().contiguous()
            merged[name] = base[name] + delta.half().float()
    return tensors, merged


def adapter(model, base, rank):
    """The adapter's tensors, and the base's with it merged into them."""
    tensors, merged = added(model, base, rank)
    for head in (model.pool, model.relevance, model.support, model.token):
        for value in head.parameters():
            value.copy_(value.half())
    model.scale.copy_(model.scale.half())
    heads = {
        "head.pool.weight": model.pool.weight,
        "head.pool.bias": model.pool.bias,
        "head.output.weight": torch.cat([model.relevance.weight, model.support.weight]),
        "head.output.bias": torch.cat([model.relevance.bias, model.support.bias]),
        "head.token.weight": model.token.weight,
        "head.token.bias": model.token.bias,
        "head.scale": model.scale,
    }
    tensors |= {name: value.detach().half().contiguous() for name, value in heads.items()}
    return tensors, merged


def write(model, base, out, rank, version, threshold=0.0, weight=1.0, sha256=None):
    """Writes the adapter to `out` and gives `model` the weights that come of it."""
    weights = base / "model.safetensors"
    tensors, merged = adapter(model, load_file(weights), rank)
    model.load_base(merged)
    about = {
        "format": 1,
        "version": version,
        "base_sha256": sha256 or hashlib.sha256(weights.read_bytes()).hexdigest(),
        "rank": rank,
        "heads": ["answers", "support"],
        "max_tokens": max(MOST.values()),
        "max_first": FIRST,
        "support_threshold": threshold,
        "fused": OFFSET / weight,
    }
    save_file(tensors, out, metadata={"citedesk": json.dumps(about)})
    print(f"{out}: {out.stat().st_size / 1e6:.2f} MB")
    return model


def weights_of(base, file):
    """The weights of a checkpoint, or of an adapter merged into the base."""
    if file.suffix != ".safetensors":
        return torch.load(file, map_location="cpu")["model"]
    model = PairEncoder(base)
    with torch.no_grad():
        model.load_adapter(base, file)
    return model.state_dict()


def reference(model, base, out):
    """Writes what the model says of some pairs, for the tests."""
    model.eval()
    tokens, rows = Tokens(base), []
    for one, two in PAIRS:
        with torch.no_grad():
            pair = tokens.pairs([(one, two)], max(MOST.values()), FIRST)
            relevance, support, _ = model(*tokens.batch(pair))
        rows.append({"first": one, "second": two, "relevance": float(relevance), "support": float(support)})
    out.write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--checkpoint", type=Path, nargs="+", required=True, help="or adapters; of several the mean")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--merged", type=Path)
    parser.add_argument("--rank", type=int, default=64)
    parser.add_argument("--threshold", type=float, default=0.0, help="least support of a supported claim")
    parser.add_argument("--weight", type=float, default=1.0, help="of relevance beside the fused score")
    parser.add_argument("--version", default="5")
    parser.add_argument("--sha256", help="of the base's weights, where those at hand are a rounded copy")
    options = parser.parse_args()
    model = PairEncoder(options.base)
    model.load_state_dict(mean([weights_of(options.base, file) for file in options.checkpoint]))
    with torch.no_grad():
        write(model, options.base, options.out, options.rank, options.version, options.threshold, options.weight, options.sha256)
    if options.merged:
        torch.save({"model": model.state_dict()}, options.merged)


if __name__ == "__main__":
    main()
