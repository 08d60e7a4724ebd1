"""Says how often the first passage by cosine is the right one: `python -m search.evaluate --base BASE [--checkpoint FILE]`.

Asks the help centers that are held back, each for itself, and tells recall@1 and @5 by kind of question.
"""

import argparse
from collections import defaultdict
from pathlib import Path

from pair.embed import Embedder

from .desks import FOLDER, MOST, context, desks


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--checkpoint", type=Path, help="without it the base itself")
    parser.add_argument("--desks", type=Path, default=FOLDER, help="folder of the help centers")
    options = parser.parse_args()
    embedder, ranks = Embedder(options.base, options.checkpoint), defaultdict(list)
    for desk in desks(True, options.desks):
        asked = [question for question in desk.questions if question.passage is not None]
        questions = embedder.embed([question.text for question in asked], MOST[1])
        cosines = questions @ embedder.embed([context(passage) for passage in desk.passages], MOST[0]).T
        for question, row in zip(asked, cosines):
            for name in (question.kind, "all"):
                ranks[name].append(int((row > row[question.passage]).sum()))
    for kind, found in ranks.items():
        recall = [sum(rank < k for rank in found) / len(found) for k in (1, 5)]
        print(f"{kind}: {len(found)} questions, recall@1 {recall[0]:.3f}, recall@5 {recall[1]:.3f}")


if __name__ == "__main__":
    main()
