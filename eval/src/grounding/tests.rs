use std::path::PathBuf;

use super::*;

fn file(text: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("claims.jsonl");
    std::fs::write(&path, text).expect("a file");
    (folder, path)
}

fn judged(items: &[(f64, bool)]) -> Vec<Judged> {
    let one = |(at, (score, supported)): (usize, &(f64, bool))| Judged {
        score: *score,
        passed: *score >= 0.5,
        supported: *supported,
        group: at,
    };
    items.iter().enumerate().map(one).collect()
}

#[test]
fn claims_are_read_with_their_labels() {
    let (_folder, path) = file(
        "{\"id\":\"a\",\"context\":\"c\",\"claim\":\"x\",\"label\":1,\"set\":\"s\"}\n\n\
         {\"context\":\"c\",\"claim\":\"y\",\"label\":false}\n{\"id\":7,\"context\":\"d\",\"claim\":\"z\",\"label\":0}",
    );
    let claims = read(&path).expect("claims");
    let seen: Vec<(&str, bool)> = claims.iter().map(|claim| (claim.id.as_str(), claim.supported)).collect();
    assert_eq!(seen, [("a", true), ("3", false), ("7", false)]);
    assert_eq!(groups(&claims), [0, 0, 1]);
}

#[test]
fn what_is_wrong_is_named_with_its_line_and_a_remedy() {
    let good = "{\"context\":\"c\",\"claim\":\"x\",\"label\":1}\n";
    for (line, remedy) in [
        ("{\"context\":\"c\",\"claim\":\"x\",\"label\":2}", "write 1 where the context supports"),
        ("{\"context\":\"c\",\"claim\":\"x\",\"label\":\"yes\"}", "and 0 where it does not"),
        ("{\"context\":\"c\",\"label\":1}", "missing field `claim`"),
        ("{\"context\":\" \",\"claim\":\"x\",\"label\":1}", "`context` is empty; fill it"),
        ("context,claim,label", "in one line"),
    ] {
        let (_folder, path) = file(&format!("{good}{line}\n{good}"));
        let error = read(&path).expect_err(line).to_string();
        assert!(
            error.contains("claims.jsonl") && error.contains("line 2") && error.contains(remedy),
            "{error}"
        );
    }
    let (_folder, path) = file("\n\n");
    assert!(matches!(read(&path), Err(Error::NoClaims { .. })));
    assert!(matches!(read(&path.with_file_name("none")), Err(Error::Read { .. })));
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    let (_folder, path) = file("");
    std::fs::write(&path, b"{\"context\":\"\xff\"}\n").expect("a file");
    assert!(read(&path).expect_err("no text").to_string().contains("line 1: not UTF-8"));
}

#[test]
fn agreement_follows_scores_and_decisions() {
    let agreement =
        Agreement::of(&judged(&[(0.9, true), (0.8, true), (0.6, false), (0.3, true), (0.1, false)]), 7);
    assert_eq!((agreement.claims, agreement.supported), (5, 3));
    let value = |interval: Option<Interval>| (interval.expect("it applies").value * 1000.0).round();
    assert_eq!(value(agreement.balanced_accuracy), 583.0);
    assert_eq!(value(agreement.auc), 833.0);
    assert_eq!(
        (value(agreement.precision), value(agreement.recall), value(agreement.f1)),
        (667.0, 667.0, 667.0)
    );
    let best = agreement.best_balanced_accuracy.map(|accuracy| (accuracy * 1000.0).round());
    assert_eq!((agreement.best_threshold, best), (Some(0.8), Some(833.0)));
    assert_eq!(agreement.bins.len(), 5);
}

#[test]
fn intervals_hold_the_measure_and_repeat() {
    let items: Vec<(f64, bool)> =
        (0..200).map(|n| (f64::from(n * 37 % 100) / 100.0, n * 37 % 100 + n % 40 > 60)).collect();
    let agreement = Agreement::of(&judged(&items), 7);
    let area = agreement.auc.expect("both sides");
    assert!(area.low < area.value && area.value < area.high && area.high - area.low < 0.2, "{area:?}");
    assert_eq!(Agreement::of(&judged(&items), 7), agreement);
    let mut together = judged(&items);
    together.iter_mut().for_each(|item| item.group /= 20);
    let grouped = Agreement::of(&together, 7);
    assert_eq!(grouped.auc.map(|area| area.value), Some(area.value));
    assert_ne!(grouped.auc, agreement.auc);
}

#[test]
fn what_does_not_apply_is_left_out() {
    let agreement = Agreement::of(&judged(&[(0.9, true), (0.4, true)]), 7);
    assert_eq!((agreement.auc, agreement.balanced_accuracy, agreement.best_threshold), (None, None, None));
    assert!(agreement.recall.is_some());
    assert_eq!(Agreement::of(&[], 7), Agreement::default());
}
