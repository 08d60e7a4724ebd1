#!/bin/sh
# Proves on a machine with an NVIDIA GPU that a language model exported to ONNX runs there, and how fast.
#
# Usage: benches/cuda.sh FOLDER [DEVICE]
#
# FOLDER holds an export in half precision, such as `optimum-cli export onnx --task text-generation-with-past
# --dtype fp16 --device cuda` or ONNX Runtime's generator makes. ORT_DYLIB_PATH names the library of onnxruntime-gpu
# (`pip install onnxruntime-gpu` puts it into onnxruntime/capi); CUDA and cuDNN must be where the loader finds them.
# It fails if the device cannot be used, or if no node of the graph ran there.
set -eu

folder=${1:?give the folder of an exported model}
device=${2:-cuda}
library=${ORT_DYLIB_PATH:?set ORT_DYLIB_PATH to the library of onnxruntime-gpu}

nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader
cargo build --quiet --locked --release -p citedesk-models --example export_bench
for on in cpu "$device"; do
    out=$(cargo run --quiet --locked --release -p citedesk-models --example export_bench -- "$library" "$folder" "$on")
    printf '%s\n\n' "$out"
done
nvidia-smi --query-compute-apps=pid,used_memory --format=csv,noheader || true
case $out in
*"nodes on CUDAExecutionProvider"*) echo "the model ran on $device" ;;
*)
    echo "no node of the model ran on $device" >&2
    exit 1
    ;;
esac
