//! `citedesk eval import-feedback` and `gaps`: what people think of answers, and what is missing.

use std::io::Write as _;
use std::path::Path;

use eval::gaps::Board;
use eval::record;

use super::lines::create;
use super::score::{failed, judgements};
use crate::cli::EvalGaps;
use crate::config::Settings;
use crate::failure::{Exit, Failure};
use crate::kept::Kept;
use crate::output::Output;

pub(super) fn import(
    settings: &Settings,
    ratings: Option<&Path>,
    out: &Path,
    output: Output,
) -> Result<Exit, Failure> {
    let ratings = ratings.map_or_else(|| Kept::beside(&settings.records).ratings(), Path::to_owned);
    let found = eval::feedback::read(&ratings).map_err(failed)?;
    let mut file = create(out)?;
    for line in &found.judgements {
        let line = serde_json::to_string(line).map_err(|error| Failure::of(Exit::Error, &error))?;
        writeln!(file, "{line}")?;
    }
    if output.json {
        output.event("feedback", &found)?;
        return Ok(Exit::Ok);
    }
    output.line(format!(
        "{} judgements in {}; score them with `citedesk eval score {} --judgements {} --partial`",
        found.judgements.len(),
        out.display(),
        settings.records.display(),
        out.display()
    ))?;
    for (count, what) in [
        (found.unrecorded, "opinions of answers that were not recorded"),
        (found.torn, "lines that cannot be read"),
    ] {
        if count > 0 {
            output.line(output.bad(&format!("left out: {count} {what}")))?;
        }
    }
    Ok(Exit::Ok)
}

pub(super) fn gaps(settings: &Settings, args: &EvalGaps, output: Output) -> Result<Exit, Failure> {
    let path = args.records.as_ref().unwrap_or(&settings.records);
    let judgements = judgements(&args.judged)?;
    let mut board = Board::default();
    record::each(path, judgements.as_ref(), args.judged.partial, |_, record| {
        board.add(&record);
        Ok(())
    })
    .map_err(failed)?;
    let gaps = board.gaps(args.most);
    if let Some(folder) = &args.drafts {
        std::fs::create_dir_all(folder)?;
        for (place, gap) in gaps.iter().enumerate() {
            create(&folder.join(format!("gap-{:02}.md", place + 1)))?.write_all(gap.draft().as_bytes())?;
        }
    }
    if output.json {
        gaps.iter().try_for_each(|gap| output.event("gap", gap))?;
        return Ok(Exit::Ok);
    }
    if gaps.is_empty() {
        output.line("no question was refused or rated badly")?;
    }
    for (place, gap) in gaps.iter().enumerate() {
        output.line(output.bold(&format!("{}. {} ({} asked)", place + 1, gap.title, gap.demand)))?;
        output.line(format!("   refused {}, rated badly {}", gap.refused, gap.rated_badly))?;
        for question in gap.questions.iter().skip(1).take(3) {
            output.line(format!("   {}", question.text))?;
        }
        if let Some(near) = gap.nearest.first() {
            output.line(output.dim(&format!("   nearest: {} ({})", near.title, near.location)))?;
        }
    }
    Ok(Exit::Ok)
}
