//! What the words around a number say that it is.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

use super::super::kind::{after, before};

/// Words before a number that say it is a telephone's.
const PHONES: &str = "
phone phones telephone mobile cell cellphone tel fax call calling dial ring whatsapp sms text hotline
reach reached landline desk answering messages telefon telefonnummer handy mobil rufnummer durchwahl
téléphone portable appelez teléfono móvil telefono cellulare telefoon telefone celular tlf ph mob viber
anrufen angerufen rückruf zurückrufen erreichbar erreichen festnetz tél appeler rappeler rappelez joindre joignable fixe
llamar llame llamen llámenos llámeme llamada chiamare chiamate chiamatemi richiamare richiamatemi bellen terugbellen bereikbaar
mobiel gsm ligar ligue telemóvel zadzwonić zadzwoń dzwonić oddzwonić telefonu komórka
";

/// Words before a number that say it is something else.
const OTHERS: &str = "
order invoice ticket case model part serial sku ref reference article item version build id isbn ean upc
iso rfc account tracking shipment code pin port product patent batch lot error kb barcode gtin asin
transaction receipt booking reservation policy bestellung rechnung artikel seriennummer vin imei date
size
";

/// Words after a number that say it is a telephone's.
const PHONES_AFTER: [&str; 10] =
    ["office", "fax", "mobile", "cell", "home", "work", "phone", "tel", "desk", "direct"];

/// More of them, of several words.
const PHONE_PHRASES: [&str; 11] = [
    "my number",
    "your number",
    "his number",
    "her number",
    "my registered",
    "your registered",
    "registered number",
    "message on my",
    "messages on my",
    "message on your",
    "messages on your",
];

/// Phrases that hold one of [`OTHERS`] and say nothing.
const NEITHER: [&str; 2] = ["in case", "up to date"];

/// The words of the lists, those for telephones first, those that say nothing last.
static WORDS: LazyLock<AhoCorasick> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "the words are constants that tests compile")]
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::LeftmostLongest)
        .build(PHONES.split_whitespace().chain(PHONE_PHRASES).chain(OTHERS.split_whitespace()).chain(NEITHER))
        .expect("constant words compile")
});

/// How many of [`WORDS`] are for telephones.
static PHONE_COUNT: LazyLock<usize> =
    LazyLock::new(|| PHONES.split_whitespace().count() + PHONE_PHRASES.len());

/// The first of [`WORDS`] that says nothing.
static NEITHER_FROM: LazyLock<usize> = LazyLock::new(|| *PHONE_COUNT + OTHERS.split_whitespace().count());

/// What the words before a number say that it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    Phone,
    Other,
    Nothing,
}

/// What the words before `start`, on the same line, say of the number there: the last one counts.
pub(super) fn said(text: &str, start: usize) -> Said {
    let words = before(text, start, 40);
    let words = words.rsplit(['\n', ';', '|']).find(|line| !line.trim().is_empty()).unwrap_or_default();
    if words.trim_end().ends_with(['#', '№']) {
        return Said::Other;
    }
    let apart = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
    let last = WORDS
        .find_iter(words)
        .filter(|found| found.pattern().as_usize() < *NEITHER_FROM)
        .filter(|found| {
            apart(words[..found.start()].chars().next_back()) && apart(words[found.end()..].chars().next())
        })
        .last();
    match last {
        Some(found) if found.pattern().as_usize() < *PHONE_COUNT => Said::Phone,
        Some(_) => Said::Other,
        None => Said::Nothing,
    }
}

/// Whether the words after a number say that it is a telephone's: `555 0123-Office`.
pub(super) fn called_after(text: &str, end: usize) -> bool {
    let rest = after(text, end, 16);
    let words = rest.trim_start_matches([' ', '-', '(', ':']);
    let word = words.split(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
    rest.len() > words.len() && PHONES_AFTER.iter().any(|other| other.eq_ignore_ascii_case(word))
}
