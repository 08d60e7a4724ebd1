"""Makes a small adapter and what the pair encoder says with it: `data/pair.safetensors` and `data/pair.json`.

    PYTHONPATH=training python models/tests/reference/pair_encoder.py FOLDER_OF_THE_BASE_ENCODER

The adapter is noise, of rank 2, on two matrices and a vector: enough to see whether it is merged and judged alike.
"""

import sys
from pathlib import Path

import torch
from pair.export import reference, write
from pair.model import PairEncoder

data = Path(__file__).parent.parent / "data"
base = Path(sys.argv[1])
torch.manual_seed(3)
model = PairEncoder(base)
with torch.no_grad():
    for parameter in (model.layers[0].wide.weight, model.layers[5].out.weight):
        rows, columns = parameter.shape
        parameter += 0.05 * torch.randn(rows, 2) @ torch.randn(2, columns) / 2**0.5
    model.layers[2].norm2.bias += 0.1 * torch.randn(384)
    for head in (model.relevance, model.support, model.token):
        head.weight += 0.2 * torch.randn_like(head.weight)
    model.token.bias -= 2.0
    merged = write(model, base, data / "pair.safetensors", rank=2, version="test")
reference(merged, base, data / "pair.json")
