use super::*;
use crate::testing::record;

fn records() -> Vec<Record> {
    (0..24)
        .map(|n| {
            let mut record =
                record(&format!("q{n}"), if n % 4 == 3 { &[] } else { &["It lasts 36 months."] });
            record.slices.insert("kind".into(), if n < 12 { "direct" } else { "</td>|`x`" }.into());
            record.record.answer.question =
                "How long? </script><script>alert(1)</script> \u{2028} 👩‍🔧 & \"so\"".to_owned();
            record.record.answer.timings.total_ms = f64::from(n) + 5.0;
            record
        })
        .collect()
}

fn report(compared: bool) -> (Report, Vec<Record>, Vec<Score>) {
    let records = records();
    let scores: Vec<Score> = records.iter().map(Score::of).collect();
    let comparison = compared.then(|| Comparison::of(&scores, &scores).unwrap());
    (Report::new("a <b> set".to_owned(), &records, &scores, comparison), records, scores)
}

#[test]
fn the_page_needs_nothing_else_and_escapes_every_text() {
    let (report, records, scores) = report(true);
    let page = report.html(&records, &scores).unwrap();
    for part in ["a &lt;b&gt; set", "<svg class=\"chart\"", "undecided", "Content-Security-Policy", "</html>"]
    {
        assert!(page.contains(part), "{part}");
    }
    for part in
        ["<script>alert", "</td>|", "http://", "https://", "src=", "url(", "@import", "\u{2028}", "{{", "{%"]
    {
        assert!(!page.contains(part), "{part}");
    }
    assert_eq!(page.matches("</script>").count(), 2);
}

#[test]
fn the_data_of_the_page_is_what_was_recorded() {
    let (_, records, scores) = report(false);
    let data: serde_json::Value = serde_json::from_str(&data::embed(&records, &scores)).unwrap();
    assert_eq!(data["questions"].as_array().unwrap().len(), 24);
    assert_eq!(data["questions"][0]["text"], records[0].record.answer.question);
    // The same passage is there once.
    assert_eq!(data["passages"].as_array().unwrap().len(), 2);
    let range = &data["questions"][0]["said"][0]["citations"][0]["range"];
    assert_eq!((range[0].as_u64(), range[1].as_u64()), (Some(0), Some(19)));
    let place = crate::measure::place("right").unwrap();
    assert_eq!(data["questions"][3]["values"][place], 0.0);
}

#[test]
fn markdown_and_json_hold_the_totals() {
    let (report, ..) = report(true);
    let page = report.markdown();
    assert!(page.contains("| right | 0.750 | ") && page.contains("## Against earlier records"), "{page}");
    assert!(page.contains("kind: \\</td>\\|\\`x\\`"), "{page}");
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!((json["version"].as_u64(), json["table"]["records"].as_u64()), (Some(1), Some(24)));
}

#[test]
fn records_of_nothing_known_can_be_shown() {
    let mut records = records();
    records.iter_mut().for_each(|record| record.judgement = None);
    let scores: Vec<Score> = records.iter().map(Score::of).collect();
    let page = Report::new(String::new(), &records, &scores, None).html(&records, &scores).unwrap();
    assert!(page.contains("nothing is known of right answers"), "{page}");
}
