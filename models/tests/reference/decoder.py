#!/usr/bin/env python3
"""Reference tokens and logits of SmolLM2-135M-Instruct for tests/data/decoder.json, by plain numpy.

Usage: decoder.py MODEL.gguf > tests/data/decoder.json
The weights are those of the file, dequantized to single precision. Needs numpy, gguf and tokenizers.
"""

import json
import sys

import numpy as np
from gguf import GGUFReader, dequantize
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

# Conversations and texts whose continuation is not decided by hundredths: with single precision and with
# eight-bit codes it must be the same.
QUESTIONS = ["Repeat this sentence: The filter must be rinsed with warm water every three months."]
BEGINNINGS = [
    "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18,",
    "January, February, March, April, May, June, July, August, September, October, November, December, January, "
    "February, March, April,",
]
# Read only, to compare logits: ordinary text with numbers, marks and a table.
TEXTS = [
    "Press and hold the reset button for 10 seconds until the light blinks amber. Then wait three minutes. If the "
    "error E-1042 appears again, unplug the power cable and contact support at once.",
    "| Plan | Price | Storage |\n|---|---|---|\n| Basic | 4.99 | 50 GB |\n| Family | 9.99 | 200 GB |\n",
]
# Text is compared by the tokens only.
SPELLINGS = [
    "Order 20251107 costs $1,299.00 (incl. 19% VAT).",
    "  two  spaces\n\n\ttab and newline\r\n",
    "Grüße – 你好, 🙂🙃! naïve café",
    "don't won't it's we'll I'd",
    "<|im_start|>system\nnot a role<|im_end|>",
    "http://example.com/a?b=c&d=1#e_f-g",
]
WRITTEN = 32
KEPT = 32


class Model:
    def __init__(self, path: str) -> None:
        reader = GGUFReader(path)
        value = lambda key: reader.fields[key].contents()
        self.weights = {
            tensor.name: dequantize(tensor.data, tensor.tensor_type)
            .astype(np.float32)
            .reshape([int(size) for size in reversed(tensor.shape)])
            for tensor in reader.tensors
        }
        self.layers = value("llama.block_count")
        self.heads = value("llama.attention.head_count")
        self.kv_heads = value("llama.attention.head_count_kv")
        self.size = value("llama.embedding_length") // self.heads
        self.eps = value("llama.attention.layer_norm_rms_epsilon")
        self.frequencies = value("llama.rope.freq_base") ** (-np.arange(0, self.size, 2) / self.size)
        tokens = value("tokenizer.ggml.tokens")
        merges = [tuple(merge.split(" ")) for merge in value("tokenizer.ggml.merges")]
        self.tokenizer = Tokenizer(models.BPE({token: at for at, token in enumerate(tokens)}, merges))
        self.tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
            [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
        )
        self.tokenizer.decoder = decoders.ByteLevel()
        self.end = tokens.index("<|im_end|>")

    def norm(self, x, name):
        x = x.astype(np.float64)
        return (x / np.sqrt((x * x).mean(-1, keepdims=True) + self.eps) * self.weights[name]).astype(np.float32)

    def rotate(self, x):
        """Neighbors are rotated together: the order in which GGUF stores llama's query and key weights."""
        angle = np.arange(x.shape[0])[:, None, None] * self.frequencies
        cos, sin = np.cos(angle).astype(np.float32), np.sin(angle).astype(np.float32)
        even, odd = x[..., 0::2], x[..., 1::2]
        return np.stack([even * cos - odd * sin, even * sin + odd * cos], -1).reshape(x.shape)

    def logits(self, tokens):
        weight, count = self.weights, len(tokens)
        mask = np.triu(np.full((count, count), -np.inf, np.float32), 1)
        x = weight["token_embd.weight"][tokens]
        for layer in range(self.layers):
            at = f"blk.{layer}."
            normed = self.norm(x, at + "attn_norm.weight")
            q, k, v = (
                (normed @ weight[f"{at}attn_{part}.weight"].T).reshape(count, -1, self.size) for part in "qkv"
            )
            q, k = self.rotate(q), self.rotate(k)
            out = np.empty_like(q)
            for head in range(self.heads):
                group = head * self.kv_heads // self.heads
                scores = q[:, head] @ k[:, group].T / np.sqrt(self.size) + mask
                scores = np.exp(scores - scores.max(-1, keepdims=True))
                out[:, head] = scores / scores.sum(-1, keepdims=True) @ v[:, group]
            x = x + out.reshape(count, -1) @ weight[at + "attn_output.weight"].T
            normed = self.norm(x, at + "ffn_norm.weight")
            gate = normed @ weight[at + "ffn_gate.weight"].T
            up = normed @ weight[at + "ffn_up.weight"].T
            x = x + (gate / (1 + np.exp(-gate)) * up) @ weight[at + "ffn_down.weight"].T
        return self.norm(x, "output_norm.weight") @ weight["token_embd.weight"].T

    def write(self, tokens):
        """Greedy, with the smallest lead of the best token over the second one."""
        written, lead = [], np.inf
        while len(written) < WRITTEN:
            last = self.logits(tokens + written)[-1]
            second, best = np.sort(last)[-2:]
            lead = min(lead, float(best - second))
            token = int(last.argmax())
            if token == self.end:
                break
            written.append(token)
        return written, round(lead, 3)

    def chat(self, question):
        ids = lambda text: self.tokenizer.encode(text).ids
        start = self.tokenizer.token_to_id("<|im_start|>")
        system = "You are a helpful AI assistant named SmolLM, trained by Hugging Face"
        turns = [("system", system), ("user", question)]
        tokens = [t for role, text in turns for t in [start, *ids(f"{role}\n{text}"), self.end, *ids("\n")]]
        return [*tokens, start, *ids("assistant\n")]


def main() -> None:
    model = Model(sys.argv[1])
    answers = []
    prompts = [(question, None, model.chat(question)) for question in QUESTIONS]
    prompts += [(None, text, model.tokenizer.encode(text).ids) for text in BEGINNINGS]
    for question, text, prompt in prompts:
        written, lead = model.write(prompt)
        answers.append({"question": question, "text": text, "prompt": prompt, "written": written, "lead": lead})
        print(lead, len(written), model.tokenizer.decode(written), file=sys.stderr)
    texts = []
    for text in TEXTS:
        tokens = model.tokenizer.encode(text).ids
        logits = model.logits(tokens).astype(np.float64)
        logits -= logits.max(-1, keepdims=True)
        probabilities = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
        positions = []
        for row in probabilities:
            best = np.argsort(-row)[:KEPT]
            positions.append({"tokens": best.tolist(), "log": [round(float(row[token]), 3) for token in best]})
        texts.append({"text": text, "tokens": tokens, "next": positions})
    spellings = [{"text": text, "tokens": model.tokenizer.encode(text).ids} for text in SPELLINGS]
    json.dump({"answers": answers, "texts": texts, "spellings": spellings}, sys.stdout, ensure_ascii=False)


if __name__ == "__main__":
    main()
