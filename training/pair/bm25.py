"""BM25 as a share of what the question allows, like the product's sparse score."""

import math
from collections import Counter, defaultdict

import numpy as np

from .text import terms

K1, B = 1.5, 0.75


class Bm25:
    def __init__(self, texts):
        counts = [Counter(terms(text)) for text in texts]
        lengths = np.array([sum(count.values()) for count in counts], dtype=np.float32)
        mean = max(float(lengths.mean()), 1.0)
        self.size = len(texts)
        postings = defaultdict(list)
        for i, count in enumerate(counts):
            for term, times in count.items():
                postings[term].append((i, times))
        self.postings = {}
        for term, found in postings.items():
            rows = np.array([i for i, _ in found])
            times = np.array([n for _, n in found], dtype=np.float32)
            weight = times * (K1 + 1) / (times + K1 * (1 - B + B * lengths[rows] / mean))
            self.postings[term] = (rows, weight * self.rarity(len(found)))

    def rarity(self, documents):
        return math.log(1 + (self.size - documents + 0.5) / (documents + 0.5))

    def shares(self, query):
        scores = np.zeros(self.size, dtype=np.float32)
        highest = 0.0
        for term in set(terms(query)):
            rows, weights = self.postings.get(term, (None, None))
            highest += (K1 + 1) * self.rarity(0 if rows is None else len(rows))
            if rows is not None:
                scores[rows] += weights
        return scores / max(highest, 1e-6)
