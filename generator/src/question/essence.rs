//! What of a message asks: without greeting, introduction, thanks and signature.
//!
//! Customers write their name, where they live and that they hope we are well before they ask. Nothing of that is to be
//! found in the documents, and searched for and weighed like the question it would hide what is asked.

use corpus::sentence::sentences;

/// Words that messages begin and end with.
const IDLE: &str = "hi hello hey dear good morning afternoon evening day greetings team support customer service sir madam all \
    everyone there my name is i am i'm this it's me we are we're from in of at on the a and live living here writing to you \
    hope find well doing message thanks thank thx very much so lot many advance for your help time cheers best kind warm \
    regards sincerely yours faithfully truly bye mr mrs ms dr would could can kindly be good as tell let know following \
    question questions please pls like ask have quick one short just want wanted would need asking calling behalf wants asks \
    asked says customer client caller";
/// The same in German, French, Spanish, Italian, Dutch and Portuguese.
const IDLE_ABROAD: &str = "guten tag morgen abend hallo moin servus grüß gott grüezi liebe lieber liebes sehr geehrte geehrter damen und herren     mein name ist ich heiße bin aus wohne vielen dank danke besten im voraus für ihre eure deine hilfe mit freundlichen freundliche beste     liebe viele schöne grüße gruß grüßen lg mfg bitte     bonjour bonsoir salut madame monsieur chère cher équipe merci beaucoup d'avance par pour votre aide cordialement bien à vous je     m'appelle suis de     hola buenos buenas días tardes noches estimado estimada estimados señor señora señores equipo gracias muchas por su ayuda de     antemano un saludo saludos cordial atentamente me llamo soy     buongiorno buonasera salve ciao gentile gentili signori grazie mille in anticipo per il vostro aiuto cordiali saluti mi chiamo sono     goedendag goedemorgen goedemiddag beste geachte heer mevrouw bedankt alvast dank u wel voor uw hulp met vriendelijke groet groeten     ik ben heet mijn naam is     olá bom boa dia tarde noite prezado prezados senhores obrigado obrigada desde já pela sua ajuda atenciosamente cumprimentos chamo     sou";
/// Thanks that are put behind a question without a stop.
const BEHIND: [&str; 5] = [" thx", " thanks", " please", " pls", " cheers"];
/// How thanks and endings of more words begin.
const ENDINGS: [&str; 7] =
    [" Thank ", " thank ", " Thanks ", " Many thanks", " Best ", " Kind ", " Sincerely"];
/// Fewest words of a message in capitals that is written like any other.
const SHOUTED: usize = 3;

/// What a name or place follows that is given.
const INTRODUCE: [[&str; 3]; 6] = [
    ["customer", "name", "is"],
    ["my", "name", "is"],
    ["i", "live", "in"],
    ["am", "living", "in"],
    ["i", "am", "from"],
    ["we", "are", "from"],
];

/// `message` without the sentences, and the clauses at the beginning of a sentence, that only greet, introduce, thank or
/// sign. A message of nothing else stays as it is. One all in capitals is written in small letters, since a word in
/// capitals is a name or a code elsewhere.
pub fn essence(message: &str) -> String {
    let quiet = quiet(message);
    let message = quiet.as_deref().unwrap_or(message);
    let mut kept: Vec<&str> = Vec::new();
    for line in message.lines() {
        for span in sentences(line) {
            let sentence = asking(span.of(line).unwrap_or_default());
            if !is_idle(sentence) {
                kept.push(sentence);
            }
        }
    }
    if kept.is_empty() { message.trim().to_owned() } else { kept.join(" ") }
}

/// A message all in capitals in small letters but for its codes and what is masked.
fn quiet(message: &str) -> Option<String> {
    let is_word = |word: &&str| word.chars().filter(|c| c.is_alphabetic()).count() > 1;
    let plain = |word: &str| !word.contains(['[', ']']) && !word.contains(|c: char| c.is_ascii_digit());
    let words = || message.split_whitespace().filter(is_word).filter(|word| plain(word));
    if words().count() < SHOUTED || message.chars().any(char::is_lowercase) {
        return None;
    }
    let written = |word: &str| if plain(word.trim()) { word.to_lowercase() } else { word.to_owned() };
    Some(message.split_inclusive(char::is_whitespace).map(written).collect())
}

/// A sentence without the clauses before its first one that says something, and without thanks behind it.
fn asking(sentence: &str) -> &str {
    let mut rest = sentence;
    while let Some(shorter) = BEHIND.iter().find_map(|thanks| rest.strip_suffix(thanks)) {
        rest = shorter;
    }
    let endings = ENDINGS.iter().filter_map(|ending| rest.find(ending));
    if let Some(at) = endings.filter(|at| *at > 0 && is_idle(&rest[*at..])).min() {
        rest = &rest[..at];
    }
    while let Some((clause, after)) = rest.find([',', ':']).map(|at| rest.split_at(at)) {
        let Some(after) = after.strip_prefix(", ").or_else(|| after.strip_prefix(": ")) else { break };
        // "Hi, it blinks": a single word at the beginning hides nothing.
        let hides = clause.split_whitespace().count() > 1 || rest.as_ptr() != sentence.as_ptr();
        if !hides || !is_idle(clause) || is_idle(after) {
            break;
        }
        rest = after.strip_prefix("and ").unwrap_or(after);
    }
    rest
}

/// Whether a text only greets, introduces, thanks or signs: all of its words are such, or masked, or a name that is given.
fn is_idle(text: &str) -> bool {
    if text.contains('?') {
        return false;
    }
    let mut before = ["", "", ""];
    let mut named = false;
    // Whether the last word that is no idle one is of a person, who comes from somewhere.
    let mut person = false;
    let mut any = false;
    let words = text.split(|c: char| c.is_whitespace() || matches!(c, ',' | '.' | '!' | ';' | ':'));
    let mut words = words.filter(|word| !word.is_empty()).peekable();
    while let Some(word) = words.next() {
        let lower = word.to_lowercase();
        let mut known = IDLE.split_whitespace().chain(IDLE_ABROAD.split_whitespace());
        let idle = known.find(|idle| *idle == lower);
        any = true;
        let comes = person && matches!(before[2], "from" | "in" | "of" | "at");
        // The rest of a name that was masked in part.
        let begins = words.peek().is_some_and(|next| is_mask(next));
        let is_name =
            word.starts_with(char::is_uppercase) && (named || comes || begins || INTRODUCE.contains(&before));
        let masked = is_mask(word);
        if !masked && !is_name && idle.is_none() {
            return false;
        }
        named = is_name;
        person = masked || is_name || person && idle.is_some();
        before = [before[1], before[2], idle.unwrap_or_default()];
    }
    any
}

/// Whether a word stands for something masked.
fn is_mask(word: &str) -> bool {
    word.starts_with('[') && word.ends_with(']') && word.contains('_')
}

#[cfg(test)]
mod tests {
    use super::essence;

    #[test]
    fn greeting_introduction_thanks_and_signature_are_left_out() {
        for (message, asked) in [
            (
                "My name is [PERSON_1] and I live in [PERSON_2]. How long is the warranty on the N4?",
                "How long is the warranty on the N4?",
            ),
            (
                "Dear support team,\n\nhi, this is [PERSON_1] from [ADDRESS_1]. The hub blinks red. What can I do?\n\nMany \
                 thanks in advance!\nBest regards\n[PERSON_1]",
                "The hub blinks red. What can I do?",
            ),
            (
                "My name is [PERSON_1] and I live in Hamburg. how long is a gift card valid",
                "how long is a gift card valid",
            ),
            ("My name is Ngozi Okafor, and how do I return a lamp?", "how do I return a lamp?"),
            ("How big is it? I am asking for [PERSON_1] from Kolkata.", "How big is it?"),
            ("How big is it? The customer name is Olena Kovalenko from Kharkiv.", "How big is it?"),
            ("[PERSON_1] from Lagos wants to know: how big is it?", "how big is it?"),
            ("A customer, [PERSON_1], asks: How big is it?", "How big is it?"),
            ("Nguyen [PERSON_1] from Hanoi wants to know: How big is it?", "How big is it?"),
            (
                "Guten Tag, ich heiße [PERSON_1]. Mein Router blinkt rot. Was heißt das? Vielen Dank im Voraus! Mit \
                 freundlichen Grüßen [PERSON_1]",
                "Mein Router blinkt rot. Was heißt das?",
            ),
            ("Bonjour Madame, combien coûte le plan ? Merci d'avance.", "combien coûte le plan ?"),
            ("Hola, ¿cuánto cuesta el plan? Muchas gracias por su ayuda.", "Hola, ¿cuánto cuesta el plan?"),
            ("how do I reset it Thank you very much in advance.", "how do I reset it"),
            ("how do I reset it Best regards [PERSON_1]", "how do I reset it"),
            ("Good morning! I lost my key. Thank you very much.", "I lost my key."),
            ("hey quick one, how long is a gift card valid thx", "how long is a gift card valid"),
            (
                "Would you kindly be so good as to tell me the following: How big is it? Thank you in advance.",
                "How big is it?",
            ),
            (
                "HOW LONG IS THE WARRANTY ON THE N4 OF [PERSON_1]?",
                "how long is the warranty on the N4 of [PERSON_1]?",
            ),
        ] {
            assert_eq!(essence(message), asked);
        }
    }

    #[test]
    fn what_says_something_stays() {
        for message in [
            "How long is the warranty on the N4?",
            "I am in Culvert. How do I log out?",
            "Is this the support?",
            "Hello",
            "I am asking for a refund.",
            "How long is the trial? I am asking for Granary.",
            "The customer is from Culvert, which plan has she?",
            "My customer wants a refund.",
            "Which message does it say: Thank you for your order?",
            "The name is Alder AX4 Pro, is it in the warranty?",
            "v2.3.1 is out. Does it help?",
            "E-1042: what does it mean?",
            "USB PD?",
            "",
        ] {
            assert_eq!(essence(message), message);
        }
    }
}
