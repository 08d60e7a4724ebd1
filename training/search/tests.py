"""`python -m search.tests`: the help centers are as they should be, and batches hold what they say."""

import json
import random
import re
import tempfile
import unittest

import torch

from .desks import FOLDER, Desk, Question, context, desks, held, places, read, table, text
from .train import Batch, Desks, Groups

KINDS = ["plain", "reworded", "everyday", "terse", "detail"]
#: Words that a reworded question and an everyday one may share with their passage, names of products not counted, and in help
#: centers with tables with the rows and sentences that answer.
SHARED = {"reworded": 1, "everyday": 2}
SHARED_WITH_ROWS = {"reworded": 2, "everyday": 3}
STOP = set(
    "a an the of to in on at for from with by and or but not no if then than that this these those it its is are was were be been being "
    "do does did done can could may might must shall should will would have has had having i you he she we they me my your our their his her us "
    "them what which who whom whose when where why how there here as so too very just about into over under out up down off again once all any "
    "both each few more most other some such only own same s t don now get gets got one after before between during until while because through "
    "per via also still yet ever never always need needs want wants please tell say says know use used using make makes made take takes long much "
    "many often anything something someone customer customers person people way thing things time times day days".split()
)
ENDINGS = ("ations", "ation", "ings", "ing", "ies", "ied", "edly", "ed", "es", "s", "ly", "er", "ers")


def stem(word):
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: len(word) - len(ending)]
    return word


def stems(text):
    return {stem(word) for word in re.findall(r"[a-z]+", text.lower()) if word not in STOP and len(word) > 2}


def has_tables(passages):
    return any(table(passage["sentences"]) for passage in passages)


class HelpCenters(unittest.TestCase):
    def test_passages_and_questions_are_whole(self):
        for hidden in (False, True):
            for desk in desks(hidden, twins=True):
                with self.subTest(desk.name):
                    self.assertGreaterEqual(len(desk.passages), 12)
                    self.assertGreaterEqual(sum(q.passage is None for q in desk.questions), 8)
                    texts = [q.text.lower() for q in desk.questions]
                    self.assertEqual(len(texts), len(set(texts)))
                    lengths = range(25, 181) if has_tables(desk.passages) else range(35, 151)
                    for at, passage in enumerate(desk.passages):
                        self.assertTrue(passage["title"] and passage["heading"])
                        self.assertIn(sum(len(text.split()) for text in passage["sentences"]), lengths)
                        self.assertLessEqual(set(KINDS), {q.kind for q in desk.questions if q.passage == at})
                    for question in desk.questions:
                        if question.passage is not None:
                            count = len(desk.passages[question.passage]["sentences"])
                            self.assertTrue(question.by and all(0 <= by < count for by in question.by))

    def test_questions_in_other_words_share_few_with_their_passage(self):
        for hidden in (False, True):
            for desk in desks(hidden, twins=True):
                names = stems(" ".join(desk.names))
                tables = has_tables(desk.passages)
                for question in desk.questions:
                    if question.kind in SHARED:
                        passage = desk.passages[question.passage]
                        against = " ".join(passage["sentences"][by] for by in question.by) if tables else context(passage)
                        shared = (stems(question.text) - names) & stems(against)
                        most = (SHARED_WITH_ROWS if tables else SHARED)[question.kind]
                        self.assertLessEqual(len(shared), most, (desk.name, question.text, shared))

    def test_twins_have_one_form_and_claims_are_of_a_passage(self):
        for path in FOLDER.glob("*.json"):
            desk = json.loads(path.read_text())
            with self.subTest(path.stem):
                passages = range(len(desk["passages"]))
                self.assertGreaterEqual(3 * len({twin["passage"] for twin in desk["twins"]}), len(passages))
                for claim in desk.get("claims", []):
                    self.assertIn(claim["passage"], passages)
                    self.assertTrue(claim["good"] and claim["bad"] and claim["good"] != claim["bad"], claim)
                # Twins about rows may begin with what the row is of: "Red light …", "White light …".
                tables, others = has_tables(desk["passages"]), 0
                for twin in desk["twins"]:
                    first = [re.findall(r"\w+", twin[name].lower())[0] for name in ("asked", "unanswered")]
                    others += first[0] != first[1]
                    one, other = twin["asked"].split(), twin["unanswered"].split()
                    self.assertLessEqual(max(len(one), len(other)), 1.6 * min(len(one), len(other)) + (4 if tables else 2))
                self.assertLessEqual(others, len(desk["twins"]) // 4 if tables else 0)
                for question in desk.get("both", []):
                    for part in question["parts"]:
                        count = len(desk["passages"][part["passage"]]["sentences"])
                        self.assertTrue(part["by"] and all(0 <= by < count for by in part["by"]), question)

    def test_an_eighth_is_held_back(self):
        names = [path.stem for path in FOLDER.glob("*.json")]
        self.assertEqual((len(names), sum(map(held, names))), (477, 64))


class Shown(unittest.TestCase):
    def test_a_passage_is_stored_as_what_it_is(self):
        stored = lambda *sentences, **more: text({"title": "T", "heading": "H", "sentences": sentences} | more)
        self.assertEqual(stored("Open it.", "Is it on?"), "Open it. Is it on?")
        self.assertEqual(stored("Plan: A; Price: 2; or less", "Plan: B; Price: 3"), "Plan | Price\nA | 2; or less\nB | 3")
        self.assertEqual(stored("Plan: A; Price: 2", "Plan: B"), "- Plan: A; Price: 2\n- Plan: B")
        self.assertEqual(stored("You need:", "A receipt", "The box"), "You need:\n- A receipt\n- The box")
        self.assertEqual(stored("Unplug it.", asked="it is hot!!"), "Customer: it is hot!!\n\nAgent: Unplug it.")

    def test_a_reader_is_told_what_the_document_is_about_and_what_was_asked(self):
        fees = {"title": "T", "heading": "H", "about": "Osprey", "sentences": ["Fee: 2", "Deposit: 9"]}
        self.assertEqual(read(fees, "What does an osprey cost?"), ["Osprey: T, H: Fee: 2", "Osprey: T, H: Deposit: 9"])
        self.assertEqual(read(fees, "What does it cost?"), places(fees))
        reply = {"title": "T", "heading": "T", "asked": "hot " * 80, "sentences": ["Unplug it."]}
        self.assertEqual(read(reply, "Why is it hot?"), [f"T, {'hot ' * 60}: Unplug it."])


class Rows:
    """In place of token ids, the texts."""

    def rows(self, texts, most):
        return list(texts)


class Nothing:
    def touches(self, text):
        return False


class Batches(unittest.TestCase):
    def setUp(self):
        passages = [{"title": "T", "heading": f"H{i}", "sentences": [f"a{i}.", f"b{i}."]} for i in range(3)]
        questions = [Question("plain", f"p{i}", i, [1]) for i in range(3)] + [Question("terse", f"t{i}", i, [0, 1]) for i in range(3)]
        self.desk = Desk("d", [], passages, questions + [Question("none", "n", None, [])], [], [])

    def batch(self, share):
        return next(Desks([self.desk], Rows(), Nothing(), 1, share).forever(random.Random(1)))

    def test_right_texts_are_those_of_the_question(self):
        batch = self.batch(0.0)
        self.assertEqual(len(batch.questions), 7)
        (start, end, right, _), (second, last, by, _) = batch.kinds
        for row, question in enumerate(batch.questions):
            found = [batch.texts[start:end][i] for i in right[row].nonzero().flatten()]
            self.assertEqual(found, [] if question == "n" else [context(self.desk.passages[int(question[1])])])
            said = [batch.texts[second:last][i] for i in by[row].nonzero().flatten()]
            wanted = {"p": places(self.desk.passages[int(question[1:] or 0)])[1:], "n": []}
            self.assertEqual(said, wanted.get(question[0], places(self.desk.passages[int(question[1:] or 0)])))

    def test_a_question_that_is_a_title_is_not_asked(self):
        batch = self.batch(1.0)
        self.assertEqual(sorted(batch.questions), ["n", "t0", "t1", "t2"])
        self.assertEqual(batch.texts[0], "p0\na0. b0.")

    def test_a_dialogue_has_the_question_first_and_its_passage_is_right(self):
        with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
            for i in range(2):
                file.write(json.dumps({"source": "s", "query": f"q{i}", "passages": [f"right {i}", f"wrong {i}"]}) + "\n")
            file.flush()
            asked = lambda talk: next(Groups(file.name, Rows(), 2, talk).forever(random.Random(1)))
            plain, talk = asked(0.0), asked(1.0)
        self.assertEqual(sorted(plain.questions), ["q0", "q1"])
        self.assertIn("user: q1\tagent: right 0\tuser: q0", talk.questions)
        for batch in (plain, talk):
            (_, _, right, _) = batch.kinds[0]
            for row, question in zip(right, batch.questions):
                number = question.removeprefix("user: ")[1]
                self.assertEqual([batch.texts[i] for i in row.nonzero().flatten()], [f"right {number}"])

    def test_the_loss_falls_when_the_right_text_is_near_and_nothing_is_near_to_what_has_no_answer(self):
        batch = Batch()
        batch.questions, right = [0, 1], torch.tensor([[True, False], [False, False]])
        batch.add([2, 3], right)

        class Side:
            def __init__(self, near):
                self.near = near

            def vectors(self, model, rows):
                return torch.stack([self.near[row] for row in rows])

        one, two, far = torch.tensor([1.0, 0, 0]), torch.tensor([0, 1.0, 0]), torch.tensor([0, 0, 1.0])
        good = batch.loss(None, Side({0: one, 1: two, 2: one, 3: far}))
        self.assertLess(good, batch.loss(None, Side({0: one, 1: two, 2: far, 3: one})))
        self.assertLess(good, batch.loss(None, Side({0: one, 1: far, 2: one, 3: far})))


if __name__ == "__main__":
    unittest.main()
