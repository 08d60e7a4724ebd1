"""Builds the lists that teach what answers a question: `python -m pair.answers --dev DEV --base BASE --work WORK`.

Writes `answers.jsonl` into WORK, beside what `pair.data` made, out of that and of the help centers of `search`: rows with
`source`, `query`, `texts`, of which the right ones come first, `right`, how many these are, 0 where nothing answers, and `style`,
how likely that is by the manner of the question alone (log odds). A text is a sentence under its title and heading, as the
product compares it with a question, or a whole passage. Wrong texts are for the most part those that the encoder of
`--checkpoint` (the base without it) takes for right.
"""

import argparse
import random
from collections import Counter
from itertools import accumulate
from pathlib import Path

from search.desks import FOLDER, MOST, context, desks, places, read

from . import reading, sets
from .clean import Contamination
from .data import write
from .embed import Embedder
from .style import crossed

#: Most texts of a list, of sentences and of passages.
SENTENCES, PASSAGES = 7, 5
#: Every so many questions are asked of passages too.
EVERY = 6
#: Share of the help centers' passages that stand under a question instead of headings.
ASKED = 0.2
#: Share of the public sets that is taken, so that help centers are most of all.
READ = 0.35
#: Public sets whose questions are asked of passages; the others have claims or sentences for questions.
ASKING = {"squad2", "clapnq", "stackfaq", "dstc9_faq", "dstc11_track5", "intents", "expertqa"}


def listed(source, query, right, wrong, style=0.0):
    return {"source": source, "query": query, "texts": [*right, *wrong], "right": len(right), "style": round(style, 3)}


def nearest(vector, vectors, places):
    """Those of `places` in `vectors`, nearest to `vector` first."""
    return sorted(places, key=lambda at: -float(vectors[at] @ vector))


def of_desk(desk, styles, embedder, contamination, rng):
    """A list of sentences for each question, and for some of passages. `styles` are by question."""
    asked = [question for question in desk.questions if not contamination.touches(question.text)]
    titles = [None] * len(desk.passages)
    for question in asked:
        if question.passage is not None and titles[question.passage] is None and rng.random() < ASKED:
            titles[question.passage] = question.text
    passages = [context(passage, title) for passage, title in zip(desk.passages, titles)]
    shown = [places(passage, title) for passage, title in zip(desk.passages, titles)]
    starts = list(accumulate((len(texts) for texts in shown), initial=0))
    owner = [at for at, texts in enumerate(shown) for _ in texts]
    sentences = [text for texts in shown for text in texts]
    told = lambda at, question: read(desk.passages[owner[at]], question, titles[owner[at]])[at - starts[owner[at]]]
    vectors, wide = embedder.embed(sentences, MOST[0]), embedder.embed(passages, MOST[0])
    for i, (question, vector) in enumerate(zip(asked, embedder.embed([q.text for q in asked], MOST[1]))):
        if question.text in titles:
            continue
        mine = question.passage
        right = [starts[mine] + by for by in question.by[:2]] if mine is not None else []
        near = nearest(vector, vectors, [at for at, passage in enumerate(owner) if passage != mine])
        beside = [at for at, passage in enumerate(owner) if passage == mine and at - starts[mine] not in question.by]
        picked = rng.sample(beside, min(len(beside), 2))
        left = SENTENCES - len(right) - len(picked)
        picked += near[: left - 1] + [rng.choice(near[left - 1 :])]
        right, picked = ([told(at, question.text) for at in chosen] for chosen in (right, picked))
        style = styles[question.text]
        yield listed(f"desks {question.kind}", question.text, right, picked, style)
        if i % EVERY == 0:
            first = [] if mine is None else [passages[mine]]
            order = nearest(vector, wide, [at for at in range(len(passages)) if at != mine])
            wrong = [passages[at] for at in order[: PASSAGES - len(first)]]
            yield listed("desks passages", question.text, first, wrong, style)
    both = [(text, parts) for text, parts in desk.both if not contamination.touches(text)]
    for (text, parts), vector in zip(both, embedder.embed([text for text, _ in both], MOST[1]) if both else []):
        right = [starts[passage] + by for passage, bys in parts for by in bys[:1]]
        wrong = nearest(vector, vectors, [at for at in range(len(sentences)) if at not in right])[: SENTENCES - len(right)]
        right, wrong = ([told(at, text) for at in chosen] for chosen in (right, wrong))
        yield listed("desks both", text, right, wrong, styles[text])


def of_passage(row, rng):
    """The sentences of one passage of a public set, under its title."""
    right, wrong = ([text for text, label in reading.shown(row) if label == wanted] for wanted in (1, 0))
    if len(right) > 2 or not wrong or (row["answers"] and not right):
        return None
    return listed(row["source"], row["query"], right, rng.sample(wrong, min(len(wrong), SENTENCES - len(right))))


def main():
    parser = argparse.ArgumentParser()
    Contamination.arguments(parser)
    parser.add_argument("--base", type=Path, required=True, help="folder of the base encoder")
    parser.add_argument("--work", type=Path, required=True, help="folder with what `pair.data` made")
    parser.add_argument("--desks", type=Path, default=FOLDER, help="folder of the help centers")
    parser.add_argument("--checkpoint", type=Path, help="of the encoder that takes wrong texts for right")
    options = parser.parse_args()
    rng, contamination = random.Random(7), Contamination.of(options)
    embedder, rows = Embedder(options.base, options.checkpoint), []
    taught = list(desks(False, options.desks, twins=True))
    groups = [
        [*((question.text, question.passage is None) for question in desk.questions), *((text, False) for text, _ in desk.both)]
        for desk in taught
    ]
    for desk, group, styles in zip(taught, groups, crossed(groups)):
        rows += of_desk(desk, {text: style for (text, _), style in zip(group, styles)}, embedder, contamination, rng)
    taken = [row for row in sets.lines(options.work / "reading.jsonl") if rng.random() < READ]
    rows += filter(None, (of_passage(row, rng) for row in taken))
    for row in sets.lines(options.work / "relevance.jsonl"):
        if row["source"] in ASKING and rng.random() < READ:
            rows.append(listed(row["source"], row["query"], row["passages"][:1], row["passages"][1:PASSAGES]))
    write(options.work / "answers.jsonl", rows)
    print(len(rows), "lists", Counter(row["source"] for row in rows), sum(not row["right"] for row in rows), "without an answer")


if __name__ == "__main__":
    main()
