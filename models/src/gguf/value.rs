//! Values of the metadata.

use std::io::{Read, Seek};

use super::reader::Reader;
use crate::Result;

/// All arrays of a file together have no more elements: a large vocabulary with its merges has a tenth of that.
const MAX_ELEMENTS: u64 = 8 << 20;

/// A metadata value. Numbers of all widths are widened.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Any integer.
    Integer(i64),
    /// Any floating-point number.
    Float(f64),
    /// True or false.
    Bool(bool),
    /// UTF-8 text.
    Text(String),
    /// An array of integers.
    Integers(Vec<i64>),
    /// An array of floating-point numbers.
    Floats(Vec<f64>),
    /// An array of truth values.
    Bools(Vec<bool>),
    /// An array of texts.
    Texts(Vec<String>),
}

/// The `gguf_metadata_value_type` of the specification.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Unsigned(u8),
    Signed(u8),
    Float(u8),
    Bool,
    Text,
    Array,
}

impl Kind {
    fn read<R: Read + Seek>(reader: &mut Reader<R>) -> Result<Self> {
        Ok(match reader.u32()? {
            0 => Self::Unsigned(1),
            1 => Self::Signed(1),
            2 => Self::Unsigned(2),
            3 => Self::Signed(2),
            4 => Self::Unsigned(4),
            5 => Self::Signed(4),
            6 => Self::Float(4),
            7 => Self::Bool,
            8 => Self::Text,
            9 => Self::Array,
            10 => Self::Unsigned(8),
            11 => Self::Signed(8),
            12 => Self::Float(8),
            other => return Err(reader.corrupt(format!("it has a value of the unknown type {other}"))),
        })
    }

    /// The fewest bytes that a value takes.
    fn width(self) -> u64 {
        match self {
            Self::Unsigned(width) | Self::Signed(width) | Self::Float(width) => width.into(),
            Self::Bool => 1,
            Self::Text => 8,
            Self::Array => 12,
        }
    }
}

impl Value {
    /// Reads a type and a value of it. `elements` counts what all arrays hold together.
    pub(super) fn read<R: Read + Seek>(reader: &mut Reader<R>, elements: &mut u64) -> Result<Self> {
        Ok(match Kind::read(reader)? {
            kind @ (Kind::Unsigned(_) | Kind::Signed(_)) => Self::Integer(integer(reader, kind)?),
            Kind::Float(width) => Self::Float(float(reader, width)?),
            Kind::Bool => Self::Bool(bool(reader)?),
            Kind::Text => Self::Text(reader.text()?),
            Kind::Array => Self::array(reader, elements)?,
        })
    }

    fn array<R: Read + Seek>(reader: &mut Reader<R>, elements: &mut u64) -> Result<Self> {
        let kind = Kind::read(reader)?;
        let count = reader.u64()?;
        if count > reader.left() / kind.width() {
            return Err(reader.corrupt("an array is longer than the file"));
        }
        *elements += count;
        if *elements > MAX_ELEMENTS {
            return Err(reader.corrupt("its metadata is larger than any should be"));
        }
        Ok(match kind {
            Kind::Unsigned(_) | Kind::Signed(_) => {
                Self::Integers((0..count).map(|_| integer(reader, kind)).collect::<Result<_>>()?)
            }
            Kind::Float(width) => {
                Self::Floats((0..count).map(|_| float(reader, width)).collect::<Result<_>>()?)
            }
            Kind::Bool => Self::Bools((0..count).map(|_| bool(reader)).collect::<Result<_>>()?),
            Kind::Text => Self::Texts((0..count).map(|_| reader.text()).collect::<Result<_>>()?),
            // No known file has them, and without them there is no nesting to bound.
            Kind::Array => return Err(reader.corrupt("it has arrays of arrays")),
        })
    }
}

fn integer<R: Read + Seek>(reader: &mut Reader<R>, kind: Kind) -> Result<i64> {
    Ok(match kind {
        Kind::Unsigned(1) => u8::from_le_bytes(reader.array()?).into(),
        Kind::Signed(1) => i8::from_le_bytes(reader.array()?).into(),
        Kind::Unsigned(2) => u16::from_le_bytes(reader.array()?).into(),
        Kind::Signed(2) => i16::from_le_bytes(reader.array()?).into(),
        Kind::Unsigned(4) => u32::from_le_bytes(reader.array()?).into(),
        Kind::Signed(4) => i32::from_le_bytes(reader.array()?).into(),
        Kind::Signed(_) => i64::from_le_bytes(reader.array()?),
        _ => {
            let wide = reader.u64()?;
            i64::try_from(wide).map_err(|_| reader.corrupt(format!("the number {wide} is out of range")))?
        }
    })
}

fn float<R: Read + Seek>(reader: &mut Reader<R>, width: u8) -> Result<f64> {
    Ok(if width == 4 {
        f32::from_le_bytes(reader.array()?).into()
    } else {
        f64::from_le_bytes(reader.array()?)
    })
}

fn bool<R: Read + Seek>(reader: &mut Reader<R>) -> Result<bool> {
    match reader.array()? {
        [0] => Ok(false),
        [1] => Ok(true),
        [other] => Err(reader.corrupt(format!("{other} is no truth value"))),
    }
}
