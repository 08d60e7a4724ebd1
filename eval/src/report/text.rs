//! Numbers as people read them.

use jiff::Timestamp;

use crate::compare::Verdict;
use crate::statistics::Estimate;

pub(super) fn number(value: f64) -> String {
    let digits = if value.abs() >= 100.0 {
        0
    } else if value.abs() >= 10.0 {
        1
    } else {
        3
    };
    format!("{value:.digits$}")
}

pub(super) fn interval(estimate: &Estimate) -> String {
    if !estimate.low.is_finite() {
        return "one cluster".to_owned();
    }
    format!("{} to {}", number(estimate.low), number(estimate.high))
}

pub(super) fn estimate(estimate: &Estimate) -> String {
    format!("{} ({})", number(estimate.mean), interval(estimate))
}

pub(super) fn signed(estimate: &Estimate) -> String {
    let sign = |value: f64| format!("{}{}", if value >= 0.0 { "+" } else { "−" }, number(value.abs()));
    if !estimate.low.is_finite() {
        return format!("{} (one cluster)", sign(estimate.mean));
    }
    format!("{} ({} to {})", sign(estimate.mean), sign(estimate.low), sign(estimate.high))
}

pub(super) const fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Better => "better",
        Verdict::Worse => "worse",
        Verdict::Undecided => "undecided",
    }
}

pub(super) fn times(first: Timestamp, last: Timestamp) -> String {
    let day = |time: Timestamp| time.strftime("%Y-%m-%d %H:%M UTC").to_string();
    if day(first) == day(last) { day(first) } else { format!("{} to {}", day(first), day(last)) }
}
