//! Names of a compiled language model's inputs and outputs.

/// Input, int64 `[batch, sequence]`: the tokens to read.
pub(crate) const TOKENS: &str = "input_ids";
/// Input, int32 `[batch]`: how many tokens the cache holds afterwards, less one.
pub(crate) const LAST: &str = "seqlens_k";
/// Input, int32 `[1]`: how many tokens the cache of the longest row holds afterwards.
pub(crate) const TOTAL: &str = "total_sequence_length";
/// Input, int64 `[positions]`: which of the tokens read now get logits.
pub(crate) const POSITIONS: &str = "logit_positions";
/// Output, float `[batch, positions, vocabulary]`.
pub(crate) const LOGITS: &str = "logits";
/// The two caches of a layer.
pub(crate) const CACHES: [&str; 2] = ["key", "value"];

/// Input, float `[batch, kv_heads, capacity, head_size]`: a layer's cache before.
pub(crate) fn past(layer: usize, kind: &str) -> String {
    format!("past_key_values.{layer}.{kind}")
}

/// Output of the same shape: a layer's cache after, which may be the same memory.
pub(crate) fn present(layer: usize, kind: &str) -> String {
    format!("present.{layer}.{kind}")
}
