"""Measures a checkpoint on what was held back: `python -m pair.evaluate --base BASE --pack FILE --checkpoint FILE`.

Answers: how often the best of a question's texts is right, and how well questions that are answered are told from those that
are not, by the highest of their texts; also from themselves where what answers is taken away, which the manner of a question
tells nothing of. Support: balanced accuracy at the threshold that is best on the held-back halves of the
sets that train, and the area under the curve. Relevance: nDCG@10 of documents, by the fused score alone and with what
is said of answers beside it, on the top candidates (`citedesk eval retrieval` has the last word).
"""

import argparse
import json
from collections import defaultdict
from pathlib import Path

import numpy as np
import torch

from .data import OFFSET
from .model import PairEncoder
from .tokens import Tokens
from .train import MOST, NEVER

WEIGHTS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5)


@torch.no_grad()
def outputs(model, tokens, pairs, most, device, size=64):
    """For each pair how well it answers, and how well it supports."""
    rows = tokens.pairs(pairs, most)
    found = [None] * len(rows)
    order = sorted(range(len(rows)), key=lambda i: len(rows[i][0]))
    for start in range(0, len(order), size):
        batch = order[start : start + size]
        with torch.autocast(device.type, torch.bfloat16):
            given = model(*[part.to(device) for part in tokens.batch([rows[i] for i in batch])])
        answers, support, _ = [part.float().cpu().numpy() for part in given]
        for place, i in enumerate(batch):
            found[i] = (answers[place], support[place])
    return found


def ndcg(ranked, right):
    seen = list(dict.fromkeys(ranked))[:10]
    gain = sum((document in right) / np.log2(place + 2) for place, document in enumerate(seen))
    return gain / sum(1 / np.log2(place + 2) for place in range(min(10, len(right))))


def relevance(pack, ask):
    means = defaultdict(list)
    for name, rows in pack["relevance"].items():
        top = [(row["query"], shown) for row in rows for _, shown, _ in row["found"] if shown]
        said = iter(ask(top, MOST["answers"]))
        gains = defaultdict(list)
        for row in rows:
            read = [(document, fused, next(said)[0]) for document, shown, fused in row["found"] if shown]
            rest = [document for document, shown, _ in row["found"] if not shown]
            for weight in WEIGHTS:
                order = sorted(read, key=lambda it: -(it[1] * OFFSET + weight * it[2]))
                gains[weight].append(ndcg([it[0] for it in order] + rest, row["right"]))
        for weight, values in gains.items():
            means[weight].append(np.mean(values))
        print(f"{name:18} {len(rows):5}", *(f"{weight}:{np.mean(gains[weight]):.4f}" for weight in WEIGHTS))
    print("mean", *(f"{weight}:{np.mean(means[weight]):.4f}" for weight in WEIGHTS), flush=True)


def area(scores, labels):
    order = np.argsort(scores, kind="stable")
    ranks = np.empty(len(scores))
    ranks[order] = np.arange(1, len(scores) + 1)
    ones = labels.sum()
    return (ranks[labels].sum() - ones * (ones + 1) / 2) / (ones * (len(labels) - ones))


def balanced(scores, labels, threshold):
    said = scores >= threshold
    return (said[labels].mean() + (~said)[~labels].mean()) / 2


def support(pack, ask):
    measured = {}
    for name, rows in pack["support"].items():
        said = iter(ask([(claim, part) for claim, parts, _ in rows for part in parts], MOST["support"]))
        scores = [max(next(said)[1] for _ in parts) for _, parts, _ in rows]
        measured[name] = (np.array(scores), np.array([bool(label) for *_, label in rows]))
    trained = pack["trained"]
    others = [name for name in measured if name not in trained]
    steps = np.quantile(np.concatenate([measured[name][0] for name in trained]), np.linspace(0.05, 0.95, 91))
    mean = lambda names, t: np.mean([balanced(*measured[name], t) for name in names])
    threshold = max(steps, key=lambda t: mean(trained, t))
    for title, names in (("trained on the other half", trained), ("never trained on", others)):
        for name in names:
            scores, labels = measured[name]
            right, under = balanced(scores, labels, threshold), area(scores, labels)
            print(f"{name:22} {len(labels):5} balanced {right:.3f} area {under:.3f}")
        areas = np.mean([area(*measured[name]) for name in names])
        print(f"{title}: balanced {mean(names, threshold):.3f} area {areas:.3f} at {threshold:.2f}", flush=True)


def answers(pack, ask):
    for name, rows in pack["answers"].items():
        said = iter(ask([(row["query"], text) for row in rows for text in row["texts"]], MOST["answers"]))
        kinds = defaultdict(list)
        for row in rows:
            scores = [next(said)[0] for _ in row["texts"]]
            left = max([score for i, score in enumerate(scores) if i not in row["right"]], default=NEVER)
            best = int(np.argmax(scores)) in row["right"]
            found = (best, len(row["right"]) / len(scores), max(scores), bool(row["answered"]), left)
            for kind in ("", row.get("kind")):
                if kind is not None:
                    kinds[kind].append(found)
        for kind, found in kinds.items():
            right, chance = np.array([it[:2] for it in found if it[3]] or [(0, 0)]).mean(0)
            line = f"{name + ' ' + kind:18} {len(found):5} best text right {right:.3f} (by chance {chance:.3f})"
            scores, labels = np.array([it[2] for it in found]), np.array([it[3] for it in found])
            if labels.any() and not labels.all():
                line += f" area {area(scores, labels):.3f} balanced at 0 {balanced(scores, labels, 0.0):.3f}"
            both = [score for it in found if it[3] for score in (it[2], it[4])]
            if both:
                line += f" area with and without what answers {area(np.array(both), np.arange(len(both)) % 2 == 0):.3f}"
            print(line, flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--pack", type=Path, required=True)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--heads", nargs="*", default=["answers", "support", "relevance"])
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    device = torch.device(options.device)
    tokens, model = Tokens(options.base), PairEncoder(options.base)
    model.load_state_dict(torch.load(options.checkpoint, map_location="cpu")["model"])
    model.eval().to(device)
    pack = json.loads(options.pack.read_text())
    ask = lambda pairs, most: outputs(model, tokens, pairs, most, device)
    if "answers" in options.heads:
        answers(pack, ask)
    if "support" in options.heads:
        support(pack, ask)
    if "relevance" in options.heads:
        relevance(pack, ask)


if __name__ == "__main__":
    main()
