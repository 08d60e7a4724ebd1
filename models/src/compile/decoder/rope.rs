//! Rotary position embedding, and how it is stretched beyond the context of training.

use std::f64::consts::TAU;
use std::io::{Read, Seek};

use crate::gguf::Gguf;
use crate::{Error, Result};

/// ONNX Runtime rotates so many pairs of a head at once.
const PAIRS: usize = 8;

/// Which of two equivalent layouts the rows of query and key weights have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rotation {
    /// Neighbors are rotated together.
    Interleaved,
    /// The first half is rotated with the second one.
    Halves,
}

/// How heads are rotated by their position.
#[derive(Clone, Debug)]
pub(super) struct Rope {
    pub(super) rotation: Rotation,
    /// Leading numbers of a head that are rotated; the others stay.
    pub(super) dimensions: usize,
    base: f64,
    scaling: Scaling,
}

#[derive(Clone, Copy, Debug)]
enum Scaling {
    /// Positions are divided by the factor.
    Linear(f64),
    Yarn(Yarn),
}

/// Peng et al., arXiv:2309.00071, as llama.cpp does it.
#[derive(Clone, Copy, Debug)]
struct Yarn {
    factor: f64,
    /// Tokens that the model was trained for at first.
    original: f64,
    /// Multiplies sines and cosines, besides what follows from `factor`.
    magnitude: f64,
    /// Pairs with more turns than `fast` in the original context stay, those with less than `slow` are stretched.
    fast: f64,
    slow: f64,
}

impl Rope {
    /// Reads it from the values that begin with `family`.
    pub(super) fn read<R: Read + Seek>(
        gguf: &Gguf<R>,
        family: &str,
        rotation: Rotation,
        head_size: usize,
        context: usize,
    ) -> Result<Self> {
        let key = |name: &str| format!("{family}.rope.{name}");
        let number = |name: &str| gguf.float(&key(name));
        let positive = |name: &str, default: f64| match number(name)?.unwrap_or(default) {
            number if number > 0.0 => Ok(number),
            number => Err(Error::corrupt(gguf.path(), format!("`{}` is {number}", key(name)))),
        };
        let unsupported = |name: &str, value: String| {
            Err(Error::unsupported(gguf.path(), format!("`{}` of {value}", key(name))))
        };
        let dimensions = gguf.size(&key("dimension_count"))?.unwrap_or(head_size);
        if !(1..=head_size).contains(&dimensions) || !dimensions.is_multiple_of(2 * PAIRS) {
            return unsupported("dimension_count", format!("{dimensions} in heads of {head_size}"));
        }
        for (name, neutral) in [
            ("scaling.yarn_log_multiplier", 0.0),
            ("scaling.yarn_ext_factor", 1.0),
            ("scaling.yarn_attn_factor", 1.0),
        ] {
            if let Some(other) = number(name)?.filter(|number| *number != neutral) {
                return unsupported(name, other.to_string());
            }
        }
        let factor = match number("scaling.factor")? {
            Some(_) => "scaling.factor",
            None => "scale_linear",
        };
        let factor = match number(factor)? {
            // As llama.cpp has it, zero means that there is none.
            None | Some(0.0) => 1.0,
            Some(_) => positive(factor, 1.0)?,
        };
        let scaling = match gguf.text(&key("scaling.type"))? {
            Some("none") => Scaling::Linear(1.0),
            None | Some("linear") => Scaling::Linear(factor),
            Some("yarn") => Scaling::Yarn(Yarn {
                factor,
                original: positive("scaling.original_context_length", context as f64)?,
                magnitude: positive("scaling.attn_factor", 1.0)?,
                fast: positive("scaling.yarn_beta_fast", 32.0)?,
                slow: positive("scaling.yarn_beta_slow", 1.0)?,
            }),
            Some(other) => return unsupported("scaling.type", format!("{other:?}")),
        };
        Ok(Self { rotation, dimensions, base: positive("freq_base", 10_000.0)?, scaling })
    }

    /// Rotations of whole heads that are not stretched.
    pub(super) fn plain(rotation: Rotation, dimensions: usize, base: f64) -> Self {
        Self { rotation, dimensions, base, scaling: Scaling::Linear(1.0) }
    }

    /// Cosines and sines, a row for each of `capacity` positions and a column for each pair. `divisors` stretch
    /// pairs one by one, as in Llama 3.1.
    ///
    /// Nothing if some are not finite.
    pub(super) fn tables(&self, divisors: Option<&[f32]>, capacity: usize) -> Option<[Vec<f32>; 2]> {
        let frequencies: Vec<f64> = (0..self.dimensions / 2)
            .map(|pair| {
                let divisor = divisors.map_or(1.0, |divisors| f64::from(divisors[pair]));
                self.base.powf(-2.0 * pair as f64 / self.dimensions as f64) / divisor * self.stretch(pair)
            })
            .collect();
        let magnitude = match self.scaling {
            Scaling::Linear(_) => 1.0,
            Scaling::Yarn(yarn) => yarn.magnitude * (1.0 + 0.1 * yarn.factor.max(1.0).ln()),
        };
        if !frequencies.iter().chain([&magnitude]).all(|number| number.is_finite()) {
            return None;
        }
        let table = |function: fn(f64) -> f64| {
            (0..capacity)
                .flat_map(|position| frequencies.iter().map(move |frequency| position as f64 * frequency))
                .map(|angle| (function(angle) * magnitude) as f32)
                .collect()
        };
        Some([table(f64::cos), table(f64::sin)])
    }

    /// What the frequency of a pair is multiplied with.
    fn stretch(&self, pair: usize) -> f64 {
        match self.scaling {
            Scaling::Linear(factor) => 1.0 / factor,
            Scaling::Yarn(yarn) => {
                let dimensions = self.dimensions as f64;
                // The pair that turns so many times in the original context.
                let turning =
                    |turns: f64| dimensions * (yarn.original / (turns * TAU)).ln() / (2.0 * self.base.ln());
                let first = turning(yarn.fast).floor().max(0.0);
                let last = turning(yarn.slow).ceil().min(dimensions - 1.0);
                let stretched = ((pair as f64 - first) / (last - first).max(0.001)).clamp(0.0, 1.0);
                stretched / yarn.factor + 1.0 - stretched
            }
        }
    }
}
