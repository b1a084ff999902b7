"""A model exported by HydraAI as a PyTorch module.

    python3 load_export.py FILE.safetensors                   says which model it is
    python3 load_export.py FILE.safetensors BATCHES.jsonl     a line {"x": [...], "y": [...]} in, {"loss": ...} out; - is stdin

`x` and `y` are flat lists: samples one after another in the shape of the model's input, and their labels (for `mse`: values;
-1: no label). In a program: `model, metadata = load("FILE.safetensors")`. Only torch is needed.
"""
import json
import pathlib
import struct
import sys

import torch
from torch import nn
from torch.nn import functional


def read_safetensors(path):
    """The tensors by name, and the metadata."""
    data = bytearray(pathlib.Path(path).read_bytes())
    (length,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8 : 8 + length])
    metadata = header.pop("__metadata__")
    tensors = {}
    for name, entry in header.items():
        start, end = entry["data_offsets"]
        flat = torch.frombuffer(data, dtype=torch.float32, count=(end - start) // 4, offset=8 + length + start)
        tensors[name] = flat.reshape(entry["shape"]).clone()
    return tensors, metadata


class Linear(nn.Module):
    """torch.nn.Linear, given a weight [inputs, outputs]."""

    def __init__(self, weight, bias=None):
        super().__init__()
        self.linear = nn.Linear(*weight.shape, bias=bias is not None)
        self.linear.weight = nn.Parameter(weight.T.contiguous())
        if bias is not None:
            self.linear.bias = nn.Parameter(bias)

    def forward(self, x):
        return self.linear(x)


class Embedding(nn.Module):
    def __init__(self, weight, positions):
        super().__init__()
        self.weight = nn.Parameter(weight)
        self.positions = nn.Parameter(positions)

    def forward(self, tokens):
        return self.weight[tokens] + self.positions[: tokens.shape[-1]]


class Attention(nn.Module):
    """Causal, with `heads` heads."""

    def __init__(self, heads, qkv, qkv_bias, out, out_bias):
        super().__init__()
        self.heads = heads
        self.qkv = Linear(qkv, qkv_bias)
        self.out = Linear(out, out_bias)

    def forward(self, x):
        context = x.shape[-2]
        mask = torch.full((context, context), float("-inf")).triu(1)
        parts = self.qkv(x).chunk(3, dim=-1)
        query, key, value = (part.unflatten(-1, (self.heads, -1)).transpose(1, 2) for part in parts)
        weights = (query @ key.mT * query.shape[-1] ** -0.5 + mask).softmax(-1)
        return self.out((weights @ value).transpose(1, 2).flatten(start_dim=2))


class Residual(nn.Module):
    def __init__(self, layers):
        super().__init__()
        self.layers = layers

    def forward(self, x):
        return x + self.layers(x)


class TiedHead(nn.Module):
    def __init__(self, embedding):
        super().__init__()
        self.weight = embedding.weight

    def forward(self, x):
        return x @ self.weight.T


def set_parameters(module, weight, bias):
    module.weight = nn.Parameter(weight)
    module.bias = nn.Parameter(bias)
    return module


def build(document, tensors):
    """The module of a document: https://pytorch.org/docs/stable/nn.html knows every layer."""
    found = {}

    def sequence(layers, prefix):
        return nn.Sequential(*(make(layer, f"{prefix}layers.{index}") for index, layer in enumerate(layers)))

    def make(layer, name):
        kind = layer["type"]
        weight, bias = tensors.get(name + ".weight"), tensors.get(name + ".bias")
        if kind == "conv2d":
            filters, channels, kernel, _ = weight.shape
            module = nn.Conv2d(channels, filters, kernel, layer.get("stride", 1), layer["padding"])
            return set_parameters(module, weight, bias)
        if kind == "dense":
            return Linear(weight, bias)
        if kind == "embedding":
            found["embedding"] = Embedding(weight, tensors[name + ".positions"])
            return found["embedding"]
        if kind == "attention":
            parts = ("qkv.weight", "qkv.bias", "out.weight", "out.bias")
            return Attention(layer["heads"], *(tensors[f"{name}.{part}"] for part in parts))
        if kind == "layerNorm":
            return set_parameters(nn.LayerNorm(weight.shape[0]), weight, bias)
        if kind == "groupNorm":
            return set_parameters(nn.GroupNorm(layer["groups"], weight.shape[0]), weight, bias)
        if kind == "residual":
            return Residual(sequence(layer["layers"], name + "."))
        if kind == "tiedHead":
            return TiedHead(found["embedding"])
        simple = {
            "relu": nn.ReLU,
            "gelu": lambda: nn.GELU(approximate="tanh"),
            "silu": nn.SiLU,
            "flatten": nn.Flatten,
            "maxpool2d": lambda: nn.MaxPool2d(layer["size"]),
            "avgpool2d": lambda: nn.AvgPool2d(layer["size"]),
            "dropout": lambda: nn.Dropout(layer["ratePpm"] / 1e6),
        }
        return simple[kind]()

    return sequence(document["layers"], "")


def load(path):
    """The model in evaluation mode, and what its file says of it."""
    tensors, metadata = read_safetensors(path)
    document = json.loads(metadata["document"])
    return build(document, tensors).eval(), {**metadata, "document": document}


def loss_of(model, document, x, y):
    """The mean loss over all that has a label."""
    tokens = document["layers"][0]["type"] == "embedding"
    inputs = torch.tensor(x, dtype=torch.long if tokens else torch.float32).reshape(-1, *document["input"])
    output = model(inputs)
    if document["loss"] == "mse":
        return functional.mse_loss(output, torch.tensor(y, dtype=torch.float32).reshape(output.shape)).item()
    labels = torch.tensor(y, dtype=torch.long)
    return functional.cross_entropy(output.reshape(-1, output.shape[-1]), labels, ignore_index=-1).item()


@torch.no_grad()
def main(path, batches=None):
    model, metadata = load(path)
    if batches is None:
        about = {key: text for key, text in metadata.items() if key not in ("document", "merges")}
        print(json.dumps(about, indent=2), model, sep="\n")
        return
    with sys.stdin if batches == "-" else open(batches, encoding="utf-8") as lines:
        for line in lines:
            batch = json.loads(line)
            print(json.dumps({"loss": loss_of(model, metadata["document"], batch["x"], batch["y"])}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
