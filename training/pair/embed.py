"""Vectors of the base encoder: the mean of its token vectors, of unit length."""

import torch

from .model import Encoder
from .tokens import Tokens


def vectors(model, tokens, rows, device="cpu"):
    """Vectors of texts that are token ids, `[texts, width]`, in batches of about one length, as filling costs as much as text."""
    order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
    found = []
    for start in range(0, len(order), 64):
        ids, _, lengths = tokens.batch([(rows[i], [0] * len(rows[i])) for i in order[start : start + 64]])
        found.append(model.vectors(ids.to(device), lengths.to(device)))
    back = torch.empty(len(order), dtype=torch.long)
    back[torch.tensor(order)] = torch.arange(len(order))
    return torch.cat(found)[back.to(device)]


class Embedder:
    """The encoder in `folder`, with the weights of `checkpoint` where there is one."""

    def __init__(self, folder, checkpoint=None):
        self.model, self.tokens = Encoder(folder).eval(), Tokens(folder)
        if checkpoint:
            self.model.load_state_dict(torch.load(checkpoint, map_location="cpu")["model"])

    @torch.no_grad()
    def embed(self, texts, most=128):
        with torch.autocast("cpu", torch.bfloat16):
            return vectors(self.model, self.tokens, self.tokens.single(texts, most)).numpy()
