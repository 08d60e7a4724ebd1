//! What a sentence states that can be compared exactly.

use std::collections::BTreeSet;

use super::calendar::{Moment, moments};
use super::quantity::{Quantity, quantities};
use super::words::Words;
use crate::names::{Name, is_named, keys, names};

/// The facts of a text.
pub(super) struct Facts {
    quantities: Vec<Quantity>,
    moments: Vec<Moment>,
    keys: BTreeSet<String>,
}

impl Facts {
    /// Of a source.
    pub(super) fn of(text: &str) -> Self {
        let moments = moments(text);
        let dated = |at: usize| moments.iter().any(|moment| (moment.at..moment.end).contains(&at));
        Self { quantities: quantities(text, &dated), keys: keys(text), moments }
    }
}

/// A fact that a sentence states.
pub(super) enum Fact {
    /// An amount.
    Quantity(Quantity),
    /// A date or a time.
    Moment(Moment),
    /// A code, a version or a name, and where it begins, in bytes.
    Name(Name, usize),
}

impl Fact {
    /// The facts of `sentence`.
    pub(super) fn all(sentence: &str) -> Vec<Self> {
        let facts = Facts::of(sentence);
        let place = |name: &Name| sentence.find(&name.written).unwrap_or(0);
        let dated = |at: usize| facts.moments.iter().any(|moment| (moment.at..moment.end).contains(&at));
        let named = names(sentence).into_iter().map(|name| (place(&name), name));
        let named: Vec<(usize, Name)> = named.filter(|(at, _)| !dated(*at)).collect();
        let counted = facts.quantities.into_iter().map(Self::Quantity);
        let dated = facts.moments.into_iter().map(Self::Moment);
        counted.chain(dated).chain(named.into_iter().map(|(at, name)| Self::Name(name, at))).collect()
    }

    /// Whether it is a name.
    pub(super) fn is_name(&self) -> bool {
        matches!(self, Self::Name(..))
    }

    /// Whether it belongs to one thing, unlike the name of one that much is said of.
    pub(super) fn is_bound(&self) -> bool {
        !matches!(self, Self::Name(name, _) if !name.exact)
    }

    /// Where it stands in its sentence, in bytes.
    pub(super) fn place(&self) -> std::ops::Range<usize> {
        match self {
            Self::Quantity(quantity) => quantity.at..quantity.at + quantity.number.len().max(1),
            Self::Moment(moment) => moment.at..moment.end,
            Self::Name(name, at) => *at..*at + name.written.len(),
        }
    }

    /// Whether `source` states it too.
    pub(super) fn is_in(&self, source: &Facts) -> bool {
        match self {
            Self::Quantity(quantity) => source.quantities.iter().any(|other| quantity.is(other)),
            Self::Moment(moment) => source.moments.iter().any(|other| other.when.holds(moment.when)),
            Self::Name(name, _) => is_named(name, &source.keys),
        }
    }

    /// As it is told to people.
    pub(super) fn told(&self) -> String {
        match self {
            Self::Quantity(quantity) => quantity.told(),
            Self::Moment(moment) => moment.written.clone(),
            Self::Name(name, _) => name.written.clone(),
        }
    }

    /// Why the amount is meant another way than in `source`, which has it.
    pub(super) fn turned_in(&self, source: &Facts) -> Option<String> {
        let Self::Quantity(quantity) = self else { return None };
        let same: Vec<&Quantity> = source.quantities.iter().filter(|other| quantity.is(other)).collect();
        if same.is_empty() {
            return None;
        }
        if same.iter().all(|other| other.bound.opposes(quantity.bound)) {
            return Some(format!("the source sets {:?} as a limit of another kind", self.told()));
        }
        let counts = |other: &Quantity| other.working != quantity.working && other.unit == Some("day");
        (quantity.unit == Some("day") && same.iter().all(|other| counts(other))).then(|| {
            let (said, given) =
                if quantity.working { ("working days", "days") } else { ("days", "working days") };
            format!("the sentence counts {said}, the source {given}")
        })
    }

    /// How much worse the terms around the fact fit the best text that states it than the best of all, and how well
    /// they fit that: a number belongs to what it is said of. 0 where nothing is around it.
    pub(super) fn strayed(&self, claim: &Words, texts: &[(&BTreeSet<String>, &Facts)]) -> (f32, f32) {
        let place = self.place();
        let clause = claim.0.iter().rev().find(|word| word.at <= place.start).map_or(0, |word| word.clause);
        let around: BTreeSet<&str> = claim
            .0
            .iter()
            .filter(|word| word.clause == clause && !place.contains(&word.at))
            .filter_map(|word| word.term.as_deref())
            .collect();
        if around.is_empty() {
            return (0.0, 1.0);
        }
        let fits = |terms: &BTreeSet<String>| {
            around.iter().filter(|term| terms.contains(**term)).count() as f32 / around.len() as f32
        };
        let (mut best, mut stated) = (0.0f32, 0.0f32);
        for (terms, facts) in texts {
            let fit = fits(terms);
            best = best.max(fit);
            if self.is_in(facts) {
                stated = stated.max(fit);
            }
        }
        (best - stated, stated)
    }
}

#[cfg(test)]
mod tests {
    use corpus::terms::Analyzer;

    use super::*;

    fn missing(claim: &str, source: &str) -> Vec<String> {
        let source = Facts::of(source);
        Fact::all(claim).iter().filter(|fact| !fact.is_in(&source)).map(Fact::told).collect()
    }

    #[test]
    fn what_the_source_lacks_is_named() {
        let source =
            "Orders until 17:00 on 2024-03-04 are sent within 2 weeks with error E-1042 by the Kestrel team.";
        assert_eq!(missing("It is sent within 14 days of March 4 before 5 pm.", source), [""; 0]);
        assert_eq!(missing("It is sent within 15 days.", source), ["15 day"]);
        assert_eq!(missing("It is sent on 5 March.", source), ["5 March"]);
        assert_eq!(missing("It is E-1043, says the Osprey team.", source), ["E-1043", "Osprey"]);
    }

    #[test]
    fn limits_keep_their_direction() {
        let turned = |claim: &str, source: &str| {
            Fact::all(claim).iter().any(|fact| fact.turned_in(&Facts::of(source)).is_some())
        };
        assert!(turned("Send at least 5 files.", "Send up to 5 files."));
        assert!(turned("It takes 5 days.", "It takes 5 business days."));
        assert!(
            !turned("Send 5 files at most.", "Send up to 5 files.")
                && !turned("Send 5.", "Send up to 5 files.")
        );
    }

    #[test]
    fn a_number_belongs_to_what_it_is_said_of() {
        let analyzer = Analyzer::new("en");
        let read = |text: &str| -> BTreeSet<String> {
            analyzer.terms(text).into_iter().map(|term| term.text).collect()
        };
        let sources = ["A refund takes 5 days.", "The trial lasts 14 days."];
        let terms = sources.map(read);
        let facts = sources.map(Facts::of);
        let texts: Vec<_> = terms.iter().zip(&facts).collect();
        let strayed = |claim: &str| Fact::all(claim)[0].strayed(&Words::of(claim, &analyzer), &texts).0;
        assert_eq!(strayed("A refund takes 5 days."), 0.0);
        assert!(strayed("A refund takes 14 days.") > 0.3);
    }
}
