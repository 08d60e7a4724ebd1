//! The network: a word is the sum of rows of one table, and layers mix it with the words around it.
//!
//! Hash embeddings and residual convolutions, as in spaCy's tagger (Honnibal, 2017), with a layer norm after each layer.

use ndarray::linalg::general_mat_mul;
use ndarray::{Array1, Array2, ArrayView2, Axis, s};
use safetensors::{Dtype, SafeTensors, tensor::TensorView};

use super::features::{ROWS, WIDTH};
use super::{KINDS, TAGS};

/// Words that are read at once.
const WINDOW: usize = 1024;

/// A trained tagger.
pub(super) struct Network {
    /// Rows of signed bytes, `size` each, and what one step of each is.
    table: Vec<i8>,
    scales: Vec<f32>,
    size: usize,
    first: Norm,
    layers: Vec<Layer>,
    /// (size, tags) and (tags).
    head: (Array2<f32>, Array1<f32>),
    /// How likely each kind has to be.
    pub(super) thresholds: [f32; KINDS],
}

struct Layer {
    /// For the word before, the word itself and the word behind: (size, size) each.
    mixes: [Array2<f32>; 3],
    bias: Array1<f32>,
    /// How far before and behind, in words.
    reach: usize,
    norm: Norm,
}

struct Norm {
    scale: Vec<f32>,
    shift: Vec<f32>,
}

impl Norm {
    fn apply(&self, x: &mut Array2<f32>) {
        for mut row in x.axis_iter_mut(Axis(0)) {
            let Some(row) = row.as_slice_mut() else { continue };
            let count = row.len() as f32;
            let mean = row.iter().sum::<f32>() / count;
            let variance = row.iter().map(|value| (value - mean).powi(2)).sum::<f32>() / count;
            let step = (variance + 1e-5).sqrt().recip();
            for ((value, scale), shift) in row.iter_mut().zip(&self.scale).zip(&self.shift) {
                *value = (*value - mean) * step * scale + shift;
            }
        }
    }
}

impl Network {
    /// Reads what `training/names/export.py` wrote.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let (_, metadata) = SafeTensors::read_metadata(bytes).ok()?;
        let told = metadata.metadata().as_ref()?;
        let numbers = |name: &str| -> Option<Vec<f32>> {
            told.get(name)?.split(' ').map(|number| number.parse().ok()).collect()
        };
        let tensors = SafeTensors::deserialize(bytes).ok()?;
        let table = tensors.tensor("table").ok().filter(|table| table.dtype() == Dtype::I8)?;
        let size = *table.shape().get(1)?;
        let scales = floats(&tensors.tensor("table.scale").ok()?)?;
        if table.shape() != [ROWS, size] || scales.len() != ROWS {
            return None;
        }
        let vector = |name: &str, length: usize| {
            floats(&tensors.tensor(name).ok()?).filter(|values| values.len() == length)
        };
        let norm = |name: &str| {
            Some(Norm {
                scale: vector(&format!("{name}.weight"), size)?,
                shift: vector(&format!("{name}.bias"), size)?,
            })
        };
        let layers = numbers("reach")?.into_iter().enumerate().map(|(at, reach)| {
            let matrix = |tap: &str| {
                Array2::from_shape_vec((size, size), vector(&format!("mix.{at}.{tap}"), size * size)?).ok()
            };
            Some(Layer {
                mixes: [matrix("before")?, matrix("here")?, matrix("behind")?],
                bias: vector(&format!("mix.{at}.bias"), size)?.into(),
                reach: reach as usize,
                norm: norm(&format!("norm.{at}"))?,
            })
        });
        Some(Self {
            table: table.data().iter().map(|byte| byte.cast_signed()).collect(),
            scales,
            size,
            first: norm("first")?,
            layers: layers.collect::<Option<_>>()?,
            head: (
                Array2::from_shape_vec((size, TAGS), vector("head.weight", size * TAGS)?).ok()?,
                vector("head.bias", TAGS)?.into(),
            ),
            thresholds: numbers("thresholds")?.try_into().ok()?,
        })
    }

    /// Calls `told` for each of `words`, in order, with its logits; `rows(at)` gives what is read of word `at`.
    pub(super) fn read_words(
        &self,
        words: usize,
        rows: impl Fn(usize) -> [u16; WIDTH],
        mut told: impl FnMut(usize, &[f32]),
    ) {
        let margin: usize = self.layers.iter().map(|layer| layer.reach).sum();
        let mut at = 0;
        while at < words {
            let end = words.min(at + WINDOW);
            // A window sees as much on each side as its words depend on.
            let (from, to) = (at.saturating_sub(margin), words.min(end + margin));
            let seen: Vec<[u16; WIDTH]> = (from..to).map(&rows).collect();
            let logits = self.window(&seen);
            for (word, logits) in (from..to).zip(logits.outer_iter()) {
                if (at..end).contains(&word) {
                    told(word, logits.as_slice().unwrap_or_default());
                }
            }
            at = end;
        }
    }

    /// Logits (words, tags) of words that are read together.
    pub(super) fn window(&self, words: &[[u16; WIDTH]]) -> Array2<f32> {
        let mut x = Array2::zeros((words.len(), self.size));
        for (rows, mut sum) in words.iter().zip(x.axis_iter_mut(Axis(0))) {
            let Some(sum) = sum.as_slice_mut() else { continue };
            for row in rows.iter().map(|row| usize::from(*row)).filter(|row| (1..ROWS).contains(row)) {
                let scale = self.scales[row];
                for (sum, value) in sum.iter_mut().zip(&self.table[row * self.size..][..self.size]) {
                    *sum += scale * f32::from(*value);
                }
            }
        }
        self.first.apply(&mut x);
        for layer in &self.layers {
            let mut mixed = Array2::zeros(x.dim());
            mixed += &layer.bias;
            let count = words.len();
            let reach = layer.reach.min(count);
            let [before, here, behind] = &layer.mixes;
            let mut add = |seen: ArrayView2<'_, f32>, matrix: &Array2<f32>, first: usize| {
                let mut part = mixed.slice_mut(s![first..first + seen.nrows(), ..]);
                general_mat_mul(1.0, &seen, matrix, 1.0, &mut part);
            };
            add(x.view(), here, 0);
            add(x.slice(s![..count - reach, ..]), before, reach);
            add(x.slice(s![reach.., ..]), behind, 0);
            x.zip_mut_with(&mixed, |value, mixed| *value += mixed.max(0.0));
            layer.norm.apply(&mut x);
        }
        x.dot(&self.head.0) + &self.head.1
    }
}

fn floats(tensor: &TensorView<'_>) -> Option<Vec<f32>> {
    let four = |bytes: &[u8]| Some(f32::from_le_bytes(bytes.try_into().ok()?));
    (tensor.dtype() == Dtype::F32).then(|| tensor.data().chunks_exact(4).map(four).collect())?
}
