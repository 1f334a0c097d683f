# SPDX-License-Identifier: MIT
"""Images per second of PyTorch's training step (forward, cross-entropy, backward, SGD) on the models of models.py.

    python train.py [--threads N] [--batch N] [--models NAME ...] [--precisions fp32 bf16]

bf16 is autocast. The better of PyTorch's two memory formats. The median of the steps after four to warm up. Prints one
JSON line per model and precision.
"""
import argparse
import json
import statistics
import time

import torch

from models import MODELS


def measure(name, batch, bf16, memory_format, seconds):
    make, shape = MODELS[name]
    torch.manual_seed(1)
    model = make().train().to(memory_format=memory_format)
    images = torch.rand(batch, *shape).contiguous(memory_format=memory_format)
    labels = torch.randint(0, 10, (batch,))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, nesterov=True, weight_decay=5e-4)

    def step():
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=bf16):
            logits = model(images)
        torch.nn.functional.cross_entropy(logits.float(), labels).backward()
        optimizer.step()

    for _ in range(4):
        step()
    timings = []
    end = time.perf_counter() + seconds
    while len(timings) < 10 or time.perf_counter() < end:
        start = time.perf_counter()
        step()
        timings.append(time.perf_counter() - start)
    return batch / statistics.median(timings)


def images_per_second(name, batch, bf16, seconds):
    formats = (torch.channels_last, torch.contiguous_format)
    return max(measure(name, batch, bf16, memory_format, seconds) for memory_format in formats)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    trainable = [name for name in MODELS if name != "identity"]
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--seconds", type=float, default=1.0, help="at least this long per memory format")
    parser.add_argument("--models", nargs="+", default=trainable, choices=trainable)
    parser.add_argument("--precisions", nargs="+", default=["fp32", "bf16"], choices=["fp32", "bf16"])
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    for name in arguments.models:
        for precision in arguments.precisions:
            speed = images_per_second(name, arguments.batch, precision == "bf16", arguments.seconds)
            row = {"model": name, "precision": precision, "threads": arguments.threads, "batch": arguments.batch}
            print(json.dumps(row | {"images_per_s": round(speed, 1)}), flush=True)
