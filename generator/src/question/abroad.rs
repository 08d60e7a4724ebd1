//! How questions in other languages than English say what they want.

use whatlang::Lang;

use super::Wants;

/// Phrases of one language, of which the first one that a question holds tells what it wants. `*` stands for any word.
pub(crate) struct Asking {
    language: Lang,
    phrases: &'static [(Wants, &'static [&'static str])],
    /// What says how often.
    often: &'static [&'static str],
    /// Words so common in questions to a help desk that passages need not repeat them.
    light: &'static str,
}

/// How questions of a language begin.
pub(crate) fn asking(language: Lang) -> Option<&'static Asking> {
    ASKING.iter().find(|asking| asking.language == language)
}

impl Asking {
    /// What the question with these words wants.
    pub(super) fn wants(&self, words: &[String]) -> Wants {
        let has = |phrases: &[&str]| phrases.iter().any(|phrase| holds(words, phrase));
        self.phrases.iter().find(|(_, phrases)| has(phrases)).map_or(Wants::Anything, |(wants, _)| *wants)
    }

    /// Whether a word says little about what a question is on.
    pub(super) fn is_light(&self, word: &str) -> bool {
        self.light.split_whitespace().any(|light| light == word)
    }

    /// Whether a sentence with these words says how often.
    pub(super) fn says_how_often(&self, words: &[String]) -> bool {
        self.often.iter().any(|phrase| holds(words, phrase))
    }
}

/// Whether `words` hold those of `phrase` one after the other.
fn holds(words: &[String], phrase: &str) -> bool {
    let phrase: Vec<&str> = phrase.split(' ').collect();
    let is = |(word, wanted): (&String, &&str)| *wanted == "*" || word == wanted;
    words.windows(phrase.len()).any(|window| window.iter().zip(&phrase).all(is))
}

const ASKING: [Asking; 6] = [
    Asking {
        language: Lang::Deu,
        phrases: &[
            (Wants::Meaning, &["bedeutet", "bedeuten", "was heißt", "wofür steht", "wofür stehen"]),
            (
                Wants::Duration,
                &[
                    "wie lange",
                    "wie lang",
                    "wie schnell",
                    "wie viele tage",
                    "wie viele stunden",
                    "wie viele minuten",
                    "wie viele wochen",
                    "wie viele monate",
                    "wie viele jahre",
                    "wie viel zeit",
                ],
            ),
            (Wants::Frequency, &["wie oft", "wie häufig"]),
            (
                Wants::Money,
                &[
                    "was kostet",
                    "was kosten",
                    "wie viel kostet",
                    "wieviel kostet",
                    "wie teuer",
                    "wie hoch ist der preis",
                    "wie hoch ist die gebühr",
                    "wie hoch sind die gebühren",
                    "wie hoch sind die kosten",
                    "wie viel zahle",
                    "wie viel zahlt",
                ],
            ),
            (
                Wants::Number,
                &[
                    "wie viel",
                    "wieviel",
                    "wie viele",
                    "wieviele",
                    "wie groß",
                    "wie weit",
                    "wie hoch",
                    "wie schwer",
                    "wie breit",
                    "wie tief",
                    "wie stark",
                    "maximal",
                    "höchstens",
                    "mindestens",
                ],
            ),
            (
                Wants::Procedure,
                &[
                    "wie * ich",
                    "wie * wir",
                    "wie * man",
                    "wie geht",
                    "was muss ich",
                    "was soll ich",
                    "was kann ich tun",
                    "was mache ich",
                    "was tun",
                ],
            ),
            (Wants::Time, &["wann", "ab wann", "bis wann", "um wie viel uhr", "an welchem tag"]),
            (Wants::Place, &["wo", "woher", "wohin"]),
            (Wants::Person, &["wer", "wem", "wen"]),
            (Wants::Reason, &["warum", "wieso", "weshalb", "weswegen", "woran liegt"]),
        ],
        often: &[
            "alle",
            "täglich",
            "wöchentlich",
            "monatlich",
            "jährlich",
            "stündlich",
            "jeden",
            "jede",
            "jedes",
            "einmal",
            "zweimal",
            "immer",
            "nie",
            "pro tag",
            "pro woche",
            "pro monat",
            "pro jahr",
            "mal",
        ],
        light: "abend aktuell bekomme bekommen bekommt beste bitte brauche brauchen braucht danke dank dauert denn eigentlich einfach einstellen erhalte erhalten finde finden frage funktioniert funktionieren geben geht gehen genau gerade gern gerne gibt grund grüß gut guten habe haben hallo heißt helfen hilfe hilft höchstens info kaputt klappt komme kommen kommt leider leute lang lange lassen lässt machen macht mache mag man mein meine meinem meinen meiner mindestens möchte möglich morgen müssen muss nehmen neu nutzen nutze nutzt ok passiert person problem richtig sagen sagt schon schnell sehen sehe seht sicher sieht sofort soll sollen sollte stehen steht stimmt tag tun überhaupt unbedingt verstehe verwenden viel viele vielleicht vielen wann wäre warum was weiß weiter welche welchem welchen welcher welches wenn wer werden wie wieder wieso will wirklich wissen wo wollen wollte wollen würde würden zeigen zeigt",
    },
    Asking {
        language: Lang::Fra,
        phrases: &[
            (Wants::Meaning, &["signifie", "signifient", "veut dire", "veulent dire"]),
            (
                Wants::Duration,
                &[
                    "combien de temps",
                    "combien de jours",
                    "combien d heures",
                    "combien de minutes",
                    "combien de semaines",
                    "combien de mois",
                    "combien d années",
                    "quelle durée",
                    "en combien de temps",
                ],
            ),
            (Wants::Frequency, &["à quelle fréquence", "tous les combien", "combien de fois"]),
            (
                Wants::Money,
                &[
                    "combien coûte",
                    "combien coûtent",
                    "quel prix",
                    "quel est le prix",
                    "quel est le tarif",
                    "à quel prix",
                    "combien dois je payer",
                    "combien faut il payer",
                ],
            ),
            (
                Wants::Number,
                &["combien", "quelle taille", "quelle distance", "quel nombre", "au maximum", "au minimum"],
            ),
            (
                Wants::Procedure,
                &[
                    "comment puis je",
                    "comment faire",
                    "comment dois je",
                    "comment peut on",
                    "comment * t on",
                    "comment * je",
                    "comment réinitialiser",
                    "que dois je faire",
                    "que faire",
                ],
            ),
            (Wants::Time, &["quand", "à quelle heure", "quel jour", "à quelle date", "jusqu à quand"]),
            (Wants::Place, &["où"]),
            (Wants::Person, &["qui"]),
            (Wants::Reason, &["pourquoi"]),
        ],
        often: &[
            "tous les",
            "toutes les",
            "chaque",
            "par jour",
            "par semaine",
            "par mois",
            "par an",
            "une fois",
            "deux fois",
            "fois",
            "toujours",
            "jamais",
            "quotidiennement",
        ],
        light: "aide aider ai besoin bien bonjour comment combien dois doit faire fait faut fonctionne information long longtemps maintenant marche merci mettre moi mon ma mes peut peux possible pourquoi pouvez problème prendre quand que quel quelle quelles quels question qui quoi sait savoir temps trouver utiliser utilise veux voudrais vrai y",
    },
    Asking {
        language: Lang::Spa,
        phrases: &[
            (Wants::Meaning, &["significa", "significan", "qué quiere decir"]),
            (
                Wants::Duration,
                &[
                    "cuánto tiempo",
                    "cuánto tarda",
                    "cuánto dura",
                    "cuántos días",
                    "cuántas horas",
                    "cuántos minutos",
                    "cuántas semanas",
                    "cuántos meses",
                    "cuántos años",
                ],
            ),
            (Wants::Frequency, &["con qué frecuencia", "cada cuánto", "cuántas veces"]),
            (
                Wants::Money,
                &[
                    "cuánto cuesta",
                    "cuánto cuestan",
                    "qué precio",
                    "cuál es el precio",
                    "cuánto pago",
                    "cuánto vale",
                ],
            ),
            (
                Wants::Number,
                &[
                    "cuánto",
                    "cuánta",
                    "cuántos",
                    "cuántas",
                    "qué tamaño",
                    "qué distancia",
                    "como máximo",
                    "como mínimo",
                ],
            ),
            (
                Wants::Procedure,
                &[
                    "cómo puedo",
                    "cómo se",
                    "cómo hago",
                    "cómo debo",
                    "cómo podemos",
                    "qué debo hacer",
                    "qué hago",
                    "cómo restablezco",
                ],
            ),
            (Wants::Time, &["cuándo", "a qué hora", "qué día", "en qué fecha", "hasta cuándo"]),
            (Wants::Place, &["dónde", "adónde"]),
            (Wants::Person, &["quién", "quiénes"]),
            (Wants::Reason, &["por qué"]),
        ],
        often: &[
            "cada",
            "todos los",
            "todas las",
            "diariamente",
            "al día",
            "a la semana",
            "al mes",
            "al año",
            "por día",
            "una vez",
            "dos veces",
            "veces",
            "siempre",
            "nunca",
        ],
        light: "ayuda ayudar cómo cuál cuándo cuánto cuánta cuántos cuántas debe debo decir dónde encontrar estoy funciona gracias hace hacer hago hay hola información máximo mi mis necesito pasa persona poder por porque posible problema puede pueden puedo qué quiere quiero quién saber ser significa tengo tiempo tiene usar usa ver",
    },
    Asking {
        language: Lang::Ita,
        phrases: &[
            (Wants::Meaning, &["significa", "significano", "cosa vuol dire"]),
            (
                Wants::Duration,
                &[
                    "quanto tempo",
                    "quanto dura",
                    "quanto ci vuole",
                    "quanti giorni",
                    "quante ore",
                    "quanti minuti",
                    "quante settimane",
                    "quanti mesi",
                    "quanti anni",
                ],
            ),
            (Wants::Frequency, &["quante volte", "con quale frequenza", "ogni quanto"]),
            (
                Wants::Money,
                &["quanto costa", "quanto costano", "quale prezzo", "qual è il prezzo", "quanto si paga"],
            ),
            (Wants::Number, &["quanto", "quanta", "quanti", "quante", "al massimo", "al minimo"]),
            (
                Wants::Procedure,
                &[
                    "come posso",
                    "come si",
                    "come faccio",
                    "come devo",
                    "come possiamo",
                    "cosa devo fare",
                    "cosa faccio",
                ],
            ),
            (Wants::Time, &["quando", "a che ora", "che giorno", "in che data"]),
            (Wants::Place, &["dove"]),
            (Wants::Person, &["chi"]),
            (Wants::Reason, &["perché"]),
        ],
        often: &[
            "ogni",
            "al giorno",
            "alla settimana",
            "al mese",
            "all anno",
            "una volta",
            "due volte",
            "volte",
            "sempre",
            "mai",
            "tutti i",
            "tutte le",
        ],
        light: "aiuto aiutare buongiorno chi ciao come cosa devo dove fare faccio fa funziona grazie informazione mi mia mio ho ha bisogno perché persona possibile posso può problema qual quale quali quando quanto quanta quanti quante sapere serve significa tempo trovare trovo usare uso vorrei voglio",
    },
    Asking {
        language: Lang::Nld,
        phrases: &[
            (Wants::Meaning, &["betekent", "betekenen", "waar staat * voor"]),
            (
                Wants::Duration,
                &[
                    "hoe lang",
                    "hoelang",
                    "hoe snel",
                    "hoeveel dagen",
                    "hoeveel uur",
                    "hoeveel minuten",
                    "hoeveel weken",
                    "hoeveel maanden",
                    "hoeveel jaar",
                    "hoeveel tijd",
                ],
            ),
            (Wants::Frequency, &["hoe vaak", "hoe dikwijls"]),
            (
                Wants::Money,
                &["wat kost", "wat kosten", "hoeveel kost", "hoeveel kosten", "hoe duur", "welke prijs"],
            ),
            (
                Wants::Number,
                &[
                    "hoeveel",
                    "hoe groot",
                    "hoe ver",
                    "hoe hoog",
                    "hoe zwaar",
                    "hoe sterk",
                    "maximaal",
                    "minimaal",
                ],
            ),
            (
                Wants::Procedure,
                &["hoe kan ik", "hoe * ik", "hoe * we", "hoe * je", "wat moet ik", "wat doe ik"],
            ),
            (Wants::Time, &["wanneer", "hoe laat", "welke dag", "op welke datum"]),
            (Wants::Place, &["waar"]),
            (Wants::Person, &["wie"]),
            (Wants::Reason, &["waarom", "hoe komt het"]),
        ],
        often: &[
            "elke",
            "elk",
            "iedere",
            "ieder",
            "dagelijks",
            "wekelijks",
            "maandelijks",
            "jaarlijks",
            "per dag",
            "per week",
            "per maand",
            "per jaar",
            "eenmaal",
            "tweemaal",
            "keer",
            "altijd",
            "nooit",
        ],
        light: "alstublieft bedankt betekent dank doe doen doet gaan gaat gebruik gebruiken hallo heb hebben heeft helpen hulp hoe hoeveel hoelang informatie kan kunnen lang kosten krijg krijgen maken mag mijn misschien moet moeten mogelijk nodig probleem vinden vind vraag waar waarom wanneer wat weten welke werkt wie wil willen worden zien zou",
    },
    Asking {
        language: Lang::Por,
        phrases: &[
            (Wants::Meaning, &["significa", "significam", "o que quer dizer"]),
            (
                Wants::Duration,
                &[
                    "quanto tempo",
                    "quanto demora",
                    "quanto dura",
                    "quantos dias",
                    "quantas horas",
                    "quantos minutos",
                    "quantas semanas",
                    "quantos meses",
                    "quantos anos",
                ],
            ),
            (Wants::Frequency, &["com que frequência", "quantas vezes", "de quanto em quanto"]),
            (Wants::Money, &["quanto custa", "quanto custam", "qual é o preço", "que preço", "quanto pago"]),
            (Wants::Number, &["quanto", "quanta", "quantos", "quantas", "no máximo", "no mínimo"]),
            (
                Wants::Procedure,
                &["como posso", "como se", "como faço", "como devo", "como podemos", "o que devo fazer"],
            ),
            (Wants::Time, &["quando", "a que horas", "que dia", "em que data"]),
            (Wants::Place, &["onde", "aonde"]),
            (Wants::Person, &["quem"]),
            (Wants::Reason, &["por que", "porque", "por quê"]),
        ],
        often: &[
            "cada",
            "todos os",
            "todas as",
            "diariamente",
            "por dia",
            "por semana",
            "por mês",
            "por ano",
            "uma vez",
            "duas vezes",
            "vezes",
            "sempre",
            "nunca",
        ],
        light: "ajuda ajudar como dizer devo deve encontrar faz fazer faço funciona há informação meu minha meus minhas obrigado obrigada olá onde pessoa pode podem posso porque possível precisa preciso problema qual quais quando quanto quanta quantos quantas que quem quero saber significa tempo tem tenho usar uso ver",
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lexicon::words;

    #[test]
    fn questions_of_other_languages_tell_what_they_want() {
        for (language, question, wants) in [
            (Lang::Deu, "Wie lange hält der Akku?", Wants::Duration),
            (Lang::Deu, "Wie oft wird gesichert?", Wants::Frequency),
            (Lang::Deu, "Was kostet der Tarif?", Wants::Money),
            (Lang::Deu, "Wie viele Geräte darf ich anmelden?", Wants::Number),
            (Lang::Deu, "Wie setze ich den Hub zurück?", Wants::Procedure),
            (Lang::Deu, "Wo finde ich den Schlüssel?", Wants::Place),
            (Lang::Deu, "Was bedeutet das rote Licht?", Wants::Meaning),
            (Lang::Deu, "Warum blinkt er?", Wants::Reason),
            (Lang::Deu, "Gibt es eine App?", Wants::Anything),
            (Lang::Fra, "Combien de temps dure la garantie ?", Wants::Duration),
            (Lang::Fra, "Où se trouve le bouton ?", Wants::Place),
            (Lang::Spa, "¿Cuánto cuesta el plan?", Wants::Money),
            (Lang::Spa, "¿Por qué parpadea la luz?", Wants::Reason),
            (Lang::Ita, "Come posso reimpostare il router?", Wants::Procedure),
            (Lang::Nld, "Wie kan de sleutel lezen?", Wants::Person),
            (Lang::Por, "Quanto tempo demora?", Wants::Duration),
        ] {
            let asking = asking(language).unwrap();
            assert_eq!(asking.wants(&words(question)), wants, "{question}");
        }
        assert!(asking(Lang::Eng).is_none() && asking(Lang::Rus).is_none());
    }
}
