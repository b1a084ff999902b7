"""PyTorch's side of the benchmark: trains one workload on one thread, so many steps each time a line asks for them.

    python3 train.py FOLDER NAME        in: {"steps": 20}    out: {"times": [ms, ...], "losses": [...]}

NAME.json lists the arrays in NAME.bin: the weights in the order of the model's parameters, then X and Y.
"""
import json
import pathlib
import sys
import time

import torch
from torch.nn import functional

torch.set_num_threads(1)


def read_arrays(folder, name):
    data = bytearray(pathlib.Path(folder, name + ".bin").read_bytes())
    manifest = json.loads(pathlib.Path(folder, name + ".json").read_text())
    arrays = []
    for entry in manifest:
        count = 1
        for length in entry["shape"]:
            count *= length
        dtype = torch.int32 if entry["dtype"] == "int32" else torch.float32
        array = torch.frombuffer(data, dtype=dtype, count=count, offset=entry["offset"])
        arrays.append(array.reshape(entry["shape"]).clone())
    return arrays


def mlp(x, weight1, bias1, weight2, bias2):
    hidden = torch.addmm(bias1, x, weight1).relu()
    return torch.addmm(bias2, hidden, weight2)


def cnn(x, filters1, bias1, filters2, bias2, weight, bias):
    for filters, offset in ((filters1, bias1), (filters2, bias2)):
        x = functional.max_pool2d(functional.conv2d(x, filters, offset, padding=1).relu(), 2)
    return torch.addmm(bias, x.flatten(start_dim=1), weight)


def gpt(tokens, token_table, position_table, *rest, heads=4):
    width = token_table.shape[1]
    context = tokens.shape[1]
    hidden = token_table[tokens.long()] + position_table
    mask = torch.full((context, context), float("-inf")).triu(1)
    rest = list(rest)
    while len(rest) > 3:
        gain1, offset1, qkv, qkv_bias, out, out_bias, gain2, offset2, up, up_bias, down, down_bias, *rest = rest
        normal = functional.layer_norm(hidden, (width,), gain1, offset1)
        parts = (normal @ qkv + qkv_bias).chunk(3, dim=-1)
        query, key, value = (part.unflatten(-1, (heads, -1)).transpose(1, 2) for part in parts)
        weights = (query @ key.mT * query.shape[-1] ** -0.5 + mask).softmax(-1)
        hidden = hidden + (weights @ value).transpose(1, 2).flatten(start_dim=2) @ out + out_bias
        normal = functional.layer_norm(hidden, (width,), gain2, offset2)
        hidden = hidden + functional.gelu(normal @ up + up_bias, approximate="tanh") @ down + down_bias
    gain, offset, head = rest
    return functional.layer_norm(hidden, (width,), gain, offset) @ head


def gigaflops(size=512, repeats=5):
    a, b = torch.rand(size, size), torch.rand(size, size)
    best = float("inf")
    for _ in range(repeats):
        started = time.perf_counter()
        torch.mm(a, b)
        best = min(best, time.perf_counter() - started)
    return round(2 * size**3 / best / 1e9, 1)


def blas_in_use():
    try:
        maps = pathlib.Path("/proc/self/maps").read_text().split()
    except OSError:
        return "unknown"
    return next((word for word in maps if "blas" in word or "mkl_core" in word), "unknown")


def multiply(size=1024):
    """Answers with the times of matrix products instead of steps."""
    a, b = torch.rand(size, size), torch.rand(size, size)
    print(json.dumps({"ready": "PyTorch " + torch.__version__, "gflops": gigaflops(), "blas": blas_in_use()}), flush=True)
    for line in sys.stdin:
        times = []
        for _ in range(json.loads(line)["steps"]):
            started = time.perf_counter()
            torch.mm(a, b)
            times.append(1000 * (time.perf_counter() - started))
        print(json.dumps({"times": times, "losses": [0.0] * len(times)}), flush=True)


def main(folder, name):
    if name == "matmul":
        multiply()
        return
    *parameters, inputs, labels = read_arrays(folder, name)
    model = {"mlp": mlp, "cnn": cnn, "gpt": gpt}[name]
    labels = labels.long()
    for parameter in parameters:
        parameter.requires_grad_()
    optimizer = torch.optim.Adam(parameters, lr=1e-3, betas=(0.9, 0.999), eps=1e-8)
    print(json.dumps({"ready": "PyTorch " + torch.__version__, "gflops": gigaflops(), "blas": blas_in_use()}), flush=True)

    done = 0
    for line in sys.stdin:
        times, losses = [], []
        for _ in range(json.loads(line)["steps"]):
            x, y = inputs[done % len(inputs)], labels[done % len(inputs)]
            started = time.perf_counter()
            optimizer.zero_grad(set_to_none=True)
            loss = functional.cross_entropy(model(x, *parameters).flatten(end_dim=-2), y.flatten())
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
            times.append(1000 * (time.perf_counter() - started))
            done += 1
        print(json.dumps({"times": times, "losses": losses}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
