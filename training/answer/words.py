"""Sentences for answers: where they end, which one says it, how they are laid out."""

import re

from pair.text import END, terms

#: What ends with a full stop and is no sentence.
SHORT = re.compile(
    r"(?:^|[\s(\"“])(?:[A-Z]|Mr|Mrs|Ms|Dr|Prof|St|Sts|Mt|Jr|Sr|Gen|Col|Capt|Lt|Sgt|Rev|Gov|Sen|No|Nos|Vol|pp?|vs|etc|e\.g|i\.e|"
    r"c|ca|cf|al|approx|Inc|Ltd|Co|Corp|U\.S|U\.K|[A-Z]\.[A-Z])\.$"
)
#: Where a long sentence may end early.
CLAUSE = re.compile(r"; |, (?=(?:which|who|where|while|whereas|although|but|and|because|as well as|so that|with) )")
LONG, LEAST = 24, 7
#: Left by editors of an encyclopedia.
NOTE = re.compile(r"\[(?:[a-z]{1,2}|(?:citation|note|who|clarification|when|page|year|verification)\b[^\]\n]*)\]")


def spans(text):
    """(start, end) of the sentences of `text`."""
    found, start = [], 0
    for cut in [*END.finditer(text), None]:
        end = cut.start() if cut else len(text)
        # An abbreviation ends no sentence, but a line does.
        if cut and "\n" not in cut.group() and SHORT.search(text[max(start, end - 12) : end]):
            continue
        piece = text[start:end]
        if piece.strip():
            lead = len(piece) - len(piece.lstrip())
            found.append((start + lead, start + len(piece.rstrip())))
        start = cut.end() if cut else end
    return found


def sentences(text):
    return [text[start:end] for start, end in spans(text)]


def clause(sentence, until):
    """`sentence` up to where it may end early behind the place `until`, if that leaves out much."""
    if len(sentence.split()) < LONG:
        return sentence
    for cut in CLAUSE.finditer(sentence, until):
        kept, rest = sentence[: cut.start()], sentence[cut.end() :]
        balanced = kept.count("(") == kept.count(")") and kept.count('"') % 2 == 0
        if balanced and len(kept.split()) >= LEAST and len(rest.split()) >= LEAST:
            return kept + "."
    return sentence


def laid_out(sentence):
    """A sentence as an answer says it: without the mark of a list item, with a full stop."""
    text = " ".join(NOTE.sub("", sentence).split())
    text = re.sub(r"^(?:[-*•–]|\d{1,2}[.)])\s+", "", text)
    return text if re.search(r"[.!?…][\"”')]*$", text) else text.rstrip(" ,;:") + "."


def overlap(sentence, asked):
    found = set(terms(sentence))
    return len(found & asked) / (len(asked) + 1e-6) + 0.2 * len(found & asked) / (len(found) + 4)


def excerpt(rng, text, keep, most):
    """A stretch of whole sentences of `text` with at most about `most` words that holds the characters `keep`."""
    if len(text.split()) <= most:
        return text
    found = spans(text)
    inside = [i for i, (start, end) in enumerate(found) if end > keep[0] and start < keep[1]] or [0]
    low, high = inside[0], inside[-1]
    count = lambda: len(text[found[low][0] : found[high][1]].split())
    while True:
        # Grows at a side by chance as long as it fits.
        sides = [side for side in (0, 1) if (low > 0, high + 1 < len(found))[side]]
        if not sides:
            break
        before = low, high
        low, high = (low - 1, high) if rng.choice(sides) == 0 else (low, high + 1)
        if count() > most:
            low, high = before
            break
    return text[found[low][0] : found[high][1]]


def written(text):
    """Tokenized text as people write it."""
    text = text.replace("``", '"').replace("''", '"').replace("-LRB-", "(").replace("-RRB-", ")")
    text = re.sub(r" ([,.;:!?%)\]])", r"\1", text)
    text = re.sub(r"([(\[$]) ", r"\1", text)
    text = re.sub(r"(\w) (n't|'(?:s|re|ve|ll|d|m)\b|')", r"\1\2", text)
    text = re.sub(r"(\w) - (\w)", r"\1-\2", text)
    text = re.sub(r'" ([^"]*?) "', r'"\1"', text)
    return re.sub(r"\s+", " ", text).strip()
