//! Whether answers are good enough: least and greatest values, and how much worse than before they may be.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::compare::Comparison;
use crate::error::Error;
use crate::measure::{MEASURES, place};
use crate::table::Table;
use crate::whole::WHOLE;

mod junit;

pub use junit::junit;

/// What is asked, by measure.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rules {
    /// Values that must be reached.
    pub least: BTreeMap<String, f64>,
    /// Values that must not be exceeded.
    pub most: BTreeMap<String, f64>,
    /// How much worse than before a measure may be at most. It must be shown: the whole interval of the difference must be
    /// within.
    pub margin: BTreeMap<String, f64>,
}

/// What came of one rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// `least`, `most` or `margin`.
    pub rule: &'static str,
    /// The measure.
    pub measure: String,
    /// Whether it is met.
    pub passed: bool,
    /// What was found and what is asked.
    pub says: String,
}

impl Rules {
    /// Whether nothing is asked.
    pub fn is_empty(&self) -> bool {
        self.least.is_empty() && self.most.is_empty() && self.margin.is_empty()
    }

    /// Holds answers against them. What cannot be judged, because it applies to no answer, is not met.
    pub fn judge(&self, table: &Table, before: Option<&Comparison>) -> Result<Vec<Check>, Error> {
        self.check(before.is_some())?;
        let value = |id: &str| table.row(id).and_then(|row| row.estimate);
        let number = |number: f64| format!("{number:.4}");
        let mut checks = Vec::new();
        for (rule, wanted) in [("least", &self.least), ("most", &self.most)] {
            for (id, bound) in wanted {
                let (passed, says) = match value(id) {
                    None => (false, format!("{id} applies to none of {} records", table.records)),
                    Some(found) => {
                        let passed =
                            if rule == "least" { found.mean >= *bound } else { found.mean <= *bound };
                        (
                            passed,
                            format!("{id} is {}, at {rule} {} is asked", number(found.mean), number(*bound)),
                        )
                    }
                };
                checks.push(Check { rule, measure: id.clone(), passed, says });
            }
        }
        for (id, margin) in &self.margin {
            let row = before.and_then(|before| before.row(id));
            let (passed, says) = match row {
                None => (false, format!("{id} applies to no question that was asked before and now")),
                Some(row) => {
                    let worst = if row.more_is_better { -row.difference.low } else { row.difference.high };
                    let says = format!(
                        "{id} went from {} to {} and may be worse by up to {}, at most {} is allowed",
                        number(row.before),
                        number(row.after),
                        number(worst.max(0.0)),
                        number(*margin)
                    );
                    (worst <= *margin, says)
                }
            };
            checks.push(Check { rule: "margin", measure: id.clone(), passed, says });
        }
        Ok(checks)
    }

    /// An error for rules that say nothing.
    fn check(&self, before: bool) -> Result<(), Error> {
        if self.is_empty() {
            return Err(Error::Unfit(
                "nothing is asked of the answers; set gate.least, gate.most or gate.margin, or give --least"
                    .to_owned(),
            ));
        }
        if !self.margin.is_empty() && !before {
            return Err(Error::Unfit(
                "gate.margin needs earlier answers; name their file with --baseline".to_owned(),
            ));
        }
        self.validate()
    }

    /// An error for a measure that does not exist, or a bound that is none.
    pub fn validate(&self) -> Result<(), Error> {
        let bounds = self.least.iter().chain(&self.most).map(|rule| (rule, f64::MIN));
        for ((id, bound), lowest) in bounds.chain(self.margin.iter().map(|rule| (rule, 0.0))) {
            if place(id).is_none() && WHOLE.iter().all(|whole| whole.id != id) {
                let names = MEASURES.iter().map(|measure| measure.id);
                let names: Vec<&str> = names.chain(WHOLE.iter().map(|whole| whole.id)).collect();
                return Err(Error::Unfit(format!(
                    "no measure is called {id:?}; there are {}",
                    names.join(", ")
                )));
            }
            if !bound.is_finite() || *bound < lowest {
                return Err(Error::Unfit(format!(
                    "{bound} is no bound for {id}; write a number, for margins not below 0"
                )));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
