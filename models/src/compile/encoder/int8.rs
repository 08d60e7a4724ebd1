//! Products of 8-bit integers, for the encoder whose activations have been measured.
//!
//! All activations before a matrix share one fixed range, so that a vector does not depend on what else is in its
//! batch. The few channels that exceed it are divided first, and their rows of the matrix multiplied instead, as in
//! Xiao et al., "`SmoothQuant`" (2023). Every column of a matrix has a scale of its own.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Result;
use crate::onnx::{DataType, GraphBuilder};

/// What has been measured, and where.
const MEASURED: &str = include_str!("int8.json");

/// What GELU never falls below.
const GELU_LOW: f32 = -0.17;

/// Where ONNX Runtime has no instruction for it, it adds two neighbouring products in 16 bits and cuts the sum off.
/// Two neighbours in a column that are 128 together at most never get that far (128 × 255 < 2^15), so that every
/// processor yields the same. Rounding may add one.
const PAIR: f32 = 127.0;

/// Largest amounts of channels that exceed the limit, by channel.
pub(super) type Peaks = BTreeMap<usize, f32>;

/// An encoder whose activations have been measured.
#[derive(Deserialize)]
struct Known {
    weights_sha256: String,
    measured: Measured,
}

/// What is known of one encoder's activations.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Measured {
    /// All other channels stay within this, before attention and before either matrix of a layer's feed-forward part.
    limit: f32,
    layers: Vec<Layer>,
}

/// What is known of one layer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Layer {
    attention: Peaks,
    /// What attention yields stays within this; it has no outliers.
    attended: f32,
    widening: Peaks,
    /// Nothing where the matrix would lose too much and stays as it is.
    narrowing: Option<Peaks>,
}

/// A place before a matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Before query, key and value.
    Attention,
    /// After attention.
    Attended,
    /// Before the feed-forward part.
    Widening,
    /// After its activation function.
    Narrowing,
}

impl Place {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Attention => "attention",
            Self::Attended => "attended",
            Self::Widening => "widening",
            Self::Narrowing => "narrowing",
        }
    }
}

/// The range of activations in one place.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Range {
    low: f32,
    high: f32,
    peaks: Peaks,
}

impl Measured {
    /// What is known of the encoder with these weights.
    pub(super) fn of(weights_sha256: &str) -> Option<Self> {
        let known: Known = serde_json::from_str(MEASURED).ok()?;
        (known.weights_sha256 == weights_sha256).then_some(known.measured)
    }

    /// Whether ranges can be made of these numbers.
    pub(super) fn is_sound(&self) -> bool {
        let is_size = |size: f32| size.is_finite() && size > 0.0;
        let exceed = |peaks: &Peaks| peaks.values().all(|peak| peak.is_finite() && *peak > self.limit);
        is_size(self.limit)
            && self.layers.iter().all(|layer| {
                let places = [Some(&layer.attention), Some(&layer.widening), layer.narrowing.as_ref()];
                is_size(layer.attended) && places.into_iter().flatten().all(exceed)
            })
    }

    /// The range of activations in a place, or nothing where they stay floats.
    pub(super) fn range(&self, layer: usize, place: Place) -> Option<Range> {
        let limit = self.limit;
        let layer = self.layers.get(layer)?;
        let outliers = |low: f32, peaks: &Peaks| Range { low, high: limit, peaks: peaks.clone() };
        match place {
            Place::Attention => Some(outliers(-limit, &layer.attention)),
            Place::Attended => {
                Some(Range { low: -layer.attended, high: layer.attended, peaks: Peaks::new() })
            }
            Place::Widening => Some(outliers(-limit, &layer.widening)),
            Place::Narrowing => layer.narrowing.as_ref().map(|peaks| outliers(GELU_LOW, peaks)),
        }
    }
}

/// Names of the two factors of a product, as ONNX Runtime's operators want them.
pub(super) struct Factors {
    pub(super) activations: String,
    pub(super) scale: String,
    pub(super) zero: String,
    pub(super) matrix: String,
    pub(super) matrix_scale: String,
}

/// Makes 8-bit integers of `activations` and of the matrix `name`, given row by row as `columns` numbers.
pub(super) fn factors(
    graph: &mut GraphBuilder,
    name: &str,
    activations: &str,
    range: &Range,
    mut matrix: Vec<f32>,
    columns: usize,
) -> Result<Factors> {
    let part = |what: &str| format!("{name}.{what}");
    let rows = matrix.len() / columns;
    let mut divided = activations.to_owned();
    if !range.peaks.is_empty() {
        let mut shrink = vec![1.0; rows];
        for (&channel, &peak) in range.peaks.iter().filter(|(channel, _)| **channel < rows) {
            shrink[channel] = range.high / peak;
            let row = &mut matrix[channel * columns..(channel + 1) * columns];
            row.iter_mut().for_each(|value| *value *= peak / range.high);
        }
        let shrink = graph.floats(&part("shrink"), &[rows as i64], &shrink)?;
        divided = graph.node("Mul", &[activations, &shrink], &[]);
    }
    let step = (range.high - range.low) / 255.0;
    let zero = (-range.low / step).round() as u8;
    let scale = graph.floats(&part("scale"), &[], &[step])?;
    let zero = graph.tensor(&part("zero"), DataType::Uint8, &[], &[zero])?;
    let (integers, scales) = integers(&matrix, columns);
    Ok(Factors {
        activations: graph.node("QuantizeLinear", &[&divided, &scale, &zero], &[]),
        matrix: graph.tensor(name, DataType::Int8, &[rows as i64, columns as i64], &integers)?,
        matrix_scale: graph.floats(&part("scales"), &[columns as i64], &scales)?,
        scale,
        zero,
    })
}

/// A matrix as signed bytes, and the scale of every column.
fn integers(matrix: &[f32], columns: usize) -> (Vec<u8>, Vec<f32>) {
    let mut scales = vec![0f32; columns];
    for pair in matrix.chunks(2 * columns) {
        let (first, second) = pair.split_at(columns);
        for (column, scale) in scales.iter_mut().enumerate() {
            let sum = first[column].abs() + second.get(column).map_or(0.0, |value| value.abs());
            *scale = scale.max(sum / PAIR);
        }
    }
    // A column of zeros stays one at any scale.
    scales.iter_mut().filter(|scale| **scale == 0.0).for_each(|scale| *scale = 1.0);
    let integers = matrix
        .chunks_exact(columns)
        .flat_map(|row| row.iter().zip(&scales).map(|(value, scale)| (value / scale).round() as i8 as u8))
        .collect();
    (integers, scales)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Languages;
    use crate::setup::{Part, catalog};

    #[test]
    fn the_default_encoder_has_been_measured_and_no_other() {
        let measured =
            Measured::of(catalog::package(Part::Encoder, Languages::English).unwrap().sha256).unwrap();
        assert!(Measured::of("00").is_none());
        assert!(measured.layers.len() == 6 && measured.is_sound());
        for layer in &measured.layers {
            let widths = [(&layer.attention, 384), (&layer.widening, 384)];
            for (peaks, width) in
                widths.into_iter().chain(layer.narrowing.as_ref().map(|peaks| (peaks, 1536)))
            {
                assert!(peaks.keys().all(|channel| *channel < width));
            }
        }
    }

    proptest! {
        #[test]
        fn neighbours_in_a_column_never_exceed_sixteen_bits(
            (columns, matrix) in (1usize..5, 1usize..8).prop_flat_map(|(columns, rows)| {
                (Just(columns), proptest::collection::vec(-3f32..3.0, columns * rows))
            }),
        ) {
            let (integers, scales) = integers(&matrix, columns);
            let at = |row: usize, column: usize| {
                integers.get(row * columns + column).map_or(0, |byte| i32::from(*byte as i8))
            };
            for row in 0..matrix.len() / columns {
                for column in 0..columns {
                    prop_assert!(at(row, column).abs() + at(row ^ 1, column).abs() <= 128);
                    let back = at(row, column) as f32 * scales[column];
                    prop_assert!((back - matrix[row * columns + column]).abs() <= 0.51 * scales[column]);
                }
            }
        }
    }
}
