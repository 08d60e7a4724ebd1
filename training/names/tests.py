"""python -m unittest names.tests"""

import random
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import numpy as np
import torch

from . import export, lists
from .data import joined, masked, template, without_names
from .model import Tagger
from .fill import OF_LANGUAGE, ORIGINS, Filler, is_held, templates
from .rows import IGNORED, tags
from .spelling import LATIN, blended, latin, misspelled, plain


class Always:
    """Draws the same number always."""

    def random(self):
        return 0.0

    def randrange(self, *_):
        return 1

    def choice(self, options):
        return options[0]


class Templates(unittest.TestCase):
    def test_all_can_be_filled_and_marks_hold(self):
        for language in ["en", *OF_LANGUAGE]:
            filler = Filler(3)
            for none in (False, True):
                for line in templates(language, none):
                    text, spans = filler.fill(line, OF_LANGUAGE.get(language))
                    self.assertNotRegex(text, r"[{}]|\\n", line)
                    self.assertTrue(not (none and spans), line)
                    for start, end, _ in spans:
                        self.assertTrue(text[start:end].strip(), line)

    def test_names_are_parted(self):
        for held in (False, True):
            filler = Filler(1, held=held)
            for locales in ORIGINS.values():
                names = [filler.fill(slot, locales)[0] for slot in ("{first}", "{last}") for _ in range(20)]
                self.assertTrue(all(is_held(name) == held for name in names), names)

    def test_no_form_of_a_name_that_is_held_back_is_learned(self):
        names = lists.names("hr_HR", "mimesis")["last_name"]
        held = [name for name in names if is_held(plain(name))]
        self.assertTrue(held and all(map(is_held, held)))

    def test_the_same_seed_fills_the_same(self):
        self.assertEqual(Filler(5).fill("{person} of {city}"), Filler(5).fill("{person} of {city}"))


class Names(unittest.TestCase):
    def test_every_list_has_names(self):
        for locale in sorted({locale for group in ORIGINS.values() for locale in group if "/" in locale}):
            names = lists.names(*locale.split("/"))
            for part in ("first_name", "last_name"):
                self.assertGreater(len(names[part]), 20, locale)
                self.assertEqual([name for name in names[part] if not name.strip() or "_" in name], [], locale)

    def test_other_scripts_are_written_as_people_write_them(self):
        for name, written in {
            "राकेश": "Rakesh", "भारत": "Bharat", "কবিতা": "Kabita", "પંકજ": "Pankaj", "யாளினி": "Yalini",
            "වීරසිංහ": "Wirasinha", "Ковальчук": "Kovalchuk", "Наталья": "Natalya", "შარიქაძე": "Sharikadze", "Kovář": "Kovář",
        }.items():
            self.assertEqual(latin(name), written)

    def test_other_spellings(self):
        self.assertEqual(plain("Łukasz Öztürk"), "Lukasz Ozturk")
        self.assertEqual(plain("राकेश"), "राकेश")
        self.assertEqual(misspelled(Always(), "Anna"), "Anna")
        self.assertEqual(misspelled(Always(), "Rakesh"), "Rkesh")
        self.assertRegex(blended(random.Random(1), "Kowalski", "Petrović"), "^Ko.*ić$")
        self.assertEqual(blended(random.Random(1), "Li", "Petrović"), "Li")
        self.assertTrue(LATIN.fullmatch("Al-Harbi") and not LATIN.fullmatch("Юрий"))


class Texts(unittest.TestCase):
    def test_marks_move_with_their_texts(self):
        text, spans = joined(Always(), [("Anna", [(0, 4, "PERSON")]), ("x Ben", [(2, 5, "PERSON")])])
        self.assertEqual([text[start:end] for start, end, _ in spans], ["Anna", "Ben"])

    def test_masked_names_are_none(self):
        text, spans = masked(Always(), "Hi Anna in Oslo", [(3, 7, "PERSON"), (11, 15, "PLACE")])
        self.assertEqual(text, "Hi [PERSON_1] in Oslo")
        self.assertEqual([text[start:end] for start, end, _ in spans], ["Oslo"])

    def test_texts_of_one_template_are_told(self):
        one = template("My name is Anna", [(11, 15, "PERSON")])
        self.assertEqual(one, template("My name is Bartholomew!", [(11, 22, "PERSON")]))

    def test_words_are_tagged(self):
        words = np.array([(0, 2), (3, 7), (8, 16), (20, 24)])
        spans = [(3, 16, "PERSON"), (20, 24, "IGNORED")]
        self.assertEqual(tags(words, spans).tolist(), [0, 1, 2, IGNORED])


    def test_every_language_has_texts_without_names(self):
        rows = list(without_names(60, 1, {language: ["x"] for language in OF_LANGUAGE}))
        self.assertEqual({row["set"] for row in rows}, {f"none_{language}" for language in OF_LANGUAGE})
        self.assertTrue(all(row["text"] and not row["spans"] for row in rows))


class Exported(unittest.TestCase):
    def test_what_was_exported_can_be_gone_on_from(self):
        model = Tagger(8)
        with tempfile.TemporaryDirectory() as folder:
            saved, out = Path(folder) / "tagger.pt", Path(folder) / "names.safetensors"
            torch.save({"model": model.state_dict(), "size": 8, "seed": 1}, saved)
            command = ["export", "--checkpoint", str(saved), "--out", str(out), "--thresholds", *"1111"]
            with mock.patch.object(sys, "argv", command):
                export.main()
            read = export.read(out)
        self.assertEqual(set(read), set(model.state_dict()))
        for name, value in model.state_dict().items():
            self.assertLess(float((read[name] - value).abs().max()), 0.01, name)


if __name__ == "__main__":
    unittest.main()
