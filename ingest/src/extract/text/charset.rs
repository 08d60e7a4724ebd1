//! From bytes to text.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// Bytes that the encoding is guessed from.
const SAMPLE: usize = 64 * 1024;

/// Largest share of characters that no text holds, such as control characters, in thousandths.
const GARBAGE: usize = 10;

/// The text of `bytes`: by byte order mark, as UTF-8, or in the encoding that they look most like.
///
/// `None` for what is not text at all.
pub(crate) fn decode(bytes: &[u8]) -> Option<Cow<'_, str>> {
    let text = match Encoding::for_bom(bytes) {
        Some((encoding, mark)) => encoding.decode_without_bom_handling(bytes.get(mark..)?).0,
        None => match (wide(bytes), std::str::from_utf8(bytes)) {
            (Some(encoding), _) => encoding.decode_without_bom_handling(bytes).0,
            (None, Ok(text)) => Cow::Borrowed(text),
            (None, Err(_)) => guess(bytes).decode_without_bom_handling(bytes).0,
        },
    };
    let plain = matches!(text, Cow::Borrowed(_));
    (!is_garbage(&text, plain)).then_some(text)
}

/// The kind of UTF-16 without a mark: in most scripts nearly every other byte is then a zero.
fn wide(bytes: &[u8]) -> Option<&'static Encoding> {
    let sample = bytes.get(..SAMPLE).unwrap_or(bytes);
    let pairs = sample.len() / 2;
    let zeros = |at: usize| sample.iter().skip(at).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let most = pairs * 2 / 5;
    match () {
        () if pairs < 4 => None,
        () if odd > most && even * 20 < odd => Some(UTF_16LE),
        () if even > most && odd * 20 < even => Some(UTF_16BE),
        () => None,
    }
}

fn guess(bytes: &[u8]) -> &'static Encoding {
    let sample = bytes.get(..SAMPLE).unwrap_or(bytes);
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(sample, true);
    // A sample may be UTF-8 but for a character cut at its end or a stray byte later: then UTF-8 loses least.
    let invalid = sample.utf8_chunks().filter(|chunk| !chunk.invalid().is_empty()).count();
    let beyond = sample.iter().filter(|byte| **byte >= 0x80).count();
    if invalid * 50 < beyond { UTF_8 } else { detector.guess(None, Utf8Detection::Allow) }
}

fn is_garbage(text: &str, plain: bool) -> bool {
    let mut odd = 0;
    let mut seen = 0;
    for c in text.chars().take(SAMPLE) {
        seen += 1;
        let control =
            c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{c}' | '\u{1b}' | '\u{7f}' | '\u{85}');
        // Two bytes that are one character of UTF-8 are no accident: somebody wrote about it.
        let control = control && (!plain || c.is_ascii());
        odd += usize::from(control || c == '\u{fffd}');
    }
    odd * 1_000 > seen * GARBAGE
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decoded(bytes: &[u8]) -> Option<String> {
        decode(bytes).map(Cow::into_owned)
    }

    #[test]
    fn a_table_of_control_characters_is_text() {
        let table: String = ('\u{80}'..='\u{9f}').map(|c| format!("{:?} {c}\n", u32::from(c))).collect();
        assert_eq!(decoded(table.as_bytes()), Some(table));
        assert_eq!(decoded(b"|127|\x7f|\n").as_deref(), Some("|127|\u{7f}|\n"));
        assert_eq!(decoded(&[1, 2, 3, 4, 5, b'a']), None);
    }

    #[test]
    fn byte_order_marks_decide() {
        assert_eq!(decoded(b"\xEF\xBB\xBFh\xC3\xA9").as_deref(), Some("hé"));
        assert_eq!(decoded(b"\xFF\xFEh\0\xE9\0").as_deref(), Some("hé"));
        assert_eq!(decoded(b"\xFE\xFF\0h\0\xE9").as_deref(), Some("hé"));
    }

    #[test]
    fn utf16_without_a_mark_is_seen() {
        let text = "The size of the file";
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(decoded(&little).as_deref(), Some(text));
        assert_eq!(decoded(&big).as_deref(), Some(text));
    }

    #[test]
    fn legacy_encodings_are_guessed() {
        let german = "Die Größe der Übertragung müssen Sie für jedes Gerät prüfen.";
        let (bytes, ..) = encoding_rs::WINDOWS_1252.encode(german);
        assert_eq!(decoded(&bytes).as_deref(), Some(german));
        let russian = "Чтобы перезагрузить устройство, нажмите кнопку питания.";
        let (bytes, ..) = encoding_rs::WINDOWS_1251.encode(russian);
        assert_eq!(decoded(&bytes).as_deref(), Some(russian));
    }

    #[test]
    fn one_stray_byte_does_not_spoil_utf8() {
        let mut bytes = "über Größe für ".repeat(40).into_bytes();
        bytes.push(0xFF);
        bytes.extend_from_slice("müde".as_bytes());
        assert!(decoded(&bytes).is_some_and(|text| text.starts_with("über") && text.ends_with("müde")));
    }

    #[test]
    fn what_is_not_text_is_refused() {
        assert_eq!(decoded(b"\x7fELF\x02\x01\x01\0\0\0\0\xff\xfe"), None);
        assert_eq!(decoded(&[0; 100]), None);
        let noise: Vec<u8> =
            (0..4_096_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8 | 1).collect();
        assert_eq!(decoded(&noise), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_decoded_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = decode(&bytes);
        }

        #[test]
        fn utf8_text_stays(text in "[ -~äöüß€\n]{0,200}") {
            prop_assert_eq!(decoded(text.as_bytes()), Some(text));
        }
    }
}
