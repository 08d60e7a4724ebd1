//! Keys and values of what has been read, in the memory of the device.

use ort::memory::{AllocationDevice, Allocator, AllocatorType, MemoryInfo, MemoryType};
use ort::session::Session;
use ort::value::{DynTensor, DynValue, Tensor, TensorElementType};

use super::graph::Graph;
use super::signature::Slot;
use crate::onnx::{DataType, cutter};
use crate::{Device, Error, Result, Runtime, SessionOptions};

/// Where caches are.
pub(super) struct Memory {
    pub(super) allocator: Allocator,
    /// Where logits are wanted.
    pub(super) host: MemoryInfo<'static>,
}

impl Memory {
    pub(super) fn new(session: &Session, device: Device) -> ort::Result<Self> {
        let host = MemoryInfo::new(AllocationDevice::CPU, 0, AllocatorType::Device, MemoryType::Default)?;
        let allocator = match device {
            Device::Cpu => Allocator::default(),
            Device::Cuda(id) => {
                let (device, id) = (AllocationDevice::CUDA, i32::from(id));
                Allocator::new(
                    session,
                    MemoryInfo::new(device, id, AllocatorType::Device, MemoryType::Default)?,
                )?
            }
        };
        Ok(Self { allocator, host })
    }
}

/// A cache.
pub(super) struct Cache {
    pub(super) memory: Memory,
    kind: Kind,
}

enum Kind {
    /// One memory for past and present, as `GroupQueryAttention` can do; bound to the graph once and for all.
    InPlace { _tensors: Vec<DynTensor> },
    /// Each reading gives a new cache, which is what the next one takes.
    Growing { slots: Vec<Slot>, values: Vec<DynValue>, length: usize, cutters: Vec<Cutter> },
}

/// Cuts the end off a cache.
struct Cutter {
    element: TensorElementType,
    session: Session,
}

impl Cache {
    pub(super) fn empty(memory: Memory) -> Self {
        Self { memory, kind: Kind::InPlace { _tensors: Vec::new() } }
    }

    /// Becomes a cache in place for `capacity` tokens.
    pub(super) fn share(&mut self, graph: &mut Graph, capacity: usize) -> ort::Result<()> {
        let mut tensors = Vec::with_capacity(graph.signature.slots.len());
        for slot in &graph.signature.slots {
            let shape = [1, slot.heads, capacity, slot.size];
            let mut tensor = DynTensor::new(&self.memory.allocator, slot.element, shape)?;
            if let Some(past) = &slot.past {
                graph.binding.bind_input(past, &tensor)?;
            }
            graph.binding.bind_output(&slot.present, &mut tensor)?;
            tensors.push(tensor);
        }
        self.kind = Kind::InPlace { _tensors: tensors };
        Ok(())
    }

    /// Becomes a growing cache.
    pub(super) fn grow(
        &mut self,
        graph: &mut Graph,
        runtime: &Runtime,
        options: &SessionOptions,
    ) -> Result<()> {
        graph.binding.clear();
        let slots = graph.signature.slots.clone();
        let mut cutters: Vec<Cutter> = Vec::new();
        for slot in &slots {
            if cutters.iter().all(|cutter| cutter.element != slot.element) {
                let element = match slot.element {
                    TensorElementType::Float16 => DataType::Float16,
                    _ => DataType::Float,
                };
                let session = runtime.session_of(&cutter(element), options)?;
                cutters.push(Cutter { element: slot.element, session });
            }
        }
        let values = self.nothing(&slots).map_err(Error::inference("allocate the cache"))?;
        self.kind = Kind::Growing { slots, values, length: 0, cutters };
        Ok(())
    }

    fn nothing(&self, slots: &[Slot]) -> ort::Result<Vec<DynValue>> {
        let empty = |slot: &Slot| {
            let tensor = DynTensor::new(&self.memory.allocator, slot.element, [1, slot.heads, 0, slot.size])?;
            Ok(tensor.into_dyn())
        };
        slots.iter().map(empty).collect()
    }

    /// Keeps the first `length` tokens. In place, what comes after them is written over.
    pub(super) fn keep(&mut self, length: usize) -> ort::Result<()> {
        let Kind::Growing { slots, length: held, .. } = &self.kind else { return Ok(()) };
        if length == *held {
            return Ok(());
        }
        let nothing = if length == 0 { Some(self.nothing(slots)?) } else { None };
        let Kind::Growing { slots, values, length: held, cutters } = &mut self.kind else { return Ok(()) };
        *values = match nothing {
            Some(nothing) => nothing,
            None => {
                let end = Tensor::from_array(([1], vec![length as i64]))?;
                let cut = |(slot, value): (&Slot, &DynValue)| -> ort::Result<DynValue> {
                    let found = cutters.iter_mut().find(|cutter| cutter.element == slot.element);
                    let cutter = found.ok_or_else(|| ort::Error::new("a cache of another type"))?;
                    let mut binding = cutter.session.create_binding()?;
                    binding.bind_input("data", value)?;
                    binding.bind_input("end", &end)?;
                    binding.bind_output_to_device("cut", self.memory.allocator.memory_info())?;
                    let mut outputs = cutter.session.run_binding(&binding)?;
                    outputs.remove("cut").ok_or_else(|| ort::Error::new("a cut without an output"))
                };
                slots.iter().zip(values.iter()).map(cut).collect::<ort::Result<_>>()?
            }
        };
        *held = length;
        Ok(())
    }

    /// Values that the next reading takes; nothing where they are bound already.
    pub(super) fn values(&self) -> Option<&[DynValue]> {
        match &self.kind {
            Kind::InPlace { .. } => None,
            Kind::Growing { values, .. } => Some(values),
        }
    }

    /// Takes what the last reading gave, of `total` tokens.
    pub(super) fn put(&mut self, total: usize, given: Vec<DynValue>) {
        if let Kind::Growing { values, length, .. } = &mut self.kind {
            (*values, *length) = (given, total);
        }
    }
}
