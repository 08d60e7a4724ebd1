"""Makes the values that `eval/tests/expected.rs` holds our measures against, from small made-up runs and answers.

    pip install ir_measures pytrec_eval-terrier rouge_score
    python eval/tools/expected.py

Rankings are measured by ir_measures (trec_eval), answers by the definitions of the official script of SQuAD 2.0, ROUGE-L
by rouge_score.
"""

import collections
import json
import pathlib
import random
import re
import string

import ir_measures
from rouge_score import rouge_scorer

OUT = pathlib.Path(__file__).parent.parent / "tests/expected"
MEASURES = ["RR", "AP"] + [f"{name}@{k}" for k in (1, 5, 10) for name in ("R", "P", "nDCG")]


def rankings():
    rng = random.Random(20261127)
    cases = []
    for size in (3, 8, 25):
        documents = [f"d{number}" for number in range(size)]
        qrels, run = {}, {}
        for number in range(6):
            grades = {document: rng.choice([0, 0, 0, 1, 2, 3]) for document in rng.sample(documents, size // 2 + 1)}
            grades[rng.choice(documents)] = 1
            qrels[f"q{number}"] = grades
            # The last question is missing from the run.
            if number < 5:
                found = rng.sample(documents, rng.randint(1, size))
                run[f"q{number}"] = {document: rng.choice([0.25, 0.5, 0.75, rng.random()]) for document in found}
        measures = [ir_measures.parse_measure(measure) for measure in MEASURES]
        expected = collections.defaultdict(dict)
        for one in ir_measures.iter_calc(measures, qrels, run):
            expected[one.query_id][str(one.measure)] = one.value
        cases.append({"qrels": qrels, "run": run, "expected": expected})
    return cases


def normal(text):
    text = "".join(c for c in text.lower() if c not in string.punctuation)
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", text, flags=re.UNICODE).split())


def f1(said, reference):
    said, reference = normal(said).split(), normal(reference).split()
    if not said or not reference:
        return float(said == reference)
    shared = sum((collections.Counter(said) & collections.Counter(reference)).values())
    return 2 * shared / (len(said) + len(reference)) if shared else 0.0


def answers():
    rng = random.Random(7)
    words = "the a an hub router lasts 36 months, months guarantee. \"cable\" it's re-start $12 and not an- The Hub".split()
    scorer = rouge_scorer.RougeScorer(["rougeL"])
    text = lambda least: " ".join(rng.choice(words) for _ in range(rng.randint(least, 9)))
    pairs = [("It lasts 36 months.", ["36 months"]), ("", ["x"]), ("the", ["a"]), ("Hub", ["the hub", "a hub!"])]
    pairs += [(text(1), [text(1) for _ in range(rng.randint(1, 3))]) for _ in range(60)]
    cases = []
    for said, references in pairs:
        # As in the official script, references of which nothing is left do not count, unless all are.
        counted = [one for one in references if normal(one)] or [""]
        cases.append({
            "said": said,
            "references": references,
            "exact": max(float(normal(said) == normal(one)) for one in counted),
            "f1": max(f1(said, one) for one in counted),
            "rouge_l": max(scorer.score(one, said)["rougeL"].fmeasure for one in references),
        })
    return cases


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    for name, cases in (("rankings", rankings()), ("answers", answers())):
        text = json.dumps(cases, indent=1, sort_keys=True)
        (OUT / f"{name}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
