"""Trains the tagger.

    python -m names.train --rows rows.jsonl --features features.bin --out tagger.pt
"""

import argparse
import random
import time

import numpy as np
import torch
from torch import nn

from .export import read as exported
from .model import KINDS, TAGS, WIDTH, Tagger
from .rows import IGNORED, read

# How often a row is seen in an epoch.
OFTEN = {"presidio_large": 3, "presidio_v2": 3, "ner_btc": 2, "ner_wnut17": 2, "ner_sec": 1}
# What one batch holds, in words with padding.
BATCH = 6000


def batches(rows, draw):
    """Shuffled batches of texts that are about as long as each other."""
    order = sorted(rows, key=lambda row: len(row["tags"]) + draw.random() * 8)
    groups, group, longest = [], [], 0
    for row in order:
        longest = max(longest, len(row["tags"]))
        if group and longest * (len(group) + 1) > BATCH:
            groups.append(group)
            group, longest = [], len(row["tags"])
        group.append(row)
    groups.append(group)
    draw.shuffle(groups)
    return groups


def padded(group):
    longest = max(len(row["tags"]) for row in group)
    rows = np.zeros((len(group), longest, WIDTH), dtype=np.int64)
    tags = np.full((len(group), longest), IGNORED, dtype=np.int64)
    present = np.zeros((len(group), longest), dtype=np.float32)
    for at, row in enumerate(group):
        count = len(row["tags"])
        rows[at, :count], tags[at, :count], present[at, :count] = row["rows"], row["tags"], 1
    return torch.from_numpy(rows), torch.from_numpy(tags), torch.from_numpy(present)


def predict(model, rows, bias=0.0):
    """Tags of each row, names preferred by `bias` in the logits."""
    model.eval()
    found = {}
    order = sorted(range(len(rows)), key=lambda at: len(rows[at]["tags"]))
    with torch.inference_mode():
        for first in range(0, len(order), 128):
            group = [rows[at] for at in order[first : first + 128]]
            inputs, _, present = padded(group)
            logits = model(inputs, present)
            logits[..., 0] -= bias
            for at, tags in zip(order[first : first + 128], logits.argmax(-1).numpy()):
                found[at] = tags[: len(rows[at]["tags"])]
    return [found[at] for at in range(len(rows))]


def measure(rows, predicted):
    """Share of marked words that are found, and of found words that are marked, by set and kind."""
    counts = {}
    for row, tags in zip(rows, predicted):
        gold = row["tags"]
        for kind in range(len(KINDS)):
            is_gold, is_found = (gold - 1) // 2 == kind, (tags - 1) // 2 == kind
            known = gold != IGNORED
            count = counts.setdefault((row["set"], KINDS[kind]), [0, 0, 0, 0])
            count[0] += int((is_gold & is_found & known).sum())
            count[1] += int((is_gold & known).sum())
            count[2] += int((is_found & known).sum())
            count[3] += int((is_found & known & (gold == 0)).sum())
    for (name, kind), (both, gold, found, wrong) in sorted(counts.items()):
        print(f"{name:16} {kind:13} recall {both / max(gold, 1):.3f} of {gold:6}  precision {both / max(found, 1):.3f}  on nothing {wrong}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", required=True)
    parser.add_argument("--features", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--size", type=int, default=96)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--part", type=float, default=1.0)
    parser.add_argument("--start", help="an exported tagger to go on from")
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    draw = random.Random(args.seed)
    rows = [row for row in read(args.rows, args.features) if len(row["tags"])]
    held = [row for row in rows if row["held"]]
    taught = [row for row in rows if not row["held"] for _ in range(OFTEN.get(row["set"], 1))]
    if args.part < 1:
        taught = draw.sample(taught, int(len(taught) * args.part))
    print(len(taught), "texts to learn from,", len(held), "held back")
    model = Tagger(args.size)
    if args.start:
        model.load_state_dict(exported(args.start))
    print(sum(p.numel() for p in model.parameters()), "numbers")
    slow = [p for name, p in model.named_parameters() if "table" not in name]
    optimizer = torch.optim.AdamW([
        {"params": slow, "weight_decay": 0.01},
        {"params": [model.table.weight], "weight_decay": 0.0},
    ], lr=args.rate, betas=(0.9, 0.98), fused=True)
    steps = args.epochs * len(batches(taught, draw))
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, args.rate, total_steps=steps + args.epochs * 4, pct_start=0.1)
    loss_of = nn.CrossEntropyLoss(ignore_index=IGNORED, label_smoothing=0.02)
    for epoch in range(args.epochs):
        model.train()
        began, total, seen = time.time(), 0.0, 0
        for group in batches(taught, draw):
            inputs, tags, present = padded(group)
            # Rows are left out at times, of some words many, so that surroundings are learned too.
            often = torch.rand(inputs.shape[:2])[..., None] < 0.15
            drop = torch.rand(inputs.shape) < torch.where(often, 0.4, 0.05)
            inputs = torch.where(drop, 0, inputs)
            logits = model(inputs, present)
            loss = loss_of(logits.reshape(-1, TAGS), tags.reshape(-1))
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            total += float(loss.detach()) * len(group)
            seen += len(group)
        print(f"epoch {epoch + 1}: loss {total / seen:.4f}, {time.time() - began:.0f} s", flush=True)
        torch.save({"model": model.state_dict(), "size": args.size, "seed": args.seed}, args.out)
        if epoch + 1 == args.epochs or epoch == 1:
            measure(held, predict(model, held))


if __name__ == "__main__":
    main()
