"""Vectors of the base encoder: the mean of its token vectors, of unit length."""

import numpy as np
import torch

from .model import PairEncoder
from .tokens import Tokens


class Embedder:
    def __init__(self, folder):
        self.model, self.tokens = PairEncoder(folder).eval(), Tokens(folder)

    @torch.no_grad()
    def embed(self, texts, most=128):
        rows = self.tokens.single(texts, most)
        vectors = np.zeros((len(rows), self.model.norm.weight.shape[0]), dtype=np.float32)
        order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
        for start in range(0, len(order), 64):
            batch = order[start : start + 64]
            ids, _, lengths = self.tokens.batch([(rows[i], [0] * len(rows[i])) for i in batch])
            with torch.autocast("cpu", torch.bfloat16):
                hidden = self.model.hidden(ids, torch.zeros_like(ids), lengths).float()
            kept = (torch.arange(ids.shape[1])[None] < lengths[:, None]).float()[..., None]
            mean = (hidden * kept).sum(1) / kept.sum(1)
            vectors[batch] = torch.nn.functional.normalize(mean, dim=-1).numpy()
        return vectors
