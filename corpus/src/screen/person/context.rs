//! Words around a name that say that it is one: greetings, signatures, labels, titles.

use super::super::lexicon::{COMMON, GIVEN, GIVEN_TOO, NAME, SEEN_LOW, SURNAME, THANKS, TITLE};
use super::super::tokens::{Case, Gap};
use super::Names;

/// Lines that a signature follows, in lower case without punctuation.
const SIGN_OFFS: &[&str] = &[
    "regards",
    "best",
    "best regards",
    "kind regards",
    "kindest regards",
    "warm regards",
    "warmest regards",
    "with kind regards",
    "with best regards",
    "many regards",
    "best wishes",
    "all the best",
    "sincerely",
    "yours sincerely",
    "sincerely yours",
    "yours truly",
    "yours faithfully",
    "yours",
    "respectfully",
    "cordially",
    "cheers",
    "thanks",
    "thank you",
    "many thanks",
    "thanks again",
    "thx",
    "thanks in advance",
    "thank you in advance",
    "thanks and regards",
    "thanks regards",
    "thank you and regards",
    "thank you very much",
    "thanks a lot",
    "thanks so much",
    "with thanks",
    "love",
    "take care",
    "br",
    "kr",
    "rgds",
    "mit freundlichen grüßen",
    "mit freundlichen grüssen",
    "freundliche grüße",
    "freundliche grüsse",
    "viele grüße",
    "viele grüsse",
    "liebe grüße",
    "beste grüße",
    "herzliche grüße",
    "mfg",
    "lg",
    "vg",
    "gruß",
    "grüße",
    "danke",
    "vielen dank",
    "hochachtungsvoll",
    "cordialement",
    "bien cordialement",
    "bien à vous",
    "merci",
    "merci d'avance",
    "salutations",
    "meilleures salutations",
    "saludos",
    "un saludo",
    "saludos cordiales",
    "atentamente",
    "gracias",
    "muchas gracias",
    "cordiali saluti",
    "distinti saluti",
    "saluti",
    "grazie",
    "met vriendelijke groet",
    "met vriendelijke groeten",
    "vriendelijke groet",
    "groeten",
    "groetjes",
    "bedankt",
    "mvg",
    "atenciosamente",
    "cumprimentos",
    "com os melhores cumprimentos",
    "abraços",
    "obrigado",
    "obrigada",
    "med vänliga hälsningar",
    "vänliga hälsningar",
    "mvh",
    "med venlig hilsen",
    "venlig hilsen",
    "vennlig hilsen",
    "hilsen",
    "pozdrawiam",
    "z poważaniem",
    "saygılarımla",
    "teşekkürler",
];

/// Labels that only people's names follow, in lower case.
const PERSON_LABELS: &[&str] = &[
    "full name",
    "first name",
    "last name",
    "given name",
    "family name",
    "surname",
    "forename",
    "middle name",
    "account holder",
    "cardholder",
    "card holder",
    "cardholder name",
    "name on card",
    "customer name",
    "client name",
    "caller",
    "caller name",
    "contact name",
    "contact person",
    "employee name",
    "patient",
    "patient name",
    "guest name",
    "agent name",
    "requester",
    "requested by",
    "requestor",
    "reporter",
    "reported by",
    "submitted by",
    "assignee",
    "assigned to",
    "attn",
    "attention",
    "signed",
    "signed by",
    "prepared by",
    "written by",
    "approved by",
    "reviewed by",
    "created by",
    "handled by",
    "spoke to",
    "spoke with",
    "emergency contact",
    "next of kin",
    "vorname",
    "nachname",
    "familienname",
    "ansprechpartner",
    "ansprechpartnerin",
    "kundenname",
    "prénom",
    "nom",
    "apellido",
    "apellidos",
    "nombre completo",
    "nome e cognome",
    "cognome",
    "voornaam",
    "achternaam",
    "bearbeiter",
    "sachbearbeiter",
    "interlocuteur",
];

/// Labels that people's names may follow.
const LABELS: &[&str] = &[
    "name",
    "customer",
    "client",
    "agent",
    "user",
    "contact",
    "owner",
    "author",
    "sender",
    "recipient",
    "from",
    "to",
    "cc",
    "bcc",
    "reply to",
    "employee",
    "manager",
    "operator",
    "member",
    "passenger",
    "guest",
    "tenant",
    "driver",
    "buyer",
    "seller",
    "by",
    "representative",
    "rep",
    "advisor",
    "technician",
    "supervisor",
    "user name",
    "username",
    "display name",
    "billing contact",
    "admin",
    "von",
    "an",
    "kunde",
    "kundin",
    "de",
    "para",
    "da",
    "a",
    "van",
    "aan",
    "nombre",
    "nome",
    "naam",
    "autor",
    "auteur",
    "cliente",
    "participants",
    "attendees",
    "speaker",
];

impl Names<'_> {
    /// Whether the line of the tokens `from..to` is one that a signature follows.
    pub(super) fn is_sign_off(&self, from: usize, to: usize) -> bool {
        if to - from > 6 {
            return false;
        }
        let line: Vec<String> = (from..to).map(|at| self.word(at).to_lowercase()).collect();
        SIGN_OFFS.contains(&line.join(" ").as_str())
    }

    /// The name that a signature's line begins with.
    pub(super) fn signature(&self, at: usize) -> Option<(usize, usize)> {
        if self.tokens[at].case == Case::Lower {
            let alone = self.tokens.get(at + 1).is_none_or(|next| next.gap.starts_line());
            return (alone && self.tokens[at].is(GIVEN)).then_some((at, at + 1));
        }
        let to = self.chain(at);
        let closed = self.tokens.get(to).is_none_or(|next| next.gap.starts_line())
            || self.rest(to).trim_start().starts_with([',', '|', '(', '-', '–', '/']);
        (self.part(at) && closed && !self.is_thing(at, to)).then_some((at, to))
    }

    /// The name after a title: `Dr. Okafor`.
    pub(super) fn titled(&self, at: usize) -> Option<(usize, usize)> {
        let title = self.tokens[at];
        let mut from = at + 1;
        // `Herr Dr. Müller`
        while from < at + 3
            && self.tokens.get(from).is_some_and(|token| token.is(TITLE) && token.capitalized())
        {
            from += 1;
        }
        let next = self.tokens.get(from)?;
        let short = title.span().len() <= 4;
        if title.case == Case::Lower
            && next.case == Case::Lower
            && self.is_word(at, &["mr", "mrs", "ms", "dr"])
        {
            let name = !next.is(COMMON) && matches!(next.gap, Gap::Space | Gap::Stop);
            return name.then(|| (from, self.lower_chain(from)));
        }
        let written = title.case == Case::Capital || (short && next.gap == Gap::Stop);
        let joined = next.gap == Gap::Space || (next.gap == Gap::Stop && (short || from > at + 1));
        let named = self.part(from)
            && (self.tokens[from].is(NAME)
                || self.tokens[from].case == Case::Initial
                || self.is_namelike(from));
        (written && joined && named).then(|| (from, self.chain(from)))
    }

    /// The name after a greeting or thanks.
    pub(super) fn greeted(&self, at: usize) -> Option<(usize, usize)> {
        let from =
            at + 1 + usize::from(self.is_word(at + 1, &["you", "again", "morning", "afternoon", "evening"]));
        let name = self.tokens.get(from)?;
        if !matches!(name.gap, Gap::Space | Gap::Comma) || name.is(TITLE) {
            return None;
        }
        let thanks = self.tokens[at].is(THANKS);
        if name.case == Case::Lower {
            return (name.is(GIVEN) && name.gap == Gap::Space && self.closes(from + 1))
                .then_some((from, from + 1));
        }
        if !self.part(from) {
            return None;
        }
        let to = self.chain(from);
        let clear = self.has(from, to, GIVEN) || (to > from + 1 && self.has(from, to, NAME));
        let known = self.has(from, to, NAME);
        // `Hi, Support is down`: after a comma, and after thanks, only what can be a name is one.
        let taken = clear || (self.closes(to) && (known || (!thanks && name.gap == Gap::Space)));
        (taken && !self.goes_on(to) && !self.is_thing(from, to)).then_some((from, to))
    }

    /// The name that token `at` begins after words such as `my name is`.
    pub(super) fn introduced(&self, at: usize) -> Option<(usize, usize)> {
        let before = at.checked_sub(1)?;
        let token = self.tokens[at];
        if !matches!(token.gap, Gap::Space | Gap::Colon) || token.is(TITLE) {
            return None;
        }
        let back =
            |steps: usize, words: &[&str]| at.checked_sub(steps).is_some_and(|at| self.is_word(at, words));
        let named = (back(1, &["is", "ist", "est", "es", "è", "e", "was", "s"])
            && back(2, &["name", "nom", "nombre", "nome", "naam"]))
            || (back(1, &["name"]) && self.text[self.tokens[before].span().end..].starts_with("'s"));
        let calls =
            back(1, &["m'appelle", "m’appelle", "llamo", "chiamo", "heiße", "heisse", "heet", "chamo"]);
        let named = named || calls;
        // A file's name, or a plan's, is no person's.
        let what = at.checked_sub(3).is_none_or(|other| {
            self.tokens[other].is(COMMON)
                && !back(3, &["my", "her", "his", "their", "full", "first", "last", "your", "the"])
        });
        let whose = calls || !what;
        // `Am Zähler` and `im Keller` are German.
        let says = back(1, &["i'm", "i’m", "bin", "soy", "sono", "suis", "ben"])
            || (back(1, &["am"]) && back(2, &["i"]))
            || (back(1, &["im"]) && token.is(GIVEN))
            || (back(1, &["is"]) && back(2, &["this", "here"]))
            || (back(1, &["me"]) && back(2, &["call", "calls", "called"]))
            || (back(1, &["him", "her"]) && back(2, &["named", "called"]))
            || (back(1, &["called"]) && back(2, &["am", "is", "was", "are"]))
            || back(1, &["named"])
            || (back(1, &["with", "to"])
                && back(2, &["spoke", "speaking", "spoken", "talked", "chatted", "talking", "chatting"]));
        if !named && !says {
            return None;
        }
        if token.case == Case::Lower {
            let word = named
                && back(3, &["my"])
                && !token.is(COMMON)
                && self.word(at).chars().count() >= 3
                && self.closes(at + 1);
            return (word || (token.is(GIVEN) && (named || self.closes(at + 1))))
                .then(|| (at, self.lower_chain(at)));
        }
        if !self.part(at) {
            return None;
        }
        let to = self.chain(at);
        let mut rest = self.rest(to).chars();
        if rest.next() == Some('.') && rest.next().is_some_and(char::is_alphanumeric) {
            // `named Sales.doc`
            return None;
        }
        let known = self.has(at, to, NAME);
        let spoken = back(2, &["spoke", "speaking", "spoken", "talked", "chatted"]) && !token.is(SEEN_LOW);
        let clear = self.has(at, to, GIVEN | SURNAME) || self.followed(to);
        let taken = if named {
            whose || known
        } else {
            known && clear && (to > at + 1 || token.is(GIVEN) || self.followed(to)) || spoken
        };
        (taken && !self.is_thing(at, to)).then_some((at, to))
    }

    /// The end of a name in small letters: a second word is taken where it is a name.
    fn lower_chain(&self, at: usize) -> usize {
        let next = at + 1;
        let joined = self.tokens.get(next).is_some_and(|token| {
            token.gap == Gap::Space && token.is(NAME) && !token.is(COMMON) && token.case == Case::Lower
        });
        if joined { next + 1 } else { next }
    }

    /// Whether what follows a single word that can be a name speaks for one: `This is Mark from sales`.
    fn followed(&self, to: usize) -> bool {
        self.closes(to)
            || self.is_word(
                to,
                &["from", "with", "here", "and", "calling", "again", "at", "speaking", "writing"],
            )
    }

    /// The name after a label such as `Customer:` at the start of a line.
    pub(super) fn label(&self, at: usize) -> Option<(usize, usize)> {
        let end = (at + 1..self.tokens.len().min(at + 5)).find(|next| {
            let token = self.tokens[*next];
            let between =
                self.text.get(self.tokens[next - 1].span().end..token.span().start).unwrap_or_default();
            token.gap == Gap::Colon
                || (token.gap == Gap::Other
                    && between.len() <= 8
                    && between.contains([':', '=', '|'])
                    && !between.contains("::"))
        })?;
        if self.tokens[at + 1..end].iter().any(|token| token.gap.starts_line()) {
            return None;
        }
        let label = self
            .text
            .get(self.tokens[at].span().start..self.tokens[end - 1].span().end)
            .filter(|label| label.len() <= 32)?;
        let label = label.to_lowercase().replace(['_', '-', '.'], " ");
        let sure = PERSON_LABELS.contains(&label.as_str());
        if !sure && !LABELS.contains(&label.as_str()) {
            return None;
        }
        let token = self.tokens[end];
        if token.is(TITLE) {
            return None;
        }
        if token.case == Case::Lower {
            return (token.is(GIVEN) && (sure || self.closes(end + 1))).then(|| (end, self.lower_chain(end)));
        }
        if !self.part(end) {
            return None;
        }
        let to = self.chain(end);
        // `Lindqvist, Sara`
        let swapped = self
            .tokens
            .get(to)
            .is_some_and(|next| next.gap == Gap::Comma && next.is(GIVEN) && next.capitalized());
        let to = if swapped { self.chain(to) } else { to };
        let known = self.has(end, to, NAME);
        let clear = self.has(end, to, GIVEN) || (to > end + 1 && self.has(end, to, SURNAME));
        let alone = self.closes(to) || self.tokens.get(to).is_none_or(|next| next.gap.starts_line());
        let taken = clear || (alone && (sure || (known && to == end + 1 && !token.is(COMMON))));
        (taken && !self.goes_on(to) && !self.is_thing(end, to)).then_some((end, to))
    }

    /// The speaker at the start of a line of a chat: `Anna:`, `[10:32] Anna Kowalski:`, `Anna (10:32):`.
    pub(super) fn turn(&self, at: usize, line: usize) -> Option<(usize, usize)> {
        let clock = |at: usize| {
            matches!(self.tokens[at].case, Case::Number | Case::Code)
                || self.is_word(at, &["am", "pm", "t", "z"])
        };
        if at - line > 8 || !(line..at).all(clock) || !self.part(at) {
            return None;
        }
        let to = self.chain(at);
        let rest = self.rest(to);
        let speaks = rest.starts_with(": ")
            || rest.starts_with(":\n")
            || (rest.starts_with(" (") || rest.starts_with(" ["))
                && rest.as_bytes().get(2).is_some_and(u8::is_ascii_digit);
        let known = self.has(at, to, GIVEN)
            || (to > at + 1 && self.has(at, to, SURNAME | GIVEN_TOO) && !self.has(at, to, COMMON));
        // Without a clock before it, a single unknown word and a colon is a label.
        let stamped = at > line + 1 && !self.has(at, to, COMMON) && (to > at + 1 || self.tokens[at].is(NAME));
        (speaks && (known || stamped) && !self.is_thing(at, to)).then_some((at, to))
    }
}
