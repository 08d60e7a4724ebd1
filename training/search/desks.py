"""The help centers of companies that do not exist, in `help_centers/`, of which every eighth is held back."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "help_centers"
#: Most tokens of a passage and of a question.
MOST = (192, 64)


def held(name):
    return hashlib.sha256(name.encode()).digest()[0] % 8 == 0


def above(passage, mark):
    return mark.join(dict.fromkeys([passage["title"], passage["heading"]]))


def context(passage, title=None):
    """What the product embeds of a passage: title and heading, then the text."""
    return (title or above(passage, " > ")) + "\n" + " ".join(passage["sentences"])


def places(passage, title=None):
    """What the product compares a question with when it chooses sentences: each under its title and heading."""
    return [f"{title or above(passage, ', ')}: {sentence}" for sentence in passage["sentences"]]


@dataclass
class Question:
    kind: str
    text: str
    #: Number of the passage that answers, and of its sentences that do; none where no passage does.
    passage: int | None
    by: list[int]


@dataclass
class Desk:
    name: str
    #: Names of the company and its products.
    names: list[str]
    passages: list[dict]
    questions: list[Question]
    #: Pairs of sentences about a passage: its number, one that it supports, and one that it does not.
    claims: list[tuple[int, str, str]]


def desks(hidden, folder=FOLDER, twins=False):
    """The help centers that are held back, or those that are not. With `twins` also the questions that come in pairs of the
    same form, of which only one is answered: without them, the form alone tells much of that."""
    for path in sorted(folder.glob("*.json")):
        if held(path.stem) == hidden:
            desk = json.loads(path.read_text())
            asked = [
                Question(q["kind"], q["q"], i, q["by"])
                for i, passage in enumerate(desk["passages"])
                for q in passage["questions"]
            ]
            asked += [Question("none", text, None, []) for text in desk["none"]]
            for twin in desk["twins"] if twins else []:
                asked.append(Question("twin", twin["asked"], twin["passage"], twin["by"]))
                asked.append(Question("twin", twin["unanswered"], None, []))
            claims = [(claim["passage"], claim["good"], claim["bad"]) for claim in desk.get("claims", [])]
            yield Desk(path.stem, desk["names"], desk["passages"], asked, claims)
