//! JSON of a schema.
//!
//! Of [JSON Schema](https://json-schema.org/draft/2020-12) it knows `type`, `properties`, `required`, `items`,
//! `minItems`, `maxItems`, `minLength`, `maxLength`, `enum`, `const` and `anyOf`, and skips what only describes. Everything else is
//! refused by name, as are schemas that refer to themselves: each is a finite tree, so that its texts are a regular
//! language.
//!
//! Of the texts of a schema, those are written that look as Python's `json.dumps` writes them, which is what models have seen
//! most: properties in the order of the schema and no others, one space after commas and colons, characters as themselves, only
//! quotes, backslashes and line breaks escaped, whole numbers of up to 18 digits, others without exponent.

use super::Automaton;
use crate::{Error, Result};

mod schema;
#[cfg(test)]
mod tests;
mod value;

use self::value::Value;

/// The automaton that reads JSON of `schema`, itself JSON. Lengths are in characters.
///
/// # Errors
/// [`Error::Schema`] names the place, as a JSON pointer (RFC 6901), and what is not supported there or cannot be met.
pub fn language(schema: &str) -> Result<Automaton> {
    let refused = |place: &str, reason: String| Error::Schema { place: place.to_owned(), reason };
    let value: Value = serde_json::from_str(schema).map_err(|error| refused("", error.to_string()))?;
    let expression = schema::expression(&value, "", 0)?;
    let automaton = Automaton::of(&expression).map_err(|_| {
        refused("", "its texts are too many; lower `maxLength` and `maxItems`, or leave them out".to_owned())
    })?;
    if automaton.is_empty() {
        return Err(refused("", "no value meets it".to_owned()));
    }
    Ok(automaton)
}
