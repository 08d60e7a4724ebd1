"""Writes help centers as sets in BEIR layout, for `citedesk eval answers`: `python -m search.sets --out FOLDER`.

Each passage is a document. Those that are held back are written, or with `--taught` the others.
"""

import argparse
from pathlib import Path

from pair.data import write

from .desks import FOLDER, context, desks


def key(at, passage):
    """The id of a passage, in a folder that is named after the product that it is about."""
    return f"{passage['about']}/p{at}" if "about" in passage else f"p{at}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--desks", type=Path, default=FOLDER, help="folder of the help centers")
    parser.add_argument("--taught", action="store_true", help="write those that were trained on")
    options = parser.parse_args()
    for desk in desks(not options.taught, options.desks, twins=True):
        target = options.out / desk.name
        target.mkdir(parents=True, exist_ok=True)
        corpus, queries, answers = [], [], []
        for i, passage in enumerate(desk.passages):
            title, text = context(passage).split("\n", 1)
            corpus.append({"_id": key(i, passage), "title": title, "text": text})
        for i, question in enumerate(desk.questions):
            queries.append({"_id": f"q{i}", "text": question.text, "metadata": {"kind": question.kind}})
            if question.passage is None:
                answers.append({"_id": f"q{i}", "answers": [], "answerable": False})
            else:
                passage = desk.passages[question.passage]
                said, gold = [passage["sentences"][by] for by in question.by], key(question.passage, passage)
                answers.append({"_id": f"q{i}", "answers": said, "answerable": True, "gold_docs": [gold]})
        write(target / "corpus.jsonl", corpus)
        write(target / "queries.jsonl", queries)
        write(target / "answers.jsonl", answers)
        print(f"{target}: {len(corpus)} passages, {len(queries)} questions")


if __name__ == "__main__":
    main()
