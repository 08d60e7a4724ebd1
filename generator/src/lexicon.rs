//! Words that tell what a question wants and what a sentence gives. English; questions in other languages are
//! judged by their terms and vectors alone.

/// Words so common in questions to a help desk that passages need not repeat them.
const LIGHT: &str = "able add allow another anybody anyone anything ask available become best better bring call \
    come correct current customer day decide different difference do exactly example explain explanation fact \
    find fix fixed get getting give go going good happen happens hear help hello hey hi info information instead \
    issue keep kind know let like long look looking make makes many maybe mean means much must my name need new \
    nothing often ok old option people person please possible problem question really reason regarding right run \
    say see seem set should show soon someone something sort start still stop sure take takes tell thank thanks \
    thing think time trouble trying try two type understand use used user using want wanted way will wish wonder \
    work working works would wrong yes";

/// Words of one meaning in support documents; one of a group stands for all.
const SYNONYMS: &[&str] = &[
    "cost price fee charge pay expensive rate eur usd",
    "delete remove erase wipe clear",
    "cancel terminate end quit",
    "buy purchase order",
    "refund reimburse money-back",
    "ship shipping shipment deliver delivery dispatch",
    "send return",
    "broken defective faulty damaged broke",
    "repair fix mend",
    "replace replacement exchange swap",
    "login signin sign-in log-in",
    "password passphrase passcode",
    "email e-mail mail",
    "phone telephone smartphone mobile",
    "wifi wireless wlan wi-fi",
    "pc computer laptop",
    "reset restore",
    "restart reboot",
    "begin start",
    "stop pause halt",
    "limit maximum max cap most quota",
    "minimum least lowest",
    "range reach distance",
    "duration period term",
    "invoice bill receipt billing",
    "upgrade update updating",
    "install installation setup",
    "connect connection pair pairing join",
    "enable activate switch turn",
    "disable deactivate",
    "error fault failure",
    "picture photo image",
    "file document",
    "retain retention keep kept store stored",
    "support hotline helpdesk",
    "hour opening open",
    "guarantee warranty",
    "discount reduction rebate coupon",
    "job position vacancy",
    "child kid children",
    "light led lamp",
    "battery charge",
    "slow speed fast",
    "allow permit permitted",
    "move relocate transfer",
    "change modify edit",
    "account profile",
    "subscription plan membership",
];

/// Whether a word says little about what a question is on.
pub(crate) fn is_light(word: &str) -> bool {
    LIGHT.split_whitespace().any(|light| light == word)
}

/// The other words of the groups that `word` is in.
pub(crate) fn synonyms(word: &str) -> impl Iterator<Item = &'static str> + '_ {
    SYNONYMS
        .iter()
        .filter(move |group| group.split(' ').any(|other| other == word))
        .flat_map(|group| group.split(' '))
        .filter(move |other| *other != word)
}

/// Words of a sentence in lower case, split at everything but letters, digits and apostrophes.
pub(crate) fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric() && c != '\'' && c != '’')
        .filter(|word| !word.is_empty())
        .map(|word| word.replace('’', "'").to_lowercase())
        .collect()
}

/// Number words up to twelve and the round ones above, as digits.
pub(crate) fn number_word(word: &str) -> Option<&'static str> {
    Some(match word {
        "zero" => "0",
        "one" | "once" => "1",
        "two" | "twice" => "2",
        "three" => "3",
        "four" => "4",
        "five" => "5",
        "six" => "6",
        "seven" => "7",
        "eight" => "8",
        "nine" => "9",
        "ten" => "10",
        "eleven" => "11",
        "twelve" => "12",
        "fifteen" => "15",
        "twenty" => "20",
        "thirty" => "30",
        "forty" => "40",
        "fifty" => "50",
        "sixty" => "60",
        "ninety" => "90",
        "hundred" => "100",
        "thousand" => "1000",
        _ => return None,
    })
}

/// All number words of one word, as digits.
pub(crate) fn spelled_number(word: &str) -> Option<&'static str> {
    Some(match word {
        "thirteen" => "13",
        "fourteen" => "14",
        "sixteen" => "16",
        "seventeen" => "17",
        "eighteen" => "18",
        "nineteen" => "19",
        "seventy" => "70",
        "eighty" => "80",
        _ => return number_word(word),
    })
}

/// The unit that a word names, in one spelling; `None` for other words.
pub(crate) fn unit(word: &str) -> Option<&'static str> {
    Some(match word {
        "ms" | "millisecond" | "milliseconds" => "millisecond",
        "s" | "sec" | "secs" | "second" | "seconds" | "sekunde" | "sekunden" | "seconde" | "secondes"
        | "seconden" | "segundos" | "secondi" => "second",
        "min" | "mins" | "minute" | "minutes" | "minuten" | "minuto" | "minutos" | "minuti" | "minuut" => {
            "minute"
        }
        "h" | "hr" | "hrs" | "hour" | "hours" | "stunde" | "stunden" | "heure" | "heures" | "hora"
        | "horas" | "ore" | "uur" | "uren" => "hour",
        "d" | "day" | "days" | "tage" | "tagen" | "werktage" | "werktagen" | "arbeitstage"
        | "arbeitstagen" | "jour" | "jours" | "día" | "días" | "dia" | "dias" | "giorno" | "giorni"
        | "dag" | "dagen" => "day",
        "week" | "weeks" | "woche" | "wochen" | "semaine" | "semaines" | "semana" | "semanas"
        | "settimana" | "settimane" | "weken" => "week",
        "month" | "months" | "monthly" | "monat" | "monate" | "monaten" | "mois" | "mes" | "meses"
        | "mese" | "mesi" | "maand" | "maanden" | "mês" => "month",
        "year" | "years" | "yearly" | "annually" | "jahr" | "jahre" | "jahren" | "ans" | "année"
        | "années" | "año" | "años" | "anno" | "anni" | "jaar" | "ano" | "anos" => "year",
        "%" | "percent" | "prozent" => "percent",
        "€" | "eur" | "euro" | "euros" => "eur",
        "$" | "usd" | "dollar" | "dollars" => "usd",
        "£" | "gbp" | "pound" | "pounds" => "gbp",
        "amp" | "amps" | "ampere" | "amperes" => "amp",
        "db" | "decibel" | "decibels" => "decibel",
        "l" | "liter" | "liters" | "litres" => "liter",
        "kb" | "kilobytes" => "kb",
        "mb" | "megabytes" | "megabyte" => "mb",
        "gb" | "gigabyte" | "gigabytes" => "gb",
        "tb" | "terabyte" | "terabytes" => "tb",
        "mm" | "millimeters" => "mm",
        "cm" | "centimeters" => "cm",
        "m" | "meter" | "meters" | "metres" => "m",
        "km" | "kilometers" => "km",
        "kg" | "kilograms" => "kg",
        "g" | "grams" => "g",
        "v" | "volt" | "volts" => "v",
        "w" | "watt" | "watts" => "w",
        _ => return None,
    })
}

/// What a unit, as [`unit`] spells it, measures: units of one dimension can stand for each other.
pub(crate) fn dimension(unit: &'static str) -> &'static str {
    match unit {
        "kb" | "mb" | "gb" | "tb" => "bytes",
        "mm" | "cm" | "m" | "km" => "length",
        "g" | "kg" => "mass",
        "eur" | "usd" | "gbp" => "money",
        unit if is_time(unit) => "time",
        unit => unit,
    }
}

/// Whether a unit measures time.
pub(crate) fn is_time(unit: &str) -> bool {
    matches!(unit, "millisecond" | "second" | "minute" | "hour" | "day" | "week" | "month" | "year")
}

/// Whether a word names a month or a day of the week.
pub(crate) fn is_calendar(word: &str) -> bool {
    const NAMES: [&str; 31] = [
        "january",
        "february",
        "march",
        "april",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
        "jan",
        "feb",
        "apr",
        "jun",
        "jul",
        "aug",
        "sep",
        "oct",
        "nov",
        "dec",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "today",
        "tomorrow",
        "midnight",
    ];
    NAMES.contains(&word)
}

/// Verbs that open a step.
pub(crate) fn is_imperative(word: &str) -> bool {
    const VERBS: &str = "accept add allow apply ask attach call cancel change check choose clean click close confirm \
        connect contact copy create delete disable disconnect double-click download drag edit enable ensure enter fill \
        find follow format give go hold insert install invite keep launch leave let lift log make mark move name navigate \
        note open pair paste pay pick place plug press print pull push put read reboot reconnect refresh register remove \
        rename repeat replace report request reset restart restore return review run save scan scroll search see select \
        send set share show sign slide specify start stop store submit switch take tap tell tick touch try turn type \
        uncheck uninstall unlock unplug unscrew update upgrade upload use verify visit wait wipe write";
    VERBS.split_whitespace().any(|verb| verb == word)
}

/// Words that turn a statement around.
pub(crate) fn is_negation(word: &str) -> bool {
    const NEGATIONS: [&str; 13] = [
        "not",
        "no",
        "never",
        "without",
        "cannot",
        "nor",
        "neither",
        "nothing",
        "nobody",
        "none",
        "unable",
        "unless",
        "impossible",
    ];
    NEGATIONS.contains(&word) || word.ends_with("n't")
}

/// Pairs of which a question for the one is not answered by what is said of the other.
pub(crate) const CONTRASTS: [(&str, &str); 16] = [
    ("private", "business"),
    ("personal", "business"),
    ("upload", "download"),
    ("enable", "disable"),
    ("install", "uninstall"),
    ("monthly", "yearly"),
    ("incoming", "outgoing"),
    ("before", "after"),
    ("lock", "unlock"),
    ("import", "export"),
    ("minimum", "maximum"),
    ("wired", "wireless"),
    ("indoor", "outdoor"),
    ("buy", "sell"),
    ("add", "remove"),
    ("increase", "decrease"),
];

/// Pairs of which a source that has the one does not support a sentence that has the other.
pub(crate) const OPPOSITES: [(&str, &str); 66] = [
    ("on", "off"),
    ("enable", "disable"),
    ("enabled", "disabled"),
    ("activate", "deactivate"),
    ("activated", "deactivated"),
    ("connect", "disconnect"),
    ("install", "uninstall"),
    ("before", "after"),
    ("allowed", "forbidden"),
    ("include", "exclude"),
    ("included", "excluded"),
    ("including", "excluding"),
    ("increase", "decrease"),
    ("increases", "decreases"),
    ("increased", "decreased"),
    ("increase", "reduce"),
    ("increases", "reduces"),
    ("increased", "reduced"),
    ("more", "less"),
    ("more", "fewer"),
    ("higher", "lower"),
    ("longer", "shorter"),
    ("faster", "slower"),
    ("larger", "smaller"),
    ("highest", "lowest"),
    ("largest", "smallest"),
    ("above", "below"),
    ("minimum", "maximum"),
    ("least", "most"),
    ("always", "never"),
    ("open", "closed"),
    ("free", "paid"),
    ("first", "last"),
    ("up", "down"),
    ("add", "remove"),
    ("lock", "unlock"),
    ("start", "stop"),
    ("starts", "stops"),
    ("begins", "ends"),
    ("earlier", "later"),
    ("early", "late"),
    ("accept", "reject"),
    ("accepted", "rejected"),
    ("accepted", "refused"),
    ("public", "private"),
    ("online", "offline"),
    ("inside", "outside"),
    ("internal", "external"),
    ("incoming", "outgoing"),
    ("upload", "download"),
    ("import", "export"),
    ("buy", "sell"),
    ("sender", "recipient"),
    ("optional", "required"),
    ("optional", "mandatory"),
    ("possible", "impossible"),
    ("same", "different"),
    ("temporary", "permanent"),
    ("temporarily", "permanently"),
    ("automatic", "manual"),
    ("automatically", "manually"),
    ("wired", "wireless"),
    ("single", "multiple"),
    ("old", "new"),
    ("push", "pull"),
    ("succeeds", "fails"),
];

/// Groups of which a source that has the one does not support a sentence that has another.
pub(crate) const EXCLUSIVE: [&str; 6] = [
    "red green blue yellow orange white black amber purple",
    "north south east west",
    "left right",
    "top bottom",
    "hourly daily weekly monthly quarterly yearly",
    "front back rear",
];

/// Words that make a statement stricter than a source that has neither them nor one of their like.
pub(crate) const STRICT: [(&str, &str); 11] = [
    ("must", "required requires require mandatory need needs needed necessary shall"),
    ("required mandatory", "must requires require need needs needed necessary shall"),
    ("always", "every all each"),
    ("only", "solely exclusively just sole nothing"),
    ("never", "not no cannot"),
    ("guaranteed guarantee guarantees", "guaranteed"),
    ("free", "gratis complimentary"),
    ("unlimited", "unrestricted"),
    ("all every each", "any always whole entire both"),
    ("immediately instantly", "instant immediate once"),
    ("permanently", "permanent irrevocably"),
];

/// What restricts a statement to a condition.
pub(crate) const RESTRICTIONS: [&str; 14] = [
    "only if",
    "only for",
    "only when",
    "only with",
    "only in",
    "only on",
    "only after",
    "only by",
    "unless",
    "except",
    "provided that",
    "as long as",
    "on condition",
    "but not",
];

/// Words by which a statement says that it may not hold.
pub(crate) const DOUBTS: &str = "may might could can sometimes usually typically often generally mostly probably possibly likely \
    perhaps occasionally normally";

/// Words of one who speaks for himself.
pub(crate) const PERSONAL: &str = "i i'm i've i'd my me we we're our us";
