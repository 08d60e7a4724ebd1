"""Builds the training pairs: `python -m pair.data --dev DEV --work WORK`.

Writes `relevance.jsonl` (`source`, `query`, `passages`, the right one first, and wrong ones that rank high), `support.jsonl`
(`source`, `claim`, `evidence`, `label`, `wrong`: the range of characters that a rule changed) and `reading.jsonl` (see
`reading`). README.md beside the package says what comes from where and what is held back.
"""

import argparse
import json
import random
import re
from collections import Counter
from pathlib import Path

from . import reading, rules, sets
from .bm25 import Bm25
from .clean import Contamination
from .embed import Embedder
from .text import STOP, sentences, window

#: How much the fused score counts beside relevance where passages are reranked.
OFFSET = 12.0
DENSE = 0.45
NEGATIVES = 6


def write(path, rows):
    with open(path, "w") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def size(rng):
    """Words in a window: whatever the search will show, it has been seen."""
    return rng.choice([30, 40, 50, 60, 80, 100])


def mined(rng, queries, corpus, embedder, name, scope=None):
    """Groups of a query, a right passage and wrong ones that rank high. `queries`: (text, right ids);
    `corpus`: id → (title, text); `scope` names the ids among which a query's wrong ones are."""
    ids = list(corpus)
    place = {key: i for i, key in enumerate(ids)}
    texts = [f"{title}. {text}" if title else text for title, text in (corpus[key] for key in ids)]
    bm25, vectors = Bm25(texts), embedder.embed(texts)
    asked = embedder.embed([query for query, _ in queries])
    for (query, right), vector in zip(queries, asked):
        fused = DENSE * (vectors @ vector) + (1 - DENSE) * bm25.shares(query)
        right = [key for key in right if key in place]
        if not right:
            continue
        allowed = scope(query, right) if scope else ids
        wrong = sorted((key for key in allowed if key not in right), key=lambda key: -fused[place[key]])
        near, far = wrong[:8], wrong[8:60]
        chosen = rng.sample(near, min(len(near), NEGATIVES - 1)) if near else []
        chosen += rng.sample(far, min(len(far), NEGATIVES - len(chosen)))
        if not chosen:
            continue
        keys, words = [rng.choice(right), *chosen], size(rng)
        shown = [". ".join(filter(None, [corpus[key][0], window(query, corpus[key][1], words)])) for key in keys]
        yield {
            "source": name,
            "query": query,
            "passages": shown,
        }


def keywords(rng, sentence):
    """What somebody in a hurry types who wants `sentence`."""
    found = [word for word in re.findall(r"[\w-]+", sentence) if word.lower() not in STOP and len(word) > 2]
    if len(found) < 4:
        return None
    count = rng.randint(3, min(6, len(found)))
    start = rng.randint(0, len(found) - count)
    picked = found[start : start + count]
    if rng.random() < 0.4:
        rng.shuffle(picked)
    return " ".join(picked).lower()


def self_asked(rng, texts):
    """Sentences as questions after the passage that they are taken from, and keywords after the one they are in."""
    corpus, queries = {}, []
    for i, (title, text) in enumerate(texts):
        pieces = sentences(text)
        if len(pieces) < 3:
            continue
        taken = rng.randrange(len(pieces))
        if rng.random() < 0.5:
            query, rest = pieces[taken], " ".join(pieces[:taken] + pieces[taken + 1 :])
        else:
            query, rest = keywords(rng, pieces[taken]), text
        if query and 3 <= len(query.split()) <= 40:
            queries.append((query, [i]))
            corpus[i] = (title, rest)
    return queries, corpus


def relevance(dev, rng, embedder):
    rows = []

    def add(name, queries, corpus, limit, scope=None):
        queries = list(queries)
        rng.shuffle(queries)
        rows.extend(mined(rng, queries[:limit], corpus, embedder, name, scope))
        print(name, len(queries), "queries,", len(corpus), "passages", flush=True)

    add("squad2", *sets.squad2(dev), 3000)
    add("clapnq", *sets.clapnq(dev), 1000)
    add("stackfaq", *sets.stackfaq(dev), 700)
    queries, corpus, scope = sets.dstc9(dev)
    add("dstc9_faq", queries, corpus, 1800, scope)
    queries, corpus, scope = sets.dstc11(dev)
    add("dstc11_track5", queries, corpus, 2000, scope)
    queries, corpus, scope = sets.fm2(dev)
    add("fm2", queries, corpus, 1000, scope)
    add("expertqa", *sets.expertqa(dev), 600)
    add("halueval", *sets.halueval(dev), 300)
    queries, corpus, scope = sets.intents(dev, rng)
    add("intents", queries, corpus, 1500, scope)
    add("headings", *sets.headings(dev), 300)
    for _ in range(3):
        add("self", *self_asked(rng, sets.texts(dev)), 1500)
    return rows


def spoiled(dev, rng):
    """Pairs of a claim taken from its evidence and one made wrong by rule."""
    texts = list(sets.texts(dev))
    names = sorted({name for _, text in texts for name in rules.NAME.findall(text) if len(name) > 3})
    for title, text in texts:
        pieces = sentences(text)
        for _ in range(3 if len(pieces) > 2 else 1):
            start = rng.randrange(len(pieces))
            sentence = pieces[start]
            if not 6 <= len(sentence.split()) <= 45:
                continue
            low = max(0, start - rng.randint(0, 3))
            evidence = " ".join(pieces[low : start + 1 + rng.randint(0, 3)])[:900]
            claim = rules.shorten(rng, sentence)
            wrong = rules.spoil(rng, claim, evidence, names)
            if title and rng.random() < 0.5:
                evidence = f"{title}. {evidence}"
            if wrong:
                yield {"source": "rules", "claim": claim, "evidence": evidence, "label": 1, "wrong": None}
                yield {"source": "rules", "claim": wrong[0], "evidence": evidence, "label": 0, "wrong": wrong[1]}
            others = [i for i in range(len(pieces)) if i < low - 1 or i > start + 4]
            if others and rng.random() < 0.4:
                other = rules.shorten(rng, pieces[rng.choice(others)])
                if 6 <= len(other.split()) <= 45 and other not in evidence:
                    yield {"source": "elsewhere", "claim": other, "evidence": evidence, "label": 0, "wrong": None}


def support(dev, rng):
    rows = list(spoiled(dev, rng))
    for name, claim, evidence, label in sets.claims(dev, rng):
        rows.append({"source": name, "claim": claim, "evidence": evidence, "label": label, "wrong": None})
        if label == 1 and rng.random() < 0.5:
            wrong = rules.spoil(rng, claim, evidence, [])
            if wrong:
                rows.append(
                    {"source": f"{name}+rules", "claim": wrong[0], "evidence": evidence, "label": 0, "wrong": wrong[1]}
                )
    return rows


def main():
    parser = argparse.ArgumentParser()
    Contamination.arguments(parser)
    parser.add_argument("--base", type=Path, required=True, help="folder of the base encoder")
    parser.add_argument("--work", type=Path, required=True)
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    rng = random.Random(7)
    contamination = Contamination.of(options)
    kept = contamination.filter(support(options.dev, rng), ("claim", "evidence"))
    print("support", len(kept), Counter(row["source"] for row in kept), Counter(row["label"] for row in kept))
    write(options.work / "support.jsonl", kept)
    kept = contamination.filter(relevance(options.dev, rng, Embedder(options.base)), ("query", "passages"))
    print("relevance", len(kept), Counter(row["source"] for row in kept))
    write(options.work / "relevance.jsonl", kept)
    kept = contamination.filter(reading.rows(options.dev, rng, keywords, kept), ("query", "passage"))
    print("reading", len(kept), Counter(row["source"] for row in kept), Counter(row["answers"] for row in kept))
    write(options.work / "reading.jsonl", kept)
    print("left out as found in what is measured:", dict(contamination.found))


if __name__ == "__main__":
    main()
