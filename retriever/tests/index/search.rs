use corpus::{Document, Extracted, Format};
use retriever::testing::{document, extracted, screened};
use retriever::{Error, Filter, Query};

use crate::support::{Desk, Make, best, contract, find, id, topics};

fn with(mut item: Extracted, metadata: &[(&str, &str)]) -> Document {
    item.metadata.extend(metadata.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
    screened(item)
}

fn ids(desk: &Desk, query: &Query) -> Vec<String> {
    let passages = desk.retriever().search(query).expect("searched");
    passages.into_iter().map(|passage| passage.chunk.document.0).collect()
}

fn filters_hold_for_every_passage(new: Make) {
    let desk = new();
    let text = ["The warranty of the kettle lasts two years."];
    let mut mail = extracted("b", "Warranty", &text);
    mail.format = Format::Mail;
    mail.source = "mailbox".to_owned();
    desk.publish(&[
        with(extracted("a", "Warranty", &text), &[("product", "kettle")]),
        with(mail, &[("product", "kettle")]),
        with(
            extracted("c", "Warranty of the toaster", &["The warranty of the toaster is short."]),
            &[("product", "toaster")],
        ),
    ]);
    let ask = |filters: &[(&str, &str)]| {
        let filters = filters.iter().map(|(field, value)| Filter::new(*field, *value)).collect();
        let mut found = ids(&desk, &Query { filters, ..Query::new("how long is the warranty", 5) });
        found.sort();
        found
    };
    assert_eq!(ask(&[("product", "toaster")]), ["c"]);
    assert_eq!(ask(&[("source", "mailbox")]), ["b"]);
    assert_eq!(ask(&[("format", "markdown"), ("product", "kettle")]), ["a"]);
    assert_eq!(ask(&[("document", "b"), ("document", "c")]), ["b", "c"]);
    assert!(ask(&[("product", "kettle"), ("format", "pdf")]).is_empty());
    assert!(ask(&[("colour", "red")]).is_empty());
    let counts =
        ["Warranty", "toasters", "The", "Oyinkansola"].map(|word| desk.retriever().chunks_with(word));
    assert_eq!(counts, [3, 1, 0, 0]);
}

fn the_same_text_is_shown_once_and_a_differing_one_always(new: Make) {
    let desk = new();
    let statement = "Returns are accepted within 30 days of delivery with the receipt.";
    desk.publish(&[
        document("a", "Returns", &[statement]),
        document("b", "Returns", &["Returns  are accepted within 30 days of delivery with the receipt."]),
        document("c", "Returns", &["Returns are accepted within 14 days of delivery with the receipt."]),
    ]);
    let passages = find(&desk.retriever(), "returns accepted days of delivery");
    let mut texts: Vec<&str> = passages.iter().map(|passage| passage.chunk.text.as_str()).collect();
    texts.sort_unstable();
    assert_eq!(texts.len(), 2, "{texts:?}");
    assert!(texts[0].contains("14 days") && texts[1].contains("30 days"));
    assert_eq!(passages.iter().map(|passage| passage.rank).collect::<Vec<_>>(), [1, 2]);
}

fn what_people_say_is_found_as_documents_write_it(new: Make) {
    let desk = new();
    let mut documents = topics(0..6);
    documents.push(document("lost", "Parcels", &["A box that went missing is sent again."]));
    documents.push(document("stuck", "Router", &["The router does not react: unplug its power supply."]));
    desk.publish(&documents);
    let first = |question: &str| ids(&desk, &Query::new(question, 1)).swap_remove(0);
    assert_eq!(first("wifi box froze"), "stuck");
    assert_eq!(first("box that went missing"), "lost");
    // Documents that say it as people do are not read otherwise.
    documents.push(document("page", "Facebook", &["A Facebook page is closed under its own settings."]));
    documents.push(document(
        "blocked",
        "Social networks",
        &["Social networks can be blocked under Settings, Filter."],
    ));
    desk.publish(&documents);
    assert_eq!(first("how is a facebook page closed"), "page");
}

fn one_document_does_not_crowd_out_the_others(new: Make) {
    let desk = new();
    let long: Vec<String> = (0..8)
        .map(|number| format!("Printer jam number {number}: open tray {number} and remove the sheet."))
        .collect();
    let long: Vec<&str> = long.iter().map(String::as_str).collect();
    let manual = document("manual", "Printer jam", &long);
    let mut documents = topics(0..6);
    documents.push(document("note", "Jams", &["A jam in the scanner needs service."]));
    documents.push(manual.clone());
    desk.publish(&documents);
    let found = ids(&desk, &Query::new("printer jam open tray remove sheet", 5));
    assert_eq!(found.iter().filter(|id| *id == "manual").count(), 4, "{found:?}");
    assert_eq!(found.len(), 5);

    let alone = new();
    alone.publish(&[manual]);
    assert_eq!(ids(&alone, &Query::new("printer jam", 5)).len(), 5, "nothing else fills the places");
}

fn current_documents_come_before_superseded_ones(new: Make) {
    let desk = new();
    let fee = |id: &str, amount: &str| {
        extracted(id, "Fees", &[&format!("The reminder fee is {amount} per letter.")])
    };
    desk.publish(&[
        with(fee("a-old", "five euros"), &[("version", "1.9"), ("product", "loan")]),
        with(fee("b-new", "six euros"), &[("version", "1.10"), ("product", "loan")]),
        with(fee("c-past", "four euros"), &[("status", "Archived")]),
        with(fee("d-other", "nine euros"), &[("version", "1.0"), ("product", "card")]),
    ]);
    let retriever = desk.retriever();
    let superseded: Vec<&str> = retriever
        .entries()
        .expect("entries")
        .iter()
        .filter(|entry| retriever.superseded(&entry.id))
        .map(|entry| entry.id.0.as_str())
        .collect();
    assert_eq!(superseded, ["a-old", "c-past"]);
    let found = ids(&desk, &Query::new("how high is the reminder fee per letter", 4));
    assert_eq!(found.len(), 4, "none is hidden");
    let place = |id: &str| found.iter().position(|found| found == id).expect("found");
    assert!(place("b-new") < place("a-old"), "{found:?}");
    assert!(place("d-other") < place("c-past"), "{found:?}");

    let mut asked = Query::new("reminder fee of five euros", 4);
    asked.filters.push(Filter::new("version", "1.9"));
    assert_eq!(ids(&desk, &asked), ["a-old"]);
}

fn questions_of_any_kind_do_no_harm(new: Make) {
    let desk = new();
    desk.publish(&topics(0..20));
    let retriever = desk.retriever();
    let long = "topic7 ".repeat(20_000);
    for question in ["", "   ", "\u{0}", "?!", "\u{202e}topic", "的", &long, "the of and"] {
        let first = retriever.search(&Query::new(question, 3)).expect("searched");
        let again = retriever.search(&Query::new(question, 3)).expect("searched");
        assert_eq!(first, again, "{:?}", question.chars().take(10).collect::<String>());
    }
    assert!(retriever.search(&Query::new("topic7", 0)).expect("searched").is_empty());
    assert_eq!(retriever.search(&Query::new("topic7", 1000)).expect("searched").len(), 20);
    assert_eq!(best(&retriever, &long), "doc-007");
}

fn many_threads_search_at_once(new: Make) {
    let desk = new();
    desk.publish(&topics(0..50));
    let retriever = desk.retriever();
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let retriever = &retriever;
            scope.spawn(move || {
                for number in (thread..50).step_by(8) {
                    assert_eq!(best(retriever, &format!("topic{number}")), format!("doc-{number:03}"));
                    assert!(retriever.document(&id(&format!("doc-{number:03}"))).expect("read").is_some());
                }
            });
        }
    });
}

fn documents_are_filtered_by_when_they_were_changed(new: Make) {
    let desk = new();
    let dated = |id: &str, modified: Option<&str>| {
        let mut item = extracted(id, "Warranty", &[&format!("The warranty of kettle {id} lasts two years.")]);
        item.modified = modified.map(|time| time.parse().expect("a time"));
        screened(item)
    };
    desk.publish(&[
        dated("old", Some("2024-12-31T23:59:59Z")),
        dated("new", Some("2025-01-01T00:00:00Z")),
        dated("newest", Some("2026-06-01T12:00:00Z")),
        dated("undated", None),
    ]);
    let ask = |filters: &[(&str, &str)]| {
        let filters = filters.iter().map(|(field, value)| Filter::new(*field, *value)).collect();
        let mut found = ids(&desk, &Query { filters, ..Query::new("how long is the warranty", 5) });
        found.sort();
        found
    };
    assert_eq!(ask(&[]).len(), 4);
    assert_eq!(ask(&[("after", "2025")]), ["new", "newest"]);
    assert_eq!(ask(&[("before", "2025-01-01")]), ["old"]);
    assert_eq!(ask(&[("after", "2024-12"), ("before", "2026-06-01")]), ["new", "old"]);
    assert_eq!(ask(&[("after", "2025"), ("after", "2026"), ("document", "newest")]), ["newest"]);
    assert!(ask(&[("after", "2027")]).is_empty());
    let wrong = Query { filters: vec![Filter::new("after", "soon")], ..Query::new("warranty", 5) };
    assert!(matches!(desk.retriever().search(&wrong), Err(Error::Date { .. })));
}

contract! {
    documents_are_filtered_by_when_they_were_changed,
    filters_hold_for_every_passage,
    the_same_text_is_shown_once_and_a_differing_one_always,
    what_people_say_is_found_as_documents_write_it,
    one_document_does_not_crowd_out_the_others,
    current_documents_come_before_superseded_ones,
    questions_of_any_kind_do_no_harm,
    many_threads_search_at_once,
}
