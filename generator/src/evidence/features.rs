//! The numbers that candidates and passages are judged by.

use crate::weights::{CANDIDATE_FEATURES, GATE_FEATURES};

features! {
    /// What is known of a candidate.
    Features, CANDIDATE_FEATURES {
        /// Cosine similarity of the question and the candidate in its place.
        cosine,
        /// By how much the question is nearer to what the candidate replies to than to the candidate; 0 where it is not
        /// or where nobody asked.
        replies,
        /// Share of the question's concepts, weighted by rarity, that the candidate holds.
        coverage,
        /// The same of the candidate with its title and headings.
        context_coverage,
        /// The same of its whole passage.
        passage_coverage,
        /// Cosine similarity of the question and the passage, as retrieval found it; 0 where it did not look.
        passage_cosine,
        /// Reciprocal of the passage's rank.
        rank,
        /// The passage's score, as retrieval ranks by it.
        score,
        /// Share of the names in the question that the passage, its title or headings hold; 1 where there are none.
        names,
        /// The same of codes, versions and models alone, of passage and candidate in its place, averaged.
        exact,
        /// How well the candidate is of the kind that is asked for.
        kind,
        /// 1 for a whole list.
        list,
        /// 1 for a customer's words.
        asks,
        /// 1 for very short ones.
        brief,
        /// 1 where it speaks of the opposite of a word in the question: of business customers, not of private ones.
        opposed,
        /// How well it answers, as the pair reader has it: a logit within ±6, and for those that were not read the lowest
        /// of those that were; 0 where there is no reader.
        read,
    }
}

impl Features {
    /// Cosine similarity of the question and the candidate or what it replies to, whichever is nearer.
    pub fn nearness(&self) -> f32 {
        self.cosine + self.replies
    }
}

features! {
    /// What is known of all passages together.
    GateFeatures, GATE_FEATURES {
        /// Of the best candidate or of what it replies to.
        cosine,
        /// Of the best candidate.
        coverage,
        /// Of the best candidate.
        context_coverage,
        /// Of the best candidate.
        passage_coverage,
        /// Of the best candidate.
        passage_cosine,
        /// Of the best candidate.
        names,
        /// Of the best candidate.
        exact,
        /// Of the best candidate.
        kind,
        /// By how much the best candidate's cosine exceeds the mean of all.
        margin,
        /// Highest cosine of any candidate.
        highest,
        /// Share of the question's concepts that any passage holds.
        known_terms,
        /// Logarithm of the number of concepts.
        length,
        /// Score of the best candidate's passage, as retrieval ranks by it.
        score,
        /// Whether the question or the candidate, but not both, has a negation.
        negated,
        /// Of the best candidate.
        read,
    }
}
