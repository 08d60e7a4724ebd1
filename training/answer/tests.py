"""`python -m unittest answer.tests`, with models of random weights."""

import argparse
import random
import struct
import tempfile
import unittest
from pathlib import Path

import numpy as np
import torch

from . import prompt, score, words
from .base import BLOCK, F32, Q4_1, Q8_0, Gguf, Shape
from .model import Adapter, Decoder
from .train import Examples, train

SHAPE = Shape(layers=2, hidden=64, wide=96, heads=4, kv_heads=2, vocabulary=40, epsilon=1e-5, rotation=1e4)


def decoder():
    random = torch.Generator().manual_seed(1)
    tensors = {name: torch.randn(high, wide, generator=random) / wide**0.5 for name, high, wide in Adapter(SHAPE, 1).places}
    norms = [f"blk.{layer}.{part}_norm.weight" for layer in range(SHAPE.layers) for part in ("attn", "ffn")]
    tensors |= {name: torch.ones(SHAPE.hidden) for name in [*norms, "output_norm.weight"]}
    tensors["token_embd.weight"] = torch.randn(SHAPE.vocabulary, SHAPE.hidden, generator=random)
    return Decoder(SHAPE, tensors, torch.float32, context=64), tensors


def changed(rank=4):
    adapter = Adapter(SHAPE, rank)
    with torch.no_grad():
        adapter.flat += 0.05 * torch.randn(adapter.flat.shape, generator=torch.Generator().manual_seed(2))
    return adapter


def gguf(path, tensors):
    """`tensors`: (name, shape as the file has it, kind, bytes)."""
    text = lambda value: struct.pack("<Q", len(value)) + value.encode()
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), 2)
    head += text("general.architecture") + struct.pack("<I", 8) + text("llama")
    head += text("tokens") + struct.pack("<IIQ", 9, 8, 2) + text("a") + text("bc")
    body = b""
    for name, shape, kind, data in tensors:
        head += text(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, kind, len(body))
        body += data + bytes(-len(data) % 32)
    path.write_bytes(head + bytes(-len(head) % 32) + body)


class Base(unittest.TestCase):
    def test_blocks_are_unpacked(self):
        codes = np.arange(BLOCK) % 16
        four = np.array([0.5, -3.0], "<f2").tobytes() + (codes[:16] | codes[16:] << 4).astype(np.uint8).tobytes()
        eight = np.array([0.25], "<f2").tobytes() + np.arange(-16, 16, dtype=np.int8).tobytes()
        plain = np.arange(3, dtype="<f4").tobytes()
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "a.gguf"
            gguf(path, [("four", (32, 2), Q4_1, four * 2), ("eight", (32, 1), Q8_0, eight), ("plain", (3,), F32, plain)])
            found = Gguf(path)
            self.assertEqual(found.values["tokens"], ["a", "bc"])
            np.testing.assert_array_equal(found.tensor("four"), np.tile(codes * 0.5 - 3, (2, 1)))
            np.testing.assert_array_equal(found.tensor("eight"), [np.arange(-16, 16) * 0.25])
            np.testing.assert_array_equal(found.tensor("plain"), [0, 1, 2])
            path.write_bytes(b"GGML" + path.read_bytes()[4:])
            self.assertRaises(ValueError, Gguf, path)


class Model(unittest.TestCase):
    def test_merged_or_beside_is_the_same(self):
        (model, tensors), adapter = decoder(), changed()
        ids = torch.randint(0, SHAPE.vocabulary, (2, 9))
        beside = model.hidden(ids, adapter.pieces(torch.float32), adapter.scale)
        merged = dict(tensors)
        for name, (down, up) in adapter.pieces(torch.float32).items():
            merged[name] = tensors[name] + adapter.scale * (up @ down).detach()
        torch.testing.assert_close(Decoder(SHAPE, merged, torch.float32).hidden(ids), beside)
        self.assertGreater(float((model.hidden(ids) - beside).abs().max()), 0.01)
        fresh = Adapter(SHAPE, 4)
        torch.testing.assert_close(model.hidden(ids, fresh.pieces(torch.float32), 2.0), model.hidden(ids))

    def test_saved_and_loaded_is_the_same(self):
        adapter, other = changed(), Adapter(SHAPE, 4)
        other.load(adapter.tensors())
        torch.testing.assert_close(other.flat, adapter.flat, rtol=1e-2, atol=1e-4)
        self.assertEqual(adapter.tensors()["blk.1.attn_k.weight.up"].shape, (32, 4))

    def test_what_is_kept_is_what_is_read_again(self):
        (model, _), adapter = decoder(), changed()
        pieces = adapter.pieces(torch.float32)
        prompts = [[1, 5, 7, 9, 3], [2, 4]]
        said = model.write(prompts, 6, [0], pieces, adapter.scale)
        for start, tokens in zip(prompts, said):
            ids = list(start)
            for _ in range(6):
                token = int(model.logits(model.hidden(torch.tensor([ids]), pieces, adapter.scale)[-1]).argmax())
                if token == 0:
                    break
                ids.append(token)
            self.assertEqual(ids[len(start) :], tokens)

    def test_training_lowers_the_loss(self):
        model, _ = decoder()
        rows = [([i % 7, 3, 1 + i % 5], [30 + i % 5, 0]) for i in range(40)]
        ids = [token for one, two in rows for token in one + two]
        examples = Examples(ids, np.full(40, 3), np.full(40, 2))
        losses = []
        for rank in (8, 16):
            adapter = Adapter(SHAPE, rank)
            loss = lambda: float(model.loss(*examples.batch(list(range(40)), torch.device("cpu")), adapter.pieces(torch.float32), 2.0))
            before = loss()
            options = argparse.Namespace(rate=1e-2, seed=1, tokens=256, steps=30, epochs=1, minutes=5, every=100)
            self.assertEqual(train(model, adapter, examples, torch.device("cpu"), options, lambda: 0.0), 30)
            losses.append(loss() / before)
        self.assertLess(max(losses), 0.2)


class Texts(unittest.TestCase):
    def test_prompts_are_those_of_the_product(self):
        places = [(2, "Hub", "Reset", "Press [1] the button."), (1, "Owl", "", "Question: <|im_end|>")]
        expected = (
            "Sources:\n[2] Hub > Reset\nPress (1) the button.\n\n[1] Owl\nQuestion – ‹|im_end|›\n\n"
            "\nEarlier: And? Yes.\nQuestion: How?\nAnswer with source numbers:"
        )
        self.assertEqual(prompt.user("How?", places, "And?\nYes."), expected)
        source = Path(__file__).parents[2] / "generator/src/prompt.rs"
        written = " ".join(source.read_text().replace("\\\n", "").split())
        for text in (prompt.DRAFT.strip(), prompt.RULES, "Answer with source numbers:"):
            self.assertIn(text, written)

    def test_sentences_end_where_they_do(self):
        text = "Dr. Smith came at 3.5 km. He left!\n- One thing | Other"
        self.assertEqual(words.sentences(text), ["Dr. Smith came at 3.5 km.", "He left!", "- One thing", "Other"])
        self.assertEqual(words.laid_out("- One\n thing[note 1],"), "One thing.")
        long = "The tower was built in 1889 for a fair, " + "which many people from all over the world visited " * 2
        self.assertEqual(words.clause(long + "then.", 24), "The tower was built in 1889 for a fair.")
        self.assertEqual(words.clause(long + "then.", 60), long + "then.")

    def test_an_excerpt_holds_what_it_must(self):
        text = " ".join(f"Sentence number {i} says this." for i in range(40))
        at = text.index("Sentence number 20")
        for seed in range(20):
            cut = words.excerpt(random.Random(seed), text, (at, at + 10), 30)
            self.assertIn("Sentence number 20 says this.", cut)
            self.assertLessEqual(len(cut.split()), 30)

    def test_answers_are_scored(self):
        rows = [
            {"source": "a", "said": [["Yes.", 2]], "answer": "Yes. [2]", "right": [2], "gold": ["yes"], "user": "[2] T\nYes."},
            {"source": "a", "said": [], "answer": prompt.REFUSAL, "right": [], "gold": [], "user": "[1] T\nNo."},
        ]
        good = score.scores(rows, ["Yes. [2]", "I do not know."])["all"]
        self.assertEqual([good[n] for n in ("answered", "refused", "cited_right", "cited_shown", "f1", "invented")], [1, 1, 1, 1, 1, 0])
        bad = score.scores(rows, ["Perhaps [3]", "Yes. [1]"])["a"]
        self.assertEqual([bad[n] for n in ("answered", "refused", "cited_right", "cited_shown", "f1", "invented")], [1, 0, 0, 0, 0, 1])


if __name__ == "__main__":
    unittest.main()
