//! `citedesk eval report`: records to look at.

use std::io::Write as _;

use eval::compare::Comparison;
use eval::record;
use eval::report::Report;
use eval::score::Score;

use super::lines::create;
use super::score::{failed, judgements, scores};
use crate::cli::EvalReport;
use crate::failure::{Exit, Failure};
use crate::output::Output;

pub(super) fn run(args: &EvalReport, output: Output) -> Result<Exit, Failure> {
    let kind = |path: &std::path::PathBuf| {
        path.extension().and_then(|kind| kind.to_str()).unwrap_or_default().to_lowercase()
    };
    if let Some(other) = args.out.iter().find(|path| !["html", "md", "json"].contains(&kind(path).as_str())) {
        return Err(Failure::new(Exit::Usage, format!("{other:?} is no kind of report"))
            .hint("name a file that ends in .html, .md or .json"));
    }
    let records = record::read(&args.records, judgements(&args.judged)?.as_ref(), args.judged.partial);
    let records = records.map_err(failed)?;
    let own: Vec<Score> = records.iter().map(Score::of).collect();
    let before = args.baseline.as_deref().map(|path| scores(path, &args.judged)).transpose()?;
    let comparison = before.map(|before| Comparison::of(&before, &own)).transpose().map_err(failed)?;
    let title = args.records.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let report = Report::new(title, &records, &own, comparison);
    for path in &args.out {
        let text = match kind(path).as_str() {
            "html" => report.html(&records, &own).map_err(failed)?,
            "md" => report.markdown(),
            _ => {
                serde_json::to_string_pretty(&report).map_err(|error| Failure::of(Exit::Error, &error))?
                    + "\n"
            }
        };
        create(path)?.write_all(text.as_bytes())?;
        output.line(path.display().to_string())?;
    }
    Ok(Exit::Ok)
}
