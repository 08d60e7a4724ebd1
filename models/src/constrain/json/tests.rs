use proptest::prelude::*;
use serde_json::{Value, json};

use super::language;
use crate::Error;
use crate::constrain::Constraint as _;
use crate::constrain::tests::{Ends, vocabulary, write};

/// Its order counts.
const TICKET: &str = r#"{
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {
        "title": { "type": "string", "maxLength": 12, "minLength": 1 },
        "kind": { "enum": ["question", "bug", "bugs", 3, null, { "a": [1.5] }] },
        "tags": { "type": "array", "items": { "type": "string", "maxLength": 4 }, "maxItems": 3 },
        "urgent": { "type": "boolean" },
        "count": { "type": ["integer", "null"] },
        "hours": { "type": "number" },
        "by": { "anyOf": [
            {
                "type": "object",
                "properties": { "is": { "const": "team" }, "id": { "type": "integer" } },
                "required": ["is", "id"]
            },
            { "type": "object", "properties": { "is": { "const": "tea" } }, "required": ["is"] }
        ] }
    },
    "required": ["title", "kind", "by"],
    "additionalProperties": false
}"#;

/// Whether `value` meets `schema`, written for clarity.
fn meets(value: &Value, schema: &Value) -> bool {
    if let Some(constant) = schema.get("const") {
        return value == constant;
    }
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        return values.contains(value);
    }
    if let Some(schemas) = schema.get("anyOf").and_then(Value::as_array) {
        return schemas.iter().any(|schema| meets(value, schema));
    }
    let limit = |name: &str, default: usize| schema[name].as_u64().map_or(default, |limit| limit as usize);
    let kinds = schema["type"].as_array().cloned().unwrap_or_else(|| vec![schema["type"].clone()]);
    kinds.iter().any(|kind| match (kind.as_str().unwrap(), value) {
        ("null", Value::Null) | ("boolean", Value::Bool(_)) | ("number", Value::Number(_)) => true,
        ("integer", Value::Number(number)) => number.is_i64(),
        ("string", Value::String(text)) => {
            (limit("minLength", 0)..=limit("maxLength", usize::MAX)).contains(&text.chars().count())
        }
        ("array", Value::Array(items)) => {
            (limit("minItems", 0)..=limit("maxItems", usize::MAX)).contains(&items.len())
                && items.iter().all(|item| meets(item, &schema["items"]))
        }
        ("object", Value::Object(members)) => {
            let known = schema["properties"].as_object().cloned().unwrap_or_default();
            let required = schema["required"].as_array().cloned().unwrap_or_default();
            required.iter().all(|name| members.contains_key(name.as_str().unwrap()))
                && members
                    .iter()
                    .all(|(key, value)| known.get(key).is_some_and(|schema| meets(value, schema)))
        }
        _ => false,
    })
}

/// Schemas up to a depth.
fn schemas() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!({ "type": "null" })),
        Just(json!({ "type": "boolean" })),
        Just(json!({ "type": "integer" })),
        Just(json!({ "type": ["number", "null"] })),
        (0usize..3, 0usize..6).prop_map(
            |(least, more)| json!({ "type": "string", "minLength": least, "maxLength": least + more })
        ),
        Just(json!({ "type": "string", "description": "without end" })),
        prop::collection::vec("[a-c\"\\\\é]{0,3}", 1..4).prop_map(|values| json!({ "enum": values })),
        any::<i16>().prop_map(|value| json!({ "const": f64::from(value) / 8.0 })),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            (inner.clone(), 0usize..3, 0usize..3).prop_map(|(items, least, more)| {
                json!({ "type": "array", "items": items, "minItems": least, "maxItems": least + more })
            }),
            inner.clone().prop_map(|items| json!({ "type": "array", "items": items })),
            prop::collection::vec((inner.clone(), any::<bool>()), 0..4).prop_map(|members| {
                let key = |at: usize| format!("k\"{at}");
                let required: Vec<String> = members
                    .iter()
                    .enumerate()
                    .filter(|(_, (_, required))| *required)
                    .map(|(at, _)| key(at))
                    .collect();
                let properties: serde_json::Map<String, Value> =
                    members.into_iter().enumerate().map(|(at, (schema, _))| (key(at), schema)).collect();
                json!({ "type": "object", "properties": properties, "required": required })
            }),
            prop::collection::vec(inner, 1..3).prop_map(|schemas| json!({ "anyOf": schemas })),
        ]
    })
}

#[test]
fn values_of_a_schema_are_read() {
    let ticket = language(TICKET).unwrap();
    for text in [
        r#"{"title": "é\n\"x", "kind": "bug", "by": {"is": "tea"}}"#,
        r#"{"title": "x", "kind": {"a": [1.5]}, "tags": [], "count": null, "by": {"is": "team", "id": -17}}"#,
        r#"{"title": "x", "kind": "bugs", "tags": ["a", "b"], "urgent": true, "count": 0, "hours": -0.5, "by": {"is": "tea"}}"#,
    ] {
        assert!(ticket.contains(text.as_bytes()), "{text}");
    }
    for text in [
        r#"{"kind": "bug", "by": {"is": "tea"}}"#,
        r#"{"title": "", "kind": "bug", "by": {"is": "tea"}}"#,
        r#"{"title": "0123456789abc", "kind": "bug", "by": {"is": "tea"}}"#,
        r#"{"title": "x", "kind": "bu", "by": {"is": "tea"}}"#,
        r#"{"title": "x", "kind": "bug", "by": {"is": "team"}}"#,
        r#"{"title": "x", "kind": "bug", "count": 01, "by": {"is": "tea"}}"#,
        r#"{"title": "x", "kind": "bug", "tags": ["a", "b", "c", "d"], "by": {"is": "tea"}}"#,
        r#"{"title": "x", "kind": "bug", "by": {"is": "tea"}"#,
        "{\"title\": \"\u{1}\", \"kind\": \"bug\", \"by\": {\"is\": \"tea\"}}",
    ] {
        assert!(!ticket.contains(text.as_bytes()), "{text}");
    }
}

#[test]
fn what_is_not_supported_is_named() {
    for (schema, place, named) in [
        (json!({ "type": "string", "pattern": "a" }), "", "pattern"),
        (json!({ "type": "array", "items": { "type": "integer", "minimum": 3 } }), "/items", "minimum"),
        (json!({ "type": "object", "properties": { "a/b": { "$ref": "#" } } }), "/properties/a~1b", "$ref"),
        (json!({ "anyOf": [{ "type": "null" }, { "type": "text" }] }), "/anyOf/1", "text"),
        (json!({ "type": "array" }), "", "items"),
        (json!({ "type": "object", "required": ["x"] }), "", "x"),
        (json!({ "type": "object", "additionalProperties": { "type": "null" } }), "", "additionalProperties"),
        (json!({ "type": "string", "maxLength": 1.5 }), "", "maxLength"),
        (json!({ "type": "string", "maxLength": 1, "minLength": 2 }), "", "minLength"),
        (json!({ "enum": ["a"], "maxLength": 1 }), "", "maxLength"),
        (json!({ "enum": ["a"], "type": "integer" }), "", "no value"),
        (json!({ "enum": [] }), "", "no value"),
        (json!({ "anyOf": [] }), "", "anyOf"),
        (json!({}), "", "type"),
        (json!(true), "", "true"),
        (json!({ "type": "string", "maxLength": u64::MAX }), "", "maxLength"),
    ] {
        let Err(Error::Schema { place: found, reason }) = language(&schema.to_string()) else {
            panic!("{schema} is not refused")
        };
        assert!(found == place && reason.contains(named), "{schema}: {found} {reason}");
    }
    let twice = r#"{"type": "object", "properties": {"a": {"type": "null"}, "a": {"type": "null"}}}"#;
    for text in ["{", twice, &"[".repeat(10_000), &nested(100)] {
        assert!(matches!(language(text), Err(Error::Schema { .. })), "{text}");
    }
    assert!(language(&nested(40)).is_ok());
}

fn nested(depth: usize) -> String {
    (0..depth).fold(r#"{"type": "null"}"#.to_owned(), |inner, _| {
        format!(r#"{{"type": "array", "items": {inner}}}"#)
    })
}

#[test]
fn a_real_schema_is_small() {
    let schema = json!({ "type": "object", "required": ["a"], "properties": {
        "a": { "type": "string", "maxLength": 1000 }, "b": { "type": "string", "maxLength": 1000 } } });
    let states = language(&schema.to_string()).unwrap().states();
    assert!(states < 20_000, "{states}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn whatever_the_model_wants_is_json_of_the_schema(
        schema in prop_oneof![Just(TICKET.to_owned()), schemas().prop_map(|schema| schema.to_string())],
        seed: u64,
        extra in 0usize..60,
    ) {
        let automaton = language(&schema).unwrap();
        let vocabulary = vocabulary(seed);
        let shortest = automaton.closing(&automaton.start());
        let (text, end) = write(&vocabulary, &automaton, seed, shortest + extra, Ends::Random);
        prop_assert_ne!(end, Ends::Stuck);
        let value: Value = serde_json::from_slice(&text).unwrap();
        let parsed: Value = serde_json::from_str(&schema).unwrap();
        prop_assert!(meets(&value, &parsed), "{value} {schema}");
    }
}
