//! Weights in the forms that ONNX Runtime multiplies fast.

use std::path::Path;

use crate::gguf::{BLOCK, Block, Codes, Tensor};
use crate::{Error, Result};

/// Where zero is among eight-bit codes when nothing else is said.
pub(super) const MIDDLE: u8 = 128;

/// One matrix, quantized by blocks along its rows as `MatMulNBits` wants it: a weight is
/// `(code - zero) * scale`.
#[derive(Clone, Debug, Default)]
pub(super) struct Eight {
    pub(super) rows: usize,
    pub(super) columns: usize,
    pub(super) codes: Vec<u8>,
    pub(super) scales: Vec<f32>,
    /// Empty if all are [`MIDDLE`].
    pub(super) zeros: Vec<u8>,
}

/// One matrix of four-bit codes, two in a byte: a weight is `(code - 8) * scale + offset`.
#[derive(Clone, Debug, Default)]
pub(super) struct Four {
    pub(super) rows: usize,
    pub(super) columns: usize,
    pub(super) codes: Vec<u8>,
    pub(super) scales: Vec<f32>,
    /// One for each block; empty if all are zero.
    pub(super) offsets: Vec<f32>,
}

/// Joins matrices of equal width, one below the other.
fn rows(parts: &[Tensor], file: &Path) -> Result<(usize, usize)> {
    let columns = parts.first().map_or(0, |part| part.columns);
    if let Some(part) = parts.iter().find(|part| part.columns != columns || !part.in_blocks()) {
        let reason = format!("a matrix with rows of {}, not a multiple of {BLOCK}", part.columns);
        return Err(Error::unsupported(file, reason));
    }
    Ok((parts.iter().map(|part| part.rows).sum(), columns))
}

fn infinite(file: &Path) -> Error {
    Error::corrupt(file, "it has weights that are not finite")
}

impl Eight {
    /// Quantizes, or keeps what is quantized already.
    pub(super) fn of(parts: &[Tensor], file: &Path) -> Result<Self> {
        let (rows, columns) = rows(parts, file)?;
        let mut matrix = Self { rows, columns, ..Self::default() };
        matrix.codes.reserve_exact(rows * columns);
        for block in parts.iter().flat_map(Tensor::blocks) {
            let (codes, scale, zero) = eight(&block).ok_or_else(|| infinite(file))?;
            matrix.codes.extend(codes);
            matrix.scales.push(scale);
            matrix.zeros.push(zero);
        }
        if matrix.zeros.iter().all(|zero| *zero == MIDDLE) {
            matrix.zeros.clear();
        }
        Ok(matrix)
    }
}

/// Codes, scale and zero; nothing if a weight is not finite.
fn eight(block: &Block) -> Option<([u8; BLOCK], f32, u8)> {
    match block {
        Block::Coded { codes: Codes::Four(codes), scale, offset } => {
            if scale.is_finite()
                && let Some((factor, zero)) = spread(*scale, *offset)
            {
                return Some((codes.map(|code| code * factor), scale / f32::from(factor), zero));
            }
        }
        Block::Coded { codes: Codes::Eight(codes), scale, offset } => {
            let zero = (-offset / scale).round();
            if (0.0..=255.0).contains(&zero) {
                return Some((*codes, *scale, zero as u8));
            }
        }
        Block::Plain(_) => {}
    }
    requantize(&block.weights())
}

/// Four-bit codes times a factor of at most 17 are eight-bit codes, and zero becomes an integer among them: the
/// factor for which it is nearest to one, with that integer.
fn spread(scale: f32, offset: f32) -> Option<(u8, u8)> {
    let exact = -f64::from(offset) / f64::from(scale);
    let error = |factor: u8| {
        let zero = exact * f64::from(factor);
        ((zero - zero.round()).abs() / f64::from(factor), zero.round())
    };
    let possible = (1..=17).rev().map(|factor| (factor, error(factor)));
    let possible = possible.filter(|(_, (_, zero))| (0.0..=255.0).contains(zero));
    let (factor, (_, zero)) = possible.min_by(|(_, (a, _)), (_, (b, _))| a.total_cmp(b))?;
    Some((factor, zero as u8))
}

fn requantize(weights: &[f32; BLOCK]) -> Option<([u8; BLOCK], f32, u8)> {
    if !weights.iter().all(|weight| weight.is_finite()) {
        return None;
    }
    let low = weights.iter().copied().fold(0.0, f32::min);
    let high = weights.iter().copied().fold(0.0, f32::max);
    let scale = (high / 255.0) - (low / 255.0);
    if scale < f32::MIN_POSITIVE {
        return Some(([MIDDLE; BLOCK], 0.0, MIDDLE));
    }
    let zero = (-low / scale).round().clamp(0.0, 255.0);
    // The cast saturates.
    Some((weights.map(|weight| (weight / scale + zero).round() as u8), scale, zero as u8))
}

impl Four {
    /// The same weights exactly, or nothing if they do not all have four bits.
    pub(super) fn of(parts: &[Tensor], file: &Path) -> Result<Option<Self>> {
        let (rows, columns) = rows(parts, file)?;
        let mut matrix = Self { rows, columns, ..Self::default() };
        for block in parts.iter().flat_map(Tensor::blocks) {
            let Block::Coded { codes: Codes::Four(codes), scale, offset } = block else { return Ok(None) };
            if !scale.is_finite() || !offset.is_finite() {
                return Err(infinite(file));
            }
            matrix.codes.extend(codes.chunks_exact(2).map(|pair| pair[0] | pair[1] << 4));
            matrix.scales.push(scale);
            matrix.offsets.push(offset + 8.0 * scale);
        }
        if matrix.offsets.iter().all(|offset| *offset == 0.0) {
            matrix.offsets.clear();
        }
        Ok(Some(matrix))
    }

    /// Offsets as a matrix of `[columns / BLOCK, rows]`, to multiply the sums of blocks with.
    pub(super) fn correction(&self) -> Vec<f32> {
        let blocks = self.columns / BLOCK;
        (0..blocks)
            .flat_map(|block| (0..self.rows).map(move |row| self.offsets[row * blocks + block]))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(block: &Block) -> f32 {
        let (codes, scale, zero) = eight(block).unwrap();
        let exact = block.weights();
        let found = codes.map(|code| (f32::from(code) - f32::from(zero)) * scale);
        exact.iter().zip(found).map(|(exact, found)| (exact - found).abs()).fold(0.0, f32::max)
    }

    fn ramp(limit: usize) -> [u8; BLOCK] {
        std::array::from_fn(|at| (at % limit) as u8)
    }

    #[test]
    fn symmetric_codes_stay_exact() {
        let four = Block::Coded { codes: Codes::Four(ramp(16)), scale: 0.5, offset: -4.0 };
        assert!(error(&four) < 1e-6);
        let eight = Block::Coded { codes: Codes::Eight(ramp(32)), scale: 0.5, offset: -64.0 };
        assert!(error(&eight) < 1e-6);
        let negative = Block::Coded { codes: Codes::Four(ramp(16)), scale: -0.5, offset: 4.0 };
        assert!(error(&negative) < 1e-6);
    }

    #[test]
    fn offsets_are_kept_to_a_small_part_of_a_step() {
        let mut errors = Vec::new();
        for at in 1..700 {
            let offset = -0.011 * at as f32;
            let block = Block::Coded { codes: Codes::Four(ramp(16)), scale: 0.5, offset };
            errors.push(error(&block));
            assert!(errors[errors.len() - 1] <= 0.5 / 34.0 + 1e-6, "{offset}");
        }
        let mean = errors.iter().sum::<f32>() / errors.len() as f32;
        assert!(mean < 0.5 / 200.0, "{mean}");
    }

    #[test]
    fn offsets_out_of_range_are_quantized_anew() {
        for offset in [3.0, -40.0] {
            let block = Block::Coded { codes: Codes::Four(ramp(16)), scale: 0.5, offset };
            let span = offset.abs() + 8.0;
            assert!(error(&block) <= span / 255.0, "{offset}");
        }
        let constant = Block::Coded { codes: Codes::Four(ramp(16)), scale: 0.0, offset: 2.0 };
        assert!(error(&constant) <= 2.0 / 255.0);
        assert!(error(&Block::Plain([0.0; BLOCK])) < 1e-9);
        let plain = Block::Plain(std::array::from_fn(|at| at as f32 - 10.0));
        assert!(error(&plain) <= 32.0 / 255.0);
        assert!(eight(&Block::Plain([f32::NAN; BLOCK])).is_none());
        assert!(
            eight(&Block::Coded { codes: Codes::Four(ramp(16)), scale: f32::INFINITY, offset: 0.0 })
                .is_none()
        );
    }
}
