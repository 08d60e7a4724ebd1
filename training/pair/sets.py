"""The sets that may train, read from the development data, without the half of each that is held back."""

import csv
import glob
import hashlib
import json
import re
from collections import defaultdict
from pathlib import Path

from search.desks import context, desks
from search.desks import held as eighth

from .text import sentences, words

#: Texts of many kinds with claims, made for this.
TEXTS = Path(__file__).parent / "texts"
#: What `made` is made of.
MADE = ("help centers", "texts")


def held(key):
    """Whether what `key` names is held back: half of everything."""
    return hashlib.sha256(str(key).encode()).digest()[0] % 2 == 1


def lines(path):
    return [json.loads(line) for line in open(path)]


def articles(dev):
    """Every third article is held back."""
    found = json.load(open(dev / "dev/squad2/dev_articles.json"))["data"]
    found.sort(key=lambda article: article["title"])
    return [(i % 3 == 2, article) for i, article in enumerate(found)]


def squad2(dev):
    corpus, queries = {}, []
    for hidden, article in articles(dev):
        if hidden:
            continue
        title = article["title"].replace("_", " ")
        for i, paragraph in enumerate(article["paragraphs"]):
            key = (title, i)
            corpus[key] = (title, paragraph["context"])
            for question in paragraph["qas"]:
                if not question["is_impossible"]:
                    queries.append((question["question"], [key]))
    return queries, corpus


def clapnq(dev):
    corpus, queries = {}, []
    for kind in ("answerable", "unanswerable"):
        for row in lines(dev / f"dev/clapnq/clapnq_dev_{kind}.jsonl"):
            passage = row["passages"][0]
            key = (passage["title"], passage["text"][:80])
            corpus[key] = (passage["title"], passage["text"])
            if kind == "answerable" and not held(row["id"]):
                queries.append((row["input"], [key]))
    return queries, corpus


def stackfaq(dev):
    corpus, queries = {}, []
    for row in lines(dev / "dev/stackfaq/threads.jsonl"):
        title, answer = row["question"], row["answers"][0]
        corpus[(row["faq_id"], 0)] = (title, answer)
        corpus[(row["faq_id"], 1)] = ("", answer)
        if held(row["faq_id"]):
            continue
        queries += [(text, [(row["faq_id"], i)]) for text in row["rephrasings"] for i in (0, 1)]
        queries.append((title, [(row["faq_id"], 1)]))
    # The other form of the right answer is right too.
    both = lambda right: right + [(key, 1 - form) for key, form in right]
    return [(query, both(right)) for query, right in queries], corpus


def entities(knowledge):
    for domain, found in knowledge.items():
        for key, entity in found.items():
            yield domain, key, entity


def dstc9(dev):
    corpus, queries, of = {}, [], defaultdict(list)
    for domain, entity_id, entity in entities(json.load(open(dev / "dev/dstc9_faq/knowledge.json"))):
        name = (entity["name"] or domain).title()
        for i, snippet in entity["docs"].items():
            key = (domain, entity_id, i)
            corpus[key] = (name, snippet["body"])
            of[(domain, entity_id)].append(key)
            queries.append((snippet["title"], [key]))
    return queries, corpus, lambda query, right: of[right[0][:2]]


def dstc11(dev):
    corpus, queries, of = {}, [], defaultdict(list)
    for domain, entity_id, entity in entities(json.load(open(dev / "dev/dstc11_track5/data/knowledge.json"))):
        name = entity["name"].title()
        entity_id = int(entity_id)
        for i, faq in entity.get("faqs", {}).items():
            corpus[(domain, entity_id, "faq", int(i), None)] = (name, faq["question"] + " " + faq["answer"])
        for i, review in entity.get("reviews", {}).items():
            for j, text in review["sentences"].items():
                corpus[(domain, entity_id, "review", int(i), int(j))] = (name, text)
    for key in corpus:
        of[key[:2]].append(key)
    folder = dev / "dev/dstc11_track5/data/val"
    for log, label in zip(json.load(open(folder / "logs.json")), json.load(open(folder / "labels.json"))):
        if not label["target"]:
            continue
        right = [(k["domain"], k["entity_id"], k["doc_type"], k["doc_id"], k.get("sent_id")) for k in label["knowledge"]]
        queries.append((log[-1]["text"], right))
    return queries, corpus, lambda query, right: [key for r in {r[:2] for r in right} for key in of[r]]


def fm2(dev):
    corpus, queries, of = {}, [], defaultdict(list)
    for row in lines(dev / "dev/fm2/dev.jsonl"):
        page = row["wikipedia_page"]
        if held(page):
            continue
        gold = {piece["text"] for piece in row["gold_evidence"]}
        for text in gold | {piece["text"] for piece in row["retrieved_evidence"]}:
            corpus[(page, text)] = (page, text)
            if (page, text) not in of[row["id"]]:
                of[row["id"]].append((page, text))
        queries.append((row["text"], [(page, text) for text in gold], row["id"]))
    ids = {query: of[key] for query, _, key in queries}
    return [(query, right) for query, right, _ in queries], corpus, lambda query, right: ids[query]


def answers(dev):
    """ExpertQA's claims with what they were judged by: (question, claim, evidence, support)."""
    for name in ("rand_test", "rand_val"):
        for row in lines(dev / f"dev/expertqa/{name}.jsonl"):
            if held(row["question"]):
                continue
            for answer in row["answers"].values():
                for claim in answer["claims"]:
                    pieces = claim["evidence"] if isinstance(claim["evidence"], list) else []
                    pieces = [re.sub(r"^\[\d+\]\s*\S*\s*", "", piece).strip() for piece in pieces]
                    pieces = [piece for piece in pieces if len(piece.split()) > 8]
                    text = re.sub(r"\s*\[\d+\]", "", claim["claim_string"]).strip()
                    if pieces and text:
                        yield row["question"], text, pieces, claim.get("support")


def expertqa(dev):
    corpus, right = {}, defaultdict(list)
    for question, _, pieces, support in answers(dev):
        for piece in pieces:
            key = piece[:200]
            corpus[key] = ("", piece[:3000])
            if support == "Complete" and key not in right[question]:
                right[question].append(key)
    return [(question, keys) for question, keys in right.items() if keys], corpus


def halueval(dev):
    corpus, queries = {}, []
    for row in lines(dev / "dev/halueval/qa_one-turn_data.jsonl"):
        if not held(row["question"]):
            corpus[row["question"]] = ("", row["knowledge"])
            queries.append((row["question"], [row["question"]]))
    return queries, corpus


def intents(dev, rng):
    """Requests with replies to others of the same kind, and with other wordings of the same request."""
    corpus, by, queries = {}, defaultdict(list), []
    bitext = dev / "dev/bitext_old/data/train/Bitext_Sample_Customer_Support_Training_Dataset.csv"
    rows = list(csv.DictReader(open(bitext)))
    rng.shuffle(rows)
    for i, row in enumerate(rows[:2400]):
        kind = ("bitext", row["intent"])
        if i < 1200:
            corpus[("bitext", i)] = ("", row["response"])
            by[kind].append(("bitext", i))
        else:
            queries.append((row["instruction"], kind))
    rows = list(csv.DictReader(open(dev / "dev/banking77/train.csv")))
    clinc = json.load(open(dev / "dev/clinc150/train_val.json"))["train"]
    rng.shuffle(rows)
    rng.shuffle(clinc)
    pairs = [("banking77", row["text"], row["category"]) for row in rows[:3000]]
    pairs += [("clinc150", text, kind) for text, kind in clinc[:2400]]
    for i, (name, text, kind) in enumerate(pairs):
        if i % 2:
            corpus[(name, i)] = ("", text)
            by[(name, kind)].append((name, i))
        else:
            queries.append((text, (name, kind)))
    own = {(key, name): keys for (name, key), keys in by.items()}
    names = defaultdict(list)
    for key in corpus:
        names[key[0]].append(key)
    found = [(query, own.get((kind[1], kind[0]), [])) for query, kind in queries]
    return found, corpus, lambda query, right: names[right[0][0]]


def manuals(dev):
    """Policies and manuals: (heading, text)."""
    paths = [*(dev / "dev/tau2_support/domains").glob("*/*.md"), *(dev / "dev/tau_bench_v1").glob("**/wiki.md")]
    for path in sorted(paths):
        for section in re.split(r"^#+ ", open(path).read(), flags=re.M):
            heading, _, text = section.partition("\n")
            text = re.sub(r"[*`]", "", text).strip()
            if heading.strip() and len(text.split()) > 15:
                yield heading.strip(), text
    for flow in json.load(open(dev / "dev/abcd_guidelines/data/guidelines.json")).values():
        for name, sub in flow["subflows"].items():
            steps = [piece for action in sub["actions"] for piece in [action["text"], *action["subtext"]]]
            yield name, " ".join(steps)


def headings(dev):
    corpus, queries = {}, []
    for heading, text in manuals(dev):
        corpus[(heading, text[:60])] = ("", text)
        queries.append((heading, [(heading, text[:60])]))
    return queries, corpus


def texts(dev):
    """Texts to take sentences from: (title, text)."""
    yield from squad2(dev)[1].values()
    for kind in ("answerable", "unanswerable"):
        for row in lines(dev / f"dev/clapnq/clapnq_dev_{kind}.jsonl"):
            if not held(row["id"]):
                yield row["passages"][0]["title"], row["passages"][0]["text"]
    yield from manuals(dev)
    seen = set()
    for _, _, pieces, _ in answers(dev):
        for piece in pieces:
            if piece[:100] not in seen:
                seen.add(piece[:100])
                yield "", piece[:2500]
    for row in lines(dev / "dev/halueval/qa_one-turn_data.jsonl"):
        if not held(row["question"]):
            yield "", row["knowledge"]
    for domain, _, entity in entities(json.load(open(dev / "dev/dstc9_faq/knowledge.json"))):
        bodies = [snippet["body"] for snippet in entity["docs"].values()]
        yield (entity["name"] or domain).title(), " ".join(bodies[:8])


def made(hidden=False):
    """Claims of our own about help centers and about texts of other kinds, half of them supported, of which an eighth is held
    back: (source, claim, evidence, label)."""
    for desk in desks(hidden):
        for at, good, bad in desk.claims:
            for label, claim in ((1, good), (0, bad)):
                yield "help centers", claim, context(desk.passages[at]), label
    for path in sorted(TEXTS.glob("*.json")):
        for text in json.loads(path.read_text()):
            if eighth(text["title"]) == hidden:
                for pair in text["pairs"]:
                    for label, claim in ((1, pair["good"]), (0, pair["bad"])):
                        yield "texts", claim, f"{text['title']}. {text['text']}", label


GROUNDING = {
    # Set of the measurements: what decides whether a pair is held back.
    "fm2": lambda row: row["context"].split("\n")[0],
    "fever_symmetric": lambda row: " ".join(words(row["context"])[:12]),
    "summedits_samsum": lambda row: row["context"][:80],
    "summedits_scitldr": lambda row: row["context"][:80],
    "summedits_sales_email": lambda row: row["context"][:80],
    "begin_wow": lambda row: row["context"][:80],
    "begin_tc": lambda row: row["context"][:80],
    "halueval_qa": lambda row: row["claim"].split("?")[0],
    "expertqa": lambda row: row["id"].split("-rr_")[0],
}


def halves(dev, name):
    """The pairs of a set of `grounding`: (those that train, those that are held back)."""
    rows = lines(dev / "grounding" / f"{name}.jsonl")
    key = GROUNDING.get(name)
    hidden = [key is None or held(key(row)) for row in rows]
    return [r for r, h in zip(rows, hidden) if not h], [r for r, h in zip(rows, hidden) if h]


def claims(dev, rng):
    """Pairs that people or generators judged: (source, claim, evidence, label)."""
    yield from made()
    for name in GROUNDING:
        for row in halves(dev, name)[0]:
            yield name, row["claim"], row["context"], row["label"]
    for path in sorted(glob.glob(str(dev / "dev/faithdial_audit/data-audit/*/*.csv"))):
        for row in csv.DictReader(open(path)):
            said = next((row[key] for key in row if key not in ("knowledge", "history", "begin_label", "vrm_label")), None)
            kinds = set((row.get("begin_label") or "").replace(" ", "").split(","))
            if not said or "generic" in kinds or "cmu" in path:
                continue
            if "hallucination" in kinds:
                yield "faithdial_audit", said, row["knowledge"], 0
            elif "entailment" in kinds:
                yield "faithdial_audit", said, row["knowledge"], 1
    for hidden, article in articles(dev):
        for paragraph in [] if hidden else article["paragraphs"]:
            asked = [q for q in paragraph["qas"] if not q["is_impossible"]]
            every = sorted({a["text"] for q in asked for a in q["answers"]})
            for question in rng.sample(asked, min(4, len(asked))):
                right = [a["text"] for a in question["answers"]]
                yield "squad2", f"{question['question']} {rng.choice(right)}", paragraph["context"], 1
                wrong = [text for text in every if not any(text in a or a in text for a in right)]
                if wrong:
                    yield "squad2", f"{question['question']} {rng.choice(wrong)}", paragraph["context"], 0
    for row in lines(dev / "dev/clapnq/clapnq_dev_answerable.jsonl"):
        if not held(row["id"]):
            for answer in row["output"][:2]:
                for said in sentences(answer["answer"])[:4]:
                    if len(said.split()) > 5:
                        yield "clapnq", said, row["passages"][0]["text"], 1
    queries, corpus, scope = dstc11(dev)
    labels = [label for label in json.load(open(dev / "dev/dstc11_track5/data/val/labels.json")) if label["target"]]
    for (_, right), label in zip(queries, labels):
        right = [key for key in right if key in corpus]
        said = [piece for piece in sentences(label["response"]) if not piece.endswith("?")]
        if not right or not said:
            continue
        claim = " ".join(said)
        yield "dstc11_track5", claim, " ".join(corpus[key][1] for key in right), 1
        others = [key for key in scope("", right) if key not in right]
        if len(others) > 3:
            picked = rng.sample(others, min(len(others), max(2, len(right))))
            yield "dstc11_track5", claim, " ".join(corpus[key][1] for key in picked), 0


def held_back(dev):
    """Texts of the halves that are held back, for `clean`."""
    for name in GROUNDING:
        for row in halves(dev, name)[1]:
            yield row["claim"]
    for row in lines(dev / "dev/clapnq/clapnq_dev_answerable.jsonl"):
        if held(row["id"]):
            yield row["input"]
    for row in lines(dev / "dev/stackfaq/threads.jsonl"):
        if held(row["faq_id"]):
            yield from row["rephrasings"]
    for hidden, article in articles(dev):
        for paragraph in article["paragraphs"] if hidden else []:
            yield paragraph["context"]
            for question in paragraph["qas"]:
                yield question["question"]
