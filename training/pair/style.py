"""What the words of a question alone tell of whether it is answered.

Whoever writes questions that nothing answers asks them in a manner of their own. What can be told by that is counted in before
training, so that it is not learned (Clark and others, "Don't take the easy way out", 2019).
"""

import re
from collections import Counter

import torch
from torch.nn import functional as F

#: Features of fewer questions are left out.
RARE = 5
STEPS, COUNT, RIDGE = 150, 4000, 2e-4


def marks(text):
    """Words and pairs of words, and the word that it opens with."""
    found = re.findall(r"[a-z']+|\?", text.lower())
    return {*found, *map("_".join, zip(found, found[1:])), *(f"^{word}" for word in found[:1])}


class Style:
    """A logistic judgment of questions by their marks, with the share of those without an answer taken out."""

    def __init__(self, questions, unanswered):
        counts = Counter(mark for text in questions for mark in marks(text))
        self.places = {mark: i for i, mark in enumerate(sorted(m for m, count in counts.items() if count >= RARE))}
        rows, labels = self.rows(questions), torch.tensor(unanswered).float()
        self.weights, bias = torch.zeros(len(self.places), requires_grad=True), torch.zeros(1, requires_grad=True)
        share = labels.mean()
        self.usual = float(torch.log(share / (1 - share)))
        optimizer = torch.optim.Adam([self.weights, bias], lr=0.02)
        draw = torch.Generator().manual_seed(7)
        for _ in range(STEPS):
            picked = torch.randint(len(labels), (COUNT,), generator=draw)
            logits = rows[picked] @ self.weights + bias
            loss = F.binary_cross_entropy_with_logits(logits, labels[picked]) + RIDGE * self.weights.square().sum()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        self.bias = float(bias.detach())

    def rows(self, questions):
        found = torch.zeros(len(questions), len(self.places))
        for row, text in zip(found, questions):
            row[[self.places[mark] for mark in marks(text) if mark in self.places]] = 1.0
        return found

    @torch.no_grad()
    def logits(self, questions):
        """By how much likelier than usual nothing answers each question, as a difference of log odds."""
        return (self.rows(questions) @ self.weights + self.bias - self.usual).tolist()


def crossed(groups):
    """Logits for groups of `(question, unanswered)`, each half of the groups judged by what was fitted to the other half."""
    halves = [groups[0::2], groups[1::2]]
    judged = [None] * len(groups)
    for at, half in enumerate(halves):
        other = [row for group in halves[1 - at] for row in group]
        style = Style([text for text, _ in other], [unanswered for _, unanswered in other])
        judged[at::2] = [style.logits([text for text, _ in group]) for group in half]
    return judged
