"""The tagger: words as sums of rows of one table, then convolutions over words.

After Honnibal's hash embeddings and residual convolutions as in spaCy, with layer norms instead of maxout.
"""

import torch
from torch import nn

KINDS = ["PERSON", "PLACE", "ORGANIZATION", "ADDRESS"]
# Outside, then the beginning and the inside of each kind.
TAGS = 1 + 2 * len(KINDS)
ROWS, WIDTH = 1 << 15, 24
# How far each layer looks: the words at these distances on both sides.
REACH = [1, 1, 2, 4]


class Tagger(nn.Module):
    def __init__(self, size=96):
        super().__init__()
        self.table = nn.EmbeddingBag(ROWS, size, mode="sum", padding_idx=0)
        nn.init.normal_(self.table.weight, std=0.3)
        with torch.no_grad():
            self.table.weight[0] = 0
        self.first = nn.LayerNorm(size)
        self.mixes = nn.ModuleList(nn.Conv1d(size, size, 3, padding=reach, dilation=reach) for reach in REACH)
        self.norms = nn.ModuleList(nn.LayerNorm(size) for _ in REACH)
        self.drop = nn.Dropout(0.15)
        self.head = nn.Linear(size, TAGS)

    def forward(self, rows, present):
        """Logits (batch, words, tags) of `rows` (batch, words, width); `present` tells words from padding."""
        batch, words, width = rows.shape
        x = self.table(rows.reshape(-1, width)).reshape(batch, words, -1)
        x = self.drop(self.first(x)) * present[..., None]
        for mix, norm in zip(self.mixes, self.norms):
            mixed = torch.relu(mix(x.transpose(1, 2))).transpose(1, 2)
            x = norm(x + self.drop(mixed)) * present[..., None]
        return self.head(x)
