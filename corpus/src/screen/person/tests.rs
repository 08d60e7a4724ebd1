use super::*;
use crate::screen::tokens::tokens;

fn found(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    find(text, &tokens(text, &[]), &[], &mut found);
    super::super::kind::resolve(found).into_iter().map(|found| found.span.of(text).unwrap()).collect()
}

#[test]
fn plain_names() {
    for name in [
        "Anna Kowalski",
        "Maria Garcia Lopez",
        "John F. Kennedy",
        "Ludwig van Beethoven",
        "Juan de la Cruz",
        "Jean-Pierre Dupont",
        "Sean O'Brien",
        "Ronald McDonald",
        "Krisztián Szöllösy",
        "Chukwuemeka Okafor",
        "Priya Venkatesh",
        "Yuki Tanaka",
        "J. Kowalski",
        "Mark Johnson",
        "Grace Okafor",
        "ANNA KOWALSKI",
        "Xiulan Zhang",
        "Nguyen Minh Anh",
    ] {
        assert_eq!(found(&format!("Yesterday {name} wrote to us about it.")), [name], "{name}");
    }
    assert_eq!(found("It was Tamara's idea."), ["Tamara"]);
    assert_eq!(found("the idea of Kovalev, Lee and others"), ["Kovalev", "Lee"]);
    assert_eq!(found("Kowalski, Anna"), ["Kowalski, Anna"]);
}

#[test]
fn greetings_and_signatures() {
    assert_eq!(found("Hi Anna,\nthank you"), ["Anna"]);
    assert_eq!(found("hi petra, it broke"), ["petra"]);
    assert_eq!(found("Dear Mr. Okafor"), ["Okafor"]);
    assert_eq!(found("Hello Will, is it on?"), ["Will"]);
    assert_eq!(found("Sehr geehrte Frau Dr. Xylander,"), ["Xylander"]);
    assert_eq!(found("Thanks Rose!"), ["Rose"]);
    assert_eq!(found("It works.\n\nBest regards,\nXiaoqing Ye"), ["Xiaoqing Ye"]);
    assert_eq!(found("Mit freundlichen Grüßen\n\nFrauke Wellershoff | Vertrieb"), ["Frauke Wellershoff"]);
    assert_eq!(found("thanks,\nanna"), ["anna"]);
    for text in [
        "Hi there,",
        "Hello World!",
        "Dear Customer,",
        "Hi team,",
        "Dear Support Team",
        "Hi, Support is down",
        "Best regards,\nThe Support Team",
        "Thanks,\nCustomer Care",
        "Welcome to Zendesk",
        "Hi May I ask something",
        "Dear Valued Customer,",
        "Thanks Again!",
    ] {
        assert_eq!(found(text), Vec::<&str>::new(), "{text}");
    }
}

#[test]
fn introductions_and_labels() {
    assert_eq!(found("My name is Xochitl Quetz and I need help"), ["Xochitl Quetz"]);
    assert_eq!(found("my name is rubija."), ["rubija"]);
    assert_eq!(found("This is Mark from sales"), ["Mark"]);
    assert_eq!(found("ich heiße Quirin"), ["Quirin"]);
    assert_eq!(found("I spoke with Xandra yesterday"), ["Xandra"]);
    assert_eq!(found("Requester: Zbynek Hruska"), ["Zbynek Hruska"]);
    assert_eq!(found("Customer: Anna Kowalski"), ["Anna Kowalski"]);
    assert_eq!(found("account_holder = Quentin Xu"), ["Quentin Xu"]);
    assert_eq!(found("From: Xaver Q. Zacherl <x@example.com>"), ["Xaver Q. Zacherl"]);
    assert_eq!(found("[10:32] Anna: hello\n[10:33] Bot: hi"), ["Anna"]);
    assert_eq!(found("Ask Grace about it, or tell Mark."), ["Grace", "Mark"]);
    assert_eq!(found("please ask Grace"), ["Grace"]);
    for text in [
        "Name: Power Adapter",
        "Customer: Acme Corp",
        "To: Settings",
        "From: Support <help@example.com>",
        "Owner: Billing Team",
        "The file name is Config",
        "I am Locked out",
        "This is Important",
        "Note: restart",
        "User: admin",
        "Author: Documentation Team",
        "Page: 3",
        "Bill: paid",
        "user: Oh, hello.",
    ] {
        assert_eq!(found(text), Vec::<&str>::new(), "{text}");
    }
}

#[test]
fn once_found_everywhere_found() {
    assert_eq!(
        found("Anna Kowalczuk called. Kowalczuk said that anna is out. Ms. Kowalczuk is at home."),
        ["Anna Kowalczuk", "Kowalczuk", "anna", "Kowalczuk"]
    );
    assert_eq!(
        found("Will Johnson wrote. Will it work? We asked Will again. You will see."),
        ["Will Johnson", "Will"]
    );
    assert_eq!(found("May Johnson wrote. See you in May."), ["May Johnson"]);
    assert_eq!(
        found("Anna Kowalczuk logs in as anna.kowalczuk or anna_kowalczuk"),
        ["Anna Kowalczuk", "anna.kowalczuk", "anna_kowalczuk"]
    );
}

#[test]
fn no_names() {
    for text in [
        "Will it work? May I ask? Mark all as read. Grant access. Bill me later.",
        "Open Google Chrome and choose Settings.",
        "In May and June, Summer hours apply.",
        "Jordan Ltd and Charlotte Airport",
        "San Antonio and Fort Wayne",
        "Page Layout and Rose Gold",
        "Windows Server and Visual Studio Code",
        "The Austin office opens in April.",
        "Contact Support. Reset Password. Sign In.",
        "Ford Escape and Dell Latitude",
        "Chase Bank and Wells Fargo",
        "See Chapter Three, Section Two",
        "Use Apache Kafka with Java and Ruby on Rails",
        "Paris Hotel, Victoria Station",
        "Jenkins and Travis CI pipelines",
    ] {
        assert_eq!(found(text), Vec::<&str>::new(), "{text}");
    }
}

#[test]
fn german_nouns_are_capitalized_and_no_names() {
    for text in [
        "Wir löschen ältere Versionen und leere Ordner. Versionen bleiben 90 Tage.",
        "Für bis zu acht Personen. Mehrere Personen können mitlesen, Adressen bleiben geheim.",
        "Entfernt Freigaben und Versionen, die niemand mehr öffnet.",
        "Solange die Pumpe steht, bleibt der Kessel kalt.",
        "Die Kanäle ändern sich. Im Einzelnen gilt das für Drohnen, Maschinen und Turbinen.",
        "Ein Gerät mit eigenen Hardwareadressen und Prozessen.",
        "Kein Signal am LAN-Anschluss oder am WAN-Anschluss",
        "Der Kessel steht im Keller. Lieferbar in Schwarz, Weiß und Klein.",
        "| Tarif | Alte Fassungen | Fotos von Personen |",
        "Kestrel-Organisationen schließen. Auf Kestrel-Clients geht das nicht.",
    ] {
        assert_eq!(found(text), Vec::<&str>::new(), "{text}");
    }
    for (text, names) in [
        ("Solange Herr Dombrowski nicht zahlt, bleibt der Zugang gesperrt.", vec!["Dombrowski"]),
        ("Elke Brinkmann hat alte Versionen gelöscht.", vec!["Elke Brinkmann"]),
        ("Sehr geehrte Frau Keller, Ihr Paket ist da.", vec!["Keller"]),
        ("Viele Grüße\nHeike Stein", vec!["Heike Stein"]),
        ("Ich bin Wolfgang und komme im Mai.", vec!["Wolfgang"]),
    ] {
        assert_eq!(found(text), names, "{text}");
    }
}

#[test]
fn words_of_other_languages_are_no_names() {
    for text in [
        "Fare clic su Immagini e poi su Mostra Finestra. Riprova più tardi nella pagina Modelli.",
        "Nella cartella Ordini si trova il massimo. Massimo: 40",
        "La copia sigue la ruta. Luz roja: sin red. Campos obligatorios: Ruta, Norma",
        "Elke gebruiker heeft een code. Dan start het toestel. Anders wacht u bij Adressen.",
        "Elle reste allumée. Ville et code postal",
        "Stan konta. Inna opcja. Lata gwarancji: 2",
        "Não edita o texto. Dias úteis e Campos vazios",
    ] {
        assert_eq!(found(text), Vec::<&str>::new(), "{text}");
    }
}

#[test]
fn long_rows() {
    for text in [
        "Anna ".repeat(50_000),
        "Mr. ".repeat(50_000),
        "van ".repeat(50_000),
        "A. ".repeat(50_000),
        "Hi ".repeat(50_000),
        "Anna,\n".repeat(50_000),
    ] {
        let _ = found(&text);
    }
}
