//! How weights are stored, and what they are.

use std::fmt;

use half::{bf16, f16};

use super::Tensor;

/// Weights of a row that share a scale, in every quantized type that is read here.
pub(crate) const BLOCK: usize = 32;

/// How the elements of a tensor are stored (`ggml_type`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Element {
    /// 32-bit floating point.
    F32,
    /// 16-bit floating point.
    F16,
    /// Brain floating point.
    Bf16,
    /// 4-bit codes around zero with a scale.
    Q4_0,
    /// 4-bit codes with a scale and a minimum.
    Q4_1,
    /// 8-bit codes with a scale.
    Q8_0,
    /// Anything else; it cannot be read.
    Other(u32),
}

impl Element {
    pub(super) fn from_id(id: u32) -> Self {
        match id {
            0 => Self::F32,
            1 => Self::F16,
            2 => Self::Q4_0,
            3 => Self::Q4_1,
            8 => Self::Q8_0,
            30 => Self::Bf16,
            other => Self::Other(other),
        }
    }

    /// Elements in a block and the bytes that a block takes, if this type can be read.
    pub(super) fn block(self) -> Option<(u64, u64)> {
        match self {
            Self::F32 => Some((1, 4)),
            Self::F16 | Self::Bf16 => Some((1, 2)),
            Self::Q4_0 => Some((BLOCK as u64, 2 + 16)),
            Self::Q4_1 => Some((BLOCK as u64, 4 + 16)),
            Self::Q8_0 => Some((BLOCK as u64, 2 + 32)),
            Self::Other(_) => None,
        }
    }
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::F32 => "F32",
            Self::F16 => "F16",
            Self::Bf16 => "BF16",
            Self::Q4_0 => "Q4_0",
            Self::Q4_1 => "Q4_1",
            Self::Q8_0 => "Q8_0",
            Self::Other(id) => match id {
                6 => "Q5_0",
                7 => "Q5_1",
                9 => "Q8_1",
                10 => "Q2_K",
                11 => "Q3_K",
                12 => "Q4_K",
                13 => "Q5_K",
                14 => "Q6_K",
                15 => "Q8_K",
                16..=23 | 29 => "an IQ type",
                24..=27 => "integers",
                28 => "F64",
                other => return write!(f, "type {other}"),
            },
        })
    }
}

/// [`BLOCK`] consecutive weights of a row.
#[derive(Clone, Debug)]
pub(crate) enum Block {
    /// `scale * code + offset`, which is exact.
    Coded {
        codes: Codes,
        scale: f32,
        offset: f32,
    },
    Plain([f32; BLOCK]),
}

/// Unsigned codes.
#[derive(Clone, Debug)]
pub(crate) enum Codes {
    /// Each below 16.
    Four([u8; BLOCK]),
    Eight([u8; BLOCK]),
}

impl Block {
    /// The weights themselves.
    pub(crate) fn weights(&self) -> [f32; BLOCK] {
        match self {
            Self::Plain(weights) => *weights,
            Self::Coded { codes: Codes::Four(codes) | Codes::Eight(codes), scale, offset } => {
                codes.map(|code| scale * f32::from(code) + offset)
            }
        }
    }
}

impl Tensor {
    /// Every block of every row in order.
    ///
    /// Rows must be multiples of [`BLOCK`] long, see [`Tensor::in_blocks`].
    pub(crate) fn blocks(&self) -> impl Iterator<Item = Block> {
        debug_assert!(self.in_blocks());
        let width = match self.element.block() {
            Some((1, width)) => BLOCK * width as usize,
            Some((_, width)) => width as usize,
            None => self.bytes.len().max(1),
        };
        self.bytes.chunks_exact(width).map(|bytes| block(self.element, bytes))
    }

    /// Whether rows can be split into blocks.
    pub(crate) fn in_blocks(&self) -> bool {
        self.columns.is_multiple_of(BLOCK)
    }

    /// All weights in order.
    pub(crate) fn weights(&self) -> Vec<f32> {
        match self.element {
            Element::F32 | Element::F16 | Element::Bf16 => {
                let width = if self.element == Element::F32 { 4 } else { 2 };
                self.bytes.chunks_exact(width).map(|bytes| plain(self.element, bytes)).collect()
            }
            _ => self.blocks().flat_map(|block| block.weights()).collect(),
        }
    }
}

fn half_at(bytes: &[u8], at: usize) -> f32 {
    f16::from_le_bytes([bytes[at], bytes[at + 1]]).to_f32()
}

fn plain(element: Element, bytes: &[u8]) -> f32 {
    match *bytes {
        [a, b, c, d] => f32::from_le_bytes([a, b, c, d]),
        [a, b] if element == Element::Bf16 => bf16::from_le_bytes([a, b]).to_f32(),
        [a, b] => f16::from_le_bytes([a, b]).to_f32(),
        _ => f32::NAN,
    }
}

/// The low halves of 16 bytes are the first 16 codes, the high halves the others.
fn nibbles(bytes: &[u8]) -> [u8; BLOCK] {
    let mut codes = [0; BLOCK];
    for (at, byte) in bytes.iter().enumerate() {
        codes[at] = byte & 15;
        codes[at + BLOCK / 2] = byte >> 4;
    }
    codes
}

fn block(element: Element, bytes: &[u8]) -> Block {
    match element {
        Element::Q4_0 => {
            let scale = half_at(bytes, 0);
            Block::Coded { codes: Codes::Four(nibbles(&bytes[2..])), scale, offset: -8.0 * scale }
        }
        Element::Q4_1 => Block::Coded {
            codes: Codes::Four(nibbles(&bytes[4..])),
            scale: half_at(bytes, 0),
            offset: half_at(bytes, 2),
        },
        Element::Q8_0 => {
            let scale = half_at(bytes, 0);
            let mut codes = [0; BLOCK];
            for (code, byte) in codes.iter_mut().zip(&bytes[2..]) {
                // Signed codes become unsigned ones by moving zero to 128.
                *code = byte ^ 128;
            }
            Block::Coded { codes: Codes::Eight(codes), scale, offset: -128.0 * scale }
        }
        _ => {
            let mut weights = [0.0; BLOCK];
            let width = bytes.len() / BLOCK;
            for (weight, bytes) in weights.iter_mut().zip(bytes.chunks_exact(width.max(1))) {
                *weight = plain(element, bytes);
            }
            Block::Plain(weights)
        }
    }
}
