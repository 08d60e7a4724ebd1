//! Charts as inline SVG. Colors are classes of the page's style, so that they follow its theme; texts are numbers and
//! words of ours, so nothing needs escaping.

use std::fmt::Write as _;

use crate::measure::calibration::Bin;
use crate::measure::percentile::percentile;
use crate::measure::risk::Point;
use crate::statistics::Estimate;

/// Most points of a line.
const POINTS: usize = 240;

/// A share from 0 to 1 with its interval.
pub(super) fn interval(estimate: &Estimate) -> String {
    let x = |share: f64| 4.0 + 112.0 * share.clamp(0.0, 1.0);
    let (low, high) = if estimate.low.is_finite() { (estimate.low, estimate.high) } else { (0.0, 1.0) };
    format!(
        "<svg class=\"bar\" viewBox=\"0 0 120 12\" role=\"img\" aria-label=\"{:.3}\"><line class=\"track\" x1=\"4\" x2=\"116\" y1=\"6\" y2=\"6\"/><line class=\"range\" x1=\"{:.1}\" x2=\"{:.1}\" y1=\"6\" y2=\"6\"/><circle class=\"dot\" cx=\"{:.1}\" cy=\"6\" r=\"3.5\"/></svg>",
        estimate.mean,
        x(low),
        x(high).max(x(low) + 0.5),
        x(estimate.mean)
    )
}

/// A frame with axes, its content in the coordinates of [`Frame::point`].
struct Frame {
    /// Greatest value on each axis; the least is 0.
    x: f64,
    y: f64,
}

impl Frame {
    const LEFT: f64 = 44.0;
    const TOP: f64 = 12.0;
    const WIDTH: f64 = 300.0;
    const HEIGHT: f64 = 180.0;

    fn point(&self, x: f64, y: f64) -> (f64, f64) {
        let share = |value: f64, most: f64| if most > 0.0 { (value / most).clamp(0.0, 1.0) } else { 0.0 };
        (Self::LEFT + Self::WIDTH * share(x, self.x), Self::TOP + Self::HEIGHT * (1.0 - share(y, self.y)))
    }

    fn line(&self, class: &str, points: impl Iterator<Item = (f64, f64)>) -> String {
        let mut list = String::new();
        for (x, y) in points.map(|(x, y)| self.point(x, y)) {
            let _ = write!(list, "{x:.1},{y:.1} ");
        }
        format!("<polyline class=\"{class}\" points=\"{}\"/>", list.trim_end())
    }

    fn draw(&self, title: &str, axes: [&str; 2], content: &str) -> String {
        let mut grid = String::new();
        for quarter in 0..=4 {
            let share = f64::from(quarter) / 4.0;
            let (x, y) = self.point(self.x * share, self.y * share);
            let (left, right) = (Self::LEFT, Self::LEFT + Self::WIDTH);
            let bottom = Self::TOP + Self::HEIGHT;
            let _ = write!(
                grid,
                "<line class=\"grid\" x1=\"{left}\" x2=\"{right}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/><text class=\"tick end\" x=\"{:.1}\" y=\"{:.1}\">{}</text><text class=\"tick middle\" x=\"{x:.1}\" y=\"{:.1}\">{}</text>",
                left - 6.0,
                y + 3.5,
                tick(self.y * share),
                bottom + 15.0,
                tick(self.x * share)
            );
        }
        format!(
            "<svg class=\"chart\" viewBox=\"0 0 360 236\" role=\"img\" aria-label=\"{title}\">{grid}{content}<text class=\"axis middle\" x=\"194\" y=\"230\">{}</text><text class=\"axis middle\" transform=\"translate(11 102) rotate(-90)\">{}</text></svg>",
            axes[0], axes[1]
        )
    }
}

fn tick(value: f64) -> String {
    if value >= 10.0 { format!("{value:.0}") } else { format!("{value:.2}") }
}

/// A curve as a list of points, thinned out evenly.
fn thinned<T: Copy>(points: &[T]) -> Vec<T> {
    let step = points.len().div_ceil(POINTS).max(1);
    let mut kept: Vec<T> = points.iter().copied().step_by(step).collect();
    if points.len() % step != 1 && step > 1 {
        kept.extend(points.last());
    }
    kept
}

/// How often answers are wrong, if only the surest are given. Empty where nothing is known of that.
pub(super) fn risk(points: &[Point]) -> String {
    if points.is_empty() {
        return String::new();
    }
    let highest = points.iter().map(|point| point.risk).fold(0.0, f64::max);
    let frame = Frame { x: 1.0, y: (highest * 1.1).clamp(0.1, 1.0) };
    let curve: Vec<(f64, f64)> = thinned(points).iter().map(|point| (point.coverage, point.risk)).collect();
    frame.draw(
        "Risk by coverage",
        ["share of the answers given", "share that is wrong"],
        &frame.line("curve", curve.into_iter()),
    )
}

/// Whether confidences are what they say. Empty where nothing is known of that.
pub(super) fn calibration(bins: &[Bin]) -> String {
    let Some(most) = bins.iter().map(|bin| bin.count).max() else { return String::new() };
    let frame = Frame { x: 1.0, y: 1.0 };
    let mut content = frame.line("ideal", [(0.0, 0.0), (1.0, 1.0)].into_iter());
    content += &frame.line("curve thin", bins.iter().map(|bin| (bin.expected, bin.observed)));
    for bin in bins {
        let (x, y) = frame.point(bin.expected, bin.observed);
        let radius = 3.0 + 7.0 * (bin.count as f64 / most as f64).sqrt();
        let _ = write!(
            content,
            "<circle class=\"dot soft\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius:.1}\"><title>{} answers: said {:.2}, right {:.2}</title></circle>",
            bin.count, bin.expected, bin.observed
        );
    }
    frame.draw("Calibration", ["confidence", "share that is right"], &content)
}

/// The share of the answers that came within a time; `sorted` holds times in milliseconds.
pub(super) fn latency(sorted: &[f64]) -> String {
    let at = |share| percentile(sorted, None, share);
    let Some(((p50, p95), p99)) = at(0.5).zip(at(0.95)).zip(at(0.99)) else { return String::new() };
    let frame = Frame { x: (p99 * 1.1).max(1.0), y: 1.0 };
    let all = sorted.len() as f64;
    let steps: Vec<(f64, f64)> = (1u32..)
        .zip(sorted)
        .map(|(n, time)| (*time, f64::from(n) / all))
        .filter(|(time, _)| *time <= frame.x)
        .collect();
    let mut content = frame.line("curve", thinned(&steps).into_iter());
    for (time, name) in [(p50, "p50"), (p95, "p95")] {
        let (x, _) = frame.point(time, 0.0);
        let _ = write!(
            content,
            "<line class=\"mark\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"12\" y2=\"192\"/><text class=\"tick\" x=\"{:.1}\" y=\"186\">{name} {time:.0} ms</text>",
            x + 4.0
        );
    }
    frame.draw("Time of answers", ["milliseconds", "share of the answers"], &content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_makes_no_chart() {
        assert!(risk(&[]).is_empty() && calibration(&[]).is_empty() && latency(&[]).is_empty());
    }

    #[test]
    fn charts_are_well_formed_and_bounded() {
        let points: Vec<Point> = (1..=10_000)
            .map(|n| Point { coverage: f64::from(n) / 1e4, risk: 0.2, confidence: 0.5 })
            .collect();
        let times: Vec<f64> = (0..10_000).map(f64::from).collect();
        let bins = [Bin { from: 0.9, count: 3, expected: 0.95, observed: 1.0 }];
        let one = Estimate { mean: 0.5, low: f64::NEG_INFINITY, high: f64::INFINITY, count: 1 };
        for svg in [risk(&points), latency(&times), calibration(&bins), interval(&one)] {
            assert!(
                svg.len() < 20_000 && svg.starts_with("<svg") && svg.ends_with("</svg>"),
                "{}",
                svg.len()
            );
            assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
            assert_eq!(svg.matches('<').count(), svg.matches('>').count());
        }
        assert!(risk(&points).contains("344.0,"), "the last point is there");
    }
}
