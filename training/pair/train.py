"""Trains the pair encoder: `python -m pair.train --base BASE --work WORK`.

Relevance is a softmax over a question's passages with the fused score as a fixed part of every logit, so that only
what the search does not know yet has to be learned; support is a logistic loss on the pair and, where a rule says which
words are wrong, on each token. A run that is stopped goes on where it last saved.
"""

import argparse
import json
import random
from pathlib import Path

import torch
from torch.nn import functional as F

from .model import PairEncoder
from .tokens import Tokens

GROUPS, CLAIMS = 12, 32
MOST = {"relevance": 160, "support": 192}


def lines(path):
    return [json.loads(line) for line in open(path)]


class Groups:
    """Relevance: batches of whole groups of about one length."""

    def __init__(self, rows, tokens):
        pairs = [(row["query"], passage) for row in rows for passage in row["passages"]]
        found = iter(tokens.pairs(pairs, MOST["relevance"]))
        self.rows = [([next(found) for _ in row["passages"]], row["offset"]) for row in rows]
        self.tokens = tokens

    def batches(self, rng):
        length = lambda row: max(len(ids) for ids, _ in row[0]) + rng.random() * 24
        rows = sorted(self.rows, key=length)
        found = [rows[i : i + GROUPS] for i in range(0, len(rows), GROUPS)]
        rng.shuffle(found)
        return found

    def loss(self, model, batch):
        flat = [pair for pairs, _ in batch for pair in pairs]
        ids, types, lengths = self.tokens.batch(flat)
        relevance, _, _ = model(ids, types, lengths)
        offset = torch.tensor([value for _, values in batch for value in values])
        losses, place = [], 0
        for pairs, _ in batch:
            end = place + len(pairs)
            losses.append(F.cross_entropy((relevance + offset)[None, place:end], torch.zeros(1, dtype=torch.long)))
            place = end
        right = torch.tensor([float(i == 0) for pairs, _ in batch for i in range(len(pairs))])
        alone = F.binary_cross_entropy_with_logits(relevance, right, pos_weight=torch.tensor(3.0))
        return torch.stack(losses).mean() + 0.2 * alone


class Claims:
    """Support: batches of about one length."""

    def __init__(self, rows, tokens):
        self.tokens = tokens
        found = tokens.pairs([(row["claim"], row["evidence"]) for row in rows], MOST["support"])
        encoded = tokens.plain([row["claim"] for row in rows])
        self.rows = []
        for row, pair, claim in zip(rows, found, encoded):
            wrong = [False] * len(pair[0])
            if row["wrong"]:
                low, high = row["wrong"]
                for i, (start, end) in enumerate(claim.offsets[:64]):
                    wrong[i + 1] = start < high and end > low
            self.rows.append((pair, row["label"], wrong, row["wrong"] is not None or row["source"] == "rules"))

    def batches(self, rng):
        rows = sorted(self.rows, key=lambda row: len(row[0][0]) + rng.random() * 24)
        found = [rows[i : i + CLAIMS] for i in range(0, len(rows), CLAIMS)]
        rng.shuffle(found)
        return found

    def loss(self, model, batch):
        ids, types, lengths = self.tokens.batch([pair for pair, *_ in batch])
        _, support, tokens = model(ids, types, lengths)
        label = torch.tensor([float(label) for _, label, *_ in batch])
        loss = F.binary_cross_entropy_with_logits(support, label)
        wrong = torch.tensor([row + [False] * (ids.shape[1] - len(row)) for _, _, row, _ in batch]).float()
        known = torch.tensor([known for *_, known in batch])
        spot = (types == 0) & (torch.arange(ids.shape[1])[None] < lengths[:, None]) & known[:, None]
        if spot.any():
            loss = loss + 0.5 * F.binary_cross_entropy_with_logits(
                tokens[spot], wrong[spot], pos_weight=torch.tensor(5.0)
            )
        return loss


def forever(source, rng):
    while True:
        yield from source.batches(rng)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--base", type=Path, required=True, help="folder of the base encoder")
    parser.add_argument("--work", type=Path, required=True, help="folder with the pairs; checkpoints go there")
    parser.add_argument("--steps", type=int, default=700, help="over which the learning rate falls to zero")
    parser.add_argument("--rate", type=float, default=1e-4)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    state = options.work / "state.pt"
    saved = torch.load(state) if state.exists() else None
    first = saved["step"] if saved else 0
    rng = random.Random(options.seed + first)
    tokens, model = Tokens(options.base), PairEncoder(options.base).train()
    sources = [
        Groups(lines(options.work / "relevance.jsonl"), tokens),
        Claims(lines(options.work / "support.jsonl"), tokens),
    ]
    streams = [forever(source, rng) for source in sources]
    heads = {"pool", "relevance", "support", "token", "scale"}
    split = ([], [])
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            split[name.split(".")[0] in heads].append(parameter)
    rates = [options.rate, 10 * options.rate]
    groups = [{"params": part, "lr": rate} for part, rate in zip(split, rates)]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01, betas=(0.9, 0.98))
    if saved:
        model.load_state_dict(saved["model"])
        optimizer.load_state_dict(saved["optimizer"])
    seen = [None, None]
    for step in range(first, options.steps):
        factor = min(1.0, (step + 1) / 40) * (1 - step / options.steps)
        for group, rate in zip(optimizer.param_groups, rates):
            group["lr"] = rate * factor
        optimizer.zero_grad()
        for i, (source, stream) in enumerate(zip(sources, streams)):
            with torch.autocast("cpu", torch.bfloat16):
                loss = source.loss(model, next(stream))
            loss.backward()
            seen[i] = loss.item() if seen[i] is None else 0.95 * seen[i] + 0.05 * loss.item()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        if (step + 1) % 10 == 0:
            print(f"step {step + 1} relevance {seen[0]:.3f} support {seen[1]:.3f}", flush=True)
        if (step + 1) % 50 == 0 or step + 1 == options.steps:
            whole = {"step": step + 1, "model": model.state_dict(), "optimizer": optimizer.state_dict()}
            torch.save(whole, state.with_suffix(".new"))
            state.with_suffix(".new").replace(state)


if __name__ == "__main__":
    main()
