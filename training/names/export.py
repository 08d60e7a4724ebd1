"""Writes a trained tagger as `corpus` reads it: the table in signed bytes with a scale for each row, the rest as floats.

    python -m names.export --checkpoint tagger.pt --out models/adapters/names.safetensors --thresholds 0.5 0.5 0.5 0.5
"""

import argparse

import torch
from safetensors.torch import load_file, save_file

from .model import KINDS, REACH, Tagger


def read(path):
    """The numbers of an exported tagger, to go on from."""
    given = load_file(path)
    state = {"table.weight": given["table"].float() * given["table.scale"][:, None], "head.weight": given["head.weight"].T}
    for at in range(len(REACH)):
        state[f"mixes.{at}.weight"] = torch.stack([given[f"mix.{at}.{name}"].T for name in ("before", "here", "behind")], -1)
        state[f"mixes.{at}.bias"] = given[f"mix.{at}.bias"]
        for part in ("weight", "bias"):
            state[f"norms.{at}.{part}"] = given[f"norm.{at}.{part}"]
    return state | {name: given[name] for name in ("first.weight", "first.bias", "head.bias")}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--thresholds", type=float, nargs=len(KINDS), required=True)
    args = parser.parse_args()
    saved = torch.load(args.checkpoint, weights_only=True)
    model = Tagger(saved["size"])
    model.load_state_dict(saved["model"])
    table = model.table.weight.detach()
    scale = table.abs().amax(1).clamp(min=1e-8) / 127
    tensors = {
        "table": (table / scale[:, None]).round().to(torch.int8),
        "table.scale": scale,
        "first.weight": model.first.weight,
        "first.bias": model.first.bias,
        "head.weight": model.head.weight.T,
        "head.bias": model.head.bias,
    }
    for at, (mix, norm) in enumerate(zip(model.mixes, model.norms)):
        for tap, name in enumerate(["before", "here", "behind"]):
            tensors[f"mix.{at}.{name}"] = mix.weight[:, :, tap].T
        tensors[f"mix.{at}.bias"] = mix.bias
        tensors[f"norm.{at}.weight"] = norm.weight
        tensors[f"norm.{at}.bias"] = norm.bias
    told = {
        "format": "citedesk names 1",
        "kinds": " ".join(KINDS),
        "reach": " ".join(str(reach) for reach in REACH),
        "thresholds": " ".join(str(threshold) for threshold in args.thresholds),
        "seed": str(saved["seed"]),
    }
    save_file({name: tensor.detach().contiguous() for name, tensor in tensors.items()}, args.out, told)


if __name__ == "__main__":
    main()
