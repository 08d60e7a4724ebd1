"""Questions with passages of which it is known which sentences answer them: rows of `reading.jsonl`.

A row has `source`, `query`, `passage` and `sentences`, a list of `[start, end, label]` in characters of the passage:
1 answers, 0 does not, -1 may. `answers` says whether anything in the passage does.
"""

import json
import re

from . import sets
from .text import spans, words


def row(source, query, title, text, wanted, answers):
    """`wanted` says of the range of a sentence in `text` what its label is."""
    head = f"{title}. " if title else ""
    shift = len(head)
    found = [[start + shift, end + shift, wanted(start, end)] for start, end in spans(text)]
    return {"source": source, "query": query, "passage": head + text, "sentences": found, "answers": answers}


def shown(row):
    """The row's sentences under its title, as the product shows them, each with its label."""
    head = row["passage"][: row["sentences"][0][0]].rstrip(" .")
    return [(f"{head}: " * bool(head) + row["passage"][start:end], label) for start, end, label in row["sentences"]]


def nothing(source, query, title, text):
    return row(source, query, title, text, lambda start, end: 0, 0)


def joined(source, query, title, pieces, right):
    """A passage of `pieces`, of which those in `right` answer."""
    text, ranges = "", []
    for piece in pieces:
        piece = piece.strip()
        text += " " if text else ""
        ranges.append((len(text), len(text) + len(piece), piece in right))
        text += piece
    label = lambda start, end: int(any(good and start < high and end > low for low, high, good in ranges))
    return row(source, query, title, text, label, int(any(good for *_, good in ranges)))


def squad2(dev, hidden=False):
    for held, article in sets.articles(dev):
        if held != hidden:
            continue
        title = article["title"].replace("_", " ")
        for paragraph in article["paragraphs"]:
            text = paragraph["context"]
            for question in paragraph["qas"]:
                if question["is_impossible"]:
                    yield nothing("squad2", question["question"], title, text)
                    continue
                places = [(a["answer_start"], a["answer_start"] + len(a["text"])) for a in question["answers"]]
                label = lambda start, end: int(any(start < high and end > low for low, high in places))
                yield row("squad2", question["question"], title, text, label, 1)


def untokenized(text):
    """Text as it is written, of CLAP NQ's, which has spaces around every sign."""
    text = re.sub(r"`` ?", '"', text)
    text = re.sub(r" ?''", '"', text)
    text = re.sub(r" (n't|'s|'re|'ve|'ll|'d|'m)\b", r"\1", text)
    text = re.sub(r"([(\[]) ", r"\1", text)
    text = re.sub(r" ([.,;:!?%)\]])", r"\1", text)
    return re.sub(r"(\w) (-|–) (\w)", r"\1\2\3", text).strip()


def clapnq(dev, hidden=False):
    for kind in ("answerable", "unanswerable"):
        for found in sets.lines(dev / f"dev/clapnq/clapnq_dev_{kind}.jsonl"):
            if sets.held(found["id"]) != hidden:
                continue
            passage = found["passages"][0]
            if kind == "unanswerable":
                yield nothing("clapnq", found["input"], passage["title"], untokenized(passage["text"]))
                continue
            right = {untokenized(s) for answer in found["output"] for s in answer["selected_sentences"]}
            pieces = [untokenized(piece) for piece in passage["sentences"]]
            yield joined("clapnq", found["input"], passage["title"], pieces, right)


def snippets(rng, name, query, title, right, others, share):
    """A passage of several snippets, with `right` among them in `share` of all cases."""
    others = [text for text in others if text not in right]
    picked = rng.sample(others, min(len(others), rng.randint(3, 7)))
    if rng.random() < share:
        picked += right
    if len(picked) < 2:
        return None
    rng.shuffle(picked)
    return joined(name, query, title, picked, set(right))


def dstc9(dev, rng):
    for domain, _, entity in sets.entities(json.load(open(dev / "dev/dstc9_faq/knowledge.json"))):
        name = (entity["name"] or domain).title()
        bodies = [snippet["body"].strip() for snippet in entity["docs"].values()]
        for snippet in entity["docs"].values():
            yield snippets(rng, "dstc9_faq", snippet["title"], name, [snippet["body"].strip()], bodies, 0.65)


def dstc11(dev, rng):
    queries, corpus, scope = sets.dstc11(dev)
    for query, right in queries:
        right = [key for key in right if key in corpus]
        if right:
            texts = list(dict.fromkeys(corpus[key][1].strip() for key in right))[:4]
            others = [corpus[key][1].strip() for key in scope("", right) if key not in right]
            yield snippets(rng, "dstc11_track5", query, corpus[right[0]][0], texts, others, 0.7)


def fm2(dev, rng):
    found = [row for row in sets.lines(dev / "dev/fm2/dev.jsonl") if not sets.held(row["wikipedia_page"])]
    for claim in rng.sample(found, min(len(found), 500)):
        right = list(dict.fromkeys(piece["text"].strip() for piece in claim["gold_evidence"]))
        others = [piece["text"].strip() for piece in claim["retrieved_evidence"]]
        yield snippets(rng, "fm2", claim["text"], claim["wikipedia_page"], right, others[:8], 1.0)


def sentence_of(rng, dev, keywords, limit=2500):
    """What somebody types who wants one sentence, with the passage around it."""
    texts = [(title, text) for title, text in sets.texts(dev) if len(spans(text)) > 2]
    for title, text in rng.sample(texts, min(len(texts), limit)):
        places = spans(text[:1500])
        start, end = rng.choice(places)
        query = keywords(rng, text[start:end])
        if query:
            asked = set(words(query))
            # Another sentence may have the same words.
            label = lambda low, high: 1 if low == start else -1 if asked <= set(words(text[low:high])) else 0
            yield row("self", query, title, text[:1500], label, 1)


def foreign(rng, groups, limit=4000):
    """Questions with a passage that ranks high and is wrong."""
    picked = [group for group in groups if group["source"] in ("squad2", "clapnq", "stackfaq", "dstc9_faq", "intents")]
    for group in rng.sample(picked, min(len(picked), limit)):
        yield nothing(f"{group['source']}+wrong", group["query"], "", rng.choice(group["passages"][1:]))


def rows(dev, rng, keywords, groups):
    found = [*squad2(dev), *clapnq(dev), *dstc9(dev, rng), *dstc11(dev, rng), *fm2(dev, rng)]
    found += [*sentence_of(rng, dev, keywords), *foreign(rng, groups)]
    return [row for row in found if row]
