"""Vectors of the base encoder: the mean of its token vectors, of unit length."""

import numpy as np
import torch

from .model import Encoder
from .tokens import Tokens


class Embedder:
    def __init__(self, folder, model=None):
        self.model, self.tokens = (model or Encoder(folder)).eval(), Tokens(folder)

    @torch.no_grad()
    def embed(self, texts, most=128):
        rows = self.tokens.single(texts, most)
        vectors = np.zeros((len(rows), self.model.norm.weight.shape[0]), dtype=np.float32)
        order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
        for start in range(0, len(order), 64):
            batch = order[start : start + 64]
            ids, _, lengths = self.tokens.batch([(rows[i], [0] * len(rows[i])) for i in batch])
            with torch.autocast("cpu", torch.bfloat16):
                vectors[batch] = self.model.vectors(ids, lengths).numpy()
        return vectors
