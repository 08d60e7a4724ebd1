//! All recognizers together.

use std::collections::HashSet;

use aho_corasick::{AhoCorasick, MatchKind};
use phonenumber::country;
use regex::Regex;

use super::clean::whole_letters;
use super::key::{DIGITS, Key};
use super::kind::{BUILT_IN, Candidate, Kind, resolve};
use super::{
    Also, Policy, PolicyError, Public, Telling, address, birth, email, names, national, network, numbers,
    payment, person, phone, secret, tokens,
};
use crate::span::Span;

/// The recognizers with what the policy adds to them.
pub(super) struct Finder {
    house: Vec<House>,
    /// Names that the policy allows.
    names: Option<AhoCorasick>,
    /// What the policy allows, folded as [`folded`] does.
    allowed: HashSet<String>,
    /// Domains that the policy allows all e-mail addresses of, with their `@`.
    domains: Vec<String>,
    regions: Vec<country::Id>,
    kept: Vec<Kind>,
    /// Whether the contacts of desks are left as they are.
    desks: bool,
    /// What pseudonyms are made from where they are the same in all documents.
    pub(super) key: Option<Key>,
    /// Whether names are told by the network too.
    network: bool,
    /// What the network may tell beyond people and addresses.
    also: Vec<Kind>,
}

/// An identifier of the house.
struct House {
    kind: String,
    label: String,
    pattern: Regex,
}

impl Finder {
    pub(super) fn new(policy: &Policy) -> Result<Self, PolicyError> {
        let house = policy.patterns.iter().map(|(kind, pattern)| {
            let pattern = Regex::new(pattern).map_err(|source| PolicyError { kind: kind.clone(), source })?;
            Ok(House { kind: kind.clone(), label: label(kind), pattern })
        });
        let allow: Vec<&str> =
            policy.allow.iter().map(|name| name.trim()).filter(|name| !name.is_empty()).collect();
        let names = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::LeftmostLongest)
            .build(&allow);
        Ok(Self {
            house: house.collect::<Result<_, _>>()?,
            names: names.ok().filter(|_| !allow.is_empty()),
            allowed: allow.iter().map(|name| folded(name)).collect(),
            domains: allow
                .iter()
                .filter(|name| name.starts_with('@'))
                .map(|name| name.to_lowercase())
                .collect(),
            regions: policy
                .phone_regions
                .iter()
                .filter_map(|region| region.trim().to_uppercase().parse().ok())
                .collect(),
            kept: [Kind::Person, Kind::Address, Kind::BirthDate]
                .into_iter()
                .filter(|kind| policy.keep.iter().any(|name| name == kind.name()))
                .collect(),
            desks: policy.keep_desks,
            key: None,
            network: policy.names == Telling::Network,
            also: policy
                .also
                .iter()
                .map(|also| match also {
                    Also::Place => Kind::Place,
                    Also::Organization => Kind::Organization,
                })
                .collect(),
        })
    }

    /// The identifiers in `text`, in order; none overlaps another or a pseudonym.
    ///
    /// What the network tells is none where all its words are `public`.
    pub(super) fn find(&self, text: &str, public: Public<'_>) -> Vec<Candidate> {
        let pseudonyms = self.pseudonyms(text);
        let mut found = Vec::new();
        self.by_form(text, &mut found);
        secret::find(text, &mut found);
        national::in_text(text, &mut found);
        birth::find(text, &mut found);
        let mut fixed: Vec<Span> = pseudonyms.iter().map(|pseudonym| pseudonym.span).collect();
        fixed.extend(self.names(text));
        fixed.sort_unstable();
        let tokens = tokens::tokens(text, &fixed);
        address::find(text, &tokens, &mut found);
        let mut told = if self.network { names::find(text, &tokens) } else { Vec::new() };
        told.retain(|name| {
            !tokens[name.from..name.to].iter().all(|token| public(token.span().of(text).unwrap_or_default()))
        });
        person::find(text, &tokens, &told, &mut found);
        let others = told.iter().filter(|name| name.kind == Kind::Address || self.also.contains(&name.kind));
        found.extend(others.map(|name| Candidate::likely(name.kind, name.span(&tokens))));
        found.retain(|found| !self.exempt(text, found, &pseudonyms));
        for found in &mut found {
            found.span = whole_letters(text, found.span);
        }
        resolve(found)
    }

    /// The identifiers in `text` that their own form proves or a pattern of the house describes, in order.
    pub(super) fn proven(&self, text: &str) -> Vec<Candidate> {
        let pseudonyms = self.pseudonyms(text);
        let mut found = Vec::new();
        self.by_form(text, &mut found);
        secret::find(text, &mut found);
        national::in_text(text, &mut found);
        found.retain(|found| found.proven && !self.exempt(text, found, &pseudonyms));
        resolve(found)
    }

    /// What needs no more than its own form and the words just before.
    fn by_form(&self, text: &str, found: &mut Vec<Candidate>) {
        for (index, house) in self.house.iter().enumerate() {
            let matches = house.pattern.find_iter(text).filter(|matched| !matched.is_empty());
            found
                .extend(matches.map(|matched| Candidate::proven(Kind::House(index), matched.range().into())));
        }
        email::find(text, found);
        for run in numbers::runs(text) {
            payment::cards(&run, found);
            national::in_run(&run, found);
            network::ipv4(&run, found);
            phone::find(&run, &self.regions, found);
            found.extend(run.groups.iter().filter_map(|group| payment::iban(text, group.start)));
        }
        network::colons(text, found);
    }

    fn exempt(&self, text: &str, found: &Candidate, pseudonyms: &[Pseudonym<'_>]) -> bool {
        let after = pseudonyms.partition_point(|pseudonym| pseudonym.span.end <= found.span.start);
        if pseudonyms.get(after).is_some_and(|pseudonym| pseudonym.span.overlaps(found.span))
            || self.kept.contains(&found.kind)
        {
            return true;
        }
        let written = found.span.of(text).unwrap_or_default();
        let desk = match found.kind {
            Kind::Email => self.desks && email::is_desk(written),
            Kind::Phone => self.desks && phone::is_freephone(written, &self.regions),
            _ => false,
        };
        if desk || self.allowed.is_empty() {
            return desk;
        }
        let lower = written.to_lowercase();
        self.allowed.contains(&folded(written))
            || (found.kind == Kind::Email
                && self.domains.iter().any(|domain| lower.ends_with(domain.as_str())))
    }

    /// Where names that the policy allows stand as words.
    fn names(&self, text: &str) -> Vec<Span> {
        let Some(names) = &self.names else { return Vec::new() };
        let word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        names
            .find_iter(text)
            .map(|found| Span::from(found.range()))
            .filter(|span| {
                !word(text[..span.start].chars().next_back()) && !word(text[span.end..].chars().next())
            })
            .collect()
    }

    /// The pseudonyms in `text`, in order.
    pub(super) fn pseudonyms<'a>(&self, text: &'a str) -> Vec<Pseudonym<'a>> {
        let mut pseudonyms = Vec::new();
        for (open, _) in text.match_indices('[') {
            let inner = &text[open + 1..];
            let length = inner
                .bytes()
                .take_while(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_')
                .count();
            if inner.as_bytes().get(length) != Some(&b']') {
                continue;
            }
            let Some((label, number)) = inner[..length].rsplit_once('_') else { continue };
            let length_of_number = (1..=6).contains(&number.len()) || number.len() == DIGITS;
            let counted = length_of_number && number.bytes().all(|byte| byte.is_ascii_digit());
            if counted && self.is_label(label) {
                // One made from a key is no position in a count.
                let number = if number.len() == DIGITS { 0 } else { number.parse().unwrap_or(0) };
                pseudonyms.push(Pseudonym { span: Span::new(open, open + length + 2), label, number });
            }
        }
        pseudonyms
    }

    fn is_label(&self, name: &str) -> bool {
        BUILT_IN.iter().any(|kind| kind.name().eq_ignore_ascii_case(name))
            || self.house.iter().any(|house| house.label == name)
    }

    /// The name of a kind as reported.
    pub(super) fn name(&self, kind: Kind) -> &str {
        match kind {
            Kind::House(index) => &self.house[index].kind,
            _ => kind.name(),
        }
    }

    /// The name of a kind as it stands in pseudonyms.
    pub(super) fn label(&self, kind: Kind) -> String {
        match kind {
            Kind::House(index) => self.house[index].label.clone(),
            _ => kind.name().to_ascii_uppercase(),
        }
    }
}

/// What stands for an identifier.
pub(super) struct Pseudonym<'a> {
    pub(super) span: Span,
    pub(super) label: &'a str,
    pub(super) number: usize,
}

/// The name of a kind of the house in capitals, other characters as underscores.
fn label(kind: &str) -> String {
    let label: String =
        kind.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect();
    if label.bytes().any(|byte| byte.is_ascii_alphabetic()) { label } else { format!("ID{label}") }
}

/// Letters and digits in lower case, with what tells addresses apart.
fn folded(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric() || matches!(c, '@')).flat_map(char::to_lowercase).collect()
}
