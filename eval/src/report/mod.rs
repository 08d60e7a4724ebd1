//! Reports of records: one HTML file that needs nothing else, Markdown, and JSON.

use minijinja::{Environment, Value, context};
use serde::Serialize;

use crate::compare::Comparison;
use crate::error::Error;
use crate::measure::Family;
use crate::record::Record;
use crate::score::Score;
use crate::table::{Row, Table};

mod chart;
mod data;
mod markdown;
mod text;

/// Version of the JSON report.
pub const VERSION: u32 = 1;

/// What is reported.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// Format version; see [`VERSION`].
    pub version: u32,
    /// What it is about, such as the name of the file of records.
    pub title: String,
    /// When the first and the last question was asked.
    pub asked: Option<(jiff::Timestamp, jiff::Timestamp)>,
    /// The generations that were searched.
    pub generations: Vec<String>,
    /// Totals.
    pub table: Table,
    /// Against earlier records.
    pub comparison: Option<Comparison>,
}

const FAMILIES: [(Family, &str); 5] = [
    (Family::Answer, "Answers"),
    (Family::Grounding, "Grounding and citations"),
    (Family::Refusal, "Refusals and confidence"),
    (Family::Retrieval, "Retrieval"),
    (Family::Time, "Time"),
];

/// What is shown of kinds and forms of questions.
const OF_SLICES: [&str; 5] = ["right", "recall@5", "grounded", "citation_precision", "refused"];

impl Report {
    /// Of records with their scores.
    pub fn new(title: String, records: &[Record], scores: &[Score], comparison: Option<Comparison>) -> Self {
        let times = || records.iter().map(|record| record.record.at);
        let mut generations: Vec<String> =
            records.iter().map(|record| record.record.generation.clone()).collect();
        generations.sort_unstable();
        generations.dedup();
        Self {
            version: VERSION,
            title,
            asked: times().min().zip(times().max()),
            generations,
            table: Table::of(scores),
            comparison,
        }
    }

    /// One page that asks nothing of any network. `records` and `scores` are those that it was made of, in their order.
    pub fn html(&self, records: &[Record], scores: &[Score]) -> Result<String, Error> {
        let mut environment = Environment::new();
        let broken =
            |error: minijinja::Error| Error::Unfit(format!("the report cannot be written: {error:#}"));
        environment
            .add_template("report.html", include_str!("../../templates/report.html"))
            .map_err(broken)?;
        let template = environment.get_template("report.html").map_err(broken)?;
        let safe = |text: String| Value::from_safe_string(text);
        let originals = scores.iter().filter(|score| crate::robustness::is_original(score));
        let mut times: Vec<f64> = originals.filter_map(|score| score.values.get("total_ms")).collect();
        times.sort_by(f64::total_cmp);
        let table = &self.table;
        template
            .render(context! {
                title => self.title.clone(),
                asked => self.asked.map(|(first, last)| text::times(first, last)),
                generations => self.generations.clone(),
                records => table.records,
                clusters => table.clusters,
                outcomes => table.outcomes.iter().map(|(name, count)| vec![Value::from(*name), Value::from(*count)]).collect::<Vec<_>>(),
                groups => self.groups(),
                compared => self.comparison.is_some(),
                pairs => self.comparison.as_ref().map(|found| found.pairs),
                only_before => self.comparison.as_ref().map(|found| found.only_before),
                only_after => self.comparison.as_ref().map(|found| found.only_after),
                rating => table.rating.map(|rating| context! {
                    powered => text::estimate(&rating.powered),
                    judged => text::estimate(&rating.judged),
                    count => rating.judged.count,
                    weight => format!("{:.2}", rating.weight),
                }),
                risk => safe(chart::risk(&table.risk)),
                calibration => safe(chart::calibration(&table.calibration)),
                latency => safe(chart::latency(&times)),
                slice_names => OF_SLICES.to_vec(),
                slices => self.slices(),
                forms => self.forms(),
                form_names => crate::robustness::TOLD.to_vec(),
                style => safe(include_str!("../../templates/report.css").to_owned()),
                script => safe(include_str!("../../templates/report.js").to_owned()),
                data => safe(data::embed(records, scores)),
            })
            .map_err(broken)
    }

    /// The totals as Markdown.
    pub fn markdown(&self) -> String {
        markdown::write(self)
    }

    fn groups(&self) -> Vec<Value> {
        let group = |(family, title): (Family, &'static str)| {
            let rows = self.table.rows.iter().filter(|row| row.family == family).map(|row| self.row(row));
            context! { title => title, rows => rows.collect::<Vec<Value>>() }
        };
        FAMILIES.into_iter().map(group).collect()
    }

    /// A row as the page shows it.
    fn row(&self, row: &Row) -> Value {
        let compared = self.comparison.as_ref().and_then(|found| found.row(row.id));
        let of = |value: fn(&crate::compare::Row) -> String| compared.map(value).unwrap_or_default();
        let bar = row.estimate.filter(|_| row.family != Family::Time).map(|e| chart::interval(&e));
        context! {
            id => row.id,
            title => row.title,
            value => row.estimate.map_or_else(|| "–".to_owned(), |estimate| text::number(estimate.mean)),
            interval => row.estimate.as_ref().map(text::interval).unwrap_or_default(),
            bar => Value::from_safe_string(bar.unwrap_or_default()),
            count => row.estimate.map_or(0, |estimate| estimate.count),
            not_applicable => row.not_applicable,
            before => of(|row| text::number(row.before)),
            difference => of(|row| text::signed(&row.difference)),
            p => of(|row| format!("{:.4}", row.adjusted)),
            detectable => of(|row| row.detectable.map(text::number).unwrap_or_default()),
            verdict => compared.map(|row| text::verdict(row.verdict)).unwrap_or_default(),
        }
    }

    fn slices(&self) -> Vec<Value> {
        let cell = |slice: &crate::table::Slice, id: &str| {
            let estimate = slice.estimates.get(id)?;
            Some(context! {
                text => text::estimate(estimate),
                bar => Value::from_safe_string(chart::interval(estimate)),
            })
        };
        let slices = self.table.slices.iter();
        slices
            .map(|slice| {
                let cells: Vec<Option<Value>> = OF_SLICES.iter().map(|id| cell(slice, id)).collect();
                context! { name => slice.name.clone(), value => slice.value.clone(), records => slice.records, cells => cells }
            })
            .collect()
    }

    fn forms(&self) -> Vec<Value> {
        let forms = self.table.forms.iter();
        forms
            .map(|form| {
                let cell = |id: &&str| {
                    form.difference.row(id).map(|row| {
                        context! {
                            text => text::signed(&row.difference),
                            verdict => text::verdict(row.verdict),
                        }
                    })
                };
                let cells: Vec<Option<Value>> = crate::robustness::TOLD.iter().map(cell).collect();
                context! { name => form.name.clone(), pairs => form.difference.pairs, cells => cells }
            })
            .collect()
    }
}

#[cfg(test)]
mod tests;
