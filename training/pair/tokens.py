"""Token ids of pairs: `[CLS] first [SEP] second [SEP]`, the second cut first."""

from pathlib import Path

import torch
from tokenizers import Tokenizer

CLS, SEP, PAD = 101, 102, 0


class Tokens:
    def __init__(self, folder):
        self.tokenizer = Tokenizer.from_file(str(Path(folder) / "tokenizer.json"))
        self.tokenizer.no_truncation()
        self.tokenizer.no_padding()

    def plain(self, texts):
        return self.tokenizer.encode_batch(texts, add_special_tokens=False)

    def single(self, texts, most):
        return [[CLS, *found.ids[: most - 2], SEP] for found in self.plain(texts)]

    def pairs(self, pairs, most, first_most=64):
        """`(ids, types)` for each pair; a first text of over `first_most` tokens is cut."""
        firsts = self.plain([one for one, _ in pairs])
        seconds = self.plain([two for _, two in pairs])
        rows = []
        for one, two in zip(firsts, seconds):
            one = one.ids[:first_most]
            two = two.ids[: most - 3 - len(one)]
            rows.append(([CLS, *one, SEP, *two, SEP], [0] * (len(one) + 2) + [1] * (len(two) + 1)))
        return rows

    def batch(self, rows):
        # Few lengths, as the processor's kernels are compiled for each.
        longest = -(-max(len(ids) for ids, _ in rows) // 16) * 16
        fill = lambda values: values + [PAD] * (longest - len(values))
        ids = torch.tensor([fill(ids) for ids, _ in rows])
        types = torch.tensor([fill(types) for _, types in rows])
        return ids, types, torch.tensor([len(ids) for ids, _ in rows])
