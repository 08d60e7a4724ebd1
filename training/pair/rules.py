"""Claims made wrong by rule: a number, a name, a unit, a word of degree or a negation that the evidence does not have."""

import re

NUMBER = re.compile(r"\b\d+(?:[.,]\d+)*\b")
NAME = re.compile(r"(?<![.!?] )(?<!^)\b[A-Z][a-z]+(?: [A-Z][a-z]+)*\b")
SWAPS = [
    ("always", "never"), ("before", "after"), ("more", "less"), ("most", "least"), ("first", "last"), ("all", "no"),
    ("increase", "decrease"), ("increased", "decreased"), ("higher", "lower"), ("largest", "smallest"),
    ("minimum", "maximum"), ("can", "cannot"), ("must", "need not"), ("enable", "disable"), ("enabled", "disabled"),
    ("on", "off"), ("included", "excluded"), ("free", "paid"), ("open", "closed"), ("north", "south"),
    ("east", "west"), ("early", "late"), ("days", "weeks"), ("hours", "days"), ("minutes", "hours"),
    ("months", "years"), ("above", "below"), ("with", "without"), ("left", "right"), ("true", "false"),
    ("long", "short"), ("new", "old"), ("up", "down"), ("start", "stop"), ("begins", "ends"), ("began", "ended"),
    ("allowed", "forbidden"), ("available", "unavailable"), ("required", "optional"), ("only", "also"),
    ("won", "lost"), ("born", "buried"), ("male", "female"), ("public", "private"), ("same", "different"),
]
OTHER = {}
for one, two in SWAPS:
    OTHER.setdefault(one, []).append(two)
    OTHER.setdefault(two, []).append(one)
WORDS = re.compile(r"\b(" + "|".join(sorted(map(re.escape, OTHER), key=len, reverse=True)) + r")\b")
VERB = re.compile(r"\b(is|are|was|were|can|will|has|have|had|should|may|does|did)\b(?! not| n't)")
NOT = re.compile(r"\b(?:not|never) ")


def number(rng, found):
    value = found.replace(",", "")
    if re.fullmatch(r"(1[5-9]|20)\d\d", value):
        return str(int(value) + rng.choice([-30, -11, -7, -3, -2, -1, 1, 2, 3, 9, 20]))
    if "." in value:
        return str(round(float(value) * rng.choice([0.5, 0.8, 1.2, 2.0, 10.0]), 2)) if value.count(".") == 1 else None
    size = int(value)
    return str(max(0, rng.choice([size + 1, size + 2, size * 2, size * 10, size - 1, size // 2, size + 5])))


def spoil(rng, claim, evidence, names):
    """A wrong version of `claim` with the character range that is wrong, or `None`."""
    kinds = ["number"] * 3 + ["name"] * 3 + ["word"] * 3 + ["not"] * 2
    rng.shuffle(kinds)
    for kind in kinds:
        pattern = {"number": NUMBER, "name": NAME, "word": WORDS, "not": VERB}[kind]
        found = list(pattern.finditer(claim))
        if kind == "not" and NOT.search(claim):
            hit = NOT.search(claim)
            return claim[: hit.start()] + claim[hit.end() :], (hit.start(), hit.start() + 1)
        if not found:
            continue
        hit = rng.choice(found)
        old = hit.group()
        if kind == "number":
            new = number(rng, old)
        elif kind == "name":
            inside = [name for name in NAME.findall(evidence) if name not in claim and len(name) > 3]
            pool = inside if inside and rng.random() < 0.6 else names
            new = rng.choice(pool) if pool else None
        elif kind == "word":
            new = rng.choice(OTHER[old])
        else:
            new = old + " not"
        # A number or name from elsewhere in the evidence is the hardest to notice; one that makes the claim true is not.
        if new and new != old and claim.replace(old, new) not in evidence:
            return claim[: hit.start()] + new + claim[hit.end() :], (hit.start(), hit.start() + len(new))
    return None


def shorten(rng, sentence):
    """A claim that still follows from `sentence`: without an aside or an opening."""
    short = re.sub(r"\s*\([^)]*\)", "", sentence)
    if rng.random() < 0.5:
        short = re.sub(r"^(However|Moreover|In addition|Also|Additionally|Therefore|Thus|For example)\s*,\s*", "", short)
    if rng.random() < 0.4:
        cut = re.match(r"(.{40,}?)(?:, (?:which|who|where|although|while|because)|;)\s", short)
        short = cut.group(1) + "." if cut else short
    return short[:1].upper() + short[1:]
