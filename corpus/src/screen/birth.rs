//! Dates of birth: dates that words say someone was born on.

use std::sync::LazyLock;

use regex::Regex;

use super::kind::{Candidate, Kind};

static BORN: LazyLock<Regex> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "the pattern is a constant that tests compile")]
    Regex::new(
        r"(?xi)
        (?-u:\b)(?: born | birth\s?date | date\s+of\s+birth | birth\s?day | d\.?o\.?b\.? | geboren | geburtsdatum | geb\. | née? | date\s+de\s+naissance
          | nacid[oa] | fecha\s+de\s+nacimiento | nat[oa] | data\s+di\s+nascita | geboortedatum | data\s+de\s+nascimento | nascid[oa] )
        [\s:=,'’(-] [^0-9\n.;]{0,24}?
        (?P<date>
            [0-9]{1,2}(?:st|nd|rd|th|\.|er)?(?:\s+of)?[\s./-]{1,2} (?: [0-9]{1,2} | \p{L}+\.? ) [\s./,-]{1,2}(?:de\s)?(?:[0-9]{4}|[0-9]{2})
          | [0-9]{4}[-./][0-9]{1,2}[-./][0-9]{1,2}
          | \p{L}+\.?\s+[0-9]{1,2}(?:st|nd|rd|th)?,?\s+[0-9]{4}
        )(?-u:\b)",
    )
    .expect("a constant pattern compiles")
});

/// The dates of birth in `text`.
pub(super) fn find(text: &str, found: &mut Vec<Candidate>) {
    for parts in BORN.captures_iter(text) {
        found.extend(parts.name("date").map(|date| Candidate::likely(Kind::BirthDate, date.range().into())));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        let mut found = Vec::new();
        find(text, &mut found);
        found.into_iter().map(|found| found.span.of(text).unwrap()).collect()
    }

    #[test]
    fn dates_of_birth() {
        assert_eq!(found("She was born on 12 March 1984 in Ulm"), ["12 March 1984"]);
        assert_eq!(found("DOB: 03/12/1984"), ["03/12/1984"]);
        assert_eq!(found("date of birth is 1984-03-12."), ["1984-03-12"]);
        assert_eq!(found("Geburtsdatum: 12.03.1984"), ["12.03.1984"]);
        assert_eq!(found("born March 12th, 1984"), ["March 12th, 1984"]);
        assert_eq!(found("née le 12 mars 1984"), ["12 mars 1984"]);
        assert_eq!(found("My birthday is 3.12.84"), ["3.12.84"]);
        assert_eq!(found("DOB on file 1974-12-02, verified"), ["1974-12-02"]);
        assert_eq!(found("born in Ulm on 12 March 1984"), ["12 March 1984"]);
    }

    #[test]
    fn other_dates() {
        for text in [
            "released on 12 March 1984",
            "2024-01-15",
            "Enter your date of birth.",
            "DOB: DD/MM/YYYY",
            "born in 1984",
        ] {
            assert_eq!(found(text), Vec::<&str>::new(), "{text}");
        }
    }
}
