//! How weights are stored, and what they are.

mod blocks;

use std::fmt;

use half::{bf16, f16};

use super::Tensor;

/// Weights of a row that share a scale, in every quantized type that is read here.
pub(crate) const BLOCK: usize = 32;

/// How the elements of a tensor are stored (`ggml_type`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[allow(non_camel_case_types, reason = "the names by which everybody knows them")]
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
    /// 5-bit codes around zero with a scale.
    Q5_0,
    /// 5-bit codes with a scale and a minimum.
    Q5_1,
    /// 8-bit codes with a scale.
    Q8_0,
    /// 2-bit codes; 16 share a scale and a minimum of 4 bits each.
    Q2_K,
    /// 3-bit codes around zero; 16 share a scale of 6 bits.
    Q3_K,
    /// 4-bit codes; 32 share a scale and a minimum of 6 bits each.
    Q4_K,
    /// 5-bit codes; 32 share a scale and a minimum of 6 bits each.
    Q5_K,
    /// 6-bit codes around zero; 16 share a scale of 8 bits.
    Q6_K,
    /// 4-bit codes of 16 uneven steps with a scale.
    Iq4Nl,
    /// The same; 32 share a scale of 6 bits.
    Iq4Xs,
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
            6 => Self::Q5_0,
            7 => Self::Q5_1,
            8 => Self::Q8_0,
            10 => Self::Q2_K,
            11 => Self::Q3_K,
            12 => Self::Q4_K,
            13 => Self::Q5_K,
            14 => Self::Q6_K,
            20 => Self::Iq4Nl,
            23 => Self::Iq4Xs,
            30 => Self::Bf16,
            other => Self::Other(other),
        }
    }

    /// Elements in a unit and the bytes that a unit takes, if this type can be read.
    pub(super) fn unit(self) -> Option<(u64, u64)> {
        Some(match self {
            Self::F32 => (1, 4),
            Self::F16 | Self::Bf16 => (1, 2),
            Self::Q4_0 | Self::Iq4Nl => (32, 2 + 16),
            Self::Q4_1 => (32, 4 + 16),
            Self::Q5_0 => (32, 2 + 4 + 16),
            Self::Q5_1 => (32, 4 + 4 + 16),
            Self::Q8_0 => (32, 2 + 32),
            Self::Q2_K => (256, 16 + 64 + 4),
            Self::Q3_K => (256, 32 + 64 + 12 + 2),
            Self::Q4_K => (256, 4 + 12 + 128),
            Self::Q5_K => (256, 4 + 12 + 32 + 128),
            Self::Q6_K => (256, 128 + 64 + 16 + 2),
            Self::Iq4Xs => (256, 4 + 4 + 128),
            Self::Other(_) => return None,
        })
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
            Self::Q5_0 => "Q5_0",
            Self::Q5_1 => "Q5_1",
            Self::Q8_0 => "Q8_0",
            Self::Q2_K => "Q2_K",
            Self::Q3_K => "Q3_K",
            Self::Q4_K => "Q4_K",
            Self::Q5_K => "Q5_K",
            Self::Q6_K => "Q6_K",
            Self::Iq4Nl => "IQ4_NL",
            Self::Iq4Xs => "IQ4_XS",
            Self::Other(id) => match id {
                9 => "Q8_1",
                15 => "Q8_K",
                16 => "IQ2_XXS",
                17 => "IQ2_XS",
                18 => "IQ3_XXS",
                19 => "IQ1_S",
                21 => "IQ3_S",
                22 => "IQ2_S",
                24..=27 => "integers",
                28 => "F64",
                29 => "IQ1_M",
                34 => "TQ1_0",
                35 => "TQ2_0",
                39 => "MXFP4",
                other => return write!(f, "type {other}"),
            },
        })
    }
}

/// [`BLOCK`] consecutive weights of a row.
#[derive(Clone, Debug)]
pub(crate) enum Block {
    /// `scale * code + offset`.
    Coded {
        codes: Codes,
        scale: f32,
        offset: f32,
    },
    /// `scale * code`.
    Signed {
        codes: [i8; BLOCK],
        scale: f32,
    },
    Plain([f32; BLOCK]),
}

/// Unsigned codes.
#[derive(Clone, Debug)]
pub(crate) enum Codes {
    /// Each below 16.
    Four([u8; BLOCK]),
    /// Each below 32.
    Five([u8; BLOCK]),
}

impl Block {
    /// The weights themselves.
    pub(crate) fn weights(&self) -> [f32; BLOCK] {
        match self {
            Self::Plain(weights) => *weights,
            Self::Signed { codes, scale } => codes.map(|code| scale * f32::from(code)),
            Self::Coded { codes: Codes::Four(codes) | Codes::Five(codes), scale, offset } => {
                codes.map(|code| scale * f32::from(code) + offset)
            }
        }
    }
}

impl Tensor {
    /// A matrix of these weights, row by row.
    pub(crate) fn of(rows: usize, columns: usize, weights: &[f32]) -> Self {
        let bytes = weights.iter().flat_map(|weight| weight.to_le_bytes()).collect();
        Self { rows, columns, element: Element::F32, bytes }
    }

    /// A matrix whose rows of blocks `bytes` begin with; nothing where they end early or rows are not made of whole units.
    pub(crate) fn stored(element: Element, rows: usize, columns: usize, bytes: &[u8]) -> Option<Self> {
        let (elements, width) = element.unit()?;
        let (elements, width) = (usize::try_from(elements).ok()?, usize::try_from(width).ok()?);
        let units = rows.checked_mul(columns)?.checked_div(elements)?;
        let bytes = bytes.get(..units.checked_mul(width)?)?.to_vec();
        columns.is_multiple_of(elements).then_some(Self { rows, columns, element, bytes })
    }

    /// Every block of every row in order.
    ///
    /// Rows must be multiples of [`BLOCK`] long, see [`Tensor::in_blocks`].
    pub(crate) fn blocks(&self) -> impl Iterator<Item = Block> {
        debug_assert!(self.in_blocks());
        let (count, width) = match self.element.unit() {
            Some((1, width)) => (1, BLOCK * width as usize),
            Some((elements, width)) => (elements as usize / BLOCK, width as usize),
            None => (1, self.bytes.len().max(1)),
        };
        let unit = move |bytes| (0..count).map(move |at| blocks::block(self.element, bytes, at));
        self.bytes.chunks_exact(width).flat_map(unit)
    }

    /// Whether all blocks have codes of four bits.
    pub(crate) fn has_four_bits(&self) -> bool {
        matches!(self.element, Element::Q4_0 | Element::Q4_1 | Element::Q4_K)
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

fn plain(element: Element, bytes: &[u8]) -> f32 {
    match *bytes {
        [a, b, c, d] => f32::from_le_bytes([a, b, c, d]),
        [a, b] if element == Element::Bf16 => bf16::from_le_bytes([a, b]).to_f32(),
        [a, b] => f16::from_le_bytes([a, b]).to_f32(),
        _ => f32::NAN,
    }
}
