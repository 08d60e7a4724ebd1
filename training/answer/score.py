"""What answers are worth: refusals, citations and words, compared with what was to be said."""

import re
from collections import Counter

from pair.text import words


MARKER = re.compile(r"\s*\[(\d+)\]")


def refuses(text):
    return "i do not know" in text.lower() or not text.strip()


def cited(text):
    return [int(number) for number in MARKER.findall(text)]


def f1(said, wanted):
    one, two = Counter(words(said)), Counter(words(wanted))
    both = sum((one & two).values())
    return 2 * both / (sum(one.values()) + sum(two.values())) if both else 0.0


def scores(rows, answers):
    """Shares by name, over all rows and those of each set."""
    found = {}
    for source in ["all", *sorted({row["source"] for row in rows})]:
        chosen = [(row, text) for row, text in zip(rows, answers) if source in ("all", row["source"])]
        asked = [(row, text) for row, text in chosen if row["said"]]
        others = [text for row, text in chosen if not row["said"]]
        told = [(row, text) for row, text in asked if not refuses(text)]
        plain = lambda text: MARKER.sub("", text)
        share = lambda flags: round(sum(flags) / len(flags), 3) if flags else None
        shown = lambda row: {int(n) for n in re.findall(r"^\[(\d+)\] ", row["user"], re.M)}
        spans = [(row, text) for row, text in asked if row["gold"]]
        found[source] = {
            "answerable": len(asked),
            "unanswerable": len(others),
            "answered": share([not refuses(text) for _, text in asked]),
            "refused": share([refuses(text) for text in others]),
            # Of what was answered: the first marker names a passage that answers, and every sentence has a marker.
            "cited_right": share([cited(text)[:1] != [] and cited(text)[0] in row["right"] for row, text in told]),
            "cited_shown": share([bool(cited(text)) and set(cited(text)) <= shown(row) for row, text in told]),
            "f1": share([f1(plain(text), plain(row["answer"])) if not refuses(text) else 0.0 for row, text in asked]),
            "holds_span": share([any(g.lower() in text.lower() for g in row["gold"]) for row, text in spans]),
            # Words that no passage in the prompt has.
            "invented": share([invented(plain(text), row["user"]) for row, text in told]),
        }
    return found


def invented(text, user):
    said = words(text)
    known = set(words(user))
    return sum(word not in known for word in said) / max(1, len(said))


def table(found):
    names = list(next(iter(found.values())))
    lines = ["| set | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    lines += ["| " + " | ".join([key, *("–" if row[n] is None else str(row[n]) for n in names)]) + " |" for key, row in found.items()]
    return "\n".join(lines)


def answered(model, chat, rows, batch, most=96, adapter=None, scale=1.0):
    """What the model says to each row."""
    prompts = chat.prompts([(row["system"], row["user"]) for row in rows])
    order = sorted(range(len(rows)), key=lambda i: len(prompts[i]))
    texts = [""] * len(rows)
    for start in range(0, len(order), batch):
        chosen = order[start : start + batch]
        said = model.write([prompts[i] for i in chosen], most, chat.ends, adapter, scale)
        for i, ids in zip(chosen, said):
            texts[i] = chat.decode(ids).strip()
    return texts


