#!/usr/bin/env python3
"""Embeds the chunks of an index with Python fastembed and the same weights, to compare rates with `citedesk bench --ingest`.

Usage: embedding_peers.py GENERATION_FOLDER ENCODER_FOLDER [THREADS]

GENERATION_FOLDER holds documents.jsonl of a published generation; ENCODER_FOLDER is the compiled encoder of the cache.
Needs `pip install fastembed`. Prints chunks per second of wall time and of CPU time.
"""

import json
import pathlib
import resource
import shutil
import sys
import tempfile
import time

from fastembed import TextEmbedding
from fastembed.common.model_description import ModelSource, PoolingType


def contexts(folder: pathlib.Path) -> list[str]:
    """The texts that citedesk embeds: title and headings, then the chunk."""
    texts = []
    with open(folder / "documents.jsonl", encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            title, text = record["document"]["title"], record["document"]["text"].encode()
            for chunk in record["chunks"]:
                head = " > ".join([title, *(heading for heading in chunk["headings"] if heading != title)])
                span = text[chunk["span"]["start"] : chunk["span"]["end"]].decode()
                texts.append(f"{head}\n{span}")
    return texts


def model_in(encoder: pathlib.Path, folder: str, threads: int) -> TextEmbedding:
    """The compiled encoder as fastembed loads it, from `folder`."""
    for name in ("model.onnx", "model.onnx.data", "tokenizer.json", "config.json"):
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
    return TextEmbedding("local", specific_model_path=folder, threads=threads)


def main() -> None:
    generation, encoder = map(pathlib.Path, sys.argv[1:3])
    threads = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    texts = contexts(generation)
    with tempfile.TemporaryDirectory() as folder:
        model = model_in(encoder, folder, threads)
        list(model.embed(texts[:8]))
        began, used = time.perf_counter(), time.process_time()
        count = sum(1 for _ in model.embed(texts, batch_size=32))
        wall, cpu = time.perf_counter() - began, time.process_time() - used
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    print(f"fastembed (Python): {count} chunks, {count / wall:.1f} chunks/s wall, {count / cpu:.1f} chunks per CPU-second, "
          f"{threads} thread(s), peak {peak:.0f} MB")


if __name__ == "__main__":
    main()
