"""Compares our measures of rankings with those of ir_measures (trec_eval) on runs over sets in BEIR layout.

    pip install ir_measures pytrec_eval-terrier
    cargo build -p citedesk -p citedesk-eval --example trec
    python eval/tools/parity.py target/debug/examples/trec SET...

For each set a run is made by words, with many ties, and another one by chance, and a tenth of the questions is left out of
each. Every question must agree to 1e-6, and so must the means.
"""

import collections
import json
import math
import pathlib
import random
import re
import subprocess
import sys
import tempfile

import ir_measures

MEASURES = ["RR", "AP"] + [f"{name}@{k}" for k in (1, 5, 10, 100) for name in ("R", "P", "nDCG")]
DEPTH = 150


def read(folder):
    lines = lambda name: [json.loads(line) for line in (folder / name).open(encoding="utf-8") if line.strip()]
    rows = [line.rstrip("\n").split("\t") for line in (folder / "qrels/test.tsv").open(encoding="utf-8")]
    qrels = collections.defaultdict(dict)
    for query, document, grade in rows:
        if grade.lstrip("-").isdigit():
            qrels[query][document] = int(grade)
    # No measure applies where nothing is relevant.
    qrels = {query: grades for query, grades in qrels.items() if any(grade > 0 for grade in grades.values())}
    return lines("corpus.jsonl"), [query for query in lines("queries.jsonl") if query["_id"] in qrels], qrels


def by_words(corpus, queries):
    """Documents by how many words of the question they hold: few different scores, so many ties."""
    words = lambda text: set(re.findall(r"\w+", text.lower()))
    holders = collections.defaultdict(list)
    for document in corpus:
        for word in words(document.get("title", "") + " " + document["text"]):
            holders[word].append(document["_id"])
    for query in queries:
        scores = collections.Counter()
        for word in words(query["text"]):
            if len(holders[word]) < len(corpus) / 4:
                scores.update(holders[word])
        yield query["_id"], dict(scores.most_common(DEPTH))


def by_chance(corpus, queries, qrels, rng):
    ids = [document["_id"] for document in corpus]
    for query in queries:
        chosen = rng.sample(ids, min(DEPTH, len(ids)))
        chosen += [document for document in qrels[query["_id"]] if rng.random() < 0.7]
        yield query["_id"], {document: rng.choice([0.25, 0.5, 1.0, rng.random(), 1e-9 * rng.random()]) for document in chosen}


def safe(name):
    """Fields of these files are parted by white space."""
    return re.sub(r"\s", "_", name)


def compare(program, name, run, qrels):
    with tempfile.TemporaryDirectory() as folder:
        paths = [pathlib.Path(folder) / name for name in ("run", "qrels")]
        with paths[0].open("w") as out:
            for query, scores in run.items():
                for rank, (document, score) in enumerate(scores.items(), 1):
                    out.write(f"{safe(query)} Q0 {safe(document)} {rank} {score!r} run\n")
        with paths[1].open("w") as out:
            for query, grades in qrels.items():
                for document, grade in grades.items():
                    out.write(f"{safe(query)} 0 {safe(document)} {grade}\n")
        ours = [json.loads(line) for line in subprocess.check_output([program, *paths], text=True).splitlines()]
        measures = [ir_measures.parse_measure(measure) for measure in MEASURES]
        theirs = collections.defaultdict(dict)
        theirs_mean = ir_measures.calc_aggregate(
            measures, ir_measures.read_trec_qrels(str(paths[1])), ir_measures.read_trec_run(str(paths[0])))
        for one in ir_measures.iter_calc(
                measures, ir_measures.read_trec_qrels(str(paths[1])), ir_measures.read_trec_run(str(paths[0]))):
            theirs[one.query_id][str(one.measure)] = one.value
    worst, values = 0.0, 0
    for row in ours:
        for measure in MEASURES:
            worst = max(worst, abs(row["values"][measure] - theirs[row["query"]].get(measure, 0.0)))
            values += 1
    for measure in measures:
        mean = math.fsum(row["values"][str(measure)] for row in ours) / len(ours)
        worst = max(worst, abs(mean - theirs_mean[measure]))
    print(f"{name}: {len(ours)} questions, {values} values, greatest difference {worst:.1e}")
    return worst


def main():
    program, *folders = sys.argv[1:]
    worst = 0.0
    for folder in map(pathlib.Path, folders):
        rng = random.Random(7)
        corpus, queries, qrels = read(folder)
        runs = {"by words": dict(by_words(corpus, queries)), "by chance": dict(by_chance(corpus, queries, qrels, rng))}
        for kind, run in runs.items():
            for query in rng.sample(sorted(run), len(run) // 10):
                del run[query]
            worst = max(worst, compare(program, f"{folder.name}, {kind}", run, qrels))
    if worst > 1e-6:
        sys.exit(f"the greatest difference is {worst}")


if __name__ == "__main__":
    main()
