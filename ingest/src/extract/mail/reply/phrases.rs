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
    let from = ["greetings from ", "best regards from ", "grüße aus ", "viele grüße aus ", "saludos desde "];
    PHRASES.contains(&line.as_str()) || from.iter().any(|start| line.starts_with(start) && line.len() < 50)
}

/// Whether a line greets someone and says nothing else.
pub(super) fn is_greeting(line: &str) -> bool {
    const WORDS: [&str; 26] = [
        "hi",
        "hello",
        "hey",
        "dear",
        "good morning",
        "good afternoon",
        "good evening",
        "good day",
        "greetings",
        "hallo",
        "guten tag",
        "guten morgen",
        "liebe",
        "lieber",
        "sehr geehrte",
        "sehr geehrter",
        "sehr geehrtes",
        "bonjour",
        "salut",
        "cher",
        "chère",
        "hola",
        "estimado",
        "estimada",
        "buongiorno",
        "beste",
    ];
    let line = line.trim();
    let lower = line.to_lowercase();
    let greets = WORDS.iter().any(|word| {
        lower.strip_prefix(word).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', ',', '!', '.']))
    });
    let inner = line.trim_end_matches([',', '!', '.', ':', '-', '–', ' ']);
    greets
        && line.split_whitespace().count() <= 7
        && !inner.contains(['.', '?', ':'])
        && line.chars().count() <= 70
}

/// Whether a line begins with the sender's name, or is no more than a part of it.
pub(super) fn is_name(line: &str, sender: &str) -> bool {
    let normal = |text: &str| -> Vec<String> {
        text.split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(str::to_lowercase)
            .collect()
    };
    let (line, mut sender) = (normal(line), normal(sender));
    if sender.is_empty() || line.is_empty() {
        return false;
    }
    let part = line.len() <= sender.len() && line.iter().all(|word| sender.contains(word));
    let begins = sender.len() > 1 && line.starts_with(&sender);
    // Directories put the family name first.
    sender.rotate_left(1);
    part || begins || (sender.len() > 1 && line.starts_with(&sender))
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
