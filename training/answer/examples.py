"""What is asked and what is to be said, set by set: the half that trains or the half that is held back.

Every function yields `Asked`; passages are named by their key in the corpus that goes with them.
"""

import hashlib
import json
import re
from collections import defaultdict
from dataclasses import dataclass, field

from pair import sets
from pair.data import keywords
from pair.text import terms

from .words import clause, laid_out, overlap, sentences, spans, written


@dataclass(frozen=True)
class Passage:
    title: str
    text: str
    heading: str = ""


@dataclass
class Asked:
    question: str
    #: Passages that must be shown, by their keys.
    shown: list
    #: (sentence, key, (start, end) of where it stands there); nothing where the passages do not answer.
    said: list = field(default_factory=list)
    #: Texts of which none may be in a wrong passage.
    gold: list = field(default_factory=list)
    #: Keys of passages that may answer too.
    never: set = field(default_factory=set)
    #: What the keys of all wrong passages begin with, and what none begins with.
    within: tuple = ()
    without: tuple = ()
    earlier: str = ""
    #: Whether without the passages that are shown none answers.
    alone: bool = True


def apart(key):
    """Whether what `key` names is held back where `pair` holds back nothing: an eighth."""
    return hashlib.sha256(str(key).encode()).digest()[1] < 32


def quoted(passage, key, sentence):
    """What is said when `sentence` of `passage` is."""
    start = passage.text.find(sentence)
    return (laid_out(sentence), key, (start, start + len(sentence)))


def squad2(dev, hidden, rng):
    corpus, asked = {}, []
    for held, article in sets.articles(dev):
        if held != hidden:
            continue
        title = article["title"].replace("_", " ")
        for i, paragraph in enumerate(article["paragraphs"]):
            key, text = (title, i), paragraph["context"]
            corpus[key] = Passage(title, text)
            found = spans(text)
            for row in paragraph["qas"]:
                question = row["question"].strip()
                if row["is_impossible"]:
                    asked.append(Asked(question, [key]))
                    continue
                answer = row["answers"][0]
                at, end = answer["answer_start"], answer["answer_start"] + len(answer["text"])
                place = next((span for span in found if span[0] <= at < span[1]), None)
                if place is None or end > place[1]:
                    continue
                said = clause(text[place[0] : place[1]], end - place[0])
                gold = [one["text"] for one in row["answers"]]
                asked.append(Asked(question, [key], [(laid_out(said), key, place)], gold))
    return asked + list(doubled(asked, rng)), corpus


def doubled(asked, rng):
    """Two questions in one, about one thing, that two passages answer."""
    answered = [item for item in asked if item.said]
    for one in rng.sample(answered, len(answered) // 6):
        two = rng.choice(answered)
        if one.shown[0][0] == two.shown[0][0] and one.shown != two.shown:
            question = one.question + rng.choice([" ", " And ", " Also, "]) + two.question
            yield Asked(question, one.shown + two.shown, one.said + two.said, one.gold + two.gold)


def clapnq(dev, hidden, rng):
    corpus, asked = {}, []
    for kind in ("answerable", "unanswerable"):
        for row in sets.lines(dev / f"dev/clapnq/clapnq_dev_{kind}.jsonl"):
            if sets.held(row["id"]) != hidden:
                continue
            source = row["passages"][0]
            key, pieces = row["id"], [written(piece) for piece in source["sentences"]]
            corpus[key] = Passage(source["title"], " ".join(pieces))
            item = Asked(row["input"].strip(), [key], alone=kind == "answerable")
            if kind == "answerable":
                chosen = {written(piece) for piece in row["output"][0]["selected_sentences"]}
                item.said = [quoted(corpus[key], key, piece) for piece in pieces if piece in chosen][:3]
                if not item.said:
                    continue
            asked.append(item)
    return asked, corpus


def halueval(dev, hidden, rng):
    corpus, asked = {}, []
    for row in sets.lines(dev / "dev/halueval/qa_one-turn_data.jsonl"):
        if sets.held(row["question"]) != hidden:
            continue
        key, text = row["question"], re.sub(r"(?<=[a-z0-9)])\.(?=[A-Z])", ". ", row["knowledge"])
        corpus[key] = Passage(" ".join(text.split()[:4]).strip(" .,("), text)
        pieces, answer = sentences(text), row["right_answer"]
        holding = [piece for piece in pieces if answer in piece]
        compares = re.search(r"\b(both|or|first|older|younger|same|more)\b", key.lower()) or len(holding) != 1
        said = [quoted(corpus[key], key, piece) for piece in (pieces[:2] if compares else holding)]
        asked.append(Asked(key, [key], said, [answer]))
    return asked, corpus


def stackfaq(dev, hidden, rng):
    corpus, asked = {}, []
    for row in sets.lines(dev / "dev/stackfaq/threads.jsonl"):
        if sets.held(row["faq_id"]) != hidden:
            continue
        key, text, title = row["faq_id"], row["answers"][0], row["question"]
        corpus[key] = Passage("FAQ", text, title) if rng.random() < 0.5 else Passage(title, text)
        pieces = [piece for piece in sentences(text) if len(piece.split()) > 2] or [text]
        for question in [title, *row["rephrasings"]]:
            wanted = set(terms(title + " " + question))
            best = max(range(len(pieces)), key=lambda i: overlap(pieces[i], wanted) - 0.02 * i)
            chosen = pieces[best : best + (2 if len(pieces[best].split()) < 9 else 1)]
            asked.append(Asked(question.strip(), [key], [quoted(corpus[key], key, piece) for piece in chosen]))
    return asked, corpus


def dstc9(dev, hidden, rng):
    """Questions to places; a passage holds one reply or some of the same place."""
    corpus, asked = {}, []
    for domain, entity_id, entity in sets.entities(json.load(open(dev / "dev/dstc9_faq/knowledge.json"))):
        if apart((domain, entity_id)) != hidden:
            continue
        name = (entity["name"] or domain).title()
        rows, start = list(entity["docs"].values()), 0
        while start < len(rows):
            count = rng.choice([1, 1, 2, 3, 4, 6])
            group, asks = rows[start : start + count], rng.random() < 0.6
            # Under its question, as a row of a table, or as an item of a list.
            layout = rng.choice(["{title}\n{body}", "{title}\n{body}", "{title} | {body}"] if asks else ["{body}", "- {body}"])
            lines = [layout.format(title=row["title"].strip(), body=row["body"].strip()) for row in group]
            heading = group[0]["title"] if count == 1 and asks and rng.random() < 0.5 else rng.choice(["FAQ", ""])
            key = (domain, entity_id, start)
            between = "\n\n" if layout == "{body}" or "\n" in layout else "\n"
            text = group[0]["body"].strip() if heading == group[0]["title"] else between.join(lines)
            corpus[key] = Passage(name, text, heading)
            for row in group:
                question, body = row["title"].strip(), row["body"].strip()
                if name.lower() not in question.lower() and entity["name"]:
                    pattern = rng.choice(["{q}", "{n}: {q}", "{q} (at {n})", "About {n}. {q}"])
                    question = pattern.format(q=question, n=name)
                said = [quoted(corpus[key], key, piece) for piece in sentences(body)[:3] if piece in text]
                if not said:
                    continue
                # Other places answer a question that names none.
                named = entity["name"] and name.lower() in question.lower()
                asked.append(Asked(question, [key], said, within=() if named else key[:2], alone=False))
                if named and rng.random() < 0.5:
                    asked.append(Asked(question, [], without=key[:2]))
            start += count
    return asked, corpus


def dstc11(dev, hidden, rng):
    """Last turns with FAQs and reviews; what was said before comes along."""
    corpus, asked = {}, []
    for domain, entity_id, entity in sets.entities(json.load(open(dev / "dev/dstc11_track5/data/knowledge.json"))):
        name = entity["name"].title()
        for i, faq in entity.get("faqs", {}).items():
            corpus[(domain, int(entity_id), "faq", int(i))] = Passage(name, faq["answer"], faq["question"])
        for i, review in entity.get("reviews", {}).items():
            text = " ".join(piece.strip() for piece in review["sentences"].values())
            corpus[(domain, int(entity_id), "review", int(i))] = Passage(name, text, "Reviews")
    folder = dev / "dev/dstc11_track5/data"
    knowledge = json.load(open(folder / "knowledge.json"))
    logs, labels = (json.load(open(folder / "val" / f"{name}.json")) for name in ("logs", "labels"))
    for log, label in zip(logs, labels):
        if not label["target"] or apart(json.dumps(log)) != hidden:
            continue
        said, places, spoken = [], label["knowledge"], set()
        rng.shuffle(places)
        for place in places:
            key = (place["domain"], place["entity_id"], place["doc_type"], place["doc_id"])
            spoken.add(key)
            if place["doc_type"] == "faq":
                piece = corpus[key].text.strip()
            else:
                review = knowledge[place["domain"]][str(place["entity_id"])]["reviews"][str(place["doc_id"])]
                piece = review["sentences"][str(place["sent_id"])].strip()
            if piece in corpus[key].text and all(key != other for _, other, _ in said):
                said.append(quoted(corpus[key], key, piece))
        said = said[:3]
        shown = [key for _, key, _ in said]
        asked.append(Asked(log[-1]["text"].strip(), shown, said, never=spoken, within=key[:2]))
        if len(log) > 2 and re.search(r"\b(it|they|their|there|that|this)\b", log[-1]["text"].lower()):
            first = (sentences(log[-2]["text"]) or [""])[0]
            asked[-1].earlier = f"{log[-3]['text'][:200]} {first}"
    return asked, corpus


def expertqa(dev, hidden, rng):
    corpus, claims = {}, defaultdict(list)
    for question, claim, pieces, support in sets.answers(dev) if not hidden else ():
        piece = re.sub(r"\s+", " ", pieces[0])[:6000]
        said, held = set(terms(claim)), set(terms(piece))
        if support != "Complete" or len(said & held) < 0.8 * len(said) or not 5 < len(claim.split()) < 40:
            continue
        # Where it says so: the sentences with most of the claim's words.
        found = spans(piece)
        best = max(range(len(found)), key=lambda i: overlap(piece[slice(*found[i])], said))
        key = piece[:200]
        corpus[key] = Passage(rng.choice(["Article", "Guide", "Notes", "Report"]), piece)
        if len(claims[question]) < 3:
            claims[question].append((laid_out(claim), key, found[best]))
    asked = []
    for question, said in claims.items():
        asked.append(Asked(question, list(dict.fromkeys(key for _, key, _ in said)), said, alone=False))
    return asked, corpus


def manuals(dev, hidden, rng):
    """Headings as questions, and keywords of a sentence."""
    corpus, asked = {}, []
    for heading, text in sets.manuals(dev):
        key = (heading, text[:60])
        if apart(heading) != hidden:
            continue
        heading = re.sub(r"^(Step|Path)? ?[\d.]+:? *", "", heading)
        corpus[key] = Passage(rng.choice(["Policy", "Manual", "Support guide"]), text, heading)
        pieces = [piece for piece in sentences(text) if 4 < len(piece.split()) < 45]
        if not pieces:
            continue
        low = heading[:1].lower() + heading[1:]
        for pattern in ("How do I {}?", "{}", "what about {}"):
            asked.append(Asked(pattern.format(low), [key], [quoted(corpus[key], key, p) for p in pieces[:2]]))
        for piece in rng.sample(pieces, min(3, len(pieces))):
            query = keywords(rng, piece)
            if query:
                asked.append(Asked(query, [key], [quoted(corpus[key], key, piece)]))
    return asked, corpus


def in_a_hurry(dev, hidden, rng):
    """Keywords of a sentence as the question after it."""
    corpus = squad2(dev, hidden, rng)[1] | {("clapnq", k): p for k, p in clapnq(dev, hidden, rng)[1].items()}
    asked = []
    for key, passage in corpus.items():
        pieces = [piece for piece in sentences(passage.text) if 7 < len(piece.split()) < 32]
        for piece in rng.sample(pieces, min(2, len(pieces))):
            query = keywords(rng, piece)
            if query:
                asked.append(Asked(query, [key], [quoted(passage, key, piece)]))
    return asked, corpus


#: With how often each question is asked, with other passages around.
SETS = {
    "squad2": (squad2, 4),
    "clapnq": (clapnq, 4),
    "halueval": (halueval, 3),
    "stackfaq": (stackfaq, 2),
    "dstc9_faq": (dstc9, 2),
    "dstc11_track5": (dstc11, 2),
    "expertqa": (expertqa, 3),
    "manuals": (manuals, 1),
    "keywords": (in_a_hurry, 1),
}
