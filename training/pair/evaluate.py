"""Measures a checkpoint on what was held back: `python -m pair.evaluate --base BASE --pack FILE --checkpoint FILE`.

Relevance: nDCG@10 of documents, by the fused score alone and with relevance beside it, on the top candidates
(`citedesk eval retrieval` has the last word). Support: balanced accuracy at the threshold that is best on the held-back
halves of the sets that train, and the area under the curve. Answers: how often the best sentence is right, and how well
passages that answer are told from those that do not.
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
from .train import MOST, Readings

WEIGHTS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5)


@torch.no_grad()
def outputs(model, tokens, pairs, most, device, size=64):
    """For each pair its relevance, its support, the logits of its tokens, and where the second text begins."""
    rows = tokens.pairs(pairs, most)
    found = [None] * len(rows)
    order = sorted(range(len(rows)), key=lambda i: len(rows[i][0]))
    for start in range(0, len(order), size):
        batch = order[start : start + size]
        with torch.autocast(device.type, torch.bfloat16):
            given = model(*[part.to(device) for part in tokens.batch([rows[i] for i in batch])])
        relevance, support, _, answer = [part.float().cpu().numpy() for part in given]
        for place, i in enumerate(batch):
            found[i] = (relevance[place], support[place], answer[place], rows[i][1].index(1))
    return found


def ndcg(ranked, right):
    seen = list(dict.fromkeys(ranked))[:10]
    gain = sum((document in right) / np.log2(place + 2) for place, document in enumerate(seen))
    return gain / sum(1 / np.log2(place + 2) for place in range(min(10, len(right))))


def relevance(pack, ask):
    means = defaultdict(list)
    for name, rows in pack["relevance"].items():
        top = [(row["query"], shown) for row in rows for _, shown, _ in row["found"] if shown]
        said = iter(ask(top, MOST["relevance"]))
        gains = defaultdict(list)
        for row in rows:
            read = [(document, fused, *next(said)[::2]) for document, shown, fused in row["found"] if shown]
            rest = [document for document, shown, _ in row["found"] if not shown]
            for weight in WEIGHTS:
                for head in ("relevance", "answer"):
                    score = lambda it: it[2] if head == "relevance" else 0.5 * np.logaddexp.reduce(it[3])
                    order = sorted(read, key=lambda it: -(it[1] * OFFSET + weight * score(it)))
                    gains[(head, weight)].append(ndcg([it[0] for it in order] + rest, row["right"]))
        for key, values in gains.items():
            means[key].append(np.mean(values))
        for head in ("relevance", "answer"):
            print(f"{name:18} {len(rows):5} {head:9}", *(f"{w}:{np.mean(gains[(head, w)]):.4f}" for w in WEIGHTS))
    for head in ("relevance", "answer"):
        print(f"mean {head:9}", *(f"{w}:{np.mean(means[(head, w)]):.4f}" for w in WEIGHTS), flush=True)


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


def answers(pack, ask, tokens):
    rows = Readings(pack["reading"], tokens, 1, torch.device("cpu")).rows
    kept = [row for row in pack["reading"] if row["sentences"]]
    said = ask([(row["query"], row["passage"]) for row in kept], MOST["reading"])
    by = defaultdict(list)
    for row, (_, sentence, labels, right), (_, _, logits, _) in zip(kept, rows, said):
        sentence = np.array(sentence)
        each = [np.logaddexp.reduce(logits[: len(sentence)][sentence == i]) for i in range(len(labels))]
        by[row["source"]].append((labels[int(np.argmax(each))], len(labels), max(each), right))
    for name, found in by.items():
        best = [(label, count) for label, count, _, right in found if right and count > 1]
        scores, labels = np.array([it[2] for it in found]), np.array([bool(it[3]) for it in found])
        line = f"{name:18} {len(found):5} best sentence right {np.mean([label == 1 for label, _ in best]):.3f}"
        line += f" (by chance {np.mean([1 / count for _, count in best]):.3f})"
        if not labels.all():
            line += f" area {area(scores, labels):.3f} balanced at 0 {balanced(scores, labels, 0.0):.3f}"
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
        answers(pack, ask, tokens)
    if "support" in options.heads:
        support(pack, ask)
    if "relevance" in options.heads:
        relevance(pack, ask)


if __name__ == "__main__":
    main()
