//! Words by what they can be: given names, surnames, ordinary words, titles, parts of organizations' names.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::LazyLock;

/// What a word can be, as a set of the constants below.
pub(super) type Roles = u16;

/// A given name and hardly anything else.
pub(super) const GIVEN: Roles = 1;
/// A given name that is also a word, a place or a product.
pub(super) const GIVEN_TOO: Roles = 1 << 1;
/// A surname and hardly anything else.
pub(super) const SURNAME: Roles = 1 << 2;
/// A surname that is also a word.
pub(super) const SURNAME_TOO: Roles = 1 << 3;
/// An ordinary word, or a name of no person, that is often capitalized.
pub(super) const COMMON: Roles = 1 << 4;
/// `Mr`, `Dr` and the like.
pub(super) const TITLE: Roles = 1 << 5;
/// `van`, `de`, `al` and the like inside names.
pub(super) const PARTICLE: Roles = 1 << 6;
/// What follows a name that is not a person's: `Inc`, `Street`, `University`.
pub(super) const THING: Roles = 1 << 7;
/// What a place's name starts with: `San`, `Fort`, `Lake`.
pub(super) const PLACE: Roles = 1 << 8;
/// A greeting that a name follows.
pub(super) const GREETING: Roles = 1 << 9;
/// Thanks and the like, which a name may follow.
pub(super) const THANKS: Roles = 1 << 10;
/// A verb after which a single word can be a name, or that can follow one: `ask`, `wrote`.
pub(super) const TALK: Roles = 1 << 11;
/// The word stands in the text in lower case as well.
pub(super) const SEEN_LOW: Roles = 1 << 12;
/// Not to be masked: a pseudonym already, or allowed by the policy.
pub(super) const FIXED: Roles = 1 << 13;
/// A month or a day of the week.
pub(super) const CALENDAR: Roles = 1 << 14;

/// Any evidence of a name.
pub(super) const NAME: Roles = GIVEN | GIVEN_TOO | SURNAME | SURNAME_TOO;

const TITLES: &str = "
mr mrs ms miss mx dr prof professor sir madam madame mme mlle monsieur mademoiselle herr herrn frau señor señora señorita sra srta signor
signora signore dott mevr mevrouw meneer senhor senhora reverend capt captain sgt lt dame
";

const PARTICLES: &str = "van von der den de da di du del della dos das do la le el al bin ibn ben ten ter zu zum af av abu st y e i";

const THINGS: &str = "
inc ltd llc llp gmbh ag corp corporation co company plc bv nv sa srl spa kg oy ab as group holdings partners associates bros sons foundation trust
institute university college school academy hospital clinic church cathedral museum library bank airport station hotel inn resort restaurant
street st avenue ave road rd drive lane ln boulevard blvd way place plaza square court park gardens bridge tower building center centre stadium
arena hall house castle palace river lake mountain mountains mount bay beach island islands valley creek falls springs county city town village
district province state airlines airways motors records studios pictures press magazine times journal award awards prize cup league
effect theorem law method test scale syndrome disease algorithm distribution model motor engine browser framework software systems solutions
technologies technology industries international services service insurance pharmacy market store stores shop cafe coffee bar app api sdk cli
server cloud edition day days festival act amendment plan score series card
";

const PLACES: &str = "
san santa santo são saint st port fort mount lake new north south east west los las el la upper lower great little cape point villa puerto
rio hotel university college bank mc the
";

const GREETINGS: &str = "
hi hello hey dear hallo liebe lieber hei hej hola bonjour salut cher chère ciao caro cara beste geachte olá oi prezado prezada estimado estimada
querido querida buongiorno heya howdy greetings hiya namaste czesc cześć witaj merhaba sayın moin servus
";

const THANKED: &str = "
thanks thank cheers sorry welcome morning afternoon evening bye goodbye congratulations congrats danke merci gracias grazie bedankt obrigado
obrigada hoi regards
";

const TALKS: &str = "
ask asked asking call called calling tell told telling contact contacted contacting met meet meeting mention mentioned email emailed cc bcc
wrote writes said says asks replied replies answered responded reported reports confirmed complained explained added agreed assigned
spoke speak speaking talk talked talking texted messaged informed advised wants visited married
";

const MONTHS: &str = "
january february march april may june july august september october november december monday tuesday wednesday thursday friday saturday sunday
jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thur thurs fri sat sun
";

/// What `word`, in lower case, can be.
pub(super) fn roles(word: &str) -> Roles {
    ROLES.get(word).copied().unwrap_or(0)
}

/// Whether `word`, in lower case, ends as surnames of some languages do and few other words.
pub(super) fn ends_like_surname(word: &str) -> bool {
    // Without those that words of other languages have: `Versionen`, `Adressen`, `Finestra`, `Plasma`, `Immagini`, `Modelli`.
    const ENDINGS: [&str; 37] = [
        "ski", "cki", "dzki", "ska", "cka", "enko", "chuk", "czuk", "yuk", "wicz", "vich", "vić", "ić",
        "ović", "ević", "ovic", "evic", "czyk", "sson", "dóttir", "dottir", "poulos", "opoulou", "idis",
        "iadis", "akis", "oğlu", "oglu", "shvili", "adze", "idze", "escu", "yan", "ová", "ovsky", "evsky",
        "ovskaya",
    ];
    const LONGER: [&str; 5] = ["ov", "ev", "ova", "eva", "ez"];
    let letters = word.chars().count();
    (letters >= 6 && ENDINGS.iter().any(|ending| word.ends_with(ending)))
        || (letters >= 7 && LONGER.iter().any(|ending| word.ends_with(ending)))
}

static ROLES: LazyLock<HashMap<&'static str, Roles, BuildHasherDefault<Fnv>>> = LazyLock::new(|| {
    let lists = [
        (include_str!("lexicon/given.txt"), GIVEN),
        (include_str!("lexicon/given_common.txt"), GIVEN_TOO),
        (include_str!("lexicon/surnames.txt"), SURNAME),
        (include_str!("lexicon/surnames_common.txt"), SURNAME_TOO),
        (include_str!("lexicon/common.txt"), COMMON),
        (TITLES, TITLE),
        (PARTICLES, PARTICLE),
        (THINGS, THING),
        (PLACES, PLACE),
        (GREETINGS, GREETING | COMMON),
        (THANKED, THANKS | COMMON),
        (TALKS, TALK),
        (MONTHS, CALENDAR),
    ];
    let mut roles: HashMap<&'static str, Roles, BuildHasherDefault<Fnv>> = HashMap::default();
    for (words, role) in lists {
        for word in words.split_whitespace() {
            *roles.entry(word).or_default() |= role;
        }
    }
    roles
});

/// FNV-1a: fast on short keys that nobody can choose against us.
#[derive(Default)]
pub(super) struct Fnv(u64);

impl Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_have_roles() {
        assert_eq!(roles("anna") & NAME, GIVEN);
        assert_eq!(roles("will") & (GIVEN_TOO | COMMON), GIVEN_TOO | COMMON);
        assert_eq!(roles("okafor"), SURNAME);
        assert_eq!(roles("xyzzy"), 0);
        assert!(
            ends_like_surname("wiśniewski")
                && ends_like_surname("kovalenko")
                && ends_like_surname("petrosyan")
        );
        for word in ["ski", "settings", "versionen", "adressen", "immagini", "finestra", "plasma"] {
            assert!(!ends_like_surname(word), "{word}");
        }
    }

    #[test]
    fn clear_names_are_no_ordinary_words() {
        for (word, roles) in ROLES.iter() {
            assert!(roles & GIVEN == 0 || roles & (GIVEN_TOO | COMMON) == 0, "{word}");
            assert!(roles & SURNAME == 0 || roles & (SURNAME_TOO | COMMON) == 0, "{word}");
            assert_eq!(*word, word.to_lowercase());
        }
    }
}
