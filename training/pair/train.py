"""Trains the pair encoder: `python -m pair.train --base BASE --work WORK`.

Relevance is a softmax over a question's passages with the fused score as a fixed part of every logit, so that only
what the search does not know yet has to be learned. Support is a logistic loss on the pair and, where a rule says which
words are wrong, on each token. Answers are a logistic loss on each sentence of the passage, and on the whole of it. What
is saved is the running mean of the weights. A run that is stopped goes on where it last saved.
"""

import argparse
import json
import random
from pathlib import Path

import torch
from torch.nn import functional as F

from .model import PairEncoder
from .tokens import Tokens

MOST = {"relevance": 160, "support": 320, "reading": 288}
#: Share of its own past that the mean of the weights keeps in every step.
KEPT = 0.998


def lines(path):
    return [json.loads(line) for line in open(path)]


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


class Groups(Source):
    """Relevance: whole groups, the right passage first."""

    def __init__(self, rows, tokens, count, device):
        pairs = [(row["query"], passage) for row in rows for passage in row["passages"]]
        found = iter(tokens.pairs(pairs, MOST["relevance"]))
        rows = [([next(found) for _ in row["passages"]], row["offset"]) for row in rows]
        super().__init__(rows, tokens, count, device)

    def size(self, row):
        return max(len(ids) for ids, _ in row[0])

    def loss(self, model, batch):
        relevance, *_ = model(*self.batch([pair for pairs, _ in batch for pair in pairs]))
        most = max(len(pairs) for pairs, _ in batch)
        place = self.to([i * most + j for i, (pairs, _) in enumerate(batch) for j in range(len(pairs))])
        offset = self.to([value for _, values in batch for value in values])
        logits = torch.full((len(batch) * most,), -1e4, device=self.device)
        logits = logits.index_put((place,), relevance + offset).view(len(batch), most)
        ranked = F.cross_entropy(logits, torch.zeros(len(batch), dtype=torch.long, device=self.device))
        right = self.to([float(i == 0) for pairs, _ in batch for i in range(len(pairs))])
        return ranked + 0.2 * F.binary_cross_entropy_with_logits(relevance, right, pos_weight=self.to(4.0))


class Claims(Source):
    """Support."""

    def __init__(self, rows, tokens, count, device):
        found = tokens.pairs([(row["claim"], row["evidence"]) for row in rows], MOST["support"])
        encoded = tokens.plain([row["claim"] for row in rows])
        kept = []
        for row, pair, claim in zip(rows, found, encoded):
            wrong = [False] * len(pair[0])
            if row["wrong"]:
                low, high = row["wrong"]
                for i, (start, end) in enumerate(claim.offsets[:64]):
                    wrong[i + 1] = start < high and end > low
            kept.append((pair, row["label"], wrong, row["wrong"] is not None or row["source"] == "rules"))
        super().__init__(kept, tokens, count, device)

    def size(self, row):
        return len(row[0][0])

    def loss(self, model, batch):
        ids, types, lengths = self.batch([pair for pair, *_ in batch])
        _, support, tokens, _ = model(ids, types, lengths)
        loss = F.binary_cross_entropy_with_logits(support, self.to([float(label) for _, label, *_ in batch]))
        wrong = self.to([row + [False] * (ids.shape[1] - len(row)) for _, _, row, _ in batch]).float()
        known = self.to([known for *_, known in batch])
        inside = torch.arange(ids.shape[1], device=self.device)[None] < lengths[:, None]
        spot = ((types == 0) & inside & known[:, None]).float()
        every = F.binary_cross_entropy_with_logits(tokens, wrong, pos_weight=self.to(5.0), reduction="none")
        return loss + 0.5 * (every * spot).sum() / spot.sum().clamp(min=1.0)


class Readings(Source):
    """Answers: a sentence is as much of one as its tokens together, softly; so is the passage."""

    def __init__(self, rows, tokens, count, device):
        pairs = tokens.pairs([(row["query"], row["passage"]) for row in rows], MOST["reading"])
        kept = []
        for row, pair, passage in zip(rows, pairs, tokens.plain([row["passage"] for row in rows])):
            first = len(pair[0]) - pair[1].count(1)
            places = passage.offsets[: pair[1].count(1) - 1]
            sentence = [-1] * len(pair[0])
            labels, at = [], 0
            for i, (start, _) in enumerate(places):
                while at + 1 < len(row["sentences"]) and start >= row["sentences"][at][1]:
                    at += 1
                if row["sentences"][at][0] <= start < row["sentences"][at][1]:
                    sentence[first + i] = at
            seen = sorted({number for number in sentence if number >= 0})
            labels = [row["sentences"][number][2] for number in seen]
            # An answer that was cut off is none.
            answers = int(row["answers"] and any(labels))
            sentence = [seen.index(number) if number >= 0 else -1 for number in sentence]
            if labels:
                kept.append((pair, sentence, labels, answers))
        super().__init__(kept, tokens, count, device)

    def size(self, row):
        return len(row[0][0])

    def loss(self, model, batch):
        ids, types, lengths = self.batch([pair for pair, *_ in batch])
        *_, answer = model(ids, types, lengths)
        labels, of, start = [], [], 0
        for _, sentence, found, _ in batch:
            of.append([number + start if number >= 0 else -1 for number in sentence])
            of[-1] += [-1] * (ids.shape[1] - len(sentence))
            labels += found
            start += len(found)
        of, labels = self.to(of), self.to(labels)
        powers = answer.clamp(max=30.0).exp()
        inside = of >= 0
        sums = torch.zeros(start, device=self.device).index_add(0, of[inside], powers[inside])
        known = (labels >= 0).float()
        logits = sums.clamp(min=1e-9).log()
        every = F.binary_cross_entropy_with_logits(logits, labels.clamp(min=0).float(), reduction="none")
        whole = (powers * (types == 1)).sum(1).clamp(min=1e-9).log()
        right = self.to([float(answers) for *_, answers in batch])
        # A sentence counts as much as its passage's others together, so that long passages count no more than short ones.
        return (every * known).sum() / len(batch) + F.binary_cross_entropy_with_logits(whole, right)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--base", type=Path, required=True, help="folder of the base encoder")
    parser.add_argument("--work", type=Path, required=True, help="folder with the pairs")
    parser.add_argument("--state", type=Path, help="checkpoint; WORK/state.pt by default")
    parser.add_argument("--steps", type=int, default=1600, help="over which the learning rate falls to zero")
    parser.add_argument("--rate", type=float, default=1.5e-4)
    parser.add_argument("--groups", type=int, default=16, help="questions with their passages in a step")
    parser.add_argument("--claims", type=int, default=32)
    parser.add_argument("--readings", type=int, default=32)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=1)
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
    sources = [
        kind(lines(options.work / name), tokens, count, device)
        for kind, name, count in (
            (Groups, "relevance.jsonl", options.groups),
            (Claims, "support.jsonl", options.claims),
            (Readings, "reading.jsonl", options.readings),
        )
    ]
    streams = [source.forever(rng) for source in sources]
    heads = {"pool", "relevance", "support", "token", "answer", "scale"}
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
        kept = min(KEPT, (step + 1) / (step + 10))
        torch._foreach_lerp_(list(mean.values()), [value.detach() for value in learned.values()], 1 - kept)
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
