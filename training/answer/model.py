"""The base with low-rank additions to its matrices, in plain PyTorch.

Sequences begin at the left and are filled up at the right, so that causal attention needs no mask and runs in one
fused kernel. Everything that is learned lies in one flat vector: one cast, one norm and one step for all of it.
"""

import math

import torch
from torch import nn
from torch.nn import functional as F

PROJECTIONS = ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down")


class Adapter(nn.Module):
    """What is added to matrix `W` is `scale · up · down`; `up` begins at zero."""

    def __init__(self, shape, rank, scale=2.0, seed=7):
        super().__init__()
        self.rank, self.scale = rank, scale
        kv = shape.kv_heads * shape.head
        rows = dict(zip(PROJECTIONS, (shape.hidden, kv, kv, shape.hidden, shape.wide, shape.wide, shape.hidden)))
        columns = {name: shape.wide if name == "ffn_down" else shape.hidden for name in PROJECTIONS}
        self.places = [
            (f"blk.{layer}.{name}.weight", rows[name], columns[name])
            for layer in range(shape.layers)
            for name in PROJECTIONS
        ]
        random = torch.Generator().manual_seed(seed)
        parts = []
        for _, high, wide in self.places:
            parts.append(torch.randn(rank * wide, generator=random) / math.sqrt(wide))
            parts.append(torch.zeros(high * rank))
        self.sizes = [len(part) for part in parts]
        self.flat = nn.Parameter(torch.cat(parts))

    def pieces(self, dtype):
        """(down, up) by the name of the matrix."""
        parts = iter(self.flat.to(dtype).split(self.sizes))
        return {name: (next(parts).view(-1, wide), next(parts).view(high, -1)) for name, high, wide in self.places}

    def tensors(self):
        """As they are saved, the scale in `up`."""
        found = {}
        for name, (down, up) in self.pieces(torch.float32).items():
            found[f"{name}.down"] = down.detach().bfloat16().cpu().contiguous()
            found[f"{name}.up"] = (self.scale * up.detach()).bfloat16().cpu().contiguous()
        return found

    @torch.no_grad()
    def load(self, tensors):
        parts = []
        for name, *_ in self.places:
            parts.append(tensors[f"{name}.down"].float().flatten())
            parts.append(tensors[f"{name}.up"].float().flatten() / self.scale)
        self.flat.copy_(torch.cat(parts))


class Decoder(nn.Module):
    def __init__(self, shape, tensors, dtype=torch.bfloat16, context=2048):
        super().__init__()
        self.shape, self.dtype = shape, dtype
        self.named = {}
        for name, tensor in tensors.items():
            key = name.replace(".", "_")
            self.register_buffer(key, torch.as_tensor(tensor).to(dtype), persistent=False)
            self.named[name] = key
        pairs = torch.arange(shape.head // 2).double()
        angles = torch.arange(context).double()[:, None] * shape.rotation ** (-2 * pairs / shape.head)
        # Neighbors are rotated together: what is swapped is multiplied with -sin and sin in turn.
        self.register_buffer("cos", angles.cos().repeat_interleave(2, 1).to(dtype), persistent=False)
        sin = torch.stack([-angles.sin(), angles.sin()], -1).flatten(1)
        self.register_buffer("sin", sin.to(dtype), persistent=False)

    def weight(self, name):
        return getattr(self, self.named[name])

    def norm(self, x, name):
        return F.rms_norm(x, (x.shape[-1],), self.weight(name), self.shape.epsilon)

    def rotated(self, x, places):
        """`x`: (batch, tokens, heads, head)."""
        cos, sin = (table[places].unsqueeze(-2) for table in (self.cos, self.sin))
        return torch.addcmul(x * cos, x.unflatten(-1, (-1, 2)).flip(-1).flatten(-2), sin)

    def hidden(self, ids, adapter=None, scale=1.0, places=None, attend=None):
        """Last hidden states, normed: (batch · tokens, hidden). `attend` is attention with a cache of its own."""
        shape, (batch, tokens) = self.shape, ids.shape
        places = torch.arange(tokens, device=ids.device) if places is None else places
        x = self.weight("token_embd.weight")[ids.flatten()]

        def project(x, name):
            y = F.linear(x, self.weight(name))
            if adapter is None:
                return y
            down, up = adapter[name]
            return torch.addmm(y, F.linear(x, down), up.t(), alpha=scale)

        for layer in range(shape.layers):
            at = lambda name: f"blk.{layer}.{name}.weight"
            normed = self.norm(x, at("attn_norm"))
            q, k, v = (project(normed, at(name)).view(batch, tokens, -1, shape.head) for name in PROJECTIONS[:3])
            q, k = self.rotated(q, places), self.rotated(k, places)
            q, k, v = (part.transpose(1, 2) for part in (q, k, v))
            if attend is None:
                mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
            else:
                mixed = attend(layer, q, k, v)
            x = x + project(mixed.transpose(1, 2).reshape(batch * tokens, -1), at("attn_output"))
            normed = self.norm(x, at("ffn_norm"))
            gated = F.silu(project(normed, at("ffn_gate"))) * project(normed, at("ffn_up"))
            x = x + project(gated, at("ffn_down"))
        return self.norm(x, "output_norm.weight")

    def logits(self, hidden):
        return F.linear(hidden, self.weight("token_embd.weight"))

    def loss(self, ids, wanted, targets, adapter=None, scale=1.0):
        """Sum of the losses of `targets`, which are due after the flat positions `wanted`."""
        hidden = self.hidden(ids, adapter, scale)[wanted]
        return F.cross_entropy(self.logits(hidden).float(), targets, reduction="sum")

    @torch.no_grad()
    def write(self, prompts, most, ends, adapter=None, scale=1.0):
        """Goes on greedily after every prompt until one of `ends`; returns lists of ids without it."""
        shape, device = self.shape, self.cos.device
        lengths = torch.tensor([len(prompt) for prompt in prompts], device=device)
        longest = int(lengths.max())
        ids = torch.zeros(len(prompts), longest, dtype=torch.long)
        for row, prompt in zip(ids, prompts):
            row[: len(prompt)] = torch.tensor(prompt)
        ids = ids.to(device)
        size = (2, shape.layers, len(prompts), shape.kv_heads, longest + most, shape.head)
        cache = torch.zeros(size, dtype=self.dtype, device=device)
        rows = torch.arange(len(prompts), device=device)
        slots = torch.arange(longest + most, device=device)

        def keep(layer, q, k, v):
            cache[0, layer, :, :, :longest], cache[1, layer, :, :, :longest] = k, v
            return F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)

        def recall(layer, q, k, v):
            cache[0, layer, rows, :, at], cache[1, layer, rows, :, at] = k[:, :, 0], v[:, :, 0]
            seen = (slots[None] <= at[:, None])[:, None, None]
            many = lambda x: x.repeat_interleave(shape.heads // shape.kv_heads, 1)
            return F.scaled_dot_product_attention(q, many(cache[0, layer]), many(cache[1, layer]), attn_mask=seen)

        hidden = self.hidden(ids, adapter, scale, attend=keep).view(len(prompts), longest, -1)
        hidden, at = hidden[rows, lengths - 1], lengths
        done = torch.zeros(len(prompts), dtype=torch.bool, device=device)
        ends, said = torch.tensor(ends, device=device), []
        for _ in range(most):
            token = self.logits(hidden).argmax(-1)
            done |= torch.isin(token, ends)
            said.append(torch.where(done, -1, token))
            if bool(done.all()):
                break
            hidden = self.hidden(token[:, None], adapter, scale, places=at[:, None], attend=recall)
            at = at + 1
        return [[token for token in row if token >= 0] for row in torch.stack(said, 1).tolist()]
