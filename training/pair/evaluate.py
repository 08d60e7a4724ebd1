"""Measures a checkpoint on what was held back: `python -m pair.evaluate --dev DEV --base BASE --work WORK`.

Relevance: nDCG@10 of documents, by the fused score alone and with relevance beside it, on the top candidates. The
chunks and BM25 here only resemble the product's; `citedesk eval retrieval` has the last word. Support: balanced accuracy
at the threshold that is best on the training halves' sets together, and the area under the curve.
"""

import argparse
import json
import random
from collections import defaultdict
from pathlib import Path

import numpy as np
import torch

from . import sets
from .bm25 import Bm25
from .clean import MEASURED_CLAIMS
from .data import DENSE, OFFSET
from .embed import Embedder
from .model import PairEncoder
from .text import window
from .tokens import Tokens
from .train import MOST

CHUNK, OVERLAP, DEPTH = 160, 30, 20
SETS = ("clapnq", "stackfaq", "stackfaq_answers", "squad2", "doc2dial", "emanualqa", "policyqa", "mtrag")
WEIGHTS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5)


@torch.no_grad()
def score(model, tokens, pairs, most, head):
    """The head's logit for every pair; 0 is relevance, 1 support."""
    rows = tokens.pairs(pairs, most)
    found = np.zeros(len(rows), dtype=np.float32)
    order = sorted(range(len(rows)), key=lambda i: len(rows[i][0]))
    for start in range(0, len(order), 64):
        batch = order[start : start + 64]
        with torch.autocast("cpu", torch.bfloat16):
            found[batch] = model(*tokens.batch([rows[i] for i in batch]))[head].float().numpy()
    return found


def lines(path):
    return [json.loads(line) for line in open(path)]


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
    """For each query: text, candidates as (document, shown text, fused score), right documents."""
    corpus = lines(dev / name / "corpus.jsonl")
    right = defaultdict(set)
    for line in open(dev / name / "qrels/test.tsv").read().splitlines()[1:]:
        query, document, _ = line.split("\t")
        right[query].add(document)
    keep = hidden(dev, name)
    queries = [q for q in lines(dev / name / "queries.jsonl") if q["_id"] in right and keep(q)]
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
        best = np.argsort(-fused)[:60]
        found = [(parts[i][0]["_id"], parts[i][0]["title"], parts[i][1], float(fused[i])) for i in best if fused[i] > -1]
        yield query["text"], found, right[query["_id"]]


def ndcg(ranked, right):
    seen, gain = [], 0.0
    for document in ranked:
        if document not in seen:
            seen.append(document)
    for place, document in enumerate(seen[:10]):
        gain += (document in right) / np.log2(place + 2)
    return gain / sum(1 / np.log2(place + 2) for place in range(min(10, len(right))))


def relevance(options, model, tokens):
    embedder = Embedder(options.base)
    means = defaultdict(list)
    for name in options.sets or SETS:
        rows = list(candidates(options.dev, name, embedder, options.limit))
        for words in options.words:
            pairs, owner = [], []
            for i, (query, found, _) in enumerate(rows):
                for document, title, text, _ in found[:DEPTH]:
                    shown = window(query, text, words)
                    pairs.append((query, f"{title}. {shown}" if title else shown))
                    owner.append(i)
            logits = score(model, tokens, pairs, MOST["relevance"], 0)
            by = defaultdict(list)
            for i, logit in zip(owner, logits):
                by[i].append(logit)
            line = []
            for weight in WEIGHTS:
                gains = []
                for i, (_, found, right) in enumerate(rows):
                    top = found[:DEPTH]
                    blended = [fused * OFFSET + weight * logit for (*_, fused), logit in zip(top, by[i])]
                    order = sorted(range(len(top)), key=lambda j: -blended[j])
                    ranked = [top[j][0] for j in order] + [document for document, *_ in found[DEPTH:]]
                    gains.append(ndcg(ranked, right))
                line.append(np.mean(gains))
                means[(words, weight)].append(np.mean(gains))
            shown = " ".join(f"{weight}:{gain:.4f}" for weight, gain in zip(WEIGHTS, line))
            print(f"{name:18} {len(rows):5} words {words:4} {shown}", flush=True)
    for words in options.words:
        print(f"mean words {words}", " ".join(f"{w}:{np.mean(means[(words, w)]):.4f}" for w in WEIGHTS))


def area(scores, labels):
    order = np.argsort(scores, kind="stable")
    ranks = np.empty(len(scores))
    ranks[order] = np.arange(1, len(scores) + 1)
    ones = labels.sum()
    return (ranks[labels].sum() - ones * (ones + 1) / 2) / (ones * (len(labels) - ones))


def balanced(scores, labels, threshold):
    said = scores >= threshold
    return (said[labels].mean() + (~said)[~labels].mean()) / 2


def support(options, model, tokens):
    measured, fitted = {}, ([], [])
    for name in (*sets.GROUNDING, *MEASURED_CLAIMS):
        train, held = sets.halves(options.dev, name)
        scores = score(model, tokens, [(row["claim"], row["context"]) for row in held], MOST["support"], 1)
        measured[name] = (scores, np.array([bool(row["label"]) for row in held]))
    seen = np.concatenate([measured[name][0] for name in sets.GROUNDING])
    steps = np.quantile(seen, np.linspace(0.05, 0.95, 91))
    mean = lambda names, t: np.mean([balanced(*measured[name], t) for name in names])
    threshold = max(steps, key=lambda t: mean(sets.GROUNDING, t))
    for title, names in (("trained on the other half", sets.GROUNDING), ("never trained on", MEASURED_CLAIMS)):
        for name in names:
            scores, labels = measured[name]
            right, under = balanced(scores, labels, threshold), area(scores, labels)
            print(f"{name:22} {len(labels):5} balanced {right:.3f} area {under:.3f}")
        areas = np.mean([area(*measured[name]) for name in names])
        print(f"{title}: balanced {mean(names, threshold):.3f} area {areas:.3f} at {threshold:.2f}", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--dev", type=Path, required=True)
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--sets", nargs="*")
    parser.add_argument("--words", type=int, nargs="*", default=[60])
    parser.add_argument("--limit", type=int, default=200)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--head", choices=["relevance", "support"])
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    tokens, model = Tokens(options.base), PairEncoder(options.base)
    model.load_state_dict(torch.load(options.checkpoint)["model"])
    model.eval()
    if options.head != "relevance":
        support(options, model, tokens)
    if options.head != "support":
        relevance(options, model, tokens)


if __name__ == "__main__":
    main()
