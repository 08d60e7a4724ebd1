"""Prompts for the golden questions: `python -m answer.golden --corpus corpus --work WORK --tokenizer FILE`.

Writes `golden.jsonl`: as `held.jsonl`, with the sections that BM25 finds among all documents that are text. A question
that is answered by what was not found, or by a document that is no text, is left out.
"""

import argparse
import html
import json
import re
from pathlib import Path

from pair.bm25 import Bm25

from . import prompt
from .examples import Passage

SHOWN, MOST, WORDS = 8, 1700, 260


def plain(path):
    text = path.read_text()
    if path.suffix == ".html":
        text = re.sub(r"<(head|style|nav|script|footer)\b.*?</\1>", "", text, flags=re.S)
        text = re.sub(r"<h([1-6])[^>]*>", lambda m: "\n" + "#" * int(m[1]) + " ", text)
        text = re.sub(r"</t[dh]>\s*<t[dh][^>]*>", " | ", text)
        text = html.unescape(re.sub(r"<[^>]+>", "", re.sub(r"</?(p|li|tr|h\d|div|br)\b[^>]*>", "\n", text)))
    text = re.sub(r"\A---\n.*?\n---\n", "", text, flags=re.S)
    return re.sub(r"\*\*|`|^\||\|$|^\|?[-| :]+\|$", "", text, flags=re.M)


def sections(path):
    """Passages of a document, those that are too long in pieces."""
    text = plain(path)
    title = re.search(r"^# (.+)", text, re.M)
    title = title[1].strip() if title else path.stem.replace("-", " ").capitalize()
    for part in re.split(r"^(?=#{1,4} )", text, flags=re.M):
        heading, _, body = part.partition("\n") if part.startswith("#") else ("", "", part)
        piece = []
        for line in [*(line.strip() for line in body.splitlines()), None]:
            if piece and (line is None or sum(len(kept.split()) for kept in piece) > WORDS):
                if "".join(piece):
                    yield Passage(title, "\n".join(piece).strip(), heading.strip("# "))
                piece = []
            if line is not None:
                piece.append(line)


def rows(corpus, chat):
    known = [(str(path.relative_to(corpus / "documents")), passage)
             for path in sorted((corpus / "documents").rglob("*")) if path.suffix in (".md", ".html", ".txt")
             for passage in sections(path)]
    ranking = Bm25([f"{p.title} {p.title} {p.heading} {p.text}" for _, p in known])
    same = lambda text: " ".join(re.findall(r"\w+", text.lower()))
    for line in (corpus / "golden/questions.jsonl").read_text().splitlines():
        asked = json.loads(line)
        found = sorted(range(len(known)), key=lambda i: -ranking.shares(asked["question"])[i])[:SHOWN]
        wanted = [(piece["document"], same(piece["quote"])) for piece in asked.get("evidence", [])]
        places = []
        for number, i in enumerate(found, 1):
            passage = known[i][1]
            places.append((number, passage.title, passage.heading, passage.text))
            text = prompt.user(asked["question"], places)
            if len(chat.prompts([(prompt.system(), text)])[0]) > MOST:
                places.pop()
        right = [n for n, *_ in places for doc, quote in wanted
                 if doc == known[found[n - 1]][0] and quote in same(known[found[n - 1]][1].text)]
        if asked["answerable"] and not right:
            continue
        said = [[asked["answer"], right[0]]] if asked["answerable"] else []
        yield {
            "source": "golden", "system": prompt.system(), "user": prompt.user(asked["question"], places), "said": said,
            "answer": f"{asked['answer']} [{right[0]}]" if said else prompt.REFUSAL,
            "gold": asked.get("must_contain", []) if said else [], "right": sorted(set(right)),
        }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--tokenizer", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    options = parser.parse_args()
    found = list(rows(options.corpus, prompt.Chat(options.tokenizer)))
    with open(options.work / "golden.jsonl", "w") as file:
        for row in found:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    print(len(found), "questions,", sum(not row["said"] for row in found), "without an answer")


if __name__ == "__main__":
    main()
