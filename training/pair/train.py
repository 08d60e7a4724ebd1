"""Trains the pair encoder: `python -m pair.train --base BASE --work WORK`.

Answers are a softmax over a question's texts and a further choice, that none of them answers. Support is a logistic loss
on the pair and, where a rule says which words are wrong, on each token. What is saved is the running mean of the weights. A
run that is stopped goes on where it last saved.
"""

import argparse
import random
from itertools import accumulate
from pathlib import Path

import torch
from torch.nn import functional as F

from .model import PairEncoder
from .sets import lines
from .tokens import Tokens

MOST = {"answers": 160, "support": 320}
#: Weight of questions whose answers are taken away.
WITHOUT = 0.5
NEVER = -1e4
#: Texts in one pass.
TOGETHER = 64
#: Share of its own past that the mean of the weights keeps in every step.
KEPT = 0.998


def choice(logits, right, nothing, style=0.0):
    """Mean cross-entropy of a right text, or of none where none is right, and `WITHOUT` times that of none where what is
    right is taken away. `logits` and `right` are `[questions, texts]`; `nothing`, `[questions, 1]`, is the logit of none, to
    which `style` is added where nothing is taken away."""
    without = torch.cat([logits.masked_fill(right, NEVER), nothing], 1)
    logits = torch.cat([logits, nothing + style], 1)
    right = torch.cat([right, ~right.any(1, keepdim=True)], 1)
    chosen = torch.logsumexp(logits, 1) - torch.logsumexp(logits.masked_fill(~right, NEVER), 1)
    return chosen.mean() + WITHOUT * (torch.logsumexp(without, 1) - nothing[:, 0]).mean()


@torch.no_grad()
def follow(mean, learned, step, most):
    """Draws the running mean of the weights after what was learned; it keeps `most` of its past at most."""
    kept = min(most, (step + 1) / (step + 10))
    torch._foreach_lerp_(list(mean.values()), list(learned.values()), 1 - kept)


class Source:
    """Rows of one kind, in batches of about one length. `size` of a row is its number of tokens."""

    def __init__(self, rows, tokens, count, device):
        self.rows, self.tokens, self.count, self.device = rows, tokens, count, device

    def forever(self, rng):
        while True:
            rows = sorted(self.rows, key=lambda row: self.size(row) + rng.random() * 24)
            batches = [rows[i : i + self.count] for i in range(0, len(rows), self.count)]
            rng.shuffle(batches)
            yield from batches

    def to(self, values):
        return torch.tensor(values, device=self.device)

    def batch(self, pairs):
        return [part.to(self.device, non_blocking=True) for part in self.tokens.batch(pairs)]


class Answers(Source):
    """Lists of a question's texts, those that answer first."""

    def __init__(self, rows, tokens, count, device):
        pairs = [(row["query"], text) for row in rows for text in row["texts"]]
        found = iter(tokens.pairs(pairs, MOST["answers"]))
        rows = [([next(found) for _ in row["texts"]], row["right"], row["style"]) for row in rows]
        super().__init__(rows, tokens, count, device)

    def size(self, row):
        return max(len(ids) for ids, _ in row[0])

    def loss(self, model, batch):
        """That nothing answers has the logit 0, and what the manner of the question tells of it is counted in beforehand."""
        most = max(len(pairs) for pairs, *_ in batch)
        placed = [(pair, i * most + j) for i, (pairs, *_) in enumerate(batch) for j, pair in enumerate(pairs)]
        # Texts of about one length together, as filling costs as much as text.
        placed.sort(key=lambda it: len(it[0][0]))
        parts = [[pair for pair, _ in placed[start : start + TOGETHER]] for start in range(0, len(placed), TOGETHER)]
        answers = torch.cat([model(*self.batch(part))[0] for part in parts])
        place = self.to([at for _, at in placed])
        logits = torch.full((len(batch) * most,), NEVER, device=self.device)
        logits = logits.index_put((place,), answers).view(len(batch), most)
        right = torch.arange(most, device=self.device)[None] < self.to([count for _, count, _ in batch])[:, None]
        style = self.to([style for *_, style in batch])[:, None]
        return choice(logits, right, torch.zeros_like(style), style)


class Claims(Source):
    """Support. A claim that is supported and the next one, which the same evidence does not support, are read side by side."""

    def __init__(self, rows, tokens, count, device):
        found = tokens.pairs([(row["claim"], row["evidence"]) for row in rows], MOST["support"])
        encoded = tokens.plain([row["claim"] for row in rows])
        kept, before = [], None
        for row, pair, claim in zip(rows, found, encoded):
            wrong = [False] * len(pair[0])
            if row["wrong"]:
                low, high = row["wrong"]
                for i, (start, end) in enumerate(claim.offsets[:64]):
                    wrong[i + 1] = start < high and end > low
            read = (pair, row["label"], wrong, row["wrong"] is not None or row["source"] == "rules")
            if before and before["evidence"] == row["evidence"] and before["label"] > row["label"]:
                kept[-1].append(read)
                before = None
            else:
                kept.append([read])
                before = row
        super().__init__(kept, tokens, count, device)

    def size(self, row):
        return max(len(pair[0]) for pair, *_ in row)

    def loss(self, model, batch):
        """Each claim for itself, the words that a rule made wrong, and of two side by side which is supported."""
        last = list(accumulate(len(row) for row in batch))
        second = self.to([end - 1 for row, end in zip(batch, last) if len(row) == 2])
        batch = [claim for row in batch for claim in row]
        ids, types, lengths = self.batch([pair for pair, *_ in batch])
        _, support, tokens = model(ids, types, lengths)
        loss = F.binary_cross_entropy_with_logits(support, self.to([float(label) for _, label, *_ in batch]))
        if len(second):
            loss = loss + F.softplus(support[second] - support[second - 1]).mean()
        wrong = self.to([row + [False] * (ids.shape[1] - len(row)) for _, _, row, _ in batch]).float()
        known = self.to([known for *_, known in batch])
        inside = torch.arange(ids.shape[1], device=self.device)[None] < lengths[:, None]
        spot = ((types == 0) & inside & known[:, None]).float()
        every = F.binary_cross_entropy_with_logits(tokens, wrong, pos_weight=self.to(5.0), reduction="none")
        return loss + 0.5 * (every * spot).sum() / spot.sum().clamp(min=1.0)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--base", type=Path, required=True, help="folder of the base encoder")
    parser.add_argument("--work", type=Path, required=True, help="folder with the pairs")
    parser.add_argument("--state", type=Path, help="checkpoint; WORK/state.pt by default")
    parser.add_argument("--steps", type=int, default=3000, help="over which the learning rate falls to zero")
    parser.add_argument("--rate", type=float, default=2e-4)
    parser.add_argument("--answers", type=int, default=48, help="questions with their texts in a step")
    parser.add_argument("--claims", type=int, default=32, help="claims, or two side by side, in a step")
    parser.add_argument("--start", type=Path, help="adapter to go on from, one of `search` too")
    parser.add_argument("--dropout", type=float, default=0.1)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    device = torch.device(options.device)
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    state = options.state or options.work / "state.pt"
    saved = torch.load(state, map_location=device) if state.exists() else None
    first = saved["step"] if saved else 0
    rng = random.Random(options.seed + first)
    tokens, model = Tokens(options.base), PairEncoder(options.base).train().to(device)
    if options.start:
        model.load_adapter(options.base, options.start)
    for layer in model.layers:
        layer.dropped = options.dropout
    sources = [
        kind(lines(options.work / name), tokens, count, device)
        for kind, name, count in (
            (Answers, "answers.jsonl", options.answers),
            (Claims, "support.jsonl", options.claims),
        )
    ]
    streams = [source.forever(rng) for source in sources]
    heads = {"pool", "relevance", "support", "token", "scale"}
    learned = {name: value for name, value in model.named_parameters() if value.requires_grad}
    split = ([], [])
    for name, parameter in learned.items():
        split[name.split(".")[0] in heads].append(parameter)
    rates = [options.rate, 10 * options.rate]
    groups = [{"params": part, "lr": rate} for part, rate in zip(split, rates)]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01, betas=(0.9, 0.98))
    mean = {name: value.detach().clone() for name, value in learned.items()}
    if saved:
        model.load_state_dict(saved["last"])
        optimizer.load_state_dict(saved["optimizer"])
        mean = {name: saved["model"][name].clone() for name in mean}
    seen = [None] * len(sources)
    for step in range(first, options.steps):
        factor = min(1.0, (step + 1) / 60) * (1 - step / options.steps)
        for group, rate in zip(optimizer.param_groups, rates):
            group["lr"] = rate * factor
        optimizer.zero_grad()
        losses = []
        for source, stream in zip(sources, streams):
            with torch.autocast(device.type, torch.bfloat16):
                loss = source.loss(model, next(stream))
            loss.backward()
            losses.append(loss.detach())
        torch.nn.utils.clip_grad_norm_(learned.values(), 1.0)
        optimizer.step()
        follow(mean, learned, step, KEPT)
        if (step + 1) % 10 == 0 or step == first:
            for i, loss in enumerate(torch.stack(losses).tolist()):
                seen[i] = loss if seen[i] is None else 0.8 * seen[i] + 0.2 * loss
        if (step + 1) % 50 == 0:
            told = " ".join(f"{name} {value:.3f}" for name, value in zip(MOST, seen))
            print(f"step {step + 1} {told}", flush=True)
        if (step + 1) % 250 == 0 or step + 1 == options.steps:
            last = model.state_dict()
            whole = {"step": step + 1, "model": last | mean, "last": last, "optimizer": optimizer.state_dict()}
            torch.save(whole, state.with_suffix(".new"))
            state.with_suffix(".new").replace(state)


if __name__ == "__main__":
    main()
