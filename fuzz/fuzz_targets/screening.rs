#![no_main]

use std::sync::LazyLock;

use corpus::screen::{Policy, Screener};

static SCREENER: LazyLock<Screener> = LazyLock::new(|| Screener::new(Policy::default()).expect("the default policy"));

// Masking is idempotent, and its spans are those of the text.
libfuzzer_sys::fuzz_target!(|text: &str| {
    let masked = SCREENER.mask(text);
    let mut end = 0;
    for finding in &masked.findings {
        assert!(finding.span.start >= end && finding.span.of(text).is_some_and(|found| !found.is_empty()));
        end = finding.span.end;
    }
    let again = SCREENER.mask(&masked.text);
    assert_eq!(again.text, masked.text);
});
