//! `JUnit` XML, as continuous integration shows it.

use std::fmt::Write as _;

use super::Check;

/// One test case for each rule.
pub fn junit(checks: &[Check]) -> String {
    let failed = checks.iter().filter(|check| !check.passed).count();
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite name=\"citedesk eval gate\" tests=\"{}\" failures=\"{failed}\" errors=\"0\" skipped=\"0\">\n",
        checks.len()
    );
    for check in checks {
        let (name, says) = (escape(&check.measure), escape(&check.says));
        let _ = write!(xml, "    <testcase classname=\"gate.{}\" name=\"{name}\"", check.rule);
        let _ = if check.passed {
            writeln!(xml, "/>")
        } else {
            writeln!(xml, ">\n      <failure message=\"{says}\"/>\n    </testcase>")
        };
    }
    xml + "  </testsuite>\n</testsuites>\n"
}

/// Text as a value of an attribute; characters that XML cannot hold are left out.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\t' | '\r' => escaped.push(' '),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_test_cases() {
        let check = |passed: bool, says: &str| Check {
            rule: "least",
            measure: "recall@5".to_owned(),
            passed,
            says: says.to_owned(),
        };
        let xml = junit(&[check(true, "fine"), check(false, "a < \"b\" & \u{1}c")]);
        assert!(xml.contains("tests=\"2\" failures=\"1\""), "{xml}");
        assert!(xml.contains("<testcase classname=\"gate.least\" name=\"recall@5\"/>"), "{xml}");
        assert!(xml.contains("<failure message=\"a &lt; &quot;b&quot; &amp; c\"/>"), "{xml}");
        assert_eq!(xml.matches("<testcase").count(), xml.matches("/>").count());
    }
}
