//! Counts of right and wrong decisions, and what is made of them.

/// What was decided of items of two kinds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Confusion {
    /// Right ones that passed.
    pub passed_right: f64,
    /// Wrong ones that passed.
    pub passed_wrong: f64,
    /// Right ones that were stopped.
    pub stopped_right: f64,
    /// Wrong ones that were stopped.
    pub stopped_wrong: f64,
}

impl Confusion {
    /// Counts one item `times` times.
    pub fn add(&mut self, right: bool, passed: bool, times: f64) {
        *match (right, passed) {
            (true, true) => &mut self.passed_right,
            (false, true) => &mut self.passed_wrong,
            (true, false) => &mut self.stopped_right,
            (false, false) => &mut self.stopped_wrong,
        } += times;
    }

    /// Share of the right ones that passed; `None` where nothing is right.
    pub fn recall(&self) -> Option<f64> {
        share(self.passed_right, self.passed_right + self.stopped_right)
    }

    /// Share of the wrong ones that were stopped; `None` where nothing is wrong.
    pub fn specificity(&self) -> Option<f64> {
        share(self.stopped_wrong, self.passed_wrong + self.stopped_wrong)
    }

    /// Share of those that passed that are right; `None` where nothing passed.
    pub fn precision(&self) -> Option<f64> {
        share(self.passed_right, self.passed_right + self.passed_wrong)
    }

    /// Mean of recall and specificity (Brodersen et al., ICPR 2010); `None` where one side has none.
    ///
    /// Worked example: 3 of 4 right ones passed and 1 of 2 wrong ones stopped give 0.625.
    pub fn balanced_accuracy(&self) -> Option<f64> {
        Some(f64::midpoint(self.recall()?, self.specificity()?))
    }

    /// Harmonic mean of precision and recall; 0 where nothing right passed, `None` where nothing is right.
    pub fn f1(&self) -> Option<f64> {
        let missed = self.passed_wrong + self.stopped_right;
        self.recall().map(|_| 2.0 * self.passed_right / (2.0 * self.passed_right + missed))
    }
}

fn share(part: f64, all: f64) -> Option<f64> {
    (all > 0.0).then(|| part / all)
}

#[cfg(test)]
mod tests {
    use super::Confusion;

    fn of(items: &[(bool, bool)]) -> Confusion {
        let mut confusion = Confusion::default();
        items.iter().for_each(|(right, passed)| confusion.add(*right, *passed, 1.0));
        confusion
    }

    #[test]
    fn shares_follow_the_counts() {
        let confusion =
            of(&[(true, true), (true, true), (true, true), (true, false), (false, true), (false, false)]);
        assert_eq!((confusion.recall(), confusion.specificity()), (Some(0.75), Some(0.5)));
        assert_eq!((confusion.precision(), confusion.balanced_accuracy()), (Some(0.75), Some(0.625)));
        assert_eq!(confusion.f1(), Some(0.75));
    }

    #[test]
    fn what_does_not_apply_is_not_made_up() {
        let nothing_wrong = of(&[(true, false)]);
        assert_eq!((nothing_wrong.precision(), nothing_wrong.balanced_accuracy()), (None, None));
        assert_eq!(nothing_wrong.f1(), Some(0.0));
        assert_eq!(of(&[(false, true)]).f1(), None);
    }
}
