"""Leaves out of training whatever shares a long run of words with what is measured."""

import json
from collections import Counter
from pathlib import Path

from . import sets
from .text import words

RUN = 10
#: Sets that are only measured, whole.
MEASURED = ("doc2dial", "emanualqa", "emanualqa_all", "mtrag", "policyqa")
MEASURED_CLAIMS = ("attributionbench", "frank", "summedits_ectsum", "begin_cmu")


def runs(text):
    found = words(text)
    return {" ".join(found[i : i + RUN]) for i in range(len(found) - RUN + 1)} if len(found) >= RUN else set()


def whole(text):
    return " ".join(words(text))


class Contamination:
    @staticmethod
    def arguments(parser):
        """Where the texts are that are measured; `of` reads them from there."""
        parser.add_argument("--dev", type=Path, required=True, help="folder with the unpacked sets")
        parser.add_argument("--golden", type=Path, nargs="*", default=[], help="questions never to train on")

    @classmethod
    def of(cls, options):
        return cls(options.dev, options.golden)

    def __init__(self, dev, golden):
        self.runs, self.texts, self.found = set(), set(), Counter()
        for name in MEASURED:
            for file in ("corpus", "queries"):
                for line in open(dev / name / f"{file}.jsonl"):
                    self.add(json.loads(line)["text"])
        for name in MEASURED_CLAIMS:
            for line in open(dev / "grounding" / f"{name}.jsonl"):
                row = json.loads(line)
                self.add(row["claim"])
                self.add(row["context"])
        for text in sets.held_back(dev):
            self.add(text)
        for path in golden:
            for line in Path(path).read_text().splitlines():
                self.add(json.loads(line)["question"])

    def add(self, text):
        self.runs |= runs(text)
        self.texts.add(whole(text))

    def touches(self, text):
        return whole(text) in self.texts or not self.runs.isdisjoint(runs(text))

    def filter(self, rows, fields):
        kept = []
        for row in rows:
            # Of passages the first, which is the right one: what is beside it teaches nothing of itself.
            texts = [row[field] if isinstance(row[field], str) else row[field][0] for field in fields]
            if any(map(self.touches, texts)):
                self.found[row["source"]] += 1
            else:
                kept.append(row)
        return kept
