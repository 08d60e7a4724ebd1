"""Trains the adapter: `python -m answer.train --gguf FILE --tokenizer FILE --work WORK --out OUT`.

The loss is that of the tokens of the answers. The learning rate falls to zero with the steps or with the time,
whichever ends first, so that a run that must end has ended well. Runs where CUDA is, or on the processor.
"""

import argparse
import hashlib
import io
import json
import lzma
import math
import random
import time
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file

from .base import read
from .model import Adapter, Decoder
from .prompt import Chat
from .score import answered, scores, table

WARM, CLIP = 0.03, 1.0


def lines(path):
    return [json.loads(line) for line in open(path)]


class Examples:
    """Token ids of examples one after the other, with where each begins and its answer does."""

    def __init__(self, ids, prompts, answers):
        self.ids = np.asarray(ids, dtype=np.int64)
        self.prompts, self.lengths = prompts, prompts + answers
        self.starts = np.concatenate([[0], np.cumsum(self.lengths)[:-1]])

    @staticmethod
    def load(path):
        found = np.load(io.BytesIO(lzma.decompress(path.read_bytes())))
        return Examples(found["ids"], *(found[name].astype(np.int64) for name in ("prompts", "answers")))

    @staticmethod
    def of(chat, rows):
        prompts = chat.prompts([(row["system"], row["user"]) for row in rows])
        answers = chat.answers([row["answer"] for row in rows])
        ids = [token for one, two in zip(prompts, answers) for token in (*one, *two)]
        return Examples(ids, *(np.array([len(part) for part in parts]) for parts in (prompts, answers)))

    def batches(self, rng, most):
        """Indices of about equal lengths, whose tokens with filling are at most `most`."""
        order = sorted(range(len(self.lengths)), key=lambda i: self.lengths[i] + rng.random() * 32)
        found, chosen, longest = [], [], 0
        for i in order:
            longest = max(longest, int(self.lengths[i]))
            if chosen and longest * (len(chosen) + 1) > most:
                found.append(chosen)
                chosen, longest = [], int(self.lengths[i])
            chosen.append(i)
        found.append(chosen)
        rng.shuffle(found)
        return found

    def batch(self, chosen, device):
        """Ids filled up at the right, flat positions before the tokens of answers, and these."""
        longest = -(-int(self.lengths[chosen].max()) // 32) * 32
        ids, wanted, targets = np.zeros((len(chosen), longest), dtype=np.int64), [], []
        for row, i in enumerate(chosen):
            start, length, prompt = self.starts[i], self.lengths[i], self.prompts[i]
            ids[row, :length] = self.ids[start : start + length]
            wanted.append(row * longest + np.arange(prompt - 1, length - 1))
            targets.append(ids[row, prompt:length])
        found = (torch.from_numpy(x) for x in (ids, np.concatenate(wanted), np.concatenate(targets)))
        return [x.pin_memory().to(device, non_blocking=True) if device.type == "cuda" else x for x in found]


@torch.no_grad()
def held_loss(model, examples, device, most, pieces=None, scale=1.0):
    total = count = 0
    for chosen in examples.batches(random.Random(0), most):
        ids, wanted, targets = examples.batch(chosen, device)
        total += float(model.loss(ids, wanted, targets, pieces, scale))
        count += len(targets)
    return total / count


def save(adapter, path, about):
    save_file(adapter.tensors(), path, metadata={"citedesk": json.dumps(about)})


def train(model, adapter, examples, device, options, measure):
    """Returns the steps that were made. `measure` is called eight times on the way."""
    optimizer = torch.optim.AdamW([adapter.flat], lr=options.rate, weight_decay=0.0, betas=(0.9, 0.98))
    rng, began, step, seen = random.Random(options.seed), time.monotonic(), 0, []
    per_epoch = len(examples.batches(random.Random(0), options.tokens))
    steps = options.steps or math.ceil(per_epoch * options.epochs)
    batches, said, due = [], 0.0, 1
    while True:
        elapsed = (time.monotonic() - began) / 60
        share = max(step / steps, elapsed / options.minutes)
        if share >= 1:
            break
        batches = batches or examples.batches(rng, options.tokens)
        ids, wanted, targets = examples.batch(batches.pop(), device)
        optimizer.param_groups[0]["lr"] = (
            options.rate * min(1.0, share / WARM + 1e-2) * 0.5 * (1 + math.cos(math.pi * share))
        )
        optimizer.zero_grad(set_to_none=True)
        loss = model.loss(ids, wanted, targets, adapter.pieces(model.dtype), adapter.scale) / len(targets)
        loss.backward()
        torch.nn.utils.clip_grad_norm_([adapter.flat], CLIP)
        optimizer.step()
        step += 1
        seen.append(loss.detach())
        if elapsed * 60 - said > options.every or step in (1, 5):
            mean = float(torch.stack(seen[-50:]).mean())
            print(f"step {step} of {steps}, {elapsed:.2f} minutes, loss {mean:.4f}", flush=True)
            said = elapsed * 60
        if share * 8 >= due and device.type == "cuda":
            print(f"step {step}, held-back loss {measure():.4f}", flush=True)
            due += 1
    print(f"{step} steps, {step / per_epoch:.2f} epochs, {(time.monotonic() - began) / 60:.2f} minutes", flush=True)
    return step


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--gguf", type=Path, required=True, help="the base")
    parser.add_argument("--tokenizer", type=Path, required=True, help="its tokenizer.json")
    parser.add_argument("--work", type=Path, required=True, help="folder with the examples")
    parser.add_argument("--out", type=Path, required=True, help="folder for the adapter")
    parser.add_argument("--rank", type=int, default=16)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--minutes", type=float, default=3.5, help="most minutes of training")
    parser.add_argument("--epochs", type=float, default=2)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--tokens", type=int, default=16384, help="of a step, with filling")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--every", type=float, default=10, help="seconds between lines of the log")
    parser.add_argument("--held", type=int, default=10_000, help="most examples that it is measured with")
    parser.add_argument("--also", type=Path, nargs="*", default=[], help="further examples to answer in the end")
    parser.add_argument("--no-base", action="store_true", help="do not measure what the base writes")
    parser.add_argument("--version", default="1")
    options = parser.parse_args()
    began = time.monotonic()
    torch.manual_seed(options.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.backends.cuda.matmul.allow_tf32 = True
    options.out.mkdir(parents=True, exist_ok=True)
    shape, tensors, digest = read(options.gguf)
    model = Decoder(shape, tensors).to(device)
    adapter = Adapter(shape, options.rank, seed=options.seed).to(device)
    chat, rows = Chat(options.tokenizer), lines(options.work / "held.jsonl")
    random.Random(5).shuffle(rows)
    rows = rows[: options.held]
    data = options.work / "train.bin.xz"
    examples, held = Examples.load(data), Examples.of(chat, rows)
    print(f"{len(examples.lengths)} examples on {device}, {time.monotonic() - began:.0f} s", flush=True)
    measured = {"base_loss": held_loss(model, held, device, options.tokens)}
    print(f"held-back loss of the base {measured['base_loss']:.4f}", flush=True)
    if not options.no_base:
        found = scores(rows, answered(model, chat, rows, 64))
        measured["base"] = found["all"]
        print(table({"base": found["all"]}), flush=True)

    file = options.out / "answer.safetensors"
    about = {
        "format": 1,
        "kind": "answer",
        "version": options.version,
        "base_sha256": digest,
        "data_sha256": hashlib.sha256(data.read_bytes()).hexdigest(),
        "rank": options.rank,
        # Already in what is saved.
        "scale": 1.0,
        "seed": options.seed,
        "rate": options.rate,
    }

    @torch.no_grad()
    def measure():
        save(adapter, file, about)
        return held_loss(model, held, device, options.tokens, adapter.pieces(model.dtype), adapter.scale)

    about["steps"] = train(model, adapter, examples, device, options, measure)
    with torch.no_grad():
        pieces = adapter.pieces(model.dtype)
    measured["loss"] = measure()
    print(f"held-back loss {measured['loss']:.4f}", flush=True)
    for name, asked in [("held", rows), *((path.stem, lines(path)) for path in options.also)]:
        texts = answered(model, chat, asked, 64, adapter=pieces, scale=adapter.scale)
        found = scores(asked, texts)
        print(table(found), flush=True)
        measured[name] = found["all"]
        measured.setdefault("sets", {}).update(found)
        with open(options.out / f"{name}-said.jsonl", "w") as told:
            for row, text in zip(asked, texts):
                told.write(json.dumps({"source": row["source"], "wanted": row["answer"], "said": text}) + "\n")
    (options.out / "measured.json").write_text(json.dumps(measured, indent=1))
    measured.pop("sets")
    save(adapter, file, about | {"measured": measured})
    print(f"{file}: {file.stat().st_size / 1e6:.2f} MB")
    print(f"done after {(time.monotonic() - began) / 60:.2f} minutes", flush=True)


if __name__ == "__main__":
    main()
