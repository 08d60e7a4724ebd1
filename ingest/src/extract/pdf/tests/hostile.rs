//! What broken and hostile files become: an error or what can be read of them, in bounded time.

use lopdf::encryption::crypt_filters::{Aes128CryptFilter, CryptFilter};
use lopdf::{EncryptionState, EncryptionVersion, Permissions, Stream, dictionary};

use super::*;

fn error(bytes: &[u8]) -> ExtractError {
    read(bytes, &ExtractOptions::default()).expect_err("no document")
}

fn words() -> String {
    lines(&[(50.0, 100.0, 10.0, "F", "Some words of text")])
}

#[test]
fn damage_at_any_byte_is_harmless() {
    let bytes = Maker::new().page(&words()).page(&words()).bytes();
    assert!(read(&bytes, &ExtractOptions::default()).is_ok());
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        if let Some(byte) = damaged.get_mut(at) {
            *byte ^= 0x15;
        }
        let _ = read(&damaged, &ExtractOptions::default());
        let _ = read(bytes.get(..at).unwrap_or_default(), &ExtractOptions::default());
    }
}

#[test]
fn what_is_no_pdf_is_an_error() {
    for bytes in [&b""[..], b"%PDF-", b"%PDF-1.7\nwords", b"words"] {
        assert_eq!(error(bytes).kind(), "malformed");
    }
    assert_eq!(error(&Maker::new().bytes()).kind(), "malformed");
    assert_eq!(error(&Maker::new().page("0 0 m 5 5 l S").bytes()), ExtractError::Empty);
}

#[test]
fn pages_of_pictures_are_scans() {
    let mut maker = Maker::new();
    let image = dictionary! { "Type" => "XObject", "Subtype" => "Image", "Width" => 1, "Height" => 1 };
    let image = maker.document.add_object(Stream::new(image, vec![0]));
    maker.resources.set("XObject", dictionary! { "I" => image });
    let scan = "q 595 0 0 842 0 0 cm /I Do Q";
    assert_eq!(error(&maker.page(scan).page(scan).bytes()), ExtractError::Scan);

    let mut maker = Maker::new();
    maker.page(&words()).page("q 595 0 0 842 0 0 cm BI /W 1 /H 1 ID x EI Q").page(&words());
    let draft = draft(&maker.bytes());
    assert_eq!(draft.fields.metadata.get("pages_scanned").map(String::as_str), Some("2"));
}

#[test]
fn fonts_that_say_nothing_are_an_error() {
    let mut maker = Maker::new();
    let inner = dictionary! { "Type" => "Font", "Subtype" => "CIDFontType2", "BaseFont" => "X" };
    let font = dictionary! {
        "Type" => "Font", "Subtype" => "Type0", "BaseFont" => "X", "Encoding" => "Identity-H",
        "DescendantFonts" => vec![inner.into()],
    };
    maker.resources.set("Font", dictionary! { "W" => font });
    assert_eq!(
        error(&maker.page("BT /W 10 Tf 50 700 Td <000100020003> Tj ET").bytes()),
        ExtractError::Unmapped
    );
}

#[test]
fn passwords_open_what_is_encrypted() {
    let encrypted = |user: &str| {
        let mut document = Maker::new().page(&words()).finish();
        let id = Object::string_literal("0123456789abcdef");
        document.trailer.set("ID", vec![id.clone(), id]);
        let filter: std::sync::Arc<dyn CryptFilter> = std::sync::Arc::new(Aes128CryptFilter);
        let version = EncryptionVersion::V4 {
            document: &document,
            encrypt_metadata: true,
            crypt_filters: [(b"StdCF".to_vec(), filter)].into(),
            stream_filter: b"StdCF".to_vec(),
            string_filter: b"StdCF".to_vec(),
            owner_password: "owner",
            user_password: user,
            permissions: Permissions::all(),
        };
        let state = EncryptionState::try_from(version).expect("a state");
        document.encrypt(&state).expect("encrypted");
        let mut bytes = Vec::new();
        document.save_to(&mut bytes).expect("a PDF");
        bytes
    };
    assert_eq!(draft(&encrypted("")).blocks[0].text, "Some words of text");
    let bytes = encrypted("secret");
    assert_eq!(error(&bytes), ExtractError::Encrypted);
    let mut options = ExtractOptions { pdf_passwords: vec!["wrong".into()], ..ExtractOptions::default() };
    assert_eq!(read(&bytes, &options).expect_err("locked"), ExtractError::Encrypted);
    options.pdf_passwords.push("secret".into());
    assert_eq!(read(&bytes, &options).expect("a document").blocks[0].text, "Some words of text");
}

#[test]
fn forms_within_forms_end() {
    let mut maker = Maker::new();
    // Each form shows the next ten times, and the last shows the first.
    let ids: Vec<_> = (0..12).map(|_| maker.document.new_object_id()).collect();
    for (at, id) in ids.iter().enumerate() {
        let next = ids[(at + 1) % ids.len()];
        let dictionary = dictionary! {
            "Type" => "XObject", "Subtype" => "Form", "BBox" => vec![0.into(), 0.into(), 9.into(), 9.into()],
            "Resources" => dictionary! { "XObject" => dictionary! { "X" => next } },
        };
        maker.document.objects.insert(*id, Stream::new(dictionary, b"/X Do ".repeat(10)).into());
    }
    maker.resources.set("XObject", dictionary! { "X" => ids[0] });
    let bytes = maker.page(&(words() + "/X Do")).bytes();
    let draft = draft(&bytes);
    assert_eq!(draft.blocks[0].text, "Some words of text");
    assert_eq!(draft.fields.metadata.get("pages_unread").map(String::as_str), Some("1"));
}

#[test]
fn streams_that_unfold_without_end_are_not_read() {
    let mut maker = Maker::new();
    maker.page(&words());
    let mut bomb = Stream::new(lopdf::Dictionary::new(), vec![b' '; 130 << 20]);
    bomb.compress().expect("compressed");
    assert!(bomb.content.len() < 1 << 20);
    let bomb = maker.document.add_object(bomb);
    maker.page_of(bomb.into());
    let draft = draft(&maker.bytes());
    assert_eq!(draft.fields.metadata.get("pages_unread").map(String::as_str), Some("2"));
}

#[test]
fn pages_and_text_beyond_the_limits_are_errors() {
    let bytes = Maker::new().page(&words()).page(&words()).bytes();
    let mut options = ExtractOptions::default();
    options.limits.pages = 1;
    assert_eq!(read(&bytes, &options).expect_err("many pages").kind(), "too_large");
    let mut options = ExtractOptions::default();
    options.limits.document_bytes = 10;
    assert_eq!(read(&bytes, &options).expect_err("much text").kind(), "too_large");
}

#[test]
fn time_beyond_the_limit_is_an_error() {
    let bytes = Maker::new().page(&"q Q ".repeat(100_000)).bytes();
    let mut options = ExtractOptions::default();
    options.limits.seconds = 0;
    assert_eq!(read(&bytes, &options).expect_err("late").kind(), "timed_out");
}

#[test]
fn odd_numbers_and_states_are_harmless() {
    for content in [
        "BT /F 1e30 Tf 99999999999999999999 0 0 0 0 0 Tm (a) Tj ET",
        "BT /F -10 Tf 0 0 0 0 50 700 Tm (a) Tj ET",
        "BT /F 10 Tf 50 700 Td 1 0 0 1 Tm (a) Tj (b) ' (c) \" [] TJ [(d) [(e)]] TJ Tj ET",
        "BT /None 10 Tf 50 700 Td (a) Tj ET /None Do /None gs",
        "Q Q Q EMC EMC ET (a) Tj",
        "q q q BT BT (a) Tj",
    ] {
        let _ = read(&Maker::new().page(content).bytes(), &ExtractOptions::default());
    }
    let deep = "q ".repeat(100_000) + "/P BMC ".repeat(100_000).as_str() + &words();
    assert!(read(&Maker::new().page(&deep).bytes(), &ExtractOptions::default()).is_ok());
}

#[test]
fn pages_in_a_circle_end() {
    let mut maker = Maker::new();
    maker.page(&words());
    let mut document = maker.finish();
    let tree = document
        .catalog()
        .expect("a catalog")
        .get(b"Pages")
        .expect("pages")
        .as_reference()
        .expect("a reference");
    let kids = document
        .get_dictionary(tree)
        .expect("a tree")
        .get(b"Kids")
        .expect("kids")
        .as_array()
        .expect("an array");
    let kids = [kids.as_slice(), &[tree.into(), tree.into()]].concat();
    document.get_dictionary_mut(tree).expect("a tree").set("Kids", kids);
    document.get_dictionary_mut(tree).expect("a tree").set("Parent", tree);
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).expect("a PDF");
    let _ = read(&bytes, &ExtractOptions::default());
}
