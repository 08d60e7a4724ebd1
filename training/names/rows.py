"""Rows of texts and what the Rust side reads of them (`corpus/examples/name_features.rs`)."""

import json

import numpy as np

from .model import KINDS, WIDTH

IGNORED = -100


def read(rows, features):
    """Each row with `words` (n, 2) in characters, `rows` (n, width) and `tags` (n,)."""
    data = np.fromfile(features, dtype=np.uint8)
    at, out = 0, []
    size = 8 + 2 * WIDTH
    for line in open(rows, encoding="utf-8"):
        row = json.loads(line)
        count = int(data[at : at + 4].view(np.uint32)[0])
        at += 4
        block = data[at : at + count * size].reshape(count, size)
        at += count * size
        row["words"] = np.ascontiguousarray(block[:, :8]).view(np.uint32).reshape(count, 2).astype(np.int64)
        row["rows"] = np.ascontiguousarray(block[:, 8:]).view(np.uint16).reshape(count, WIDTH).astype(np.int32)
        row["tags"] = tags(row["words"], row["spans"])
        out.append(row)
    assert at == len(data), "the features are of other rows"
    return out


def tags(words, spans):
    """Tags of words: 0 outside, 1 + 2k where a name of kind k begins, 2 + 2k within it."""
    marked = np.zeros(len(words), dtype=np.int64)
    for start, end, kind in sorted(spans):
        inside = np.flatnonzero((words[:, 0] < end) & (words[:, 1] > start))
        if kind == "IGNORED":
            marked[inside] = IGNORED
            continue
        for place, word in enumerate(inside):
            # What two marks touch keeps the first, as addresses hold places.
            if marked[word] == 0:
                marked[word] = (1 if place == 0 else 2) + 2 * KINDS.index(kind)
    return marked
