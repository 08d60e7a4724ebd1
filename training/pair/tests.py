"""`python -m pair.tests`: lists of texts are as they should be, and the loss asks for what it says."""

import random
import unittest

import torch

from . import sets
from .answers import of_passage
from .style import Style, crossed
from .train import Answers, Claims


class Lists(unittest.TestCase):
    def test_right_sentences_come_first_under_their_title(self):
        passage = "Hub. Hold the button. It blinks. Let go."
        row = {"source": "s", "query": "q", "passage": passage, "sentences": [[5, 21, 0], [22, 32, 1], [33, 40, 0]], "answers": 1}
        found = of_passage(row, random.Random(1))
        self.assertEqual((found["texts"][0], found["right"]), ("Hub: It blinks.", 1))
        self.assertEqual(set(found["texts"][1:]), {"Hub: Hold the button.", "Hub: Let go."})

    def test_a_passage_that_answers_nobody_knows_where_is_left_out(self):
        row = {"source": "s", "query": "q", "passage": "One. Two.", "sentences": [[0, 4, -1], [5, 9, -1]], "answers": 1}
        self.assertIsNone(of_passage(row, random.Random(1)))
        row |= {"sentences": [[0, 4, 0], [5, 9, 0]], "answers": 0}
        self.assertEqual(of_passage(row, random.Random(1))["right"], 0)


class Made(unittest.TestCase):
    def test_half_of_the_claims_are_supported_and_an_eighth_of_the_texts_is_held_back(self):
        taught, held = list(sets.made()), list(sets.made(True))
        for rows in (taught, held):
            self.assertEqual({source for source, *_ in rows}, set(sets.MADE))
            self.assertEqual(sum(label for *_, label in rows) * 2, len(rows))
        evidence = lambda rows: {text for _, _, text, _ in rows}
        self.assertFalse(evidence(taught) & evidence(held))
        self.assertLess(len(held), len(taught) / 3)


class Manner(unittest.TestCase):
    questions = [(f"how do i set {i}", False) for i in range(20)] + [(f"does it have {i}", True) for i in range(20)]

    def test_a_manner_that_tells_is_told(self):
        style = Style([text for text, _ in self.questions], [unanswered for _, unanswered in self.questions])
        how, does = style.logits(["how do i clean it", "does it fly"])
        self.assertLess(how, -1.0)
        self.assertGreater(does, 1.0)

    def test_a_manner_that_both_have_tells_nothing(self):
        twins = [(f"does it have {i}", i % 2 == 0) for i in range(40)]
        for logits in crossed([twins] * 4):
            self.assertTrue(all(abs(logit) < 0.5 for logit in logits))


class Loss(unittest.TestCase):
    def loss(self, logits, right, style=0.0):
        """Of one list of texts that are judged so."""

        class Pairs:
            def pairs(self, pairs, most):
                return [([int(text)], [0]) for _, text in pairs]

            def batch(self, rows):
                return torch.tensor([ids for ids, _ in rows]), torch.tensor([types for _, types in rows]), torch.ones(len(rows))

        row = {"query": "q", "texts": [str(i) for i in range(len(logits))], "right": right, "style": style}
        answers = Answers([row], Pairs(), 1, torch.device("cpu"))
        judge = lambda ids, types, lengths: (torch.tensor(logits)[ids[:, 0]], None, None)
        return float(answers.loss(judge, answers.rows))

    def test_it_falls_when_the_right_text_is_high_and_the_others_low(self):
        self.assertLess(self.loss([2.0, -2.0, -2.0], 1), self.loss([2.0, 2.0, -2.0], 1))
        self.assertLess(self.loss([2.0, -2.0, -2.0], 1), self.loss([-2.0, -2.0, -2.0], 1))
        self.assertLess(self.loss([-2.0, -2.0], 0), self.loss([2.0, -2.0], 0))

    def test_what_the_manner_tells_need_not_be_learned(self):
        shares = lambda style: self.loss([0.0, 0.0], 0, style) - self.loss([-1.0, -1.0], 0, style)
        self.assertLess(shares(3.0), shares(0.0))
        self.assertGreater(self.loss([0.0, 0.0], 1, 3.0), self.loss([0.0, 0.0], 1))


class SideBySide(unittest.TestCase):
    class Pairs:
        def pairs(self, pairs, most):
            return [([int(claim)], [0]) for claim, _ in pairs]

        def plain(self, texts):
            return [None] * len(texts)

        def batch(self, rows):
            return torch.tensor([ids for ids, _ in rows]), torch.tensor([types for _, types in rows]), torch.ones(len(rows))

    def claims(self, *rows):
        rows = [{"source": "s", "claim": str(i), "evidence": evidence, "label": label, "wrong": None} for i, (evidence, label) in enumerate(rows)]
        return Claims(rows, self.Pairs(), 1, torch.device("cpu"))

    def loss(self, claims, support):
        judge = lambda ids, types, lengths: (None, torch.tensor(support)[ids[:, 0]], torch.zeros(ids.shape))
        return float(claims.loss(judge, claims.rows))

    def test_a_supported_claim_and_the_next_of_the_same_evidence_are_one_row(self):
        found = self.claims(("a", 1), ("a", 0), ("a", 1), ("b", 0), ("b", 0), ("b", 1), ("b", 0))
        self.assertEqual([[label for _, label, *_ in row] for row in found.rows], [[1, 0], [1], [0], [0], [1, 0]])

    def test_it_falls_when_the_supported_one_is_higher(self):
        beside, apart = self.claims(("a", 1), ("a", 0)), self.claims(("a", 1), ("b", 0))
        lost = lambda claims: self.loss(claims, [0.0, 0.0]) - self.loss(claims, [1.0, -1.0])
        self.assertGreater(lost(beside), lost(apart))
        self.assertGreater(lost(apart), 0.0)


if __name__ == "__main__":
    unittest.main()
