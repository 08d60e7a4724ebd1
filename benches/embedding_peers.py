#!/usr/bin/env python3
"""Embeds the same passages with citedesk, Python fastembed and sentence-transformers, and the same weights, in turns.

Usage: embedding_peers.py BENCH LIBRARY TEXTS WEIGHTS ENCODER [INT8_ENCODER]

BENCH is the example encode_bench of citedesk-models, LIBRARY ONNX Runtime's library, TEXTS has a passage a line, WEIGHTS is
the folder of all-MiniLM-L6-v2 as published, ENCODER the compiled encoder of the cache, INT8_ENCODER that of
`models.precision = "int8"`. Needs `pip install fastembed sentence-transformers`. Prints passages per second of CPU
time, which other processes disturb less than wall time; for one thread run it under `taskset -c 0`.
"""

import json
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROUNDS = 3
# Rounds of encode_bench, of which each embeds all passages.
OURS = 5


def fastembed(encoder: pathlib.Path, folder: str):
    """The compiled encoder as fastembed loads it, from `folder`."""
    from fastembed import TextEmbedding
    from fastembed.common.model_description import ModelSource, PoolingType

    for name in ("model.onnx", "model.onnx.data", "tokenizer.json"):
        if (encoder / name).exists():
            shutil.copy(encoder / name, folder)
    # fastembed wants these files beside the model; the values are those of all-MiniLM-L6-v2.
    pathlib.Path(folder, "config.json").write_text(json.dumps({"model_type": "bert", "pad_token_id": 0}))
    pathlib.Path(folder, "tokenizer_config.json").write_text(
        json.dumps({"model_max_length": 256, "max_length": 256, "pad_token": "[PAD]"})
    )
    pathlib.Path(folder, "special_tokens_map.json").write_text(json.dumps({"pad_token": "[PAD]"}))
    TextEmbedding.add_custom_model(
        model="local", pooling=PoolingType.DISABLED, normalization=False, dim=384,
        sources=ModelSource(url="none"), model_file="model.onnx",
    )
    model = TextEmbedding("local", specific_model_path=folder, threads=threads())
    return lambda texts: list(model.embed(texts, batch_size=32))


def sentence_transformers(weights: pathlib.Path):
    """The published weights as sentence-transformers loads them: mean pooling, unit length."""
    import torch
    from sentence_transformers import SentenceTransformer, models

    torch.set_num_threads(threads())
    transformer = models.Transformer(str(weights), max_seq_length=256)
    pooling = models.Pooling(transformer.get_word_embedding_dimension(), pooling_mode="mean")
    model = SentenceTransformer(modules=[transformer, pooling, models.Normalize()], device="cpu")
    return lambda texts: model.encode(texts, batch_size=32, show_progress_bar=False)


def threads() -> int:
    """As many as there are processors for this process."""
    return len(os.sched_getaffinity(0))


def ours(bench: str, library: str, texts: str, encoder: str) -> float:
    """CPU seconds that encode_bench takes for one round."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([bench, library, texts, encoder], check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / OURS


def theirs(embed, texts: list[str]) -> float:
    began = time.process_time()
    embed(texts)
    return time.process_time() - began


def main() -> None:
    bench, library, path, weights, *encoders = sys.argv[1:]
    texts = pathlib.Path(path).read_text(encoding="utf-8").splitlines()
    with tempfile.TemporaryDirectory() as folder:
        peers = {
            "fastembed (Python)": fastembed(pathlib.Path(encoders[0]), folder),
            "sentence-transformers": sentence_transformers(pathlib.Path(weights)),
        }
        for embed in peers.values():
            embed(texts[:32])
        names = dict(zip(encoders, ("citedesk, fp32", "citedesk, int8")))
        seconds: dict[str, list[float]] = {name: [] for name in [*names.values(), *peers]}
        for _ in range(ROUNDS):
            for encoder, name in names.items():
                seconds[name].append(ours(bench, library, path, encoder))
            for name, embed in peers.items():
                seconds[name].append(theirs(embed, texts))
    rates = {name: len(texts) / statistics.median(taken) for name, taken in seconds.items()}
    best = max(rates[name] for name in peers)
    print(f"{len(texts)} passages, {threads()} thread(s)")
    for name, rate in rates.items():
        print(f"{name:24} {rate:7.1f} passages per CPU-second  {rate / best:5.2f} x the better peer")


if __name__ == "__main__":
    main()
