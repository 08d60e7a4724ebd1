"""Builds the examples: `python -m answer.data --dev DEV --base BASE --tokenizer FILE --work WORK`.

Writes `train.bin.xz`, the token ids with where each prompt and each answer ends, and `held.jsonl`: examples of what is
held back as text, to be measured with. README.md beside the package says what comes from where.
"""

import argparse
import io
import json
import lzma
import random
from collections import Counter
from pathlib import Path

import numpy as np

from pair.bm25 import Bm25
from pair.clean import Contamination
from pair.embed import Embedder
from pair.text import terms

from . import prompt
from .examples import SETS
from .made import made
from .words import NOTE, excerpt, overlap, spans

DENSE = 0.45
#: Most tokens of an example, and of passages that are compared by vectors.
MOST, VECTORS = 1024, 4000
#: Share of the questions whose answer is taken away, and of refusals among all.
TAKEN, REFUSED = 0.12, 0.3
HELD = {"squad2": 170, "clapnq": 60, "halueval": 20, "stackfaq": 30, "dstc9_faq": 40, "dstc11_track5": 20, "made": 40}


class Pool:
    """Passages of a set, ranked for each of its questions by the fused search."""

    def __init__(self, corpus, questions, embedder):
        self.corpus, self.keys = corpus, list(corpus)
        texts = [" ".join(filter(None, [p.title, p.heading, p.text])) for p in corpus.values()]
        self.bm25, self.vectors = Bm25(texts), None
        if len(texts) <= VECTORS:
            self.vectors, self.asked = embedder.embed(texts), embedder.embed(questions, 64)

    def ranked(self, at, question):
        fused = self.bm25.shares(question)
        if self.vectors is not None:
            fused = (1 - DENSE) * fused + DENSE * (self.vectors @ self.asked[at])
        return [self.keys[i] for i in np.argsort(-fused)]


def wrong(asked, ranked, corpus):
    """Keys that may be shown beside the right ones, best first."""
    gold = [text.lower() for text in asked.gold]
    begins = lambda key, start: isinstance(key, tuple) and key[: len(start)] == start
    for key in ranked:
        if key in asked.shown or key in asked.never or (asked.within and not begins(key, asked.within)):
            continue
        if asked.without and begins(key, asked.without):
            continue
        if not any(text in corpus[key].text.lower() for text in gold):
            yield key


def first(found, count):
    return [key for key, _ in zip(found, range(count))]


def shown(rng, asked, ranked, corpus):
    """Keys of what is shown, in the order of the search, and whether it answers."""
    answers = bool(asked.said) and not (asked.alone and rng.random() < TAKEN)
    right = asked.shown if answers or not asked.said else []
    count = max(len(right), rng.choice([1, 2, 3, 3, 4, 4, 5, 6, 7, 8]))
    near = first(wrong(asked, ranked, corpus), 14)
    picked = [key for i, key in enumerate(near) if rng.random() < (0.8 if i < 4 else 0.3)]
    chosen = right + (picked or near)[: count - len(right)]
    place = {key: i for i, key in enumerate(ranked)}
    return sorted(chosen, key=lambda key: place[key] + rng.random() * 3), answers


def hurried(rng, question):
    """As people type."""
    luck = rng.random()
    if luck < 0.07:
        return question.lower().rstrip("?. ")
    return question.rstrip("?") if luck < 0.17 else question


def example(rng, asked, ranked, corpus):
    """A prompt with what is to be said after it, or `None` where there is nothing to show."""
    keys, answers = shown(rng, asked, ranked, corpus)
    if not keys:
        return None
    most = min(rng.choice([50, 80, 110, 150, 200, 260]), 600 // len(keys))
    wanted, cuts = set(terms(asked.question)), {}
    for key in keys:
        text, places = corpus[key].text, [place for _, other, place in asked.said if other == key]
        if not places:
            found = spans(text) or [(0, len(text))]
            places = [max(found, key=lambda span: overlap(text[slice(*span)], wanted))]
        cut = excerpt(rng, text, (min(p[0] for p in places), max(p[1] for p in places)), most)
        cuts[key] = NOTE.sub("", cut)
    numbers = sorted(rng.sample(range(1, max(rng.randint(1, 8), len(keys)) + 1), len(keys)))
    number = dict(zip(keys, numbers))
    right = [key for key in asked.shown if key in number]
    order, luck = list(keys), rng.random()
    if luck < 0.2:
        rng.shuffle(order)
    elif luck < 0.65:
        # The product shows first what seems to answer.
        order = right + [key for key in order if key not in right]
    said = list(dict.fromkeys((prompt.inert(text), number[key]) for text, key, _ in asked.said)) if answers else []
    tone = prompt.TONES[0] if rng.random() < 0.7 else rng.choice(prompt.TONES[1:])
    places = [(number[key], corpus[key].title, corpus[key].heading, cuts[key]) for key in order]
    return {
        "system": prompt.system(tone),
        "user": prompt.user(hurried(rng, asked.question), places, asked.earlier),
        "said": said,
        "answer": " ".join(f"{text} [{n}]" for text, n in said) or prompt.REFUSAL,
        "gold": asked.gold if answers else [],
        "right": sorted({n for _, n in said}),
    }


def build(dev, hidden, rng, embedder, times=None, clean=None):
    rows, left_out = [], Counter()
    for name, (of, repeated) in (SETS | {"made": (made, 1)}).items():
        if hidden and name not in HELD:
            continue
        asked, corpus = of(dev, hidden, rng)
        pool = Pool(corpus, [item.question for item in asked], embedder)
        found = []
        for at, item in enumerate(asked):
            texts = [item.question, *(corpus[key].text for key in item.shown), *(text for text, _, _ in item.said)]
            if clean and any(map(clean.touches, texts)):
                left_out[name] += 1
                continue
            ranked = pool.ranked(at, item.question)
            for _ in range(times or repeated):
                one = example(rng, item, ranked, corpus)
                if one:
                    found.append({"source": name, **one})
        if hidden:
            rng.shuffle(found)
            # As many that are answered as not, where a set has both.
            refused = [row for row in found if not row["said"]][: HELD[name] // 2]
            found = refused + [row for row in found if row["said"]][: HELD[name] - len(refused)]
        rows += found
        print(name, len(asked), "questions,", len(corpus), "passages,", len(found), "examples", flush=True)
    if left_out:
        print("left out as found in what is measured:", dict(left_out))
    return rows


def balanced(rng, rows):
    """No more refusals than wanted, each example once."""
    rows = list({(row["user"], row["answer"]): row for row in rows}.values())
    rng.shuffle(rows)
    said = [row for row in rows if row["said"]]
    refused = [row for row in rows if not row["said"]]
    kept = said + refused[: int(len(said) * REFUSED / (1 - REFUSED))]
    rng.shuffle(kept)
    return kept


def encoded(chat, rows):
    """(prompt, answer) as ids, without those that are too long."""
    prompts = chat.prompts([(row["system"], row["user"]) for row in rows])
    pairs = zip(rows, prompts, chat.answers([row["answer"] for row in rows]))
    return [(row, one, two) for row, one, two in pairs if len(one) + len(two) <= MOST]


def packed(found):
    out = io.BytesIO()
    np.savez(
        out,
        ids=np.array([token for _, one, two in found for token in (*one, *two)], dtype=np.uint16),
        prompts=np.array([len(one) for _, one, _ in found], dtype=np.uint16),
        answers=np.array([len(two) for _, _, two in found], dtype=np.uint16),
    )
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 6, "dict_size": 1 << 26, "lp": 1, "lc": 2, "pb": 1}]
    return lzma.compress(out.getvalue(), lzma.FORMAT_XZ, filters=filters)


def main():
    parser = argparse.ArgumentParser()
    Contamination.arguments(parser)
    parser.add_argument("--base", type=Path, required=True, help="folder of the base encoder")
    parser.add_argument("--tokenizer", type=Path, required=True, help="tokenizer.json of the language model")
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--times", type=int, help="how often each question is asked")
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    rng, embedder, chat = random.Random(7), Embedder(options.base), prompt.Chat(options.tokenizer)
    clean = Contamination.of(options)
    rows = balanced(rng, build(options.dev, False, rng, embedder, options.times, clean))
    found = encoded(chat, rows)
    tokens = sum(len(one) + len(two) for _, one, two in found)
    data = packed(found)
    (options.work / "train.bin.xz").write_bytes(data)
    kinds = Counter(row["source"] for row, _, _ in found)
    refused = sum(not row["said"] for row, _, _ in found)
    print(f"{len(found)} of {len(rows)} examples, {refused} refusals, {tokens} tokens, {len(data) / 1e6:.1f} MB", kinds)
    held = [row for row, _, _ in encoded(chat, build(options.dev, True, random.Random(11), embedder, 1))]
    with open(options.work / "held.jsonl", "w") as file:
        for row in held:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    print(len(held), "held back:", Counter((row["source"], bool(row["said"])) for row in held))


if __name__ == "__main__":
    main()
