//! Products with the matrices of a model.

use std::io::{Read, Seek};

use super::Model;
use crate::Result;
use crate::compile::decoder::Weights;
use crate::compile::decoder::linear::{Eight, Four};
use crate::gguf::{BLOCK, Tensor};
use crate::onnx::{Attribute, DataType};

/// Multiply in eight-bit integers. Without this ONNX Runtime decodes thirty times slower.
const INTEGER_ACCURACY: i64 = 4;

/// Most blocks of a row that are added up by a multiplication.
const MULTIPLIED_BLOCKS: usize = 32;

/// Constants of a matrix of eight-bit codes.
pub(super) struct Quantized {
    rows: usize,
    columns: usize,
    pub(super) codes: String,
    pub(super) scales: String,
    pub(super) zeros: Option<String>,
}

impl<R: Read + Seek> Model<'_, R> {
    pub(super) fn quantized(&mut self, name: &str, parts: &[Tensor]) -> Result<Quantized> {
        let Eight { rows, columns, codes, scales, zeros } = Eight::of(parts, self.source.path())?;
        let blocks = (columns / BLOCK) as i64;
        let rows_long = rows as i64;
        let shape = [rows_long, blocks, BLOCK as i64];
        Ok(Quantized {
            rows,
            columns,
            codes: self.graph.tensor(&format!("{name}.codes"), DataType::Uint8, &shape, &codes)?,
            scales: self.graph.floats(&format!("{name}.scales"), &[rows_long, blocks], &scales)?,
            zeros: match zeros.as_slice() {
                [] => None,
                zeros => Some(self.graph.tensor(
                    &format!("{name}.zeros"),
                    DataType::Uint8,
                    &[rows_long, blocks],
                    zeros,
                )?),
            },
        })
    }

    /// Multiplies with the matrices `weights`, one below the other. Those of four bits keep them beside others that have
    /// more.
    pub(super) fn linear(&mut self, name: &str, weights: &[String], input: &str) -> Result<String> {
        let parts = self.tensors(weights)?;
        if self.weights == Weights::Int8 {
            return self.joined(name, &parts, input);
        }
        let groups: Vec<&[Tensor]> = parts.chunk_by(|a, b| a.has_four_bits() == b.has_four_bits()).collect();
        if let [parts] = groups[..] {
            return self.joined(name, parts, input);
        }
        let products: Vec<String> = groups
            .iter()
            .enumerate()
            .map(|(at, parts)| self.joined(&format!("{name}.{at}"), parts, input))
            .collect::<Result<_>>()?;
        let products: Vec<&str> = products.iter().map(String::as_str).collect();
        Ok(self.graph.node("Concat", &products, &[("axis", Attribute::Int(-1))]))
    }

    /// Multiplies with matrices that are stored alike.
    fn joined(&mut self, name: &str, parts: &[Tensor], input: &str) -> Result<String> {
        if self.weights == Weights::Int4
            && let Some(four) = Four::of(parts, self.source.path())?
        {
            return self.multiply_four(name, &four, input);
        }
        let matrix = self.quantized(name, parts)?;
        let output = self.graph.fresh("product");
        self.multiply(&matrix, input, &output);
        Ok(output)
    }

    pub(super) fn multiply(&mut self, matrix: &Quantized, input: &str, output: &str) {
        let mut inputs = vec![input, &matrix.codes, &matrix.scales];
        inputs.extend(matrix.zeros.as_deref());
        let attributes = attributes(matrix.rows, matrix.columns, 8);
        self.graph.node_to("com.microsoft", "MatMulNBits", &inputs, &[output], &attributes);
    }

    fn multiply_four(&mut self, name: &str, matrix: &Four, input: &str) -> Result<String> {
        let (rows, blocks) = (matrix.rows as i64, matrix.width().div_ceil(BLOCK) as i64);
        let shape = [rows, blocks, BLOCK as i64 / 2];
        let codes = self.graph.tensor(&format!("{name}.codes"), DataType::Uint8, &shape, &matrix.codes)?;
        let scales = self.graph.floats(&format!("{name}.scales"), &[rows, blocks], &matrix.scales)?;
        let attributes = attributes(matrix.rows, matrix.width(), 4);
        let input = if matrix.copies == 0 { input.to_owned() } else { self.with_sums(input, matrix)? };
        Ok(self.graph.microsoft("MatMulNBits", &[&input, &codes, &scales], &attributes))
    }

    /// `input` and after it the sums of its blocks as often as `matrix` wants them, once for all matrices.
    fn with_sums(&mut self, input: &str, matrix: &Four) -> Result<String> {
        if let Some(joined) = self.sums.get(input) {
            return Ok(joined.clone());
        }
        let sums = self.block_sums(input, matrix.blocks())?;
        let mut parts = vec![input];
        parts.extend(std::iter::repeat_n(sums.as_str(), matrix.copies));
        let joined = self.graph.node("Concat", &parts, &[("axis", Attribute::Int(-1))]);
        self.sums.insert(input.to_owned(), joined.clone());
        Ok(joined)
    }

    /// Sums of the `blocks` blocks of `input`. For few of them one multiplication with zeros and ones takes less time than
    /// the two operators that add.
    fn block_sums(&mut self, input: &str, blocks: usize) -> Result<String> {
        if blocks > MULTIPLIED_BLOCKS {
            let shape = self.graph.fresh("blocks");
            let shape = self.graph.integers(&shape, &[0, 0, blocks as i64, BLOCK as i64])?;
            let split = self.graph.node("Reshape", &[input, &shape], &[]);
            return Ok(self.graph.node(
                "ReduceSum",
                &[&split, "last_axis"],
                &[("keepdims", Attribute::Int(0))],
            ));
        }
        let ones = match self.ones.get(&blocks) {
            Some(ones) => ones.clone(),
            None => {
                let mut ones = vec![0.0; blocks * BLOCK * blocks];
                (0..blocks * BLOCK).for_each(|row| ones[row * blocks + row / BLOCK] = 1.0);
                let name = format!("sums.{blocks}");
                let ones = self.graph.floats(&name, &[(blocks * BLOCK) as i64, blocks as i64], &ones)?;
                self.ones.insert(blocks, ones.clone());
                ones
            }
        };
        Ok(self.graph.node("MatMul", &[input, &ones], &[]))
    }
}

fn attributes(rows: usize, columns: usize, bits: i64) -> [(&'static str, Attribute); 5] {
    [
        ("K", Attribute::Int(columns as i64)),
        ("N", Attribute::Int(rows as i64)),
        ("bits", Attribute::Int(bits)),
        ("block_size", Attribute::Int(BLOCK as i64)),
        ("accuracy_level", Attribute::Int(INTEGER_ACCURACY)),
    ]
}
