//! Refusals: precision and recall of refusing what the documents do not answer (as unanswerable questions are scored in
//! `SQuAD` 2.0, Rajpurkar, Jia and Liang, ACL 2018).

/// What one question says about refusals; the means over many questions are the shares.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Refusals {
    /// Whether a refusal was right; of refusals.
    pub precision: Option<bool>,
    /// Whether an unanswerable question was refused; of unanswerable questions.
    pub recall: Option<bool>,
    /// Whether an answerable question was refused; of answerable questions.
    pub falsely: Option<bool>,
}

impl Refusals {
    /// Of a question that the documents answer or not, and that was refused or not.
    ///
    /// Worked example: of two unanswerable questions one is refused, and so is one of two answerable ones: precision,
    /// recall and false refusals are all 1/2.
    pub fn of(answerable: bool, refused: bool) -> Self {
        Self {
            precision: refused.then_some(!answerable),
            recall: (!answerable).then_some(refused),
            falsely: answerable.then_some(refused),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Refusals;

    #[test]
    fn follows_the_worked_example() {
        let all =
            [(false, true), (false, false), (true, true), (true, false)].map(|(a, r)| Refusals::of(a, r));
        let share = |value: fn(&Refusals) -> Option<bool>| {
            let values: Vec<bool> = all.iter().filter_map(value).collect();
            (values.iter().filter(|value| **value).count(), values.len())
        };
        assert_eq!(share(|one| one.precision), (1, 2));
        assert_eq!(share(|one| one.recall), (1, 2));
        assert_eq!(share(|one| one.falsely), (1, 2));
    }
}
