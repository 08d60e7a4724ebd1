use super::*;
use crate::screen::numbers::runs;

fn found<'a>(text: &'a str, regions: &[country::Id]) -> Vec<&'a str> {
    let mut found = Vec::new();
    for run in runs(text) {
        find(&run, regions, &mut found);
    }
    found.into_iter().map(|found| found.span.of(text).unwrap()).collect()
}

#[test]
fn international_numbers() {
    for phone in [
        "+447700900123",
        "+49 30 901820",
        "+1 650-253-0000",
        "+1-903-140-4508x769",
        "+33 1 42 68 53 00",
        "(+49) 30 901820",
        "+41 44 668 18 00 ext. 12",
        "+81-3-1234-5678",
    ] {
        let phone = phone.trim_start_matches('(');
        assert_eq!(found(&format!("reach me on {phone}, please"), &[]), [phone], "{phone}");
    }
}

#[test]
fn bracketed_numbers() {
    for phone in ["(02) 5550 6621", "(030) 901820-0", "(0171) 3920044"] {
        let phone = phone.trim_end_matches("-0");
        assert_eq!(found(&format!("It is {phone}."), &[]), [phone]);
    }
    for text in ["(2) 5550 6621", "(02) 12", "f(0) 123456789"] {
        assert_eq!(found(text, &[]), Vec::<&str>::new(), "{text}");
    }
}

#[test]
fn north_american_numbers() {
    for phone in [
        "(650) 253-0000",
        "650-253-0000",
        "650.253.0000",
        "1-800-555-0199",
        "650 253-0000",
        "877-547-3967x793",
    ] {
        assert_eq!(found(&format!("It is {phone}."), &[]), [phone], "{phone}");
    }
}

#[test]
fn national_numbers() {
    for (region, phone) in [
        (country::GB, "020 7946 0958"),
        (country::GB, "07911 123456"),
        (country::DE, "030 901820"),
        (country::DE, "0171/1234567"),
        (country::FR, "01 42 68 53 00"),
        (country::ES, "912 345 678"),
        (country::GB, "07911123456"),
    ] {
        assert_eq!(found(&format!("It is {phone}."), &[region]), [phone], "{phone}");
        assert_eq!(found(&format!("order {phone}."), &[region]), Vec::<&str>::new(), "{phone}");
    }
}

#[test]
fn numbers_that_words_name() {
    for phone in ["555 0123", "0688 872 49 99", "5551234567", "22 498317", "9469 9966"] {
        assert_eq!(found(&format!("My phone number is {phone}"), &[]), [phone]);
        assert_eq!(found(&format!("Tel.: {phone}"), &[]), [phone]);
        assert_eq!(found(&format!("It is {phone}"), &[]), Vec::<&str>::new());
    }
}

#[test]
fn freephone_numbers() {
    for phone in ["1-800-555-0199", "+1 888 555 0123", "(877) 555-0123", "+44 800 123 4567"] {
        assert!(is_freephone(phone, &[]), "{phone}");
    }
    assert!(is_freephone("0800 123 4567", &[country::GB]));
    for phone in ["650-253-0000", "+49 30 901820", "877-547-3967x793"] {
        assert!(!is_freephone(phone, &[]), "{phone}");
    }
}

#[test]
fn other_numbers() {
    let regions = [country::US, country::GB, country::DE, country::FR];
    for text in [
        "order 555-123-4567",
        "ticket #6502530000",
        "version 10.0.19041.1237",
        "2024-01-15",
        "15.01.2024",
        "2023-2024",
        "01/15/2024",
        "2024-01-15 10:30:00",
        "$1,234,567.89",
        "192.168.100.200",
        "part 123-456-7890",
        "ABC-650-253-0000",
        "650-253-0000-X",
        "ISBN 978-0-306-40615-7",
        "550e8400-e29b-41d4-a716-446655440000",
        "1700000000",
        "1700000000000",
        "6502530000",
        "100 200 300 400",
        "KB5034441",
        "0x80070005",
        "12345678",
        "100000000000",
        "1.2.3.4.5",
        "3.14159265",
        "10000-20000",
        "call 911",
        "in 2019 2020 2021",
        "error 0800 1234 5678",
        "model 020 7946 0958",
        "1 000 000 000",
        "800x600",
        "1920 1080",
        "call it 1.234.567",
        "call a taxi to 14 3684 Court Lane",
        "call 2024-01-15",
        "SKU 4006381333931",
        "20240115123000",
    ] {
        assert_eq!(found(text, &regions), Vec::<&str>::new(), "{text}");
    }
}
