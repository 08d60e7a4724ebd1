#!/usr/bin/env python3
"""Runs the compiled language model beside llama.cpp and onnxruntime-genai, with the same weights, in turns.

Usage: decoder_peers.py LIBRARY GGUF FOLDER TEXT [--rounds N] [--genai MODEL_FOLDER] [--example PROGRAM]

LIBRARY is ONNX Runtime's, GGUF the weights, FOLDER the compiled model (made if missing), TEXT a file of some thousand
words. PROGRAM is `target/release/examples/decode_bench` unless given
(`cargo build --release -p citedesk -p citedesk-models --example decode_bench`).
Needs `pip install llama-cpp-python gguf onnxruntime numpy tokenizers`, and `onnxruntime-genai` with a model folder made by its
builder for the third peer.

Prints, for one and two threads, medians over the rounds of tokens per CPU-second and per second for reading (prefill) and
writing (decode) at 64, 512 and 1024 tokens, and the Kullback-Leibler divergence from the same weights in single precision.
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import tempfile
import time

import gguf
import llama_cpp
import numpy as np
import onnxruntime
import tokenizers

LENGTHS = (64, 512, 1024)
STEPS = 32
WINDOW = 512
RATES = ("prefill / CPU-s", "prefill / s", "decode / CPU-s", "decode / s")
Row = tuple[int, int]


def rates(read, write, length: int) -> list[float]:
    """Rates of reading `length` tokens by `read` and writing some by `write`."""
    cpu, wall = [time.process_time()], [time.perf_counter()]
    for step in (read, write):
        step()
        cpu.append(time.process_time())
        wall.append(time.perf_counter())
    return [
        count / (clock[part + 1] - clock[part])
        for part, count in ((0, length), (1, STEPS))
        for clock in (cpu, wall)
    ]


def prompt(length: int) -> list[int]:
    return [500 + at * 31 % 20_000 for at in range(length)]


def ours(program: str, library: str, weights: str, folder: str) -> dict[Row, list[float]]:
    output = subprocess.run([program, library, weights, folder], check=True, capture_output=True, text=True).stdout
    cells = [line.strip("| ").split(" | ") for line in output.splitlines() if line.startswith(("| 1 ", "| 2 "))]
    return {(int(row[0]), int(row[1])): [float(cell) for cell in row[2:]] for row in cells}


def llama(weights: str) -> dict[Row, list[float]]:
    rows = {}
    for threads in (1, 2):
        model = llama_cpp.Llama(weights, n_ctx=2048, n_batch=512, n_threads=threads, n_threads_batch=threads, verbose=False)
        for length in LENGTHS:
            model.reset()
            rows[threads, length] = rates(
                lambda: model.eval(prompt(length)), lambda: [model.eval([1000 + step]) for step in range(STEPS)], length
            )
        model.close()
    return rows


def genai(folder: str) -> dict[Row, list[float]]:
    import onnxruntime_genai as og

    rows = {}
    for threads in (1, 2):
        config = og.Config(folder)
        config.overlay(json.dumps({"model": {"decoder": {"session_options": {"intra_op_num_threads": threads}}}}))
        model = og.Model(config)
        for length in LENGTHS:
            options = og.GeneratorParams(model)
            options.set_search_options(max_length=2048, do_sample=False)
            generator = og.Generator(model, options)
            rows[threads, length] = rates(
                lambda: generator.append_tokens(prompt(length)),
                lambda: [generator.append_tokens([1000 + step]) for step in range(STEPS)],
                length,
            )
    return rows


def log_probabilities(logits: np.ndarray) -> np.ndarray:
    logits = logits.astype(np.float64) - logits.max(-1, keepdims=True)
    return logits - np.log(np.exp(logits).sum(-1, keepdims=True))


def llama_logits(weights: str, windows: list[list[int]]) -> list[np.ndarray]:
    model = llama_cpp.Llama(weights, n_ctx=WINDOW, n_batch=WINDOW, logits_all=True, verbose=False)
    found = []
    for window in windows:
        model.reset()
        model.eval(window)
        found.append(log_probabilities(np.array(model.scores[: len(window)])))
    return found


def our_logits(folder: str, windows: list[list[int]]) -> list[np.ndarray]:
    config = json.loads(pathlib.Path(folder, "decoder.json").read_text())
    session = onnxruntime.InferenceSession(str(pathlib.Path(folder, "model.onnx")), providers=["CPUExecutionProvider"])
    shape = (1, config["kv_heads"], config["capacity"], config["head_size"])
    found = []
    for window in windows:
        count = len(window)
        feeds = {
            f"past_key_values.{layer}.{kind}": np.zeros(shape, np.float32)
            for layer in range(config["layers"])
            for kind in ("key", "value")
        }
        feeds["input_ids"] = np.array([window], np.int64)
        feeds["seqlens_k"] = np.array([count - 1], np.int32)
        feeds["total_sequence_length"] = np.array([count], np.int32)
        feeds["logit_positions"] = np.arange(count, dtype=np.int64)
        found.append(log_probabilities(session.run(["logits"], feeds)[0][0]))
    return found


def single_precision(weights: str, out: str) -> None:
    """Writes the weights of a GGUF file as 32-bit floats."""
    source = gguf.GGUFReader(weights)
    writer = gguf.GGUFWriter(out, bytes(source.get_field("general.architecture").parts[-1]).decode())
    for field in source.fields.values():
        if field.name.startswith("GGUF.") or field.name in ("general.architecture", "general.file_type"):
            continue
        writer.add_key_value(field.name, field.contents(), field.types[0], field.types[-1] if len(field.types) > 1 else None)
    for tensor in source.tensors:
        writer.add_tensor(tensor.name, gguf.dequantize(tensor.data, tensor.tensor_type).astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def divergences(weights: str, folder: str, text: str) -> dict[str, str]:
    tokenizer = tokenizers.Tokenizer.from_file(str(pathlib.Path(folder, "tokenizer.json")))
    tokens = tokenizer.encode(text, add_special_tokens=False).ids
    windows = [tokens[at : at + WINDOW] for at in range(0, min(len(tokens), 10 * WINDOW), WINDOW)]
    with tempfile.TemporaryDirectory() as scratch:
        exact = str(pathlib.Path(scratch, "exact.gguf"))
        single_precision(weights, exact)
        reference = llama_logits(exact, windows)
    loss = lambda found: np.concatenate([-row[np.arange(len(w) - 1), w[1:]] for row, w in zip(found, windows)]).mean()
    rows = {}
    for name, found in (("citedesk", our_logits(folder, windows)), ("llama.cpp", llama_logits(weights, windows))):
        divergence = np.concatenate([(np.exp(a) * (a - b)).sum(-1) for a, b in zip(reference, found)]).mean()
        ratio = np.exp(loss(found) - loss(reference))
        rows[name] = f"KL {divergence:.4f}, perplexity {ratio:.4f} times that of single precision"
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("library", "weights", "folder", "text"):
        parser.add_argument(name)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--genai")
    parser.add_argument("--example", default="target/release/examples/decode_bench")
    arguments = parser.parse_args()
    peers = {
        "citedesk": lambda: ours(arguments.example, arguments.library, arguments.weights, arguments.folder),
        "llama.cpp": lambda: llama(arguments.weights),
    }
    if arguments.genai:
        peers["onnxruntime-genai"] = lambda: genai(arguments.genai)
    rounds = [{name: peer() for name, peer in peers.items()} for _ in range(arguments.rounds)]
    print("| threads | tokens | program | " + " | ".join(RATES) + " |")
    print("|---|---|---" + "|---" * len(RATES) + "|")
    for row in [(threads, length) for threads in (1, 2) for length in LENGTHS]:
        medians = {name: [statistics.median(r[name][row][i] for r in rounds) for i in range(len(RATES))] for name in peers}
        for name, values in medians.items():
            ratio = [f" ({ours / value:.2f}x)" if name != "citedesk" else "" for ours, value in zip(medians["citedesk"], values)]
            print(f"| {row[0]} | {row[1]} | {name} | " + " | ".join(f"{v:.0f}{r}" for v, r in zip(values, ratio)) + " |")
    text = pathlib.Path(arguments.text).read_text(encoding="utf-8")
    for name, line in divergences(arguments.weights, arguments.folder, text).items():
        print(f"{name}: {line}")


if __name__ == "__main__":
    main()
