# SPDX-License-Identifier: MIT
"""What the scripts that compare the library with its peers share."""
import os
import platform
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MODELS = ("small", "resnet20", "mobile")

# Settings of the threads and kernels of the libraries that are compared: they would reach some and not others.
_SETTINGS = ("OMP_", "GOMP_", "KMP_", "OPENBLAS_", "MKL_", "DNNL_", "ONEDNN_", "OV_", "ORT_")


def run(command, **environment):
    """What the command prints. It sees no such settings but those that are given."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(_SETTINGS)}
    return subprocess.run(command, env=clean | environment, stdout=subprocess.PIPE, text=True, check=True).stdout


def cpu_name():
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def machine():
    return {"cpu": cpu_name(), "cores": os.cpu_count(), "system": platform.platform()}


def attar_version():
    return run(["git", "-C", ROOT, "describe", "--always", "--dirty"]).strip()
