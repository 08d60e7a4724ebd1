"""Texts with their names marked, for training and for measuring.

    python -m names.data --help

Besides the public sets it reads unpacked wheels whose translated messages serve as sentences without names, and documentation.
"""

import argparse
import csv
import json
import random
import re
from hashlib import sha256
from pathlib import Path

import polib

from . import documents
from .fill import ADDRESS, OF_LANGUAGE, ORGANIZATION, ORIGINS, PERSON, PLACE, Filler, cities, countries, templates

IGNORED = "IGNORED"
# What the labels of the public sets are here; what is absent is no name.
LABELS = {
    "PERSON": PERSON, "LOCATION": PLACE, "GPE": PLACE, "ORGANIZATION": ORGANIZATION, "ADDRESS": ADDRESS,
    "STREET_ADDRESS": ADDRESS, "ZIP_CODE": ADDRESS, "GROUP": IGNORED, "PRODUCT": IGNORED, "MISC": IGNORED, "NRP": IGNORED,
    "TITLE": IGNORED, "PREFIX": IGNORED, "CREATIVE-WORK": IGNORED,
}
PARTIES = set("lender lenders borrower borrowers agent bank holder company trustee issuer subsidiary parent guarantor executive".split())


def share(text):
    return int(sha256(text.encode()).hexdigest()[:8], 16) / 2**32


def sentences(text):
    for part in re.split(r"(?<=[.!?])\s+|\n+", text):
        part = re.sub(r"<[^>]*>|[*_#`|>]", " ", part)
        part = re.sub(r"\s+", " ", part).strip(" -")
        if 15 <= len(part) <= 220:
            yield part


def strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)


def plain_sentences(dev, given):
    """Sentences of support texts and requests in which no name is known."""
    found = []
    with open(dev / "banking77/train.csv", encoding="utf-8") as file:
        found += [row["text"] for row in csv.DictReader(file)]
    for path in sorted((dev / "bitext_old").rglob("*.csv")):
        with open(path, encoding="utf-8", errors="replace") as file:
            found += [row.get("utterance") or row.get("instruction") or "" for row in csv.DictReader(file)]
    for path in [*sorted((dev / "tau2_support").rglob("*.md")), *sorted((dev / "tau_bench_v1").rglob("*.md"))]:
        found += sentences(path.read_text(encoding="utf-8", errors="replace"))
    for name in ["guidelines.json", "kb.json"]:
        for text in strings(json.loads((dev / "abcd_guidelines/data" / name).read_text(encoding="utf-8"))):
            found += sentences(text)
    for line in open(dev / "stackfaq/threads.jsonl", encoding="utf-8"):
        for text in strings(json.loads(line)):
            found += sentences(text)
    names = {city.lower() for group in cities().values() for city in group} | {country.lower() for country in countries()}

    def clean(text):
        words = re.findall(r"[^\W\d_]+", text)
        return not any(word.lower() in given and word[0].isupper() or (word[0].isupper() and word.lower() in names) for word in words)

    return sorted({" ".join(text.split()) for text in found if 12 <= len(text) <= 220 and clean(text)})


def messages(wheels, language):
    """Translated messages of user interfaces."""
    found = set()
    for path in sorted(wheels.rglob("*.po")):
        if path.parts[-3].split("_")[0] != language:
            continue
        for entry in polib.pofile(str(path)):
            text = " ".join(entry.msgstr.split())
            if 12 <= len(text) <= 200 and not re.search(r"[%{<]|\\", text):
                found.add(text)
    return sorted(found)


def recased(draw, text):
    form = draw.random()
    lower, upper = text.lower(), text.upper()
    if form < 0.10 and len(lower) == len(text):
        return lower
    if form < 0.13 and len(upper) == len(text):
        return upper
    return text


def masked(draw, text, spans):
    """Some names replaced as masking replaces them, which are no names then."""
    if not spans or draw.random() > 0.15:
        return text, spans
    out, kept, at = "", [], 0
    for start, end, kind in sorted(spans):
        out += text[at:start]
        if kind in (PERSON, ADDRESS) and draw.random() < 0.5:
            out += f"[{kind}_{draw.randrange(1, 9)}]"
        else:
            kept.append((len(out), len(out) + end - start, kind))
            out += text[start:end]
        at = end
    return out + text[at:], kept


def joined(draw, parts):
    """Several texts as one."""
    text, spans = "", []
    for part, marked in parts:
        gap = draw.choice(["\n\n", "\n", " ", "\n\n"]) if text else ""
        base = len(text) + len(gap)
        text += gap + part
        spans += [(start + base, end + base, kind) for start, end, kind in marked]
    return text, spans


def sentences_of(language, seed, known):
    """`known` sentences of a language and those of its templates without names."""
    filler = Filler(seed, neutral=known, lower=known)
    lines = [line for line in templates(language, none=True) if "\\n" not in line and line[0] not in "|->" and line[:2] != "[#"]
    return known + [filler.fill(line)[0] for line in lines for _ in range(4)]


def without_names(count, seed, given_messages):
    """Documentation and messages in other languages in which nobody is named."""
    draw = random.Random(seed)
    fillers = {language: Filler(seed, neutral=own, lower=own) for language, own in given_messages.items()}
    for _ in range(count):
        language = draw.choice([*sorted(fillers), "de", "de"])
        lines = draw.choices(templates(language, none=True), k=draw.choice([1, 2, 4, 8]))
        text, _ = joined(draw, [fillers[language].fill(line) for line in lines])
        yield {"text": recased(draw, text), "spans": [], "set": f"none_{language}", "origin": None, "held": False}


def made(count, seed, held, plain, given_messages, pages):
    """Support mails, chats, tickets and documentation that are made up."""
    draw = random.Random(seed)
    lower = [text.rstrip(".!?") for text in plain if text[:1].islower() or " i " in f" {text.lower()} "]
    lower = [text[0].lower() + text[1:] for text in lower]
    fillers = {"en": Filler(seed, held, plain, lower)}
    for language in OF_LANGUAGE:
        own = sentences_of(language, seed, given_messages[language] or plain)
        fillers[language] = Filler(seed + 1, held, own, own)
    named = {language: templates(language) for language in fillers}
    nameless = {language: templates(language, none=True) for language in fillers}
    for index in range(count):
        # German more often: it capitalizes every noun.
        language = "en" if draw.random() < 0.67 else draw.choice([*sorted(OF_LANGUAGE), "de", "de"])
        filler, parts = fillers[language], []
        locales = OF_LANGUAGE.get(language) if draw.random() < 0.6 else None
        for _ in range(draw.choice([1, 1, 1, 2, 3, 5])):
            form = draw.random()
            if form < 0.5:
                parts.append(filler.fill(draw.choice(named[language]), locales))
            elif form < 0.8:
                parts.append(filler.fill(draw.choice(nameless[language])))
            else:
                parts.append((next(documents.excerpts(pages[language], 1, draw.random()))[:800], []))
        origin = filler.origin if len(parts) == 1 and locales is None else None
        text, spans = joined(draw, parts)
        text, spans = masked(draw, text, spans)
        yield {"text": recased(draw, text), "spans": spans, "set": f"made_{language}", "origin": origin, "held": held}


def by_origin(count, seed, plain):
    """The same templates with names of each origin that were held back, for `citedesk eval anonymize`."""
    draw = random.Random(seed)
    lines = [line for line in templates("en") if re.search(r"\{(person|first|last|titled)\}", line)]
    for index in range(count):
        line = draw.choice(lines)
        for origin, locales in ORIGINS.items():
            text, spans = Filler(seed + index, True, plain).fill(line, locales)
            spans = [(start, end, f"{kind}_{origin}") for start, end, kind in spans if kind == PERSON]
            yield {"id": f"{index}-{origin}", "text": text, "spans": spans}


def template(text, spans):
    """What two texts of one template have in common."""
    out, at = "", 0
    for start, end, _ in sorted(spans):
        out += text[at:start] if start >= at else ""
        at = max(at, end)
    return re.sub(r"[\W\d_]+", "", out + text[at:]).lower()


def public(marked):
    """The public sets; half of each is held back, of Presidio's by template."""
    for path in sorted(marked.glob("*.jsonl")):
        for line in open(path, encoding="utf-8"):
            row = json.loads(line)
            text, all_spans = row["text"], [tuple(span) for span in row["spans"]]
            held = share(template(text, all_spans) if "presidio" in path.stem else row["id"]) < 0.5
            spans = []
            for start, end, label in all_spans:
                kind = LABELS.get(label)
                word = text[start:end]
                if word.lstrip("#").startswith("@") or (path.stem == "ner_sec" and word.split()[-1].lower().strip("’s") in PARTIES):
                    kind = IGNORED
                if kind:
                    spans.append((start, end, kind))
            yield {"text": text, "spans": spans, "set": path.stem, "origin": None, "held": held, "id": row["id"]}


def refilled(dev, count, seed):
    """Presidio's templates that are not held back, filled with other names."""
    slots = {
        "person": "person", "name": "person", "first_name": "first", "first_name_male": "first", "first_name_female": "first",
        "first_name_nonbinary": "first", "last_name": "last", "last_name_male": "last", "last_name_female": "last",
        "city": "city", "country": "country", "organization": "org", "company": "org", "address": "address",
        "street_name": "street", "GPE": "city", "PERSON": "person", "ORGANIZATION": "org",
        "phone_number": "phone", "email": "email", "EMAIL_ADDRESS": "email", "PHONE_NUMBER": "phone", "date_time": "date",
        "DATE_TIME": "date", "STREET_ADDRESS": "address",
    }
    lines = set()
    for name in ["generated_large.json", "synth_dataset_v2.json"]:
        for row in json.loads((dev / "presidio" / name).read_text(encoding="utf-8")):
            spans = [(span["start_position"], span["end_position"], "") for span in row["spans"]]
            if share(template(row["full_text"], spans)) < 0.5:
                continue
            # Pieces of one address that are marked by themselves are left as they are, in the rows of the set.
            if row["masked"].count("STREET_ADDRESS") > 1 or "ZIP_CODE" in row["masked"]:
                continue
            line = re.sub(r"\{\{(\w+)\}\}", lambda slot: "{" + slots.get(slot[1], "number") + "}", row["masked"])
            if "{" in line:
                lines.add(re.sub(r"[\[\]|]", "", line).replace("\n", "\\n"))
    lines = sorted(line for line in lines if re.fullmatch(r"[^{}]*(\{\w+\}[^{}]*)*", line))
    filler, draw = Filler(seed), random.Random(seed)
    for _ in range(count):
        text, spans = filler.fill(draw.choice(lines))
        yield {"text": recased(draw, text), "spans": spans, "set": "refilled", "origin": None, "held": False}


def documentation(pages, count, seed, held):
    """Excerpts of documentation, in which nothing is marked."""
    draw = random.Random(seed)
    for language, own in pages.items():
        for text in documents.excerpts(own, count if language in ("en", "sources") else count // 5, seed):
            yield {"text": recased(draw, text), "spans": [], "set": f"docs_{language}", "origin": None, "held": held}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dev", type=Path, required=True)
    parser.add_argument("--marked", type=Path, required=True, help="the sets with spans (`pii`)")
    parser.add_argument("--wheels", type=Path, required=True)
    parser.add_argument("--help-pages", type=Path, required=True, help="LibreOffice's help, unpacked")
    parser.add_argument("--crates", type=Path, required=True, help="sources of crates")
    parser.add_argument("--given", type=Path, required=True, help="corpus/src/screen/lexicon/given.txt")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--texts", type=Path, required=True, help="a file for the texts alone, one JSON string a line")
    parser.add_argument("--origins", type=Path, help="a file for texts to compare origins of names on")
    parser.add_argument("--made", type=int, default=64000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    given = set(args.given.read_text(encoding="utf-8").split())
    plain = plain_sentences(args.dev, given)
    if args.origins:
        with open(args.origins, "w", encoding="utf-8") as out:
            for row in by_origin(400, args.seed + 3, plain):
                out.write(json.dumps(row, ensure_ascii=False) + "\n")
    translated = {language: messages(args.wheels, language) for language in OF_LANGUAGE}
    print(len(plain), "sentences,", {language: len(of) for language, of in translated.items()}, "messages")
    every = documents.helps(args.help_pages, given)
    every["sources"] = documents.sources(args.crates, given)
    print({language: len(pages) for language, pages in every.items()}, "pages")
    parted = {}
    for held in (False, True):
        parted[held] = {
            language: [page for page in pages if (share(page[0] + page[-1]) < 0.1) == held] for language, pages in every.items()
        }
    counts = {}
    with open(args.out, "w", encoding="utf-8") as out, open(args.texts, "w", encoding="utf-8") as texts:
        for rows in [
            public(args.marked),
            refilled(args.dev, args.made // 8, args.seed),
            made(args.made, args.seed, False, plain, translated, parted[False]),
            without_names(args.made // 10, args.seed, translated),
            documentation(parted[False], args.made // 6, args.seed, False),
            made(args.made // 15, args.seed + 7, True, plain, translated, parted[True]),
            documentation(parted[True], args.made // 60, args.seed, True),
        ]:
            for row in rows:
                counts[row["set"], row["held"]] = counts.get((row["set"], row["held"]), 0) + 1
                out.write(json.dumps(row, ensure_ascii=False) + "\n")
                texts.write(json.dumps(row["text"]) + "\n")
    print(counts)


if __name__ == "__main__":
    main()
