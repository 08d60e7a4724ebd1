//! Choosing the next token.

/// How tokens are chosen. The default always takes the most probable one.
#[derive(Clone, Debug, PartialEq)]
pub struct SamplingOptions {
    /// Most tokens to write.
    pub max_tokens: usize,
    /// 0 takes the most probable token, 1 draws as the model says, more draws more evenly.
    pub temperature: f32,
    /// Draw from this many of the most probable tokens; 0 means all.
    pub top_k: usize,
    /// Draw from the fewest most probable tokens that together have this probability.
    pub top_p: f32,
    /// Draw only from tokens that are at least this share as probable as the most probable one: the surer the model
    /// is, the fewer these are (Nguyen et al., "Turning Up the Heat: Min-p Sampling for Creative and Coherent LLM
    /// Outputs", 2024). 0 means all.
    pub min_p: f32,
    /// Equal seeds draw equal tokens.
    pub seed: u64,
    /// Above 1, makes tokens that were written already less probable (Keskar et al., 2019). The prompt does not
    /// count: an answer that quotes it must be free to.
    pub repetition_penalty: f32,
}

impl Default for SamplingOptions {
    fn default() -> Self {
        Self {
            max_tokens: 256,
            temperature: 0.0,
            top_k: 0,
            top_p: 1.0,
            min_p: 0.0,
            seed: 0,
            repetition_penalty: 1.0,
        }
    }
}

/// Draws tokens by [`SamplingOptions`].
#[derive(Debug)]
pub(super) struct Sampler<'a> {
    options: &'a SamplingOptions,
    random: SplitMix,
    /// Kept between draws to allocate once.
    candidates: Vec<(f32, u32)>,
}

impl<'a> Sampler<'a> {
    pub(super) fn new(options: &'a SamplingOptions) -> Self {
        Self { options, random: SplitMix(options.seed), candidates: Vec::new() }
    }

    /// Makes what was written already less probable.
    pub(super) fn penalize(&self, logits: &mut [f32], written: &[u32]) {
        penalize(logits, written, self.options.repetition_penalty);
    }

    /// Chooses a token; nothing if every logit is ruled out by negative infinity.
    pub(super) fn choose(&mut self, logits: &[f32]) -> Option<u32> {
        if self.options.temperature > 0.0 { self.draw(logits) } else { most_probable(logits) }
    }

    fn draw(&mut self, logits: &[f32]) -> Option<u32> {
        let candidates = &mut self.candidates;
        candidates.clear();
        candidates.extend(
            logits
                .iter()
                .zip(0u32..)
                .filter(|(logit, _)| **logit > f32::NEG_INFINITY)
                .map(|(logit, token)| (logit / self.options.temperature, token)),
        );
        // Ties are broken by the token, so that a seed decides everything.
        let order = |a: &(f32, u32), b: &(f32, u32)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
        if (1..candidates.len()).contains(&self.options.top_k) {
            candidates.select_nth_unstable_by(self.options.top_k - 1, order);
            candidates.truncate(self.options.top_k);
        }
        candidates.sort_unstable_by(order);
        let highest = candidates.first()?.0;
        let mut sum = 0.0;
        for (weight, _) in candidates.iter_mut() {
            *weight = (*weight - highest).exp();
            sum += *weight;
        }
        if self.options.top_p < 1.0 {
            let enough = self.options.top_p.max(0.0) * sum;
            let mut reached = 0.0;
            let kept = candidates.iter().take_while(|(weight, _)| {
                let before = reached;
                reached += weight;
                before < enough
            });
            let kept = kept.count().max(1);
            candidates.truncate(kept);
            sum = candidates.iter().map(|(weight, _)| weight).sum();
        }
        if self.options.min_p > 0.0 {
            // The most probable has weight 1.
            let least = self.options.min_p.min(1.0);
            candidates.truncate(candidates.partition_point(|(weight, _)| *weight >= least));
            sum = candidates.iter().map(|(weight, _)| weight).sum();
        }
        let mut left = self.random.unit() * sum;
        for (weight, token) in candidates.iter() {
            left -= weight;
            if left < 0.0 {
                return Some(*token);
            }
        }
        // Rounding can leave a little over.
        candidates.last().map(|(_, token)| *token)
    }
}

fn penalize(logits: &mut [f32], written: &[u32], penalty: f32) {
    if penalty <= 0.0 || (penalty - 1.0).abs() < f32::EPSILON {
        return;
    }
    for (at, token) in written.iter().enumerate() {
        if !written[..at].contains(token)
            && let Some(logit) = logits.get_mut(*token as usize)
        {
            *logit = if *logit > 0.0 { *logit / penalty } else { *logit * penalty };
        }
    }
}

/// The first of the highest logits.
pub(super) fn most_probable(logits: &[f32]) -> Option<u32> {
    let mut best = (f32::NEG_INFINITY, None);
    for (logit, token) in logits.iter().zip(0u32..) {
        if *logit > best.0 {
            best = (*logit, Some(token));
        }
    }
    best.1
}

/// Logarithm of the probability of `token`.
pub(super) fn log_probability(logits: &[f32], token: u32) -> f32 {
    let highest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    // In a vocabulary of tens of thousands, adding in single precision would lose the small ones.
    let sum: f64 = logits.iter().map(|logit| f64::from((logit - highest).exp())).sum();
    logits.get(token as usize).map_or(f32::NEG_INFINITY, |logit| logit - highest - sum.ln() as f32)
}

/// Sebastiano Vigna's `SplitMix64`.
#[derive(Debug)]
struct SplitMix(u64);

impl SplitMix {
    /// A number from 0 to below 1.
    fn unit(&mut self) -> f32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        (mixed >> 40) as f32 / (1u32 << 24) as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOGITS: [f32; 4] = [1.0, 3.0, 2.0, 3.0];

    fn draws(options: &SamplingOptions, count: usize) -> Vec<u32> {
        let mut sampler = Sampler::new(options);
        (0..count).map(|_| sampler.choose(&LOGITS).unwrap()).collect()
    }

    #[test]
    fn greedy_takes_the_first_of_the_best() {
        assert_eq!(draws(&SamplingOptions::default(), 2), [1, 1]);
        let mut sampler_options = SamplingOptions { temperature: 1.0, ..SamplingOptions::default() };
        let ruled_out = &[f32::NEG_INFINITY; 3];
        assert_eq!(Sampler::new(&sampler_options).choose(ruled_out), None);
        sampler_options.temperature = 0.0;
        assert_eq!(Sampler::new(&sampler_options).choose(ruled_out), None);
    }

    #[test]
    fn draws_follow_the_probabilities() {
        let options = SamplingOptions { temperature: 1.0, ..SamplingOptions::default() };
        let drawn = draws(&options, 20_000);
        for token in 0..4 {
            let expected = log_probability(&LOGITS, token).exp();
            let found = drawn.iter().filter(|drawn| **drawn == token).count() as f32 / 20_000.0;
            assert!((expected - found).abs() < 0.015, "{token}: {expected} {found}");
        }
        assert_eq!(drawn, draws(&options, 20_000), "equal seeds");
        let other = SamplingOptions { seed: 1, ..options };
        assert_ne!(drawn, draws(&other, 20_000));
    }

    #[test]
    fn few_are_drawn_from_when_asked() {
        let warm = SamplingOptions { temperature: 1.0, ..SamplingOptions::default() };
        let top_k = SamplingOptions { top_k: 2, ..warm.clone() };
        assert!(draws(&top_k, 500).iter().all(|token| [1, 3].contains(token)));
        let top_p = SamplingOptions { top_p: 0.5, ..warm.clone() };
        assert!(draws(&top_p, 500).iter().all(|token| [1, 3].contains(token)));
        let one = SamplingOptions { top_p: 0.0, ..warm };
        assert!(draws(&one, 50).iter().all(|token| *token == 1));
    }

    #[test]
    fn the_surer_the_model_the_fewer_are_drawn_from() {
        let drawn = |logits: &[f32], min_p: f32| -> Vec<u32> {
            let options = SamplingOptions { temperature: 1.0, min_p, ..SamplingOptions::default() };
            let mut sampler = Sampler::new(&options);
            let mut drawn: Vec<u32> = (0..2_000).filter_map(|_| sampler.choose(logits)).collect();
            drawn.sort_unstable();
            drawn.dedup();
            drawn
        };
        // Probabilities in proportion to 1, 0.5, 0.2 and 0.1.
        let logits = [0.0, 0.5f32.ln(), 0.2f32.ln(), 0.1f32.ln()];
        assert_eq!(drawn(&logits, 0.0), [0, 1, 2, 3]);
        assert_eq!(drawn(&logits, 0.15), [0, 1, 2]);
        assert_eq!(drawn(&logits, 0.3), [0, 1]);
        assert_eq!(drawn(&logits, 2.0), [0]);
        let even = [1.0; 4];
        assert_eq!(drawn(&even, 0.99), [0, 1, 2, 3], "where all are as probable, all are drawn from");
    }

    #[test]
    fn limits_hold_together_and_seeds_repeat() {
        let options = SamplingOptions {
            temperature: 1.5,
            top_k: 3,
            top_p: 0.9,
            min_p: 0.05,
            repetition_penalty: 1.3,
            seed: 7,
            ..SamplingOptions::default()
        };
        let write = |options: &SamplingOptions| -> Vec<u32> {
            let mut sampler = Sampler::new(options);
            let mut written = Vec::new();
            for _ in 0..200 {
                let mut logits = LOGITS;
                sampler.penalize(&mut logits, &written);
                written.extend(sampler.choose(&logits));
            }
            written
        };
        let written = write(&options);
        assert_eq!(written.len(), 200);
        assert_eq!(written, write(&options.clone()));
        assert_ne!(written, write(&SamplingOptions { seed: 8, ..options }));
    }

    #[test]
    fn written_tokens_are_penalized_once() {
        let options = SamplingOptions { repetition_penalty: 1.2, ..SamplingOptions::default() };
        let mut logits = [3.0, 2.9, -1.0];
        let mut sampler = Sampler::new(&options);
        sampler.penalize(&mut logits, &[0, 0, 2]);
        assert_eq!(sampler.choose(&logits), Some(1));
        assert!((logits[0] - 2.5).abs() < 1e-6);
        assert!((logits[2] + 1.2).abs() < 1e-6);
    }

    #[test]
    fn log_probabilities_sum_to_one() {
        let sum: f32 = (0..4).map(|token| log_probability(&LOGITS, token).exp()).sum();
        assert!((sum - 1.0).abs() < 1e-6);
        assert_eq!(log_probability(&LOGITS, 9), f32::NEG_INFINITY);
    }
}
