//! What the words around a number say that it is.

use super::super::kind::{after, before, last_word};

/// Words before a number that say it is a telephone's.
const PHONE_WORDS: [&str; 44] = [
    "phone",
    "phones",
    "telephone",
    "mobile",
    "cell",
    "cellphone",
    "tel",
    "tel.",
    "fax",
    "call",
    "calling",
    "dial",
    "ring",
    "whatsapp",
    "sms",
    "text",
    "hotline",
    "reach",
    "reached",
    "landline",
    "desk",
    "answering",
    "messages",
    "telefon",
    "telefonnummer",
    "handy",
    "mobil",
    "rufnummer",
    "durchwahl",
    "téléphone",
    "portable",
    "appelez",
    "teléfono",
    "móvil",
    "telefono",
    "cellulare",
    "telefoon",
    "telefone",
    "celular",
    "tlf",
    "ph",
    "mob",
    "contact number",
    "viber",
];

/// Words after a number that say it is a telephone's.
const PHONE_WORDS_AFTER: [&str; 10] =
    ["office", "fax", "mobile", "cell", "home", "work", "phone", "tel", "desk", "direct"];

/// Words before a number that say it is something else.
const OTHER_WORDS: [&str; 48] = [
    "order",
    "invoice",
    "ticket",
    "case",
    "model",
    "part",
    "serial",
    "sku",
    "ref",
    "reference",
    "article",
    "item",
    "version",
    "build",
    "id",
    "isbn",
    "ean",
    "upc",
    "iso",
    "rfc",
    "account",
    "tracking",
    "shipment",
    "code",
    "pin",
    "port",
    "product",
    "patent",
    "batch",
    "lot",
    "error",
    "kb",
    "barcode",
    "gtin",
    "asin",
    "transaction",
    "receipt",
    "booking",
    "reservation",
    "policy",
    "bestellung",
    "rechnung",
    "artikel",
    "seriennummer",
    "vin",
    "imei",
    "date",
    "size",
];

/// What the words before a number say that it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    Phone,
    Other,
    Nothing,
}

pub(super) fn said(text: &str, start: usize) -> Said {
    let words = before(text, start, 40);
    let words = words
        .rsplit(['\n', ';', '|'])
        .find(|line| !line.trim().is_empty())
        .unwrap_or_default()
        .to_lowercase();
    let last = |list: &[&str]| list.iter().filter_map(|word| last_word(&words, word)).max();
    let (phone, other) = (last(&PHONE_WORDS), last(&OTHER_WORDS));
    let marked = words.trim_end().ends_with(['#', '№']);
    match (phone, other.or(marked.then_some(words.len()))) {
        (Some(phone), Some(other)) if phone > other => Said::Phone,
        (_, Some(_)) => Said::Other,
        (Some(_), None) => Said::Phone,
        (None, None) => Said::Nothing,
    }
}

/// Whether the words after a number say that it is a telephone's: `555 0123-Office`.
pub(super) fn called_after(text: &str, end: usize) -> bool {
    let rest = after(text, end, 16).to_lowercase();
    let words = rest.trim_start_matches([' ', '-', '(', ':']);
    let word = words.split(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
    rest.len() > words.len() && PHONE_WORDS_AFTER.contains(&word)
}
