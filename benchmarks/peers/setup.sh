#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Puts PyTorch, ONNX Runtime and OpenVINO into a virtual environment, build/peers unless another folder is given.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=${1:-$here/../../build/peers}
python3 -m venv "$folder"
"$folder/bin/pip" install --quiet --requirement "$here/requirements.txt"
echo "peers: ready, run them with $folder/bin/python"
