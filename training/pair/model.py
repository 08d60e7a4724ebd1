"""The pair encoder: MiniLM that reads two texts at once, with heads for answers and support.

The first text (a question or a claim) has token type 0, the second (a sentence or a passage) token type 1. The encoder is
the one that also embeds, so the heads begin from what it knows: how well a text answers starts as the cosine of the two
texts' mean vectors, and a claim is as well supported as the worst of its words.
"""

import json
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import nn
from torch.nn import functional as F

INNER = 128


class Layer(nn.Module):
    def __init__(self, width, heads, inner, eps):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.norm1 = nn.LayerNorm(width, eps=eps)
        self.wide = nn.Linear(width, inner)
        self.narrow = nn.Linear(inner, width)
        self.norm2 = nn.LayerNorm(width, eps=eps)
        #: Share of what is added to each vector that is dropped in training.
        self.dropped = 0.0

    def drop(self, x):
        return F.dropout(x, self.dropped, self.training) if self.dropped else x

    def forward(self, x, mask):
        b, n, w = x.shape
        q, k, v = self.qkv(x).view(b, n, 3, self.heads, w // self.heads).permute(2, 0, 3, 1, 4)
        # By hand: the fused operator's backward pass takes as long as everything else together on a processor.
        scores = (q * (w // self.heads) ** -0.5) @ k.transpose(-1, -2) + mask
        with torch.autocast(x.device.type, enabled=False):
            y = (torch.softmax(scores, -1) @ v).transpose(1, 2).reshape(b, n, w)
        x = self.norm1(x + self.drop(self.out(y)))
        return self.norm2(x + self.drop(self.narrow(F.gelu(self.wide(x)))))


class Encoder(nn.Module):
    """The layers of the base, with the weights in `folder`. The tables of words and positions stay as they are."""

    def __init__(self, folder):
        super().__init__()
        config = json.loads((Path(folder) / "config.json").read_text())
        width = config["hidden_size"]
        self.words = nn.Embedding(config["vocab_size"], width)
        self.positions = nn.Embedding(config["max_position_embeddings"], width)
        self.types = nn.Embedding(config["type_vocab_size"], width)
        eps = config["layer_norm_eps"]
        self.norm = nn.LayerNorm(width, eps=eps)
        self.layers = nn.ModuleList(
            Layer(width, config["num_attention_heads"], config["intermediate_size"], eps)
            for _ in range(config["num_hidden_layers"])
        )
        with torch.no_grad():
            self.load_base(load_file(Path(folder) / "model.safetensors"))
        self.words.weight.requires_grad_(False)
        self.positions.weight.requires_grad_(False)

    def load_base(self, base):
        def put(target, name):
            target.weight.copy_(base[f"{name}.weight"])
            if getattr(target, "bias", None) is not None:
                target.bias.copy_(base[f"{name}.bias"])

        put(self.words, "embeddings.word_embeddings")
        put(self.positions, "embeddings.position_embeddings")
        put(self.types, "embeddings.token_type_embeddings")
        put(self.norm, "embeddings.LayerNorm")
        for i, layer in enumerate(self.layers):
            name = f"encoder.layer.{i}"
            parts = [f"{name}.attention.self.{part}" for part in ("query", "key", "value")]
            layer.qkv.weight.copy_(torch.cat([base[f"{part}.weight"] for part in parts]))
            layer.qkv.bias.copy_(torch.cat([base[f"{part}.bias"] for part in parts]))
            put(layer.out, f"{name}.attention.output.dense")
            put(layer.norm1, f"{name}.attention.output.LayerNorm")
            put(layer.wide, f"{name}.intermediate.dense")
            put(layer.narrow, f"{name}.output.dense")
            put(layer.norm2, f"{name}.output.LayerNorm")

    def hidden(self, ids, types, lengths):
        """Every token's vector. `ids` and `types` `[batch, tokens]`; `lengths` `[batch]` counts what is no filling."""
        places = torch.arange(ids.shape[1], device=ids.device)
        kept = places[None, :] < lengths[:, None]
        with torch.autocast(ids.device.type, enabled=False):
            x = self.norm(self.words(ids) + self.positions(places)[None] + self.types(types))
        mask = torch.zeros(kept.shape, device=ids.device).masked_fill(~kept, -1e4)[:, None, None, :]
        if torch.is_autocast_enabled(ids.device.type):
            x, mask = x.bfloat16(), mask.bfloat16()
        for layer in self.layers:
            x = layer(x, mask)
        return x

    def vectors(self, ids, lengths):
        """Texts' vectors, `[batch, width]`: the mean of the tokens' vectors, of unit length."""
        x = self.hidden(ids, torch.zeros_like(ids), lengths)
        kept = (torch.arange(ids.shape[1], device=ids.device)[None, :] < lengths[:, None])[..., None]
        with torch.autocast(ids.device.type, enabled=False):
            return F.normalize((x.float() * kept).sum(1) / kept.sum(1), dim=-1)


def merged(base, tensors):
    """The base's tensors with what an adapter adds to them."""
    result = dict(base)
    for name in base:
        if f"{name}.delta" in tensors:
            result[name] = base[name] + tensors[f"{name}.delta"].float()
        elif f"{name}.up" in tensors:
            result[name] = base[name] + tensors[f"{name}.up"].float() @ tensors[f"{name}.down"].float()
    return result


class PairEncoder(Encoder):
    """`forward` gives relevance `[batch]`, which is how well the second text answers the first, support `[batch]`, and of
    each token `[batch, tokens]` how unsupported it is."""

    def __init__(self, folder):
        super().__init__(folder)
        width = self.norm.weight.shape[0]
        self.pool = nn.Linear(2 * width, INNER)
        self.relevance = nn.Linear(INNER, 1)
        self.support = nn.Linear(INNER, 1)
        self.token = nn.Linear(width, 1)
        # Weights of the cosine and the constant in relevance; weight of the worst token in support.
        self.scale = nn.Parameter(torch.tensor([10.0, -4.0, 1.0]))
        for head in (self.relevance, self.support, self.token):
            nn.init.normal_(head.weight, std=0.01)
            nn.init.zeros_(head.bias)

    @torch.no_grad()
    def load_adapter(self, folder, path):
        """Takes the weights of the adapter at `path`, whose base is in `folder`. One without heads leaves these as they are."""
        tensors = {name: value.float() for name, value in load_file(path).items()}
        self.load_base(merged(load_file(Path(folder) / "model.safetensors"), tensors))
        if "head.scale" not in tensors:
            return
        for name in ("pool", "token"):
            getattr(self, name).load_state_dict({part: tensors[f"head.{name}.{part}"] for part in ("weight", "bias")})
        for i, head in enumerate((self.relevance, self.support)):
            head.weight.copy_(tensors["head.output.weight"][i : i + 1])
            head.bias.copy_(tensors["head.output.bias"][i : i + 1])
        self.scale.copy_(tensors["head.scale"])

    def forward(self, ids, types, lengths):
        x = self.hidden(ids, types, lengths)
        kept = torch.arange(ids.shape[1], device=ids.device)[None, :] < lengths[:, None]
        with torch.autocast(ids.device.type, enabled=False):
            x = x.float()
            first = ((types == 0) & kept).float()
            first[:, 0] = 0.0
            second = ((types == 1) & kept).float()
            one = (x * first[..., None]).sum(1) / first.sum(1, keepdim=True)
            two = (x * second[..., None]).sum(1) / second.sum(1, keepdim=True)
            product = F.normalize(one, dim=-1) * F.normalize(two, dim=-1)
            pooled = torch.tanh(self.pool(torch.cat([x[:, 0], product * x.shape[-1] ** 0.5], -1)))
            relevance = (
                self.relevance(pooled).squeeze(-1) + self.scale[0] * product.sum(-1) + self.scale[1]
            )
            tokens = self.token(x).squeeze(-1)
            worst = torch.logsumexp(tokens.masked_fill(first == 0, -1e4), -1)
            support = self.support(pooled).squeeze(-1) - self.scale[2] * worst
        return relevance, support, tokens
