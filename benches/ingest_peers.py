#!/usr/bin/env python3
"""Ingests the chunks of an index as a plain Python pipeline does, to compare with `citedesk bench --ingest`.

Usage: ingest_peers.py GENERATION_FOLDER ENCODER_FOLDER [THREADS]

Chunks are read from documents.jsonl of a published generation, so extraction, screening and chunking cost this pipeline
nothing; they are embedded with Python fastembed and the same weights, and stored with qdrant-client in its local mode, in
batches of 64. Needs `pip install fastembed qdrant-client`.
"""

import pathlib
import resource
import sys
import tempfile
import time
import uuid

from embedding_peers import contexts, model_in
from qdrant_client import QdrantClient, models

BATCH = 64


def main() -> None:
    generation, encoder = map(pathlib.Path, sys.argv[1:3])
    threads = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as index:
        model = model_in(encoder, folder, threads)
        list(model.embed(["warm"]))
        began = time.perf_counter()
        texts = contexts(generation)
        client = QdrantClient(path=index)
        client.create_collection(
            "chunks", vectors_config=models.VectorParams(size=384, distance=models.Distance.COSINE)
        )
        embedding = 0.0
        for start in range(0, len(texts), BATCH):
            batch = texts[start : start + BATCH]
            from_here = time.perf_counter()
            vectors = list(model.embed(batch, batch_size=32))
            embedding += time.perf_counter() - from_here
            client.upsert(
                "chunks",
                [
                    models.PointStruct(id=str(uuid.uuid4()), vector=vector.tolist(), payload={"text": text})
                    for text, vector in zip(batch, vectors)
                ],
            )
        client.close()
        wall = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    print(
        f"fastembed and qdrant-client (Python): {len(texts)} chunks in {wall:.1f} s, {len(texts) / wall:.1f} chunks/s, "
        f"{embedding:.1f} s of it embedding, {threads} thread(s), peak {peak:.0f} MB"
    )


if __name__ == "__main__":
    main()
