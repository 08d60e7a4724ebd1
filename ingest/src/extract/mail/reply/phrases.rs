//! Phrases at the end of messages.

/// Whether a line takes leave. What follows it names the sender.
pub(super) fn is_sign_off(line: &str) -> bool {
    const PHRASES: [&str; 53] = [
        "best regards",
        "kind regards",
        "warm regards",
        "warmest regards",
        "regards",
        "many regards",
        "with kind regards",
        "with best regards",
        "best wishes",
        "best",
        "all the best",
        "cheers",
        "thanks",
        "many thanks",
        "thank you",
        "thank you very much",
        "thanks a lot",
        "thanks so much",
        "thanks in advance",
        "thank you in advance",
        "thanks and regards",
        "thanks & regards",
        "sincerely",
        "sincerely yours",
        "yours sincerely",
        "yours truly",
        "yours faithfully",
        "respectfully",
        "cordially",
        "take care",
        "br",
        "kr",
        "rgds",
        "mit freundlichen grüßen",
        "mit freundlichem gruß",
        "freundliche grüße",
        "viele grüße",
        "beste grüße",
        "liebe grüße",
        "vielen dank",
        "danke",
        "mfg",
        "vg",
        "lg",
        "cordialement",
        "bien à vous",
        "merci",
        "saludos",
        "saludos cordiales",
        "atentamente",
        "cordiali saluti",
        "met vriendelijke groet",
        "pozdrawiam",
    ];
    let line = line.trim().trim_end_matches([',', '.', '!', '-', '–', ' ']).to_lowercase();
    PHRASES.contains(&line.as_str())
}

/// Whether a program added a line to name itself or the device.
pub(super) fn is_device(line: &str) -> bool {
    let line = line.trim().to_lowercase();
    line.chars().count() < 90
        && [
            "sent from my ",
            "sent from mail for",
            "sent from outlook",
            "sent from yahoo",
            "sent via ",
            "sent with ",
            "get outlook for",
            "von meinem ",
            "gesendet mit ",
            "envoyé de mon ",
            "envoyé depuis ",
            "enviado desde mi ",
            "inviato da ",
            "verstuurd vanaf ",
            "sent using ",
        ]
        .iter()
        .any(|words| line.starts_with(words) || line.starts_with(&format!("gesendet {words}")))
}

/// Whether a line begins the notice that companies put under every message.
pub(super) fn is_disclaimer(line: &str) -> bool {
    let line = line.trim().trim_start_matches(['*', '_', '-', ' ']).to_lowercase();
    let begins = [
        "confidentiality notice",
        "confidentiality note",
        "disclaimer",
        "legal notice",
        "privileged and confidential",
        "notice: this e",
        "important notice: this",
        "please consider the environment",
        "diese e-mail enthält vertrauliche",
        "ce message et ",
        "ce courriel et ",
        "this e-mail has been scanned",
        "this email has been scanned",
        "you received this message because you are subscribed",
    ]
    .iter()
    .any(|words| line.starts_with(words));
    let about = [
        "this e-mail",
        "this email",
        "this message",
        "the information contained in this",
        "the contents of this",
        "the information in this",
        "this communication",
        "the content of this",
    ]
    .iter()
    .any(|words| line.starts_with(words));
    let secret = [
        "confidential",
        "privileged",
        "intended recipient",
        "intended only",
        "intended solely",
        "addressee",
        "vertraulich",
    ]
    .iter()
    .any(|word| line.contains(word));
    begins || (about && secret)
}
