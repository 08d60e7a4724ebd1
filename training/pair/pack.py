"""Gathers what a checkpoint is measured on: `python -m pair.pack --dev DEV --base BASE --out FILE`.

Answers: questions with the sentences of a passage, or those of a help center that are nearest to them. Support: claims with
their evidence in windows. Relevance: the best candidates of the fused search with their documents; the chunks and BM25 here
only resemble the product's. All of it was held back from training, or is only measured.
"""

import argparse
import json
import random
from collections import defaultdict
from pathlib import Path

import numpy as np

from search.desks import FOLDER, MOST, desks, places, read

from . import reading, sets
from .bm25 import Bm25
from .clean import MEASURED_CLAIMS
from .data import DENSE
from .embed import Embedder
from .text import spans, window

CHUNK, OVERLAP, DEPTH, WORDS = 160, 30, 20, 60
SETS = ("clapnq", "stackfaq", "stackfaq_answers", "squad2", "doc2dial", "emanualqa", "policyqa", "mtrag")
#: Words of evidence that are read at once.
EVIDENCE = 150
#: Sentences of a help center that are read for a question, and questions of a public set.
NEAREST, READ = 12, 500


def chunks(text):
    pieces = text.split(" ")
    for start in range(0, max(1, len(pieces) - OVERLAP), CHUNK - OVERLAP):
        yield " ".join(pieces[start : start + CHUNK])


def hidden(dev, name):
    """Says of a query whether it may be measured."""
    if name == "clapnq":
        return lambda query: sets.held(query["_id"])
    if name.startswith("stackfaq"):
        return lambda query: sets.held(query["_id"][:12])
    if name == "squad2":
        titles = {article["title"] for held, article in sets.articles(dev) if held}
        return lambda query: query["metadata"]["source_doc"].rsplit("/", 1)[0] in titles
    return lambda query: True


def candidates(dev, name, embedder, limit, seed=3):
    """For each query: its text, its candidates as (document, shown text, fused score), and the right documents."""
    corpus = sets.lines(dev / name / "corpus.jsonl")
    right = defaultdict(list)
    for line in open(dev / name / "qrels/test.tsv").read().splitlines()[1:]:
        query, document, _ = line.split("\t")
        right[query].append(document)
    keep = hidden(dev, name)
    queries = [q for q in sets.lines(dev / name / "queries.jsonl") if q["_id"] in right and keep(q)]
    random.Random(seed).shuffle(queries)
    queries = queries[:limit]
    parts = [(doc, piece) for doc in corpus for piece in chunks(doc["text"])]
    texts = [f"{doc['title']}. {piece}" for doc, piece in parts]
    bm25, vectors = Bm25(texts), embedder.embed(texts, 256)
    scopes = np.array([doc.get("scope", "") for doc, _ in parts])
    for query, vector in zip(queries, embedder.embed([q["text"] for q in queries], 256)):
        fused = DENSE * (vectors @ vector) + (1 - DENSE) * bm25.shares(query["text"])
        if query.get("scope"):
            fused = np.where(scopes == query["scope"], fused, -1)
        found = []
        for i in np.argsort(-fused)[:60]:
            doc, piece = parts[i]
            if fused[i] > -1:
                shown = window(query["text"], piece, WORDS) if len(found) < DEPTH else ""
                shown = f"{doc['title']}. {shown}" if doc["title"] else shown
                found.append([doc["_id"], shown, round(float(fused[i]), 4)])
        yield {"query": query["text"], "found": found, "right": right[query["_id"]]}


def windows(text):
    """Parts of a long text, of whole sentences, each beginning in the middle of the one before."""
    places = spans(text)
    lengths = [len(text[start:end].split()) for start, end in places]
    if sum(lengths) <= EVIDENCE or not places:
        return [text]
    found, start = [], 0
    while start < len(places):
        end, used = start, 0
        while end < len(places) and (end == start or used + lengths[end] <= EVIDENCE):
            used += lengths[end]
            end += 1
        found.append(" ".join(text[places[start][0] : places[end - 1][1]].split()[: 2 * EVIDENCE]))
        if end == len(places):
            break
        start = max(start + 1, (start + end) // 2)
    return found


def policyqa(dev):
    for site in json.load(open(dev / "dev/policyqa/dev.json"))["data"]:
        for paragraph in site["paragraphs"]:
            for question in paragraph["qas"]:
                places = [(a["answer_start"], a["answer_start"] + len(a["text"])) for a in question["answers"]]
                label = lambda start, end: int(any(start < high and end > low for low, high in places))
                yield reading.row("policyqa", question["question"], "", paragraph["context"], label, 1)


def of_passages(rows):
    """The sentences of each row's passage, under its title."""
    for row in rows:
        texts, labels = zip(*reading.shown(row))
        right = [i for i, label in enumerate(labels) if label == 1]
        if len(texts) > 1:
            yield {"query": row["query"], "texts": texts, "right": right, "answered": row["answers"]}


def of_desks(embedder, folder):
    """The sentences of a held-back help center that are nearest to each of its questions."""
    for desk in desks(True, folder, twins=True):
        shown = [(at, by, text) for at, passage in enumerate(desk.passages) for by, text in enumerate(places(passage))]
        vectors = embedder.embed([text for *_, text in shown], MOST[0])
        for question, vector in zip(desk.questions, embedder.embed([q.text for q in desk.questions], MOST[1])):
            near = [shown[i][:2] for i in np.argsort(-(vectors @ vector))[:NEAREST]]
            right = [i for i, (at, by) in enumerate(near) if at == question.passage and by in question.by]
            texts = [read(desk.passages[at], question.text)[by] for at, by in near]
            answered = question.passage is not None
            yield {"kind": question.kind, "query": question.text, "texts": texts, "right": right, "answered": answered}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--dev", type=Path, required=True)
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--limit", type=int, default=200)
    parser.add_argument("--desks", type=Path, default=FOLDER, help="folder of the help centers")
    parser.add_argument("--checkpoint", type=Path, help="of the encoder that finds sentences in help centers")
    options = parser.parse_args()
    embedder, rng = Embedder(options.base), random.Random(5)
    pack = {"answers": {}, "relevance": {}, "support": {}, "trained": [*sets.GROUNDING, *sets.MADE]}
    pack["answers"]["desks"] = list(of_desks(Embedder(options.base, options.checkpoint), options.desks))
    for name in SETS:
        pack["relevance"][name] = list(candidates(options.dev, name, embedder, options.limit))
        print(name, len(pack["relevance"][name]), flush=True)
    for name in (*sets.GROUNDING, *MEASURED_CLAIMS):
        held = sets.halves(options.dev, name)[1]
        pack["support"][name] = [[row["claim"], windows(row["context"]), int(row["label"])] for row in held]
    for name, claim, text, label in sets.made(True):
        pack["support"].setdefault(name, []).append([claim, windows(text), label])
    read = {"squad2": reading.squad2(options.dev, True), "clapnq": reading.clapnq(options.dev, True), "policyqa": policyqa(options.dev)}
    for name, rows in read.items():
        rows = list(of_passages(rows))
        pack["answers"][name] = rng.sample(rows, min(len(rows), READ))
    options.out.write_text(json.dumps(pack, ensure_ascii=False))


if __name__ == "__main__":
    main()
