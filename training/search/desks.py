"""The help centers of companies that do not exist, in `help_centers/`, of which every eighth is held back."""

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "help_centers"
#: Most tokens of a passage and of a question.
MOST = (192, 64)
#: Most characters of what a reply is to.
ASKED = 240


def held(name):
    return hashlib.sha256(name.encode()).digest()[0] % 8 == 0


def above(passage, mark):
    return mark.join(dict.fromkeys([passage["title"], passage["heading"]]))


def table(sentences):
    """The rows of a table, its header first, whose rows are written out as `Column: cell; Column: cell`; or None."""
    columns = [name for name, colon, _ in (cell.partition(": ") for cell in sentences[0].split("; ")) if colon]
    row = re.compile("; ".join(f"{re.escape(name)}: (.+)" for name in columns))
    found = [row.fullmatch(sentence) for sentence in sentences]
    return [columns, *(list(match.groups()) for match in found)] if len(columns) > 1 and all(found) else None


def text(passage):
    """The text of a passage as the product stores it: tables and what is no sentence by lines, a reply below what was asked."""
    sentences = passage["sentences"]
    if "asked" in passage:
        return f"Customer: {passage['asked']}\n\nAgent: {' '.join(sentences)}"
    if rows := table(sentences):
        return "\n".join(" | ".join(row) for row in rows)
    if all(sentence.endswith((".", "!", "?")) for sentence in sentences):
        return " ".join(sentences)
    return "\n".join(sentence if sentence.endswith(":") else f"- {sentence}" for sentence in sentences)


def context(passage, title=None):
    """What the product embeds of a passage: title and heading, then the text."""
    return (title or above(passage, " > ")) + "\n" + text(passage)


def places(passage, title=None):
    """What the product compares a question with when it chooses sentences: each under its title and heading."""
    return [f"{title or above(passage, ', ')}: {sentence}" for sentence in passage["sentences"]]


def read(passage, question, title=None):
    """What the product shows a reader of the question: the same, a reply below what was asked too, and after the product
    that the document is about where the question names it."""
    head, about = title or above(passage, ", "), passage.get("about")
    if "asked" in passage:
        head += ", " + passage["asked"][:ASKED]
    if about and about.lower() in question.lower():
        head = f"{about}: {head}"
    return places(passage, head)


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
    #: Questions for two things at once: the text, and of each of the two the passage and its sentences that answer.
    both: list[tuple[str, list[tuple[int, list[int]]]]]


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
            both = [(q["q"], [(part["passage"], part["by"]) for part in q["parts"]]) for q in desk.get("both", [])]
            yield Desk(path.stem, desk["names"], desk["passages"], asked, claims, both)
