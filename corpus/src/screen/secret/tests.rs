use super::*;

fn found(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    find(text, &mut found);
    super::super::kind::resolve(found).into_iter().map(|found| found.span.of(text).unwrap()).collect()
}

#[test]
fn issued_keys() {
    for key in [
        "AKIAIOSFODNN7EXAMPLE",
        "AKIAIOSFODNN7ABCDEFG",
        "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
        "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
        "xoxb-123456789012-abcdefGHIJKL",
        "AIzaSyD4fG7hJ9kL2mN5pQ8rS1tU4vW7xY0zA3b",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
        "SG.ngeVfQFYQlKU0ufo8x5d1A.TwL2iGABf9DHoTf09kqeF8tAmbihYzrnopKc1s5cr",
    ] {
        assert_eq!(found(&format!("use {key} now")), [key], "{key}");
    }
    for prefix in ["AKIA", "AIza", "SG.", "SG..", "sk_live_", "ghp_", "xoxb-", "eyJ", "eyJ."] {
        assert_eq!(found(&format!("starts with {prefix}")), [""; 0], "{prefix}");
    }
    let pem = "-----BEGIN RSA PRIVATE KEY-----\nMIIEow==\n-----END RSA PRIVATE KEY-----";
    assert_eq!(found(&format!("key:\n{pem}\nend")), [pem]);
}

#[test]
fn assigned_secrets() {
    assert_eq!(found("password: hunter2"), ["hunter2"]);
    assert_eq!(found("My password is Tr0ub4dor&3."), ["Tr0ub4dor&3"]);
    assert_eq!(found("DB_PASSWORD='s3cr3t!pass'"), ["s3cr3t!pass"]);
    assert_eq!(found("api_key=9f86d081884c7d659a2feaa0c55ad015"), ["9f86d081884c7d659a2feaa0c55ad015"]);
    assert_eq!(found("\"token\": \"a1b2c3d4e5f6g7h8\""), ["a1b2c3d4e5f6g7h8"]);
    assert_eq!(found("https://x.com/?api_key=a1b2c3d4e5f6g7h8&x=1"), ["a1b2c3d4e5f6g7h8"]);
    assert_eq!(found("Authorization: Bearer a1b2c3d4e5f6g7h8i9j0"), ["a1b2c3d4e5f6g7h8i9j0"]);
    assert_eq!(found("postgres://admin:s3cr3t@db/x"), ["admin:s3cr3t"]);
    assert_eq!(
        found("The key 7c1e9a40b25d4f6c8a3e5b7d90f12c46 is old"),
        ["7c1e9a40b25d4f6c8a3e5b7d90f12c46"]
    );
    assert_eq!(found("PIN: 4711"), ["4711"]);
    assert_eq!(found("CVV 123 or cvv: 456"), ["123", "456"]);
}

#[test]
fn words_about_secrets() {
    for text in [
        "password: required",
        "Password: minimum 8 characters",
        "password=YOUR_PASSWORD",
        "api_key: <your key>",
        "Authorization: Bearer YOUR_API_KEY_HERE_0123",
        "token: string",
        "The password is wrong",
        "set password = os.environ['X']",
        "reset your password. Then log in",
        "postgres://user:password@host",
        "secret: ${SECRET_KEY_123456}",
        "password: ********",
        "token: [SECRET_1]",
        "Authorization: Bearer [SECRET_1]",
        "password = getPassword()",
        "api key: contact support",
        "https://user:[SECRET_1]@host/",
        "the token is valid for 30 days",
        "access token: see section 4.2.1 below",
        "shipping 123",
        "the key 550e8400-e29b-41d4-a716-446655440000",
        "press the key F12",
    ] {
        assert_eq!(found(text), Vec::<&str>::new(), "{text}");
    }
}

#[test]
fn long_rows() {
    for text in [
        "eyJ-".repeat(100_000),
        "AKIA-".repeat(100_000),
        "://a:".repeat(100_000),
        "password: ".repeat(50_000),
        "-----BEGIN ".repeat(50_000),
    ] {
        assert_eq!(found(&text), Vec::<&str>::new());
    }
}
