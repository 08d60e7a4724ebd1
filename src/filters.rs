//! What every search is confined to, whoever asks.

use retriever::Filter;

use crate::config::Settings;
use crate::failure::{Exit, Failure};

/// The filters of the configuration.
#[derive(Clone, Debug, Default)]
pub(crate) struct Confines(Vec<Filter>);

impl Confines {
    pub(crate) fn of(settings: &Settings) -> Result<Self, Failure> {
        parse(&settings.config.search.filters)
            .map(Self)
            .map_err(|failure| failure.hint("correct `search.filters` in the configuration: \"KEY:VALUE\""))
    }

    /// The filters of a question with those of the configuration. A question may narrow these and never widen them: two
    /// values of one field would let either through.
    pub(crate) fn with(&self, asked: &[Filter]) -> Result<Vec<Filter>, Failure> {
        let mut all = self.0.clone();
        for filter in asked {
            let allowed: Vec<&Filter> = self.0.iter().filter(|own| field(own) == field(filter)).collect();
            // Of times all must hold.
            if allowed.is_empty() || matches!(filter.field.as_str(), "after" | "before") {
                all.push(filter.clone());
            } else if allowed.iter().any(|own| own.value == filter.value) {
                all.retain(|other| {
                    field(other) != field(filter) || asked.iter().any(|one| one.value == other.value)
                });
            } else {
                let message = format!(
                    "{:?} is confined by the configuration to what {:?} is not",
                    filter.field, filter.value
                );
                return Err(
                    Failure::new(Exit::Usage, message).hint("see `search.filters` in `citedesk config show`")
                );
            }
        }
        Ok(all)
    }
}

/// A field by its one name.
fn field(filter: &Filter) -> &str {
    match filter.field.as_str() {
        "lang" => "language",
        other => other.strip_prefix("metadata.").unwrap_or(other),
    }
}

/// `KEY:VALUE` as filters.
pub(crate) fn parse(given: &[String]) -> Result<Vec<Filter>, Failure> {
    given
        .iter()
        .map(|text| match text.split_once(':') {
            Some((key, value)) if !key.is_empty() && !value.is_empty() => Ok(Filter::new(key, value)),
            _ => Err(Failure::new(Exit::Usage, format!("{text:?} is not a filter"))
                .hint("write --filter KEY:VALUE")),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filters(given: &[&str]) -> Vec<Filter> {
        let given: Vec<String> = given.iter().map(|&text| text.to_owned()).collect();
        parse(&given).unwrap_or_default()
    }

    #[test]
    fn a_question_narrows_and_never_widens() {
        let confines = Confines(filters(&["access:public", "access:staff", "language:en"]));
        let with = |asked: &[&str]| confines.with(&filters(asked)).map_err(|failure| failure.to_string());
        assert_eq!(with(&[]), Ok(filters(&["access:public", "access:staff", "language:en"])));
        assert_eq!(
            with(&["product:Hub"]),
            Ok(filters(&["access:public", "access:staff", "language:en", "product:Hub"]))
        );
        assert_eq!(with(&["access:staff"]), Ok(filters(&["access:staff", "language:en"])));
        assert_eq!(with(&["metadata.access:staff"]), Ok(filters(&["access:staff", "language:en"])));
        for asked in ["access:secret", "metadata.access:secret", "lang:de"] {
            assert!(with(&[asked]).is_err(), "{asked}");
        }
        assert!(with(&["access:staff", "access:secret"]).is_err());
        assert_eq!(
            Confines::default().with(&filters(&["access:secret"])).ok(),
            Some(filters(&["access:secret"]))
        );
    }
}
