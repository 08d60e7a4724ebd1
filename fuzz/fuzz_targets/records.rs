#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| citedesk_fuzz::extracts("a.json", bytes));
