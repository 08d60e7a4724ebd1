//! A graph that [`crate::compile`] has made, with its cache in place: past and present are the same memory.

use ort::memory::Allocator;
use ort::session::{IoBinding, Session};
use ort::value::Tensor;

use super::config::Config;
use super::names;
use crate::{Error, Result};

/// Runs the graph.
pub(super) struct Compiled {
    session: Session,
    /// Key and value of every layer.
    caches: Vec<[Tensor<f32>; 2]>,
    /// Reading a single token, the case that must be fast, reuses this.
    single: Bound,
    /// The last reading, if it was of several tokens.
    several: Option<Bound>,
    vocabulary: usize,
}

/// Inputs and outputs of one size, bound to the session. Values change in place.
struct Bound {
    binding: IoBinding,
    tokens: Tensor<i64>,
    last: Tensor<i32>,
    total: Tensor<i32>,
    logits: Tensor<f32>,
}

impl Compiled {
    pub(super) fn new(session: Session, config: &Config) -> Result<Self> {
        let allocator = Allocator::default();
        let shape = [1, config.kv_heads, config.capacity, config.head_size];
        let cache = || Tensor::<f32>::new(&allocator, shape);
        let caches = (0..config.layers).map(|_| Ok([cache()?, cache()?])).collect::<ort::Result<Vec<_>>>();
        let mut caches = caches.map_err(Error::inference("allocate the cache"))?;
        let single = Bound::new(&session, &mut caches, 1, 1, config.vocabulary)
            .map_err(Error::inference("bind the cache to the model"))?;
        Ok(Self { session, caches, single, several: None, vocabulary: config.vocabulary })
    }

    pub(super) fn session(&mut self) -> &mut Session {
        &mut self.session
    }

    /// Reads `tokens` after the first `past` ones of the cache, for the logits of the last `wanted`.
    pub(super) fn read(&mut self, past: usize, tokens: &[u32], wanted: usize) -> Result<()> {
        self.several = None;
        let bound = if tokens.len() == 1 {
            &mut self.single
        } else {
            let bound = Bound::new(&self.session, &mut self.caches, tokens.len(), wanted, self.vocabulary)
                .map_err(Error::inference("bind tokens to the model"))?;
            self.several.insert(bound)
        };
        let total = past + tokens.len();
        bound.run(&mut self.session, tokens, total).map_err(Error::inference("run the language model"))
    }

    /// Of the last [`Compiled::read`], row by row.
    pub(super) fn logits(&mut self) -> &mut [f32] {
        self.several.as_mut().unwrap_or(&mut self.single).logits.extract_tensor_mut().1
    }
}

impl Bound {
    fn new(
        session: &Session,
        caches: &mut [[Tensor<f32>; 2]],
        length: usize,
        wanted: usize,
        vocabulary: usize,
    ) -> ort::Result<Self> {
        let mut binding = session.create_binding()?;
        for (layer, caches) in caches.iter_mut().enumerate() {
            for (kind, cache) in names::CACHES.into_iter().zip(caches) {
                binding.bind_input(names::past(layer, kind), cache)?;
                binding.bind_output(names::present(layer, kind), cache)?;
            }
        }
        let tokens = Tensor::from_array(([1, length], vec![0i64; length]))?;
        let last = Tensor::from_array(([1], vec![0i32]))?;
        let total = Tensor::from_array(([1], vec![0i32]))?;
        let positions: Vec<i64> = (length - wanted..length).map(|position| position as i64).collect();
        let positions = Tensor::from_array(([wanted], positions))?;
        let mut logits = Tensor::<f32>::new(&Allocator::default(), [1, wanted, vocabulary])?;
        binding.bind_input(names::TOKENS, &tokens)?;
        binding.bind_input(names::LAST, &last)?;
        binding.bind_input(names::TOTAL, &total)?;
        binding.bind_input(names::POSITIONS, &positions)?;
        binding.bind_output(names::LOGITS, &mut logits)?;
        Ok(Self { binding, tokens, last, total, logits })
    }

    /// Reads `tokens`, after which the cache holds `total` ones.
    fn run(&mut self, session: &mut Session, tokens: &[u32], total: usize) -> ort::Result<()> {
        for (slot, token) in self.tokens.extract_tensor_mut().1.iter_mut().zip(tokens) {
            *slot = i64::from(*token);
        }
        self.last.extract_tensor_mut().1[0] = total as i32 - 1;
        self.total.extract_tensor_mut().1[0] = total as i32;
        session.run_binding(&self.binding)?;
        Ok(())
    }
}
