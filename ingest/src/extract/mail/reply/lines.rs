//! Lines by which quoted messages are known.

/// Longest attribution in bytes.
const LONGEST: usize = 320;

/// How an attribution begins and ends, by language.
const ATTRIBUTIONS: [(&str, &str); 14] = [
    ("on ", " wrote"),
    ("am ", " schrieb"),
    ("le ", " a écrit"),
    ("el ", " escribió"),
    ("il ", " ha scritto"),
    ("em ", " escreveu"),
    ("op ", " schreef"),
    ("den ", " skrev"),
    ("w dniu ", " napisał"),
    ("w dniu ", " pisze"),
    ("dnia ", " napisał"),
    ("dne ", " napsal"),
    ("în ", " a scris"),
    ("tarihinde ", " yazdı"),
];

/// How many lines at the beginning of `lines` say who wrote what follows, such as `On Monday … wrote:`.
pub(super) fn attribution(lines: &[&str]) -> Option<usize> {
    let first = lines.first()?.trim().to_lowercase();
    let begins = ATTRIBUTIONS.iter().any(|(start, _)| first.starts_with(start));
    let addressed = first.contains('@') || first.contains('<');
    if !begins && !addressed {
        return None;
    }
    let mut text = String::new();
    // Programs break the line as any other.
    for (index, line) in lines.iter().take(4).enumerate() {
        let line = line.trim();
        if line.is_empty() {
            return None;
        }
        text.push(' ');
        text.push_str(&line.to_lowercase());
        if text.len() > LONGEST {
            return None;
        }
        let ends = |verb: &str| {
            text.rfind(verb).is_some_and(|at| text.len() - at - verb.len() < 90)
                && text.trim_end().ends_with(':')
        };
        let is = if begins {
            ATTRIBUTIONS.iter().any(|(start, verb)| first.starts_with(start) && ends(verb))
        } else {
            index == 0
                && [" wrote:", " writes:", " schrieb:", " a écrit :", " escribió:"]
                    .iter()
                    .any(|end| text.ends_with(end))
        };
        if is && text.chars().any(|c| c.is_ascii_digit() || c == '@') {
            return Some(index + 1);
        }
    }
    None
}

/// Whether a line is quoted.
pub(super) fn is_quoted(line: &str) -> bool {
    line.trim_start().starts_with('>')
}

/// Whether a line parts a reply from the message below it, such as `-----Original Message-----`.
pub(super) fn is_divider(line: &str) -> bool {
    const WORDS: [&str; 13] = [
        "original message",
        "ursprüngliche nachricht",
        "original appointment",
        "message d'origine",
        "mensaje original",
        "messaggio originale",
        "mensagem original",
        "oorspronkelijk bericht",
        "oprindelig meddelelse",
        "wiadomość oryginalna",
        "originalnachricht",
        "reply above this line",
        "please type your reply above",
    ];
    let line = line.trim();
    let bare = line.trim_matches(['-', '_', '=', '#', ' ', '*', '>', '<']);
    let marked = bare.len() < line.len();
    marked && bare.len() < 80 && WORDS.iter().any(|word| bare.to_lowercase().contains(word))
}

/// Whether a line begins a message that was forwarded.
pub(super) fn is_forward(line: &str) -> bool {
    let line = line.trim().to_lowercase();
    line.len() < 120
        && [
            "forwarded message",
            "begin forwarded",
            "weitergeleitete nachricht",
            "message transféré",
            "mensaje reenviado",
        ]
        .iter()
        .any(|words| line.contains(words))
}

/// Whether a message's header stands in the text, as Outlook puts it above what it quotes.
pub(super) fn is_header_block(lines: &[&str]) -> bool {
    const FROM: [&str; 8] = ["from:", "von:", "de:", "da:", "van:", "od:", "från:", "fra:"];
    const OTHER: [&str; 26] = [
        "sent:",
        "date:",
        "to:",
        "subject:",
        "cc:",
        "gesendet:",
        "datum:",
        "an:",
        "betreff:",
        "envoyé:",
        "envoyé :",
        "à:",
        "à :",
        "objet:",
        "objet :",
        "enviado:",
        "enviado el:",
        "para:",
        "asunto:",
        "assunto:",
        "inviato:",
        "a:",
        "oggetto:",
        "verzonden:",
        "aan:",
        "onderwerp:",
    ];
    let field =
        |line: &str| line.trim().trim_start_matches(['*', '_']).replace(['*', '_'], "").to_lowercase();
    let Some(first) = lines.first().map(|line| field(line)) else { return false };
    if !FROM.iter().any(|name| first.starts_with(name)) {
        return false;
    }
    let mut others = 0;
    for line in lines.iter().skip(1).filter(|line| !line.trim().is_empty()).take(5) {
        let line = field(line);
        others += usize::from(OTHER.iter().any(|name| line.starts_with(name)));
    }
    others >= 2
}

/// Whether a line is an item of a list.
pub(super) fn is_item(line: &str) -> bool {
    let number = line.chars().take_while(char::is_ascii_digit).count();
    let rest = line.get(number..).unwrap_or_default();
    ((1..=2).contains(&number) && (rest.starts_with(". ") || rest.starts_with(") ")))
        || ["- ", "* ", "• ", "+ ", "– "].iter().any(|mark| line.starts_with(mark))
}
