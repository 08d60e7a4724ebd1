"""Trains the encoder that finds passages: `python -m search.train --base BASE --pairs PAIRS --out STATE`.

A question's vector is to be nearest to that of the passage that answers it (a softmax over cosines; van den Oord and
others, "Representation learning with contrastive predictive coding", 2018): among all passages of some help centers, and
among the passages that the search took for right and those of the other questions of a batch, for the sets that
`pair.data` has written. In help centers it is also to be nearest to the sentences that answer, and to nothing where nothing
answers. What is saved is the running mean of the weights.
"""

import argparse
import json
import random
from pathlib import Path

import torch
from torch.nn import functional as F

from pair.clean import Contamination
from pair.embed import vectors
from pair.model import Encoder
from pair.sets import lines
from pair.tokens import Tokens
from pair.train import NEVER, choice, follow

from .desks import FOLDER, MOST, context, desks, places

#: Cosines are multiplied by this before the softmax.
SCALE = 20.0
#: The cosine at which a text is as likely to answer as not.
NOTHING = 0.4
#: Share of the passages that stand under a question instead of headings.
ASKED = 0.3
#: Share of the questions of public sets that are asked after another question and its reply.
TALK = 0.2
#: Words of a reply in such a dialogue.
REPLY = 40
#: Weight of what the base itself would choose, on public sets: what it knows of the world is to stay.
KEEP = 2.0
KEPT = 0.98


class Side:
    """Texts as token ids, and vectors of some of them."""

    def __init__(self, tokens, device):
        self.tokens, self.device = tokens, device

    def rows(self, texts, most):
        return self.tokens.single(texts, most)

    def vectors(self, model, rows):
        return vectors(model, self.tokens, rows, self.device)


class Batch:
    """Questions, texts to find, and for each kind of text from where to where it stands, what is right
    (`[questions, texts of the kind]`), and what else may be, which is left out."""

    def __init__(self):
        self.questions, self.texts, self.kinds = [], [], []

    def add(self, texts, right, open_=None):
        start = len(self.texts)
        self.texts += texts
        self.kinds.append((start, len(self.texts), right, open_))

    def loss(self, model, side, base=None):
        """Sum over kinds of the mean cross-entropy of a right text for each question, or of none where none is; without
        what is right, none is to be chosen too. With `base`, also of what that would choose."""
        cosines = side.vectors(model, self.questions) @ side.vectors(model, self.texts).T
        nothing = torch.full_like(cosines[:, :1], SCALE * NOTHING)
        total = 0.0
        if base is not None:
            with torch.no_grad():
                before = side.vectors(base, self.questions) @ side.vectors(base, self.texts).T
            total = KEEP * F.cross_entropy(SCALE * cosines, torch.softmax(SCALE * before, 1))
        for start, end, right, open_ in self.kinds:
            right, logits = right.to(cosines.device), SCALE * cosines[:, start:end]
            if open_ is not None:
                logits = logits.masked_fill(open_.to(logits.device), NEVER)
            total = total + choice(logits, right, nothing)
        return total


def table(rows, width):
    """A row for each question, true at the places given."""
    found = torch.zeros(len(rows), width, dtype=torch.bool)
    for row, places in zip(found, rows):
        row[places] = True
    return found


class Desks:
    """Help centers, a few whole ones at a time: passages, and sentences in their places. Some of the passages are shown as
    answers of a list of questions: under a question, which then is not asked."""

    def __init__(self, found, side, contamination, count, share=ASKED):
        self.count, self.share, self.desks = count, share, []
        for desk in found:
            asked = [q for q in desk.questions if not contamination.touches(q.text)]
            # Each passage under its headings and under its first question.
            titles = [next((i for i, q in enumerate(asked) if q.passage == at), None) for at in range(len(desk.passages))]
            shown = []
            for passage, title in zip(desk.passages, titles):
                forms = [None] if title is None else [None, asked[title].text]
                passages = side.rows([context(passage, form) for form in forms], MOST[0])
                shown.append([(row, side.rows(places(passage, form), MOST[0])) for row, form in zip(passages, forms)])
            self.desks.append((asked, side.rows([q.text for q in asked], MOST[1]), titles, shown))

    def forever(self, rng):
        while True:
            rng.shuffle(self.desks)
            for start in range(0, len(self.desks) - self.count + 1, self.count):
                batch, passages, sentences, right = Batch(), [], [], ([], [])
                for asked, rows, titles, shown in self.desks[start : start + self.count]:
                    first, starts, told = len(passages), [], set()
                    for title, forms in zip(titles, shown):
                        form = int(len(forms) > 1 and rng.random() < self.share)
                        told |= {title} if form else set()
                        starts.append(len(sentences))
                        passages.append(forms[form][0])
                        sentences += forms[form][1]
                    for i, (question, row) in enumerate(zip(asked, rows)):
                        if i not in told:
                            answered = question.passage is not None
                            batch.questions.append(row)
                            right[0].append([first + question.passage] if answered else [])
                            right[1].append([starts[question.passage] + by for by in question.by] if answered else [])
                batch.add(passages, table(right[0], len(passages)))
                batch.add(sentences, table(right[1], len(sentences)))
                yield batch


def dialogue(row, earlier):
    """The question of `row` after that of another and its reply, the last turn first."""
    reply = " ".join(earlier["passages"][0].split()[:REPLY])
    return f"user: {row['query']}\tagent: {reply}\tuser: {earlier['query']}"


class Groups:
    """Questions of public sets, each with its right passage and wrong ones that the search took for right. Some are asked
    in a dialogue."""

    def __init__(self, path, side, count, talk=TALK):
        self.count, self.talk = count, talk
        rows = lines(path)
        before = {row["source"]: row for row in rows}
        turns = []
        for row in rows:
            turns.append(dialogue(row, before[row["source"]]))
            before[row["source"]] = row
        questions = zip(side.rows([row["query"] for row in rows], MOST[1]), side.rows(turns, MOST[0]))
        found = iter(side.rows([text for row in rows for text in row["passages"]], MOST[0]))
        self.rows = [(forms, [next(found) for _ in row["passages"]], row["passages"]) for forms, row in zip(questions, rows)]

    def forever(self, rng):
        while True:
            rng.shuffle(self.rows)
            for start in range(0, len(self.rows) - self.count + 1, self.count):
                batch, texts, owners, right, shown = Batch(), [], [], [], []
                for i, (forms, rows, passages) in enumerate(self.rows[start : start + self.count]):
                    batch.questions.append(forms[rng.random() < self.talk])
                    right.append([len(texts)])
                    texts += rows
                    shown += passages
                    owners += [i] * len(rows)
                # The same passage beside another question may be right there too.
                own = [{text for text, owner in zip(shown, owners) if owner == i} for i in range(self.count)]
                twice = [[at for at, text in enumerate(shown) if owners[at] != i and text in own[i]] for i in range(self.count)]
                batch.add(texts, table(right, len(texts)), table(twice, len(texts)))
                yield batch


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--base", type=Path, required=True, help="folder of the base encoder")
    Contamination.arguments(parser)
    parser.add_argument("--pairs", type=Path, required=True, help="relevance.jsonl of pair.data")
    parser.add_argument("--desks", type=Path, default=FOLDER, help="folder of the help centers")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--twins", action="store_true", help="train with the twins too")
    parser.add_argument("--talk", type=float, default=TALK, help="share of public questions in a dialogue")
    parser.add_argument("--steps", type=int, default=480, help="over which the learning rate falls to zero")
    parser.add_argument("--rate", type=float, default=1e-4)
    parser.add_argument("--count", type=int, default=4, help="help centers in a step")
    parser.add_argument("--groups", type=int, default=16, help="questions of public sets in a step")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    rng = random.Random(options.seed)
    device = torch.device(options.device)
    side, model = Side(Tokens(options.base), device), Encoder(options.base).train().to(device)
    contamination = Contamination.of(options)
    sources = [Desks(desks(False, options.desks, options.twins), side, contamination, options.count)]
    if options.groups:
        sources.append(Groups(options.pairs, side, options.groups, options.talk))
    streams = [source.forever(rng) for source in sources]
    # Help centers change what the encoder knows, public sets keep it.
    bases = [None, Encoder(options.base).eval().to(device)]
    learned = {name: value for name, value in model.named_parameters() if value.requires_grad}
    optimizer = torch.optim.AdamW(learned.values(), lr=options.rate, weight_decay=0.01, betas=(0.9, 0.98))
    mean = {name: value.detach().clone() for name, value in learned.items()}
    seen = [None] * len(sources)
    for step in range(options.steps):
        for group in optimizer.param_groups:
            group["lr"] = options.rate * min(1.0, (step + 1) / 10) * (1 - step / options.steps)
        optimizer.zero_grad()
        for i, (stream, base) in enumerate(zip(streams, bases)):
            with torch.autocast(device.type, torch.bfloat16):
                value = next(stream).loss(model, side, base)
            value.backward()
            value = float(value.detach())
            seen[i] = value if seen[i] is None else 0.8 * seen[i] + 0.2 * value
        torch.nn.utils.clip_grad_norm_(learned.values(), 1.0)
        optimizer.step()
        follow(mean, learned, step, KEPT)
        if (step + 1) % 10 == 0:
            print(f"step {step + 1}", *(f"{value:.3f}" for value in seen), flush=True)
    torch.save({"model": model.state_dict() | mean}, options.out)


if __name__ == "__main__":
    main()
