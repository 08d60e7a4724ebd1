//! Opening a PDF, and what it says of itself.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};
use lopdf::{Document, Error, LoadOptions, Object};

use super::super::ExtractError;
use super::super::fields::Fields;
use super::marks::decode;
use super::objects::{dictionary, get, resolve};

/// Largest stream that is decoded to open a file, in bytes.
const STREAM: usize = 256 << 20;

/// Longest title in bytes.
const LONGEST_TITLE: usize = 300;

/// Opens a PDF, with the first of the passwords that does, the empty one before all.
pub(super) fn open(bytes: &[u8], passwords: &[String]) -> Result<Document, ExtractError> {
    let load = |password: Option<&str>| {
        let options = LoadOptions {
            password: password.map(str::to_owned),
            max_decompressed_size: Some(STREAM),
            ..LoadOptions::default()
        };
        Document::load_mem_with_options(bytes, options)
    };
    let mut last = match load(None) {
        Ok(document) if !is_locked(&document) => return Ok(document),
        other => other,
    };
    let locked = match &last {
        Ok(_) | Err(Error::InvalidPassword | Error::Decryption(_)) => true,
        Err(_) => false,
    };
    if !locked {
        return last.map_err(malformed);
    }
    for password in passwords {
        last = load(Some(password));
        if let Ok(document) = &mut last
            && !is_locked(document)
        {
            return last.map_err(malformed);
        }
    }
    Err(ExtractError::Encrypted)
}

/// Whether a document is encrypted still.
fn is_locked(document: &Document) -> bool {
    document.is_encrypted()
}

fn malformed(error: Error) -> ExtractError {
    let mut what = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(error) = cause {
        what = format!("{what}: {error}");
        cause = error.source();
    }
    ExtractError::Malformed { what }
}

/// Title, date and language.
pub(super) fn fields(document: &Document) -> Fields {
    let mut fields = Fields::default();
    let info = document.trailer.get(b"Info").ok().and_then(|info| resolve(document, info)?.as_dict().ok());
    if let Some(info) = info {
        let text = |key: &[u8]| match get(document, info, key) {
            Some(Object::String(text, _)) => Some(decode(text)),
            _ => None,
        };
        if let Some(title) = text(b"Title").as_deref().and_then(title) {
            fields.set("title", &title);
        }
        fields.modified = text(b"ModDate")
            .as_deref()
            .and_then(date)
            .or_else(|| text(b"CreationDate").as_deref().and_then(date));
    }
    let root = dictionary(document, &document.trailer, b"Root");
    if let Some(Object::String(lang, _)) = root.and_then(|root| get(document, root, b"Lang")) {
        fields.set("lang", &decode(lang));
    }
    fields
}

/// A title that someone gave, as opposed to one that a program made up.
fn title(text: &str) -> Option<String> {
    let text: String = text.chars().filter(|c| !c.is_control()).collect();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let lower = text.to_lowercase();
    let file = [
        ".doc", ".docx", ".pdf", ".indd", ".tex", ".dvi", ".xls", ".xlsx", ".ppt", ".pptx", ".odt", ".qxd",
        ".md",
    ];
    let made_up = [
        "untitled",
        "microsoft word",
        "powerpoint presentation",
        "(anonymous)",
        "document",
        "slide 1",
        "none",
    ];
    let bad = file.iter().any(|end| lower.ends_with(end))
        || made_up
            .iter()
            .any(|start| lower.starts_with(start) && (lower.len() < 30 || lower.contains(" - ")));
    (text.chars().filter(|c| c.is_alphabetic()).count() >= 3 && text.len() <= LONGEST_TITLE && !bad)
        .then_some(text)
}

/// A date of the form `D:20240301120000+01'00'`, of which all after the year may be missing.
fn date(text: &str) -> Option<Timestamp> {
    let text = text.trim().trim_start_matches("D:");
    let digits: String = text.chars().take_while(char::is_ascii_digit).take(14).collect();
    let part = |from: usize, default: i16| match digits.get(from..from + 2) {
        Some(part) => part.parse().ok(),
        None => Some(default),
    };
    let year: i16 = digits.get(..4)?.parse().ok()?;
    let (month, day) = (part(4, 1)? as i8, part(6, 1)? as i8);
    let (hour, minute, second) = (part(8, 0)? as i8, part(10, 0)? as i8, part(12, 0)? as i8);
    let time = DateTime::new(year, month, day, hour, minute, second, 0).ok()?;
    let zone = text.get(digits.len()..).unwrap_or_default();
    let numbers: Vec<i32> = zone
        .get(1..)
        .unwrap_or_default()
        .split(|c: char| !c.is_ascii_digit())
        .filter_map(|number| number.parse().ok())
        .collect();
    let seconds = numbers.first().unwrap_or(&0) * 3_600 + numbers.get(1).unwrap_or(&0) * 60;
    let offset =
        Offset::from_seconds(if zone.starts_with('-') { -seconds } else { seconds }).unwrap_or(Offset::UTC);
    // Programs that leave time out, so that the same source gives the same file, write the first of a century.
    let made_up = (month, day, hour, minute, second) == (1, 1, 0, 0, 0)
        && digits.len() == 14
        && matches!(year, 1970 | 1980 | 2000);
    if made_up { None } else { TimeZone::fixed(offset).to_timestamp(time).ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_far_as_they_go() {
        for (text, expected) in [
            ("D:20240301120000+01'00'", Some("2024-03-01T11:00:00Z")),
            ("D:20240301120000Z", Some("2024-03-01T12:00:00Z")),
            ("20240301", Some("2024-03-01T00:00:00Z")),
            ("D:2024", Some("2024-01-01T00:00:00Z")),
            ("D:20241399", None),
            ("D:20000101000000+00'00'", None),
            ("yesterday", None),
        ] {
            assert_eq!(date(text).map(|time| time.to_string()).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn titles_that_programs_make_up_are_not_taken() {
        assert_eq!(title(" Thermostat  manual "), Some("Thermostat manual".to_owned()));
        for made_up in ["Microsoft Word - a.doc", "untitled", "manual-final.indd", "", "12"] {
            assert_eq!(title(made_up), None, "{made_up}");
        }
    }
}
