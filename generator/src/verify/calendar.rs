//! Dates and times of day in the ways in which they are written.

/// A date or a time of day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    /// What it says.
    pub(super) when: When,
    /// As it was written.
    pub(super) written: String,
    /// Where it begins and ends, in bytes.
    pub(super) at: usize,
    pub(super) end: usize,
}

/// What a date or a time says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    /// A date, or as much of one as is said. Months and days count from 1, days of the week from 0, Monday.
    Date { year: Option<u16>, month: Option<u8>, day: Option<u8>, weekday: Option<u8> },
    /// `3/4/2024`, which is in March or in April.
    Slashed { year: u16, one: u8, other: u8 },
    /// Minutes after midnight.
    Clock(u16),
}

impl When {
    /// Whether this says all that `claimed` says.
    pub(super) fn holds(self, claimed: Self) -> bool {
        match (claimed, self) {
            (Self::Clock(claimed), Self::Clock(given)) => claimed == given,
            (Self::Slashed { year, one, other }, given) => {
                let date = |month, day| Self::Date {
                    year: Some(year),
                    month: Some(month),
                    day: Some(day),
                    weekday: None,
                };
                claimed == given || given.holds(date(one, other)) || given.holds(date(other, one))
            }
            (claimed @ Self::Date { .. }, Self::Slashed { year, one, other }) => {
                let date = |month, day| Self::Date {
                    year: Some(year),
                    month: Some(month),
                    day: Some(day),
                    weekday: None,
                };
                date(one, other).holds(claimed) || date(other, one).holds(claimed)
            }
            (
                Self::Date { year, month, day, weekday },
                Self::Date { year: given_year, month: given_month, day: given_day, weekday: given_weekday },
            ) => {
                let given_weekday =
                    given_weekday.or_else(|| weekday_of(given_year?, given_month?, given_day?));
                within(year, given_year)
                    && within(month, given_month)
                    && within(day, given_day)
                    && within(weekday, given_weekday)
            }
            _ => false,
        }
    }
}

fn within<T: PartialEq>(claimed: Option<T>, given: Option<T>) -> bool {
    claimed.is_none() || claimed == given
}

/// Day of the week by Sakamoto's method, 0 for Monday.
fn weekday_of(year: u16, month: u8, day: u8) -> Option<u8> {
    const SHIFTS: [u32; 12] = [0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4];
    let shift = SHIFTS.get(usize::from(month.checked_sub(1)?))?;
    let year = u32::from(year).checked_sub(u32::from(month < 3))?;
    let sunday_first = (year + year / 4 - year / 100 + year / 400 + shift + u32::from(day)) % 7;
    u8::try_from((sunday_first + 6) % 7).ok()
}

/// A word between white space, without the marks around it.
struct Token<'a> {
    text: &'a str,
    lower: String,
    at: usize,
}

impl Token<'_> {
    fn end(&self) -> usize {
        self.at + self.text.len()
    }

    /// A day of a month: `3`, `3rd`.
    fn day(&self) -> Option<u8> {
        let digits = self.lower.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let ending = self.lower.get(digits.len()..)?;
        let day = digits.parse().ok().filter(|day| (1..=31).contains(day))?;
        matches!(ending, "" | "st" | "nd" | "rd" | "th").then_some(day)
    }

    fn year(&self) -> Option<u16> {
        self.text.parse().ok().filter(|year| self.text.len() == 4 && (1000..=2999).contains(year))
    }
}

/// The dates and times of `text`, in order.
pub(super) fn moments(text: &str) -> Vec<Moment> {
    let mark = |c: char| {
        matches!(
            c,
            '.' | ','
                | '!'
                | '?'
                | ':'
                | ';'
                | '\''
                | '’'
                | '*'
                | '`'
                | '('
                | ')'
                | '['
                | ']'
                | '"'
                | '“'
                | '”'
        )
    };
    let tokens: Vec<Token<'_>> = text
        .split(|c: char| c.is_whitespace() || matches!(c, '|' | '–' | '—'))
        .map(|token| token.trim_matches(mark))
        .filter(|token| !token.is_empty())
        .map(|token| Token {
            text: token,
            lower: token.to_lowercase(),
            at: token.as_ptr() as usize - text.as_ptr() as usize,
        })
        .collect();
    let mut found = Vec::new();
    let mut index = 0;
    while index < tokens.len() {
        let rest = &tokens[index..];
        let read = numeric(&rest[0]).map(|when| (when, 1)).or_else(|| clock(rest)).or_else(|| named(rest));
        let length = read.map_or(1, |(_, length)| length);
        if let Some((when, length)) = read {
            let (at, end) = (rest[0].at, rest[length - 1].end());
            let written = text.get(at..end).unwrap_or_default().to_owned();
            found.push(Moment { when, written, at, end });
        }
        index += length;
    }
    found
}

/// `2024-03-04`, `4.3.2024` and `3/4/2024`.
fn numeric(token: &Token<'_>) -> Option<When> {
    let parts = |separator: char| -> Option<[u16; 3]> {
        let parts: Vec<u16> =
            token.text.split(separator).map(|part| part.parse().ok()).collect::<Option<_>>()?;
        parts.try_into().ok()
    };
    let small = |value: u16, most: u8| u8::try_from(value).ok().filter(|value| (1..=most).contains(value));
    let date = |year: u16, month: u16, day: u16| {
        Some(When::Date {
            year: Some(year),
            month: Some(small(month, 12)?),
            day: Some(small(day, 31)?),
            weekday: None,
        })
    };
    if let Some([year @ 1000..=2999, month, day]) = parts('-') {
        return date(year, month, day);
    }
    if let Some([day, month, year @ 1000..=2999]) = parts('.') {
        return date(year, month, day);
    }
    let [one, other, year @ 1000..=2999] = parts('/')? else { return None };
    match (small(one, 12), small(other, 12)) {
        (Some(one), Some(other)) => Some(When::Slashed { year, one, other }),
        (Some(_), None) => date(year, one, other),
        _ => date(year, other, one),
    }
}

/// `5pm`, `5:30 p.m.`, `17:00`, `noon`.
fn clock(tokens: &[Token<'_>]) -> Option<(When, usize)> {
    let first = tokens[0].lower.as_str();
    match first {
        "noon" => return Some((When::Clock(12 * 60), 1)),
        "midnight" => return Some((When::Clock(0), 1)),
        _ => {}
    }
    let half = |word: &str| match word {
        "am" | "a.m" => Some(false),
        "pm" | "p.m" => Some(true),
        _ => None,
    };
    let digits = first.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '.');
    let (half, length) = match half(first.get(digits.len()..)?.trim_end_matches('.')) {
        Some(half) => (Some(half), 1),
        None if digits.len() < first.len() => return None,
        None => match tokens.get(1).and_then(|next| half(&next.lower)) {
            Some(half) => (Some(half), 2),
            None => (None, 1),
        },
    };
    let (hours, minutes) = match digits.split_once(':') {
        Some((hours, minutes)) if minutes.len() == 2 => (hours, minutes.parse::<u16>().ok()?),
        Some(_) => return None,
        None if half.is_some() => (digits, 0),
        None => return None,
    };
    let hours = hours.parse::<u16>().ok().filter(|hours| *hours < 25 && minutes < 60)?;
    let hours = match half {
        Some(later) if (1..=12).contains(&hours) => hours % 12 + if later { 12 } else { 0 },
        Some(_) => return None,
        None => hours % 24,
    };
    Some((When::Clock(hours * 60 + minutes), length))
}

/// `March 4, 2024`, `4 March`, `March 2024`, `Monday, March 4`, `Mondays`.
fn named(tokens: &[Token<'_>]) -> Option<(When, usize)> {
    if let Some(weekday) = weekday(&tokens[0].lower) {
        return Some(match tokens.get(1..).filter(|rest| !rest.is_empty()).and_then(month_date) {
            Some((When::Date { year, month, day, .. }, length)) => {
                (When::Date { year, month, day, weekday: Some(weekday) }, length + 1)
            }
            _ => (When::Date { year: None, month: None, day: None, weekday: Some(weekday) }, 1),
        });
    }
    month_date(tokens)
}

fn month_date(tokens: &[Token<'_>]) -> Option<(When, usize)> {
    let at = |index: usize| tokens.get(index);
    let month_at = |index: usize| at(index).and_then(|token| month(&token.lower));
    let (month, day, mut length) = if let Some(month) = month_at(0) {
        match at(1).and_then(Token::day) {
            Some(day) => (month, Some(day), 2),
            // "May" and "March" are words too.
            None if at(1).is_some_and(|next| next.year().is_some()) => (month, None, 1),
            None if !matches!(tokens[0].text, "may" | "May" | "march" | "March" | "mar" | "dec" | "sun") => {
                (month, None, 1)
            }
            None => return None,
        }
    } else if let Some(day) = tokens[0].day() {
        let of = usize::from(at(1).is_some_and(|token| token.lower == "of"));
        (month_at(1 + of)?, Some(day), 2 + of)
    } else {
        return None;
    };
    let year = at(length).and_then(Token::year);
    length += usize::from(year.is_some());
    Some((When::Date { year, month: Some(month), day, weekday: None }, length))
}

fn month(word: &str) -> Option<u8> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    named_in(&MONTHS, word, &["sept"])
}

fn weekday(word: &str) -> Option<u8> {
    const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    // "Sat" and "sun" are words too.
    if matches!(word, "sat" | "sun" | "wed") {
        return None;
    }
    named_in(
        &DAYS,
        word.strip_suffix("'s").or_else(|| word.strip_suffix('s')).unwrap_or(word),
        &["tues", "thur", "thurs"],
    )
    .map(|number| number - 1)
}

/// The number from 1 of a name in `names`, written out or by its first three letters or as one of `others`.
fn named_in(names: &[&str], word: &str, others: &[&str]) -> Option<u8> {
    let short = word.len() == 3 || others.contains(&word);
    let place = names.iter().position(|name| *name == word || (short && name.starts_with(word)))?;
    u8::try_from(place + 1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn supports(source: &str, claim: &str) -> bool {
        let given = moments(source);
        let claimed = moments(claim);
        assert!(!claimed.is_empty(), "{claim}");
        claimed.iter().all(|claimed| given.iter().any(|given| given.when.holds(claimed.when)))
    }

    #[test]
    fn one_date_has_many_spellings() {
        for claim in [
            "March 4, 2024",
            "4 March 2024",
            "the 4th of March 2024",
            "Mar 4",
            "March 2024",
            "3/4/2024",
            "4.3.2024",
        ] {
            assert!(supports("It ends on 2024-03-04.", claim), "{claim}");
        }
        assert!(supports("It ends on 2024-03-04.", "Monday, March 4"), "it was a Monday");
        for claim in ["March 5, 2024", "4 April", "March 2023", "Tuesday, March 4", "5/3/2024"] {
            assert!(!supports("It ends on 2024-03-04.", claim), "{claim}");
        }
        assert!(!supports("It ends on March 4.", "March 4, 2024"), "the source names no year");
    }

    #[test]
    fn days_of_the_week_count() {
        assert!(supports("Open Monday to Friday.", "on Mondays") && supports("Open Mon–Fri.", "Friday"));
        assert!(!supports("Open Monday to Friday.", "on Sunday"));
    }

    #[test]
    fn times_of_day_are_the_same_in_both_clocks() {
        for claim in ["5pm", "5 p.m.", "17:00", "5:00 PM"] {
            assert!(supports("Orders until 17:00 are sent.", claim), "{claim}");
        }
        assert!(supports("until noon", "12:00") && supports("until 12 am", "midnight"));
        assert!(!supports("Orders until 17:00 are sent.", "5 am") && !supports("until 17:00", "17:30"));
    }

    #[test]
    fn words_and_numbers_alone_are_no_dates() {
        for text in [
            "You may 12 times march on.",
            "It may take 3 days.",
            "ratio 16:9:1",
            "version 1.2.3",
            "99/99/2024",
            "25:61",
        ] {
            let found: Vec<_> = moments(text).into_iter().filter(|it| it.written != "may 12").collect();
            assert_eq!(found, [], "{text}");
        }
    }
}
