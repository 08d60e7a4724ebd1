//! Jinja templates of the kind that models ship.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Kwargs, ValueKind};
use minijinja::{Environment, Error as Failure, ErrorKind, Value, context};

use super::marked::{Marked, Marks};
use super::{Message, Role};
use crate::{Error, Result};

/// Steps that rendering may take; every 64 bytes that it makes count as one too. A long conversation takes some
/// thousands.
const FUEL: u64 = 100_000;
const NAME: &str = "chat template";
/// Deepest value that is written as JSON.
const MAX_DEPTH: usize = 32;

/// A compiled template.
#[derive(Debug)]
pub(crate) struct Template {
    environment: Environment<'static>,
    begin: String,
    end: String,
}

impl Template {
    /// Compiles `source`. `begin` and `end` are what it calls `bos_token` and `eos_token`.
    pub(crate) fn new(source: &str, begin: &str, end: &str) -> Result<Self> {
        let mut environment = Environment::new();
        // As models' templates expect.
        environment.set_syntax(
            SyntaxConfig::builder()
                .trim_blocks(true)
                .lstrip_blocks(true)
                .build()
                .map_err(Error::ChatTemplate)?,
        );
        environment.set_fuel(Some(FUEL));
        environment.set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
        environment.add_function(
            "raise_exception",
            |message: String, _: Kwargs| -> Result<String, Failure> {
                Err(Failure::new(ErrorKind::InvalidOperation, message))
            },
        );
        environment.add_filter("tojson", |value: Value, _: Kwargs| json(&value, 0));
        environment.add_template_owned(NAME, source.to_owned()).map_err(Error::ChatTemplate)?;
        Ok(Self { environment, begin: begin.to_owned(), end: end.to_owned() })
    }

    /// Formats `messages` up to where the assistant is to go on. What a template does with the instructions of a
    /// model that knows none is to refuse: then they come before what the person says first.
    ///
    /// The template sees marks in place of what is said, so no content can pass for format. It is rendered as with
    /// the content, unless it looks for words in it.
    pub(crate) fn render(&self, messages: &[Message]) -> Result<Marked> {
        match (self.attempt(messages), messages) {
            (Err(refused), [system, user, rest @ ..])
                if refused.kind() == ErrorKind::InvalidOperation
                    && (system.role, user.role) == (Role::System, Role::User) =>
            {
                let joined = format!("{}\n\n{}", system.content, user.content);
                let mut messages = vec![Message::new(Role::User, joined)];
                messages.extend_from_slice(rest);
                self.attempt(&messages).map_err(|_| refused)
            }
            (rendered, _) => rendered,
        }
        .map_err(Error::ChatTemplate)
    }

    fn attempt(&self, messages: &[Message]) -> Result<Marked, Failure> {
        let mut marks = Marks::default();
        let marked: Vec<Value> = messages
            .iter()
            .map(|message| {
                let role = match message.role {
                    Role::System => "system",
                    Role::User => "user",
                    Role::Assistant => "assistant",
                };
                Ok(context! { role, content => marks.mark(&message.content)? })
            })
            .collect::<Result<_, Failure>>()?;
        let context = context! {
            messages => marked,
            add_generation_prompt => true,
            // Of models that can do either; what they think would be taken for the answer.
            enable_thinking => false,
            bos_token => &self.begin,
            eos_token => &self.end,
        };
        let text = self.environment.get_template(NAME)?.render(context)?;
        Ok(marks.rendered(text))
    }
}

/// JSON as Python writes it without escaping what is not ASCII, which is what the templates' authors saw.
fn json(value: &Value, depth: usize) -> Result<String, Failure> {
    let refused = |reason: &str| Failure::new(ErrorKind::InvalidOperation, reason.to_owned());
    if depth > MAX_DEPTH {
        return Err(refused("a value that is nested too deep for JSON"));
    }
    let all = |values: Vec<Result<String, Failure>>| {
        Ok::<String, Failure>(values.into_iter().collect::<Result<Vec<_>, _>>()?.join(", "))
    };
    Ok(match value.kind() {
        ValueKind::None | ValueKind::Undefined => "null".to_owned(),
        ValueKind::String => serde_json::Value::from(value.as_str().unwrap_or_default()).to_string(),
        ValueKind::Bool => value.is_true().to_string(),
        ValueKind::Number => value.to_string(),
        ValueKind::Map => {
            let pair = |key: Value| -> Result<String, Failure> {
                let found = value.get_item(&key)?;
                Ok(format!(
                    "{}: {}",
                    json(&Value::from(key.to_string()), depth + 1)?,
                    json(&found, depth + 1)?
                ))
            };
            format!("{{{}}}", all(value.try_iter()?.map(pair).collect())?)
        }
        ValueKind::Seq | ValueKind::Iterable => {
            format!("[{}]", all(value.try_iter()?.map(|item| json(&item, depth + 1)).collect())?)
        }
        _ => return Err(refused("a value that JSON cannot hold")),
    })
}
