//! Writing small GGUF files for tests.

use half::f16;

use super::{Element, Value};

/// A GGUF file in the making.
#[derive(Clone, Debug, Default)]
pub(crate) struct Writer {
    values: Vec<(String, Value)>,
    tensors: Vec<(String, Vec<u64>, u32, Vec<u8>)>,
}

impl Writer {
    /// Sets a metadata value.
    pub(crate) fn value(&mut self, key: &str, value: Value) -> &mut Self {
        self.values.retain(|(known, _)| known != key);
        self.values.push((key.to_owned(), value));
        self
    }

    /// Removes a metadata value or a tensor.
    pub(crate) fn without(&mut self, name: &str) -> &mut Self {
        self.values.retain(|(key, _)| key != name);
        self.tensors.retain(|(tensor, ..)| tensor != name);
        self
    }

    pub(crate) fn number(&mut self, key: &str, number: usize) -> &mut Self {
        self.value(key, Value::Integer(number as i64))
    }

    pub(crate) fn text(&mut self, key: &str, text: &str) -> &mut Self {
        self.value(key, Value::Text(text.to_owned()))
    }

    /// Sets a tensor of `ggml_type` number `element`; `shape` is innermost first.
    pub(crate) fn tensor(&mut self, name: &str, shape: &[usize], element: u32, bytes: Vec<u8>) -> &mut Self {
        let shape = shape.iter().map(|size| *size as u64).collect();
        self.tensors.retain(|(tensor, ..)| tensor != name);
        self.tensors.push((name.to_owned(), shape, element, bytes));
        self
    }

    pub(crate) fn floats(&mut self, name: &str, shape: &[usize], values: &[f32]) -> &mut Self {
        self.tensor(name, shape, 0, values.iter().flat_map(|value| value.to_le_bytes()).collect())
    }

    pub(crate) fn finish(&self) -> Vec<u8> {
        let mut out = b"GGUF".to_vec();
        out.extend(3u32.to_le_bytes());
        out.extend((self.tensors.len() as u64).to_le_bytes());
        out.extend((self.values.len() as u64).to_le_bytes());
        for (key, value) in &self.values {
            text(&mut out, key);
            write_value(&mut out, value);
        }
        let mut data = Vec::new();
        for (name, shape, element, bytes) in &self.tensors {
            text(&mut out, name);
            out.extend((shape.len() as u32).to_le_bytes());
            shape.iter().for_each(|size| out.extend(size.to_le_bytes()));
            out.extend(element.to_le_bytes());
            data.resize(data.len().next_multiple_of(32), 0);
            out.extend((data.len() as u64).to_le_bytes());
            data.extend(bytes);
        }
        out.resize(out.len().next_multiple_of(32), 0);
        out.extend(data);
        out
    }
}

fn text(out: &mut Vec<u8>, text: &str) {
    out.extend((text.len() as u64).to_le_bytes());
    out.extend(text.as_bytes());
}

fn write_value(out: &mut Vec<u8>, value: &Value) {
    let array = |out: &mut Vec<u8>, kind: u32, count: usize| {
        out.extend(9u32.to_le_bytes());
        out.extend(kind.to_le_bytes());
        out.extend((count as u64).to_le_bytes());
    };
    match value {
        Value::Integer(number) => match u32::try_from(*number) {
            Ok(number) => {
                out.extend(4u32.to_le_bytes());
                out.extend(number.to_le_bytes());
            }
            Err(_) => {
                out.extend(11u32.to_le_bytes());
                out.extend(number.to_le_bytes());
            }
        },
        Value::Float(number) => {
            out.extend(6u32.to_le_bytes());
            out.extend((*number as f32).to_le_bytes());
        }
        Value::Bool(flag) => {
            out.extend(7u32.to_le_bytes());
            out.push((*flag).into());
        }
        Value::Text(value) => {
            out.extend(8u32.to_le_bytes());
            text(out, value);
        }
        Value::Integers(numbers) => {
            array(out, 5, numbers.len());
            numbers.iter().for_each(|number| out.extend((*number as i32).to_le_bytes()));
        }
        Value::Floats(numbers) => {
            array(out, 6, numbers.len());
            numbers.iter().for_each(|number| out.extend((*number as f32).to_le_bytes()));
        }
        Value::Bools(flags) => {
            array(out, 7, flags.len());
            out.extend(flags.iter().map(|flag| u8::from(*flag)));
        }
        Value::Texts(texts) => {
            array(out, 8, texts.len());
            texts.iter().for_each(|value| text(out, value));
        }
    }
}

/// Knuth's linear congruential generator.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    fn next(&mut self) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as u32
    }

    /// Between -1 and 1.
    pub(crate) fn unit(&mut self) -> f32 {
        (self.next() % 20_001) as f32 / 10_000.0 - 1.0
    }

    pub(crate) fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.next() as u8).collect()
    }

    /// So many weights, mostly below `limit`, as `ggml_type` number `element` stores them.
    pub(crate) fn matrix(&mut self, count: usize, element: u32, limit: f32) -> Vec<u8> {
        let small = |random: &mut Self| random.unit() * limit;
        // Where a unit has a scale or a minimum, and what it is about for a limit of 0.2.
        let halves: &[(usize, f32)] = match element {
            0 => return (0..count).flat_map(|_| small(self).to_le_bytes()).collect(),
            1 => return (0..count).flat_map(|_| f16::from_f32(small(self)).to_le_bytes()).collect(),
            30 => return (0..count).flat_map(|_| half::bf16::from_f32(small(self)).to_le_bytes()).collect(),
            2 => &[(0, 0.02)],
            3 => &[(0, 0.02), (2, -0.15)],
            6 => &[(0, 0.01)],
            7 => &[(0, 0.01), (2, -0.15)],
            8 | 20 => &[(0, 0.002)],
            10 => &[(80, 0.01), (82, 0.015)],
            11 => &[(108, 0.003)],
            12 => &[(0, 0.0006), (2, 0.0045)],
            13 => &[(0, 0.0003), (2, 0.0045)],
            14 => &[(208, 0.0001)],
            23 => &[(0, 0.0001)],
            other => panic!("no type {other}"),
        };
        let (elements, width) = Element::from_id(element).unit().unwrap();
        let unit = |_| {
            let mut bytes = self.bytes(width as usize);
            for (at, about) in halves {
                let number = about * limit / 0.2 * (1.0 + 0.3 * self.unit());
                bytes[*at..at + 2].copy_from_slice(&f16::from_f32(number).to_le_bytes());
            }
            bytes
        };
        (0..count / elements as usize).flat_map(unit).collect()
    }
}
