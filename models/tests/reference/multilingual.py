#!/usr/bin/env python3
"""Reference tokens and vectors of the multilingual encoder for tests/data/multilingual.json, by plain numpy in double precision.

Usage: multilingual.py ENCODER.bin MEANS.json > tests/data/multilingual.json
ENCODER.bin is `e5-small-q4.bin` of its package, MEANS.json is src/compile/encoder/multilingual.json. Needs numpy.
"""

import json
import math
import pathlib
import re
import struct
import sys
import unicodedata

import numpy as np

MAX_TOKENS = 256
TEXTS = [
    ("question", "How do I reset my router?"),
    ("passage", "The warranty lasts 36 months from the day of purchase."),
    ("question", "Wie setze ich den Router auf die Werkseinstellungen zurück?"),
    ("passage", "Grüße aus Köln – die Rückgabe dauert 14 Tage."),
    ("question", "¿Cuánto dura la garantía?"),
    ("passage", "Чтобы сбросить настройки, удерживайте кнопку 10 секунд."),
    ("passage", "保証期間は購入日から3年間です。"),
    ("passage", "Cafe\u0301 ﬁnal Ⅷ ½\u00a0m² ‘x’ <s> [MASK]\tand\x07 a\u200bblank \u2581 \U0001f984\u4dff"),
    ("passage", "ok"),
    ("passage", "Press and hold the button on the back until the light blinks amber, then wait three minutes. " * 20),
]
REMOVED = re.compile("[\x01-\x08\x0b\x0e-\x1f\x7f\x8f\x9f]")
BLANKS = re.compile("[\t\n\x0c\r\u1680\u200b-\u200f\u2028\u2029\u2581\ufeff\ufffd]")

erf = np.vectorize(math.erf)


class Packed:
    def __init__(self, raw: bytes) -> None:
        self.raw, self.at = raw, 8
        assert raw[:4] == b"E5S1"
        _, self.layers, self.heads, _, self.vocabulary, *_ = self.take("7i")
        self.eps, _ = self.take("fi")
        pieces, self.begin, self.end, _, self.unknown = self.take("5i")
        (size,) = self.take("Q")
        ends, scores = self.take(f"{pieces + 1}I"), self.take(f"{pieces}f")
        text = raw[self.at : self.at + size]
        # Control tokens stand in no text.
        ordinary = [i for i in range(4, pieces) if text[ends[i] : ends[i + 1]] != b"<mask>"]
        self.pieces = {text[ends[i] : ends[i + 1]].decode(): (i, scores[i]) for i in ordinary}
        self.least = min(scores) - 10.0
        self.at += size
        _, size = self.take("iI")
        self.at += size
        self.tensors = {}
        for _ in range(self.take("i")[0]):
            (length,) = self.take("H")
            name = raw[self.at : self.at + length].decode()
            self.at += length
            kind, count, place, _ = self.take("BIQQ")
            self.tensors[name] = (kind, count, place)

    def take(self, form: str) -> tuple:
        values = struct.unpack_from("<" + form, self.raw, self.at)
        self.at += struct.calcsize("<" + form)
        return values

    def rows(self, name: str, width: int, first: int = 0, count: int | None = None) -> np.ndarray:
        """Rows of a matrix; 32 four-bit numbers share a scale."""
        kind, numbers, place = self.tensors[name]
        count = numbers // width - first if count is None else count
        if kind == 0:
            return np.frombuffer(self.raw, "<f4", count * width, place + 4 * first * width).reshape(count, width).astype(float)
        blocks = count * width // 32
        data = np.frombuffer(self.raw, np.uint8, blocks * 18, place + first * width // 32 * 18).reshape(blocks, 18)
        scale = data[:, :2].copy().view("<f2").astype(float)
        codes = np.concatenate([data[:, 2:] & 15, data[:, 2:] >> 4], axis=1).astype(float) - 8
        return (codes * scale).reshape(count, width)

    def tokens(self, text: str) -> list[int]:
        text = unicodedata.normalize("NFKC", BLANKS.sub(" ", REMOVED.sub("", text)))
        ids = [self.begin]
        for word in text.split():
            word = "\u2581" + word
            best = [(0.0, 0, -1)] + [(-math.inf, 0, -1)] * len(word)
            for start in range(len(word)):
                for end in range(start + 1, len(word) + 1):
                    token, score = self.pieces.get(word[start:end], (None, 0.0))
                    if token is None:
                        if end > start + 1:
                            continue
                        token, score = self.unknown, self.least
                    if best[start][0] + score > best[end][0]:
                        best[end] = (best[start][0] + score, token, start)
            found, at = [], len(word)
            while at > 0:
                found.append(best[at][1])
                at = best[at][2]
            # Unknown characters in a row are one token.
            found.reverse()
            ids += [t for i, t in enumerate(found) if t != self.unknown or i == 0 or found[i - 1] != self.unknown]
        return [*ids, self.end][: MAX_TOKENS - 1] + [self.end] if len(ids) >= MAX_TOKENS else [*ids, self.end]

    def vector(self, ids: list[int]) -> np.ndarray:
        width = 384

        def norm(x, name):
            mean, var = x.mean(-1, keepdims=True), x.var(-1, keepdims=True)
            return (x - mean) / np.sqrt(var + self.eps) * self.rows(name + ".w", width)[0] + self.rows(name + ".b", width)[0]

        def linear(x, name):
            weights = self.rows(name + ".w", x.shape[-1])
            return x @ weights.T + self.rows(name + ".b", weights.shape[0])[0]

        x = np.concatenate([self.rows("emb.word", width, token, 1) for token in ids])
        x = norm(x + self.rows("emb.pos", width)[: len(ids)] + self.rows("emb.type", width)[0], "emb.ln")
        for layer in range(self.layers):
            at = f"l{layer}."
            q, k, v = (linear(x, at + p).reshape(len(ids), self.heads, -1).transpose(1, 0, 2) for p in "qkv")
            scores = q @ k.transpose(0, 2, 1) / math.sqrt(q.shape[-1])
            weights = np.exp(scores - scores.max(-1, keepdims=True))
            weights /= weights.sum(-1, keepdims=True)
            mixed = (weights @ v).transpose(1, 0, 2).reshape(len(ids), -1)
            x = norm(linear(mixed, at + "ao") + x, at + "aln")
            inner = linear(x, at + "fi")
            x = norm(linear(inner * 0.5 * (1.0 + erf(inner / math.sqrt(2.0))), at + "fo") + x, at + "oln")
        mean = x.mean(0)
        return mean / np.linalg.norm(mean)


def main() -> None:
    packed = Packed(pathlib.Path(sys.argv[1]).read_bytes())
    ways = json.loads(pathlib.Path(sys.argv[2]).read_text())
    found = []
    for side, text in TEXTS:
        way = ways[side]
        ids = packed.tokens(way["prefix"] + text)
        vector = packed.vector(ids) - np.array(way["mean"])
        vector /= np.linalg.norm(vector)
        found.append({"side": side, "text": text, "tokens": ids, "vector": [round(float(v), 5) for v in vector]})
    json.dump(found, sys.stdout, ensure_ascii=False)


if __name__ == "__main__":
    main()
