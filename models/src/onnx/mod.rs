//! Building ONNX models: a graph, with its weights streamed to a file beside it.

mod proto;

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use prost::Message as _;

pub(crate) use proto::DataType;
use proto::{
    AttributeProto, AttributeType, DataLocation, Dimension, DimensionValue, GraphProto, ModelProto,
    NodeProto, OperatorSetIdProto, StringStringEntryProto, TensorProto, TensorShapeProto, TensorTypeProto,
    TypeProto, ValueInfoProto,
};

use crate::error::{Error, Result};

/// Name of the graph file in a model's folder.
pub(crate) const MODEL: &str = "model.onnx";
/// Name of the file with the weights, which the graph file refers to.
pub(crate) const WEIGHTS: &str = "model.onnx.data";

/// ONNX operator set; ONNX Runtime 1.24 and later read it.
const OPSET: i64 = 17;
/// ONNX file format version that goes with it.
const IR_VERSION: i64 = 8;
/// Weights begin at multiples of this, so that they can be mapped.
const ALIGNMENT: u64 = 4096;
/// Constants of at most this many bytes stay in the graph file, where shape inference can see them.
const INLINE: usize = 256;

/// A dimension of an input or output.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Dim {
    /// Known when the graph is built.
    Fixed(i64),
    /// Known when it is run; equal names mean equal sizes.
    Named(&'static str),
}

/// A named constant of a node.
#[derive(Clone, Debug)]
pub(crate) enum Attribute {
    Float(f32),
    Int(i64),
}

/// Builds one model into a folder: [`MODEL`] and [`WEIGHTS`].
///
/// Weights are written as they are added, so that no more than one of them is in memory.
pub(crate) struct GraphBuilder {
    folder: PathBuf,
    weights: BufWriter<File>,
    written: u64,
    graph: GraphProto,
    microsoft: bool,
    names: usize,
}

impl GraphBuilder {
    /// Begins a model named `name` in `folder`, which must exist.
    pub(crate) fn create(folder: &Path, name: &str) -> Result<Self> {
        let path = folder.join(WEIGHTS);
        let file = File::create(&path).map_err(Error::io(&path))?;
        Ok(Self {
            folder: folder.to_owned(),
            weights: BufWriter::with_capacity(1 << 20, file),
            written: 0,
            graph: GraphProto { name: name.to_owned(), ..GraphProto::default() },
            microsoft: false,
            names: 0,
        })
    }

    /// Declares an input.
    pub(crate) fn input(&mut self, name: &str, element: DataType, shape: &[Dim]) {
        self.graph.input.push(value(name, element, shape));
    }

    /// Declares an output: the value `name` of some node.
    pub(crate) fn output(&mut self, name: &str, element: DataType, shape: &[Dim]) {
        self.graph.output.push(value(name, element, shape));
    }

    /// Adds a constant of little-endian `bytes` and returns its name.
    pub(crate) fn tensor(
        &mut self,
        name: &str,
        element: DataType,
        shape: &[i64],
        bytes: &[u8],
    ) -> Result<String> {
        let mut tensor = TensorProto {
            dims: shape.to_vec(),
            data_type: element.into(),
            name: name.to_owned(),
            ..TensorProto::default()
        };
        if bytes.len() <= INLINE {
            tensor.raw_data = Some(bytes.to_vec());
        } else {
            let path = self.folder.join(WEIGHTS);
            let padding = self.written.next_multiple_of(ALIGNMENT) - self.written;
            let zeros = [0; ALIGNMENT as usize];
            self.weights.write_all(&zeros[..padding as usize]).map_err(Error::io(&path))?;
            self.weights.write_all(bytes).map_err(Error::io(&path))?;
            let offset = self.written + padding;
            self.written = offset + bytes.len() as u64;
            let entry = |key: &str, value: String| StringStringEntryProto { key: key.to_owned(), value };
            tensor.data_location = Some(DataLocation::External.into());
            tensor.external_data = vec![
                entry("location", WEIGHTS.to_owned()),
                entry("offset", offset.to_string()),
                entry("length", bytes.len().to_string()),
            ];
        }
        self.graph.initializer.push(tensor);
        Ok(name.to_owned())
    }

    /// Adds a constant of floats and returns its name.
    pub(crate) fn floats(&mut self, name: &str, shape: &[i64], values: &[f32]) -> Result<String> {
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.tensor(name, DataType::Float, shape, &bytes)
    }

    /// Adds a constant of integers, one-dimensional, and returns its name.
    pub(crate) fn integers(&mut self, name: &str, values: &[i64]) -> Result<String> {
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.tensor(name, DataType::Int64, &[values.len() as i64], &bytes)
    }

    /// Adds a node of the standard operator set with one output, and returns that output's name.
    pub(crate) fn node(
        &mut self,
        operator: &str,
        inputs: &[&str],
        attributes: &[(&str, Attribute)],
    ) -> String {
        let output = self.fresh(operator);
        self.node_to("", operator, inputs, &[&output], attributes);
        output
    }

    /// Adds a node of ONNX Runtime's own operators with one output, and returns that output's name.
    pub(crate) fn microsoft(
        &mut self,
        operator: &str,
        inputs: &[&str],
        attributes: &[(&str, Attribute)],
    ) -> String {
        let output = self.fresh(operator);
        self.node_to("com.microsoft", operator, inputs, &[&output], attributes);
        output
    }

    /// Adds a node of any operator set (`""` is the standard one) with named outputs. An empty name leaves an
    /// optional input or output away.
    pub(crate) fn node_to(
        &mut self,
        domain: &str,
        operator: &str,
        inputs: &[&str],
        outputs: &[&str],
        attributes: &[(&str, Attribute)],
    ) {
        self.microsoft |= domain == "com.microsoft";
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let name = self.fresh("node");
        self.graph.node.push(NodeProto {
            input: owned(inputs),
            output: owned(outputs),
            name,
            op_type: operator.to_owned(),
            attribute: attributes.iter().map(|(name, value)| attribute(name, value)).collect(),
            domain: domain.to_owned(),
        });
    }

    /// A name that no other value has.
    pub(crate) fn fresh(&mut self, stem: &str) -> String {
        self.names += 1;
        format!("{stem}_{}", self.names)
    }

    /// Writes the graph file; both files are on disk when this returns.
    pub(crate) fn finish(self) -> Result<()> {
        let weights_path = self.folder.join(WEIGHTS);
        let weights =
            self.weights.into_inner().map_err(|error| Error::io(&weights_path)(error.into_error()))?;
        weights.sync_all().map_err(Error::io(&weights_path))?;
        let model = model(self.graph, self.microsoft);
        let path = self.folder.join(MODEL);
        let mut file = File::create(&path).map_err(Error::io(&path))?;
        file.write_all(&model.encode_to_vec()).map_err(Error::io(&path))?;
        file.sync_all().map_err(Error::io(&path))
    }
}

fn model(graph: GraphProto, microsoft: bool) -> ModelProto {
    let mut opset_import = vec![OperatorSetIdProto { domain: String::new(), version: OPSET }];
    if microsoft {
        opset_import.push(OperatorSetIdProto { domain: "com.microsoft".to_owned(), version: 1 });
    }
    ModelProto {
        ir_version: IR_VERSION,
        producer_name: "citedesk".to_owned(),
        producer_version: env!("CARGO_PKG_VERSION").to_owned(),
        graph: Some(graph),
        opset_import,
    }
}

fn attribute(name: &str, value: &Attribute) -> AttributeProto {
    let empty = AttributeProto { name: name.to_owned(), ..AttributeProto::default() };
    match value {
        Attribute::Float(f) => AttributeProto { f: Some(*f), r#type: AttributeType::Float.into(), ..empty },
        Attribute::Int(i) => AttributeProto { i: Some(*i), r#type: AttributeType::Int.into(), ..empty },
    }
}

fn value(name: &str, element: DataType, shape: &[Dim]) -> ValueInfoProto {
    let dim = shape
        .iter()
        .map(|dim| Dimension {
            value: Some(match dim {
                Dim::Fixed(size) => DimensionValue::Fixed(*size),
                Dim::Named(name) => DimensionValue::Named((*name).to_owned()),
            }),
        })
        .collect();
    ValueInfoProto {
        name: name.to_owned(),
        r#type: Some(TypeProto {
            tensor_type: Some(TensorTypeProto {
                elem_type: element.into(),
                shape: Some(TensorShapeProto { dim }),
            }),
        }),
    }
}

/// A model that cuts `data` after `end` elements of its axis 2: the bytes of a graph file.
pub(crate) fn cutter(element: DataType) -> Vec<u8> {
    let shape = [Dim::Named("a"), Dim::Named("b"), Dim::Named("c"), Dim::Named("d")];
    let constant = |name: &str, number: i64| TensorProto {
        dims: vec![1],
        data_type: DataType::Int64.into(),
        name: name.to_owned(),
        raw_data: Some(number.to_le_bytes().to_vec()),
        ..TensorProto::default()
    };
    let cut = [Dim::Named("a"), Dim::Named("b"), Dim::Named("e"), Dim::Named("d")];
    let graph = GraphProto {
        name: "cut".to_owned(),
        node: vec![NodeProto {
            input: ["data", "start", "end", "axis"].map(str::to_owned).to_vec(),
            output: vec!["cut".to_owned()],
            name: "cut".to_owned(),
            op_type: "Slice".to_owned(),
            ..NodeProto::default()
        }],
        initializer: vec![constant("start", 0), constant("axis", 2)],
        input: vec![value("data", element, &shape), value("end", DataType::Int64, &[Dim::Fixed(1)])],
        output: vec![value("cut", element, &cut)],
    };
    model(graph, false).encode_to_vec()
}
