//! From a schema to an expression.

use super::value::{Value, quoted};
use crate::constrain::expression::Expression;
use crate::{Error, Result};

/// Deepest schema within a schema.
const DEEPEST: usize = 64;
/// Keywords that only describe.
const DESCRIBES: [&str; 10] = [
    "title",
    "description",
    "default",
    "examples",
    "deprecated",
    "readOnly",
    "writeOnly",
    "$schema",
    "$id",
    "$comment",
];
/// Keywords that mean something here.
const KNOWN: [&str; 12] = [
    "type",
    "properties",
    "required",
    "additionalProperties",
    "items",
    "minItems",
    "maxItems",
    "minLength",
    "maxLength",
    "enum",
    "const",
    "anyOf",
];

/// The texts of `schema`, which stands at `place`.
pub(super) fn expression(schema: &Value, place: &str, depth: usize) -> Result<Expression> {
    let Value::Object(members) = schema else {
        return Err(refused(place, format!("a schema is an object, not {schema}")));
    };
    if depth > DEEPEST {
        return Err(refused(place, format!("it is more than {DEEPEST} schemas deep")));
    }
    let unknown = |name: &&str| !KNOWN.contains(name) && !DESCRIBES.contains(name);
    let mut names = members.iter().map(|(name, _)| name.as_str());
    if let Some(name) = names.clone().find(unknown) {
        return Err(refused(place, format!("{name:?} is not supported")));
    }
    // These say all by themselves; to check one against the other is not worth its code.
    for whole in ["enum", "const", "anyOf"] {
        let Some(value) = schema.get(whole) else { continue };
        let allowed = |name: &&str| {
            *name != whole && !DESCRIBES.contains(name) && (*name != "type" || whole == "anyOf")
        };
        if let Some(other) = names.find(allowed) {
            return Err(refused(place, format!("{other:?} beside {whole:?} is not supported")));
        }
        return match (whole, value) {
            ("const", value) => literals(schema, std::slice::from_ref(value), place),
            ("enum", Value::Array(values)) => literals(schema, values, place),
            ("anyOf", Value::Array(schemas)) if !schemas.is_empty() => {
                let parts = schemas.iter().enumerate();
                let part = |(at, part)| expression(part, &format!("{place}/anyOf/{at}"), depth + 1);
                parts.map(part).collect::<Result<_>>().map(Expression::AnyOf)
            }
            _ => Err(refused(place, format!("{whole:?} must be a list of at least one"))),
        };
    }
    let parts = kinds(schema, place)?.into_iter().map(|kind| of_kind(schema, kind, place, depth));
    parts.collect::<Result<_>>().map(Expression::AnyOf)
}

/// The types that `schema` allows.
fn kinds<'a>(schema: &'a Value, place: &str) -> Result<Vec<&'a str>> {
    let kinds = match schema.get("type") {
        Some(Value::Text(kind)) => vec![kind.as_str()],
        Some(Value::Array(kinds)) => kinds
            .iter()
            .filter_map(|kind| if let Value::Text(kind) = kind { Some(kind.as_str()) } else { None })
            .collect(),
        _ => vec![],
    };
    if kinds.is_empty() {
        return Err(refused(place, "it must have \"type\", \"enum\", \"const\" or \"anyOf\""));
    }
    Ok(kinds)
}

fn of_kind(schema: &Value, kind: &str, place: &str, depth: usize) -> Result<Expression> {
    Ok(match kind {
        "null" => Expression::text("null"),
        "boolean" => Expression::AnyOf(vec![Expression::text("true"), Expression::text("false")]),
        "integer" => {
            let digits = Expression::Sequence(vec![
                Expression::text("-").optional(),
                Expression::Byte(b'1'..=b'9'),
                Expression::digit().repeat(0, 17),
            ]);
            Expression::AnyOf(vec![Expression::text("0"), digits])
        }
        "number" => {
            let whole =
                Expression::Sequence(vec![Expression::Byte(b'1'..=b'9'), Expression::digit().repeat(0, 14)]);
            let part = Expression::Sequence(vec![Expression::text("."), Expression::digit().repeat(1, 15)]);
            Expression::Sequence(vec![
                Expression::text("-").optional(),
                Expression::AnyOf(vec![Expression::text("0"), whole]),
                part.optional(),
            ])
        }
        "string" => {
            let (least, most) = limits(schema, "minLength", "maxLength", place)?;
            let quote = || Expression::text("\"");
            Expression::Sequence(vec![quote(), character().repeat(least, most), quote()])
        }
        "array" => {
            let (least, most) = limits(schema, "minItems", "maxItems", place)?;
            let items = match schema.get("items") {
                Some(items) => {
                    expression(items, &format!("{place}/items"), depth + 1)?.separated(", ", least, most)
                }
                None if most == Some(0) => Expression::text(""),
                None => return Err(refused(place, "an array must have \"items\"")),
            };
            Expression::Sequence(vec![Expression::text("["), items, Expression::text("]")])
        }
        "object" => object(schema, place, depth)?,
        other => return Err(refused(place, format!("there is no type {other:?}"))),
    })
}

fn object(schema: &Value, place: &str, depth: usize) -> Result<Expression> {
    let properties: &[(String, Value)] = match schema.get("properties") {
        Some(Value::Object(properties)) => properties,
        None => &[],
        Some(_) => return Err(refused(place, "\"properties\" must be an object")),
    };
    if !matches!(schema.get("additionalProperties"), None | Some(Value::Bool(_))) {
        return Err(refused(place, "\"additionalProperties\" must be true or false"));
    }
    let required: &[Value] = match schema.get("required") {
        Some(Value::Array(required)) => required,
        None => &[],
        Some(_) => return Err(refused(place, "\"required\" must be a list")),
    };
    let is = |name: &Value, key: &str| matches!(name, Value::Text(name) if name == key);
    if let Some(name) = required.iter().find(|name| !properties.iter().any(|(key, _)| is(name, key))) {
        return Err(refused(place, format!("the required property {name} is not among \"properties\"")));
    }
    let members = properties.iter().map(|(key, value)| {
        // Escapes of a JSON pointer.
        let place = format!("{place}/properties/{}", key.replace('~', "~0").replace('/', "~1"));
        let value = expression(value, &place, depth + 1)?;
        let member = Expression::Sequence(vec![Expression::text(format!("{}: ", quoted(key))), value]);
        Ok((member, required.iter().any(|name| is(name, key))))
    });
    let members = Expression::List(members.collect::<Result<_>>()?, ", ");
    Ok(Expression::Sequence(vec![Expression::text("{"), members, Expression::text("}")]))
}

/// Those of `values` that are of the schema's type.
fn literals(schema: &Value, values: &[Value], place: &str) -> Result<Expression> {
    let kinds = if schema.get("type").is_some() { Some(kinds(schema, place)?) } else { None };
    let fits = |value: &&Value| {
        let kind = value.kind();
        kinds
            .as_ref()
            .is_none_or(|kinds| kinds.contains(&kind) || kind == "integer" && kinds.contains(&"number"))
    };
    let texts: Vec<Expression> =
        values.iter().filter(fits).map(|value| Expression::text(value.to_string())).collect();
    if texts.is_empty() {
        return Err(refused(place, "no value meets it"));
    }
    Ok(Expression::AnyOf(texts))
}

/// A character of a string.
fn character() -> Expression {
    Expression::AnyOf(vec![
        Expression::Byte(0x20..=0x21),
        Expression::Byte(0x23..=0x5b),
        Expression::Byte(0x5d..=0x7e),
        Expression::Sequence(vec![Expression::text("\\"), Expression::one_of(b"\"\\nt")]),
        Expression::beyond_ascii(),
    ])
}

/// The least and the most that two keywords allow.
fn limits(schema: &Value, least: &str, most: &str, place: &str) -> Result<(usize, Option<usize>)> {
    let limit = |name: &str| match schema.get(name) {
        None => Ok(None),
        Some(Value::Number(number)) if number.is_u64() => {
            Ok(number.as_u64().map(|limit| usize::try_from(limit).unwrap_or(usize::MAX)))
        }
        Some(other) => Err(refused(place, format!("{name:?} must be a whole number, not {other}"))),
    };
    let (least_value, most_value) = (limit(least)?.unwrap_or(0), limit(most)?);
    if most_value.is_some_and(|most| most < least_value) {
        return Err(refused(place, format!("{most:?} is below {least:?}")));
    }
    Ok((least_value, most_value))
}

fn refused(place: &str, reason: impl Into<String>) -> Error {
    Error::Schema { place: place.to_owned(), reason: reason.into() }
}
