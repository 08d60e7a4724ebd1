//! Everything about weights and ONNX Runtime: find the runtime library, fetch and verify weights, compile
//! them to ONNX, and run them.
//!
//! Nothing here needs the network once [`setup::run`] has succeeded. Models are folders of plain files that
//! are named in a manifest with their SHA-256.
//!
//! ```no_run
//! use models::{Encoder, Runtime, SessionOptions, Side, setup};
//!
//! # fn main() -> models::Result<()> {
//! let layout = setup::Layout::new(setup::default_cache()?);
//! let assets = setup::run(&layout, &setup::Options::default(), &mut |_| ())?;
//! let runtime = Runtime::load(&assets.runtime)?;
//! let encoder = Encoder::open(&runtime, &assets.encoder, &SessionOptions::default())?;
//! let vectors = encoder.embed(&["How do I reset my password?"], Side::Question)?;
//! assert_eq!(vectors[0].len(), encoder.dimension());
//! # Ok(())
//! # }
//! ```
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod bundle;
pub mod chat;
pub mod compile;
pub mod constrain;
mod decoder;
mod encoder;
mod error;
mod fetch;
pub mod gguf;
mod onnx;
mod pair;
mod runtime;
pub mod setup;

pub use compile::decoder::Taught;
pub use compile::encoder::PairInfo;
pub use compile::encoder::{Languages, Precision, Side};
pub use decoder::{CausalLm, Finish, Generated, Pace, Placement, SamplingOptions};
pub use encoder::{Encoder, TokenCounter};
pub use error::{Error, Result};
pub use fetch::Stop;
pub use fetch::hub::{Hub, HubModel};
pub use pair::{PairEncoder, PairScore};
pub use runtime::{Device, Runtime, SessionOptions};
