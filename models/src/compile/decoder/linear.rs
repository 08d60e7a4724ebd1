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

/// One matrix of four-bit codes, two in a byte: a weight is `(code - 8) * scale`.
///
/// A source's weight is `(code - 8) * scale + offset`, with one offset for each block, which `MatMulNBits` does not
/// know. What the offsets contribute is their product with the sums of the input's blocks; so these sums are appended
/// to the input, and the offsets to the matrix as [`Offsets`] says.
#[derive(Clone, Debug, Default)]
pub(super) struct Four {
    pub(super) rows: usize,
    /// Those of the source.
    pub(super) columns: usize,
    pub(super) codes: Vec<u8>,
    pub(super) scales: Vec<f32>,
    /// How many times the sums of the input's blocks, [`Four::blocks`] each time, follow the input.
    pub(super) copies: usize,
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
///
/// Steps between codes are exact, but for weights without a common step: these are off by at most half of a 255th of
/// what the block spans. For `Q6_K`, the finest of them, that adds 3 % to the error it has itself (measured with weights
/// of a real matrix); blocks of 16, which would be exact, take half as long again to multiply.
fn eight(block: &Block) -> Option<([u8; BLOCK], f32, u8)> {
    match block {
        Block::Coded { codes, scale, offset } => {
            let (codes, largest) = match codes {
                Codes::Four(codes) => (codes, 15),
                Codes::Five(codes) => (codes, 31),
            };
            if scale.is_finite()
                && let Some((factor, zero)) = spread(*scale, *offset, largest)
            {
                return Some((codes.map(|code| code * factor), scale / f32::from(factor), zero));
            }
        }
        Block::Signed { codes, scale } => {
            return scale.is_finite().then(|| (codes.map(|code| code as u8 ^ MIDDLE), *scale, MIDDLE));
        }
        Block::Plain(_) => {}
    }
    requantize(&block.weights())
}

/// Codes of at most `largest` times a factor are eight-bit codes, and zero becomes an integer among them: the factor for
/// which it is nearest to one, with that integer. It is off by at most half a step over the largest factor.
fn spread(scale: f32, offset: f32, largest: u8) -> Option<(u8, u8)> {
    let exact = -f64::from(offset) / f64::from(scale);
    let error = |factor: u8| {
        let zero = exact * f64::from(factor);
        ((zero - zero.round()).abs() / f64::from(factor), zero.round())
    };
    let possible = (1..=u8::MAX / largest).rev().map(|factor| (factor, error(factor)));
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

/// Where the offsets of a row stand among further blocks of four-bit codes. One code is too coarse for an offset, so the
/// first copy of the sums is multiplied with most of each, and the last one with what is left; those between are
/// multiplied with zero, so that no block has to hold numbers of both sizes.
struct Offsets {
    /// Offsets of a row.
    count: usize,
    /// Blocks that hold most of each.
    coarse: usize,
    copies: usize,
}

impl Offsets {
    /// The largest code: codes are symmetric around zero.
    const LARGEST: f32 = 7.0;

    fn new(count: usize) -> Self {
        let coarse = count.div_ceil(BLOCK);
        Self { count, coarse, copies: (coarse * BLOCK).div_ceil(count) + 1 }
    }

    fn blocks(&self) -> usize {
        (self.copies * self.count).div_ceil(BLOCK)
    }

    /// Appends the blocks for the offsets of a row. What is lost of each is at most a part in 196 of the largest that it
    /// shares a block with.
    fn append(&self, offsets: &[f32], codes: &mut Vec<u8>, scales: &mut Vec<f32>) {
        let mut push = |block_codes: &[u8; BLOCK], scale: f32| {
            codes.extend(packed(block_codes));
            scales.push(scale);
        };
        let mut fine = vec![0.0; self.blocks() * BLOCK];
        let last = (self.copies - 1) * self.count;
        for (at, block) in offsets.chunks(BLOCK).enumerate() {
            let (block_codes, scale) = Self::code(block);
            for (position, (offset, code)) in block.iter().zip(block_codes).enumerate() {
                fine[last + at * BLOCK + position] = offset - (f32::from(code) - 8.0) * scale;
            }
            push(&block_codes, scale);
        }
        for block in fine.chunks_exact(BLOCK).skip(self.coarse) {
            let (block_codes, scale) = Self::code(block);
            push(&block_codes, scale);
        }
    }

    /// Codes and scale of at most a block of numbers; what is missing is zero.
    fn code(numbers: &[f32]) -> ([u8; BLOCK], f32) {
        let scale =
            numbers.iter().fold(0.0, |largest: f32, number| largest.max(number.abs())) / Self::LARGEST;
        let mut codes = [8; BLOCK];
        if scale >= f32::MIN_POSITIVE {
            for (code, number) in codes.iter_mut().zip(numbers) {
                *code = ((number / scale).round() + 8.0) as u8;
            }
        }
        (codes, scale)
    }
}

/// Two codes in a byte, the first one in the lower half.
fn packed(codes: &[u8; BLOCK]) -> impl Iterator<Item = u8> {
    codes.chunks_exact(2).map(|pair| pair[0] | pair[1] << 4)
}

impl Four {
    /// The same weights, exact but for their offsets, or nothing if they do not all have four bits.
    pub(super) fn of(parts: &[Tensor], file: &Path) -> Result<Option<Self>> {
        let (rows, columns) = rows(parts, file)?;
        let mut matrix = Self { rows, columns, ..Self::default() };
        let mut offsets = Vec::new();
        for block in parts.iter().flat_map(Tensor::blocks) {
            let Block::Coded { codes: Codes::Four(codes), scale, offset } = block else { return Ok(None) };
            if !scale.is_finite() || !offset.is_finite() {
                return Err(infinite(file));
            }
            matrix.codes.extend(packed(&codes));
            matrix.scales.push(scale);
            offsets.push(offset + 8.0 * scale);
        }
        if offsets.iter().any(|offset| *offset != 0.0) {
            matrix.append(&offsets);
        }
        Ok(Some(matrix))
    }

    /// Blocks of a row of the source.
    pub(super) fn blocks(&self) -> usize {
        self.columns / BLOCK
    }

    /// Columns with those of the offsets.
    pub(super) fn width(&self) -> usize {
        self.columns + self.copies * self.blocks()
    }

    fn append(&mut self, offsets: &[f32]) {
        let blocks = self.blocks();
        let layout = Offsets::new(blocks);
        let (codes, scales) = (std::mem::take(&mut self.codes), std::mem::take(&mut self.scales));
        let rows = codes.chunks(self.columns / 2).zip(scales.chunks(blocks)).zip(offsets.chunks(blocks));
        for ((codes, scales), offsets) in rows {
            self.codes.extend(codes);
            self.scales.extend(scales);
            layout.append(offsets, &mut self.codes, &mut self.scales);
        }
        self.copies = layout.copies;
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
        let five = Block::Coded { codes: Codes::Five(ramp(32)), scale: 0.5, offset: -8.0 };
        assert!(error(&five) < 1e-6);
        let signed = Block::Signed { codes: std::array::from_fn(|at| (at * 8) as i8), scale: 0.5 };
        assert!(error(&signed) < 1e-9);
        let negative = Block::Coded { codes: Codes::Four(ramp(16)), scale: -0.5, offset: 4.0 };
        assert!(error(&negative) < 1e-6);
    }

    #[test]
    fn offsets_are_kept_to_a_small_part_of_a_step() {
        let four: fn() -> Codes = || Codes::Four(ramp(16));
        let five: fn() -> Codes = || Codes::Five(ramp(32));
        for (codes, part, mean) in [(four, 34.0, 200.0), (five, 16.0, 60.0)] {
            let mut errors = Vec::new();
            for at in 1..700 {
                let offset = -0.011 * at as f32;
                let block = Block::Coded { codes: codes(), scale: 0.5, offset };
                errors.push(error(&block));
                assert!(errors[errors.len() - 1] <= 0.5 / part + 1e-6, "{offset}");
            }
            let found = errors.iter().sum::<f32>() / errors.len() as f32;
            assert!(found < 0.5 / mean, "{found}");
        }
    }

    #[test]
    fn offsets_are_multiplied_with_the_sums_of_blocks() {
        for count in [1, 2, 18, 31, 32, 33, 48, 64, 100] {
            let layout = Offsets::new(count);
            let offsets: Vec<f32> = (0..count).map(|at| ((at * 37 % 19) as f32 - 9.0) * 0.03).collect();
            let (mut codes, mut scales) = (Vec::new(), Vec::new());
            layout.append(&offsets, &mut codes, &mut scales);
            assert_eq!((codes.len(), scales.len()), (layout.blocks() * BLOCK / 2, layout.blocks()));
            let codes: Vec<u8> = codes.iter().flat_map(|byte| [byte & 15, byte >> 4]).collect();
            // What each offset is multiplied with is spread over the copies of its sum.
            let mut found = vec![0.0; count];
            for (at, code) in codes.iter().enumerate() {
                let weight = (f32::from(*code) - 8.0) * scales[at / BLOCK];
                assert!(at < layout.copies * count || weight == 0.0, "{count} {at}");
                found[at % count] += weight;
            }
            let largest = offsets.iter().fold(0.0, |largest: f32, offset| largest.max(offset.abs()));
            for (found, exact) in found.iter().zip(&offsets) {
                assert!((found - exact).abs() <= largest / 196.0 + 1e-6, "{count}: {found} {exact}");
            }
        }
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
        for codes in [Codes::Four(ramp(16)), Codes::Five(ramp(32))] {
            for (scale, offset) in [(f32::INFINITY, 0.0), (f32::NAN, 0.0), (1.0, f32::NAN)] {
                assert!(eight(&Block::Coded { codes: codes.clone(), scale, offset }).is_none());
            }
        }
        assert!(eight(&Block::Signed { codes: [1; BLOCK], scale: f32::NAN }).is_none());
    }
}
