//! Compiling weights as they are shipped into ONNX graphs.

pub mod encoder;
mod safetensors;
