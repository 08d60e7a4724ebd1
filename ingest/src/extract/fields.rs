//! Properties that documents state about themselves, under the many names that they go by.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

/// Longest value kept, in characters. Properties are for filtering, not for reading.
const LONGEST: usize = 200;

/// What front matter, column names and the like say of an item.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Fields {
    /// Title.
    pub(crate) title: Option<String>,
    /// When the item was last changed; a date of change goes before one of publication.
    pub(crate) modified: Option<Timestamp>,
    /// `product`, `version`, `status`, `audience`, `lang`, `tags`.
    pub(crate) metadata: BTreeMap<String, String>,
    changed: bool,
}

impl Fields {
    /// Takes `key`'s value where it is one that is known; the first value of a property stays.
    pub(crate) fn set(&mut self, key: &str, value: &str) {
        let value = value.trim();
        if value.is_empty() {
            return;
        }
        let key = key.trim().to_lowercase().replace(['-', ' '], "_");
        match key.as_str() {
            "title" | "subject" => {
                self.title.get_or_insert_with(|| clip(value));
            }
            "updated" | "updated_at" | "last_updated" | "lastmod" | "last_modified" | "last_update"
            | "modified" | "date_modified" | "modified_at" | "last_reviewed" | "revdate" => {
                self.changed(value, true);
            }
            "date" | "ms.date" | "created" | "created_at" | "published" | "date_published" => {
                self.changed(value, false);
            }
            "product" | "products" | "product_name" | "app" | "ms.service" | "ms.prod" => {
                self.insert("product", value);
            }
            "version" | "product_version" | "pkgversion" | "release" | "applies_to" => {
                self.insert("version", value);
            }
            "status" | "state" => self.insert("status", &value.to_lowercase()),
            "draft" | "deprecated" | "archived" | "outdated" if truthy(value) => self.insert("status", &key),
            "audience" | "audiences" | "ms.audience" => self.insert("audience", value),
            "lang" | "language" | "locale" => self.insert("lang", value),
            "tags" | "keywords" | "labels" => self.insert("tags", value),
            "category" | "categories" | "ticket_category" => self.insert("category", value),
            "priority" => self.insert("priority", &value.to_lowercase()),
            _ => {}
        }
    }

    fn insert(&mut self, key: &str, value: &str) {
        self.metadata.entry(key.to_owned()).or_insert_with(|| clip(value));
    }

    fn changed(&mut self, value: &str, changed: bool) {
        if ((changed && !self.changed) || self.modified.is_none())
            && let Some(when) = timestamp(value)
        {
            self.modified = Some(when);
            self.changed = changed;
        }
    }
}

fn clip(value: &str) -> String {
    value.chars().take(LONGEST).collect()
}

fn truthy(value: &str) -> bool {
    matches!(value.to_lowercase().as_str(), "true" | "yes" | "1")
}

/// Ways to write a date that are read beside ISO 8601 and RFC 2822. Days are taken as UTC.
const DATES: [&str; 8] =
    ["%Y/%m/%d", "%m/%d/%Y", "%d.%m.%Y", "%B %d, %Y", "%b %d, %Y", "%d %B %Y", "%d %b %Y", "%Y-%m"];
const TIMES: [&str; 3] = ["%Y/%m/%d %H:%M:%S", "%m/%d/%Y %H:%M", "%m/%d/%Y %H:%M:%S"];

/// The point in time that `text` names, as ISO 8601, RFC 2822, seconds since 1970 or a common date format.
pub(crate) fn timestamp(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if text.len() > 64 {
        return None;
    }
    if let Ok(seconds) = text.parse::<i64>() {
        // Ten digits of seconds reach from 2001 to 2286; thirteen are milliseconds.
        return match text.len() {
            9 | 10 => Timestamp::from_second(seconds).ok(),
            13 => Timestamp::from_millisecond(seconds).ok(),
            _ => None,
        };
    }
    let utc = |time: DateTime| TimeZone::UTC.to_timestamp(time).ok();
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time);
    }
    let offset = jiff::fmt::strtime::parse("%Y-%m-%d %H:%M:%S %z", text);
    if let Ok(time) = offset.and_then(|parsed| parsed.to_timestamp()) {
        return Some(time);
    }
    if let Ok(time) = text.parse::<DateTime>() {
        return utc(time);
    }
    if let Ok(zoned) = jiff::fmt::rfc2822::parse(text) {
        return Some(zoned.timestamp());
    }
    let spaced = text.strip_suffix("UTC").map_or(text, str::trim_end);
    if let Ok(time) = spaced.parse::<DateTime>() {
        return utc(time);
    }
    if let Some(time) = TIMES.iter().find_map(|format| DateTime::strptime(format, spaced).ok()) {
        return utc(time);
    }
    DATES
        .iter()
        .find_map(|format| match *format {
            "%Y-%m" => Date::strptime("%Y-%m-%d", format!("{text}-01")).ok(),
            format => Date::strptime(format, text).ok(),
        })
        .and_then(|date| utc(date.at(0, 0, 0, 0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_in_many_forms() {
        for text in [
            "2024-03-01",
            "2024-03-01T00:00:00Z",
            "2024-03-01 00:00:00",
            "2024-03-01 00:00:00 UTC",
            "2024-03-01 01:00:00 +0100",
            "Fri, 01 Mar 2024 00:00:00 +0000",
            "2024/03/01",
            "03/01/2024",
            "01.03.2024",
            "March 1, 2024",
            "1 March 2024",
            "2024-03",
            "1709251200",
            "1709251200000",
        ] {
            let found = timestamp(text).map(|time| time.to_string());
            assert_eq!(found.as_deref(), Some("2024-03-01T00:00:00Z"), "{text:?}");
        }
        for text in ["", "soon", "2024", "32.01.2024", "-"] {
            assert_eq!(timestamp(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_date_of_change_goes_before_one_of_publication() {
        for order in [["date", "updated"], ["updated", "date"]] {
            let mut fields = Fields::default();
            for key in order {
                fields.set(key, if key == "date" { "2020-01-01" } else { "2024-01-01" });
            }
            assert_eq!(fields.modified.map(|time| time.to_string()).as_deref(), Some("2024-01-01T00:00:00Z"));
        }
    }

    #[test]
    fn known_properties_become_metadata() {
        let mut fields = Fields::default();
        for (key, value) in [
            ("Title", "T"),
            ("Product", "Router"),
            ("deprecated", "true"),
            ("draft", "false"),
            ("weight", "3"),
        ] {
            fields.set(key, value);
        }
        assert_eq!(fields.title.as_deref(), Some("T"));
        let metadata: Vec<_> = fields.metadata.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        assert_eq!(metadata, [("product", "Router"), ("status", "deprecated")]);
    }
}
