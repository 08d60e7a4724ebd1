//! Records for tests.

use std::collections::BTreeMap;

use crate::answers::Kind;
use crate::answers::testing::{question, row};
use crate::judgement::Judgement;
use crate::record::{Found, Record, VERSION};

/// A record of an answerable question, answered with quotes from the right document; a refusal where nothing is said.
pub(crate) fn record(id: &str, said: &[&str]) -> Record {
    let row = row(question(id, Kind::Answerable, &["36 months"]), said);
    Record {
        version: VERSION,
        id: id.to_owned(),
        set: "set".to_owned(),
        cluster: id.to_owned(),
        slices: BTreeMap::new(),
        ranking: vec![
            Found { document: "d1".to_owned(), score: 1.0 },
            Found { document: "d2".to_owned(), score: 0.5 },
        ],
        written: row.written,
        judgement: Some(Judgement {
            answerable: Some(true),
            answers: vec!["36 months".to_owned()],
            relevant: BTreeMap::from([("d1".to_owned(), 1)]),
            ..Judgement::default()
        }),
        record: row.record,
    }
}
