//! Blocks as ggml stores them, after `dequantize_row_*` in its `ggml-quants.c`. Every weight has the very bits that
//! ggml computes.

use half::f16;

use super::{BLOCK, Block, Codes, Element};

/// What the codes of `IQ4_NL` and `IQ4_XS` mean.
const UNEVEN: [i8; 16] = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113];

/// The `at`-th block of a unit of one or eight blocks that share `bytes`.
pub(super) fn block(element: Element, bytes: &[u8], at: usize) -> Block {
    match element {
        Element::Q4_0 => {
            let scale = half_at(bytes, 0);
            coded(Codes::Four(nibbles(&bytes[2..])), scale, -8.0 * scale)
        }
        Element::Q4_1 => coded(Codes::Four(nibbles(&bytes[4..])), half_at(bytes, 0), half_at(bytes, 2)),
        Element::Q5_0 => {
            let scale = half_at(bytes, 0);
            coded(Codes::Five(five(&bytes[2..])), scale, -16.0 * scale)
        }
        Element::Q5_1 => coded(Codes::Five(five(&bytes[4..])), half_at(bytes, 0), half_at(bytes, 2)),
        Element::Q8_0 => {
            Block::Signed { codes: std::array::from_fn(|l| bytes[2 + l] as i8), scale: half_at(bytes, 0) }
        }
        Element::Q2_K => q2_k(bytes, at),
        Element::Q3_K => q3_k(bytes, at),
        Element::Q4_K => {
            let (scale, offset) = scale_and_offset(bytes, at);
            coded(Codes::Four(half_codes(&bytes[16..], at)), scale, offset)
        }
        Element::Q5_K => {
            let (scale, offset) = scale_and_offset(bytes, at);
            let (high, mut codes) = (&bytes[16..48], half_codes(&bytes[48..], at));
            codes.iter_mut().zip(high).for_each(|(code, high)| *code |= (high >> at & 1) << 4);
            coded(Codes::Five(codes), scale, offset)
        }
        Element::Q6_K => q6_k(bytes, at),
        Element::Iq4Nl => Block::Signed { codes: uneven(&bytes[2..]), scale: half_at(bytes, 0) },
        Element::Iq4Xs => {
            let low = bytes[4 + at / 2] >> (4 * (at % 2)) & 15;
            let high = u16::from_le_bytes([bytes[2], bytes[3]]) >> (2 * at) & 3;
            let scale = half_at(bytes, 0) * (f32::from(low) + f32::from(16 * high) - 32.0);
            Block::Signed { codes: uneven(&bytes[8 + 16 * at..]), scale }
        }
        Element::F32 | Element::F16 | Element::Bf16 | Element::Other(_) => {
            let width = (bytes.len() / BLOCK).max(1);
            let mut weights = [f32::NAN; BLOCK];
            for (weight, bytes) in weights.iter_mut().zip(bytes.chunks_exact(width)) {
                *weight = super::plain(element, bytes);
            }
            Block::Plain(weights)
        }
    }
}

fn half_at(bytes: &[u8], at: usize) -> f32 {
    f16::from_le_bytes([bytes[at], bytes[at + 1]]).to_f32()
}

fn coded(codes: Codes, scale: f32, offset: f32) -> Block {
    Block::Coded { codes, scale, offset }
}

/// The low halves of 16 bytes are the first 16 codes, the high halves the others.
fn nibbles(bytes: &[u8]) -> [u8; BLOCK] {
    std::array::from_fn(|l| bytes[l % 16] >> (4 * (l / 16)) & 15)
}

fn uneven(bytes: &[u8]) -> [i8; BLOCK] {
    nibbles(bytes).map(|code| UNEVEN[usize::from(code)])
}

/// Four bytes with the fifth bits, then [`nibbles`].
fn five(bytes: &[u8]) -> [u8; BLOCK] {
    let low = nibbles(&bytes[4..]);
    std::array::from_fn(|l| low[l] | (bytes[l / 8] >> (l % 8) & 1) << 4)
}

/// The low halves of 32 bytes are one block, the high halves the next one.
fn half_codes(bytes: &[u8], at: usize) -> [u8; BLOCK] {
    std::array::from_fn(|l| bytes[BLOCK * (at / 2) + l] >> (4 * (at % 2)) & 15)
}

/// `Q4_K` and `Q5_K` begin with a scale, a scale for minimums, and six bits of each for every block.
fn scale_and_offset(bytes: &[u8], at: usize) -> (f32, f32) {
    let packed = &bytes[4..16];
    let (scale, minimum) = if at < 4 {
        (packed[at] & 63, packed[at + 4] & 63)
    } else {
        let (both, scale, minimum) = (packed[at + 4], packed[at - 4], packed[at]);
        (both & 15 | scale >> 6 << 4, both >> 4 | minimum >> 6 << 4)
    };
    (half_at(bytes, 0) * f32::from(scale), -(half_at(bytes, 2) * f32::from(minimum)))
}

/// Two bits a weight; 16 of them share a scale and a minimum.
fn q2_k(bytes: &[u8], at: usize) -> Block {
    let (scales, codes) = (&bytes[2 * at..], &bytes[16 + BLOCK * (at / 4)..]);
    let (scale, minimum) = (half_at(bytes, 80), half_at(bytes, 82));
    Block::Plain(std::array::from_fn(|l| {
        let both = scales[l / 16];
        let code = codes[l] >> (2 * (at % 4)) & 3;
        scale * f32::from(both & 15) * f32::from(code) - minimum * f32::from(both >> 4)
    }))
}

/// Two bits a weight and, in another place, a third; 16 of them share a scale of six bits.
fn q3_k(bytes: &[u8], at: usize) -> Block {
    let (high, codes, scales) = (&bytes[..32], &bytes[32 + BLOCK * (at / 4)..], &bytes[96..108]);
    let six = |index: usize| {
        let low = scales[index % 8] >> (4 * (index / 8)) & 15;
        low | (scales[8 + index % 4] >> (2 * (index / 4)) & 3) << 4
    };
    let scale = [0, 1].map(|half| half_at(bytes, 108) * (f32::from(six(2 * at + half)) - 32.0));
    Block::Plain(std::array::from_fn(|l| {
        let code = codes[l] >> (2 * (at % 4)) & 3 | (high[l] >> at & 1) << 2;
        scale[l / 16] * (f32::from(code) - 4.0)
    }))
}

/// Four bits a weight and, in another place, two more; 16 of them share a scale.
fn q6_k(bytes: &[u8], at: usize) -> Block {
    let (half, part) = (at / 4, at % 4);
    let (low, high) = (&bytes[64 * half + 32 * (part % 2)..], &bytes[128 + 32 * half..]);
    let scale = [0, 1].map(|half| half_at(bytes, 208) * f32::from(bytes[192 + 2 * at + half] as i8));
    Block::Plain(std::array::from_fn(|l| {
        let code = low[l] >> (4 * (part / 2)) & 15 | (high[l] >> (2 * part) & 3) << 4;
        scale[l / 16] * (f32::from(code) - 32.0)
    }))
}
