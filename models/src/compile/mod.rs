//! Compiling weights as they are shipped into ONNX graphs.

pub mod decoder;
pub mod encoder;
pub(crate) mod safetensors;

pub use self::decoder::{DecoderOptions, Weights, decoder};
