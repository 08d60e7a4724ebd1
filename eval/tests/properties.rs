//! What holds whatever is read or measured.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test may panic and is no interface")]

use std::collections::BTreeMap;

use eval::judgement::Judgements;
use eval::measure::average_precision::average_precision;
use eval::measure::k_precision::k_precision;
use eval::measure::ndcg::graded;
use eval::measure::overlap::{Likeness, words};
use eval::measure::ranking::Ranking;
use eval::measure::recall::recall;
use eval::measure::reciprocal_rank::reciprocal_rank;
use eval::measure::risk;
use eval::measure::rouge::rouge_l;
use eval::measure::support::Premise;
use eval::statistics::{Clusters, holm, means, randomize};
use proptest::prelude::*;

fn is_share(value: Option<f64>) -> bool {
    value.is_none_or(|value| (0.0..=1.0 + 1e-9).contains(&value))
}

/// Lines that look like records, judgements and questions more than chance would.
fn line() -> impl Strategy<Value = String> {
    let keys = prop::sample::select(vec![
        "version",
        "id",
        "set",
        "cluster",
        "ranking",
        "written",
        "record",
        "answer",
        "question",
        "judgement",
        "rating",
        "data",
        "relevant",
        "answerable",
    ]);
    let value = prop_oneof![
        Just("1".to_owned()),
        Just("null".to_owned()),
        Just("[]".to_owned()),
        Just("{}".to_owned()),
        Just("1e400".to_owned()),
        Just("[{\"paragraphs\":[]}]".to_owned()),
        "[ -~]{0,12}".prop_map(|text| format!("{text:?}")),
    ];
    let object = prop::collection::vec((keys, value), 0..8).prop_map(|fields| {
        let fields: Vec<String> = fields.iter().map(|(key, value)| format!("\"{key}\":{value}")).collect();
        format!("{{{}}}", fields.join(","))
    });
    prop_oneof![object, "\\PC{0,40}", "[\\[{\"]{0,300}"]
}

proptest! {
    #[test]
    fn files_are_read_or_refused(lines in prop::collection::vec(line(), 0..6), tail in prop::collection::vec(any::<u8>(), 0..20)) {
        let folder = tempfile::tempdir().unwrap();
        let mut bytes = lines.join("\n").into_bytes();
        bytes.extend(tail);
        for name in ["a.jsonl", "a.json", "a.csv"] {
            let path = folder.path().join(name);
            std::fs::write(&path, &bytes).unwrap();
            for error in [
                eval::record::read(&path, None, false).err(),
                Judgements::read(&path).err(),
                eval::feedback::read(&path).err(),
                eval::questions::read(&path).err(),
            ].into_iter().flatten() {
                prop_assert!(!error.to_string().is_empty());
            }
        }
    }

    #[test]
    fn rankings_are_worth_from_0_to_1(
        found in prop::collection::vec(("[a-h]", -2.0f32..2.0), 0..12),
        judged in prop::collection::btree_map("[a-h]", 0u32..4, 0..8),
        k in 1usize..12,
    ) {
        let found: Vec<(&str, f32)> = found.iter().map(|(id, score)| (id.as_str(), *score)).collect();
        let ranking = Ranking::of(&found, &judged);
        let values = [
            recall(&ranking.ranks, k), reciprocal_rank(&ranking.ranks, k), average_precision(&ranking.ranks),
            graded(&ranking.gains, &ranking.ideal, k),
        ];
        prop_assert!(values.into_iter().all(is_share), "{values:?}");
        prop_assert_eq!(values[0].is_none(), judged.values().all(|grade| *grade == 0));
        // The best order is worth 1.
        let best: BTreeMap<&str, f32> = judged.iter().map(|(id, grade)| (id.as_str(), *grade as f32)).collect();
        let best = Ranking::of(&best.into_iter().collect::<Vec<_>>(), &judged);
        prop_assert!(graded(&best.gains, &best.ideal, k).is_none_or(|value| (value - 1.0).abs() < 1e-9));
    }

    #[test]
    fn plain_text_has_the_words_that_any_text_has(text in "([ -~]|\\n|\\t| the | a |An ){0,40}") {
        let plain = words(&text);
        let mut any = words(&format!("{text} é"));
        prop_assert_eq!(any.pop(), Some("é".to_owned()));
        prop_assert_eq!(plain, any);
    }

    #[test]
    fn texts_are_worth_from_0_to_1_and_bear_out_themselves(said in "\\PC{0,60}", other in "\\PC{0,60}") {
        let Likeness { exact, f1, recall, contained } = Likeness::best(&said, std::slice::from_ref(&other));
        for value in [Some(exact), Some(f1), Some(recall), Some(contained), k_precision(&said, &other), rouge_l(&said, &[other])] {
            prop_assert!(is_share(value), "{value:?}");
        }
        prop_assert_eq!(k_precision(&said, &said).unwrap_or(1.0), 1.0);
        prop_assert_eq!(Premise::of([said.as_str()]).bears_out(&said), k_precision(&said, "").is_some());
    }

    #[test]
    fn statistics_stay_within_what_they_can_be(
        values in prop::collection::vec((prop::option::of(0.0f64..1.0), 0usize..6), 0..30),
        pairs in prop::collection::vec((0.0f64..1.0, any::<bool>()), 0..30),
    ) {
        let (values, groups): (Vec<Option<f64>>, Vec<usize>) = values.into_iter().unzip();
        let clusters = Clusters::numbered(&groups);
        if let Some(estimate) = means(std::slice::from_ref(&values), &clusters, 3)[0] {
            prop_assert!(estimate.low <= estimate.mean + 1e-9 && estimate.mean <= estimate.high + 1e-9, "{estimate:?}");
        }
        let p = randomize(&values, &clusters, 3);
        prop_assert!(is_share(p) && holm(&p.into_iter().collect::<Vec<_>>()).into_iter().all(|p| is_share(Some(p))));
        let mut pairs = pairs;
        risk::sort(&mut pairs);
        prop_assert!(is_share(risk::area(&pairs, None)));
    }
}
