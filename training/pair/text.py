"""Words, sentences and windows, cut alike here and in `retriever/src/rerank.rs`."""

import re

WORD = re.compile(r"[^\W_]+")
END = re.compile(r"(?<=[.!?])\s+|\n+|\s+\|\s+")
STOP = set(
    "a an and are as at be but by can could did do does for from had has have how i if in into is it its me my no not of "
    "on or our so than that the their them then there these they this to up was we were what when where which who why "
    "will with would you your".split()
)


def words(text):
    return [word.lower() for word in WORD.findall(text)]


def stem(word):
    """Crude on purpose: a window needs to be near, not exact."""
    return word if len(word) < 5 or word[0].isdigit() else word[:5]


def terms(text):
    return [stem(word) for word in words(text) if word not in STOP]


def sentences(text):
    return [text[start:end] for start, end in spans(text)]


def spans(text):
    """Where the sentences of `text` begin and end."""
    start, found = 0, []
    for gap in [*END.finditer(text), None]:
        low, high = start, gap.start() if gap else len(text)
        while low < high and text[low].isspace():
            low += 1
        while low < high and text[high - 1].isspace():
            high -= 1
        if low < high:
            found.append((low, high))
        start = gap.end() if gap else high
    return found


def window(question, text, size):
    """At most about `size` words of whole sentences of `text`, where most terms of the question are."""
    pieces = sentences(text)
    lengths = [len(piece.split()) for piece in pieces]
    if sum(lengths) <= size:
        return text
    asked = set(terms(question))
    found = [asked.intersection(terms(piece)) for piece in pieces]
    best, chosen = -1, (0, 1)
    for start in range(len(pieces)):
        end, used, seen = start, 0, set()
        while end < len(pieces) and (end == start or used + lengths[end] <= size):
            used += lengths[end]
            seen |= found[end]
            end += 1
        if len(seen) > best:
            best, chosen = len(seen), (start, end)
    joined = " ".join(pieces[chosen[0] : chosen[1]])
    return " ".join(joined.split()[: 2 * size])
