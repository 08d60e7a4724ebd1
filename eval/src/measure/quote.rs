//! Quote faithfulness: whether what is said to be quoted is what stands there, byte for byte.

use corpus::{Answer, AnswerSentence, Citation};

/// The bytes that a citation points to; `None` where it points to nothing.
pub fn cited<'a>(citation: &Citation, answer: &'a Answer) -> Option<&'a str> {
    let chunk = &answer.passages.get(citation.number.checked_sub(1)?)?.chunk;
    let start = citation.span.start.checked_sub(chunk.span.start)?;
    let end = citation.span.end.checked_sub(chunk.span.start)?;
    let same = chunk.document == citation.document && chunk.digest == citation.digest;
    chunk.text.get(start..end).filter(|text| same && !text.is_empty())
}

/// Whether every citation of a sentence points to bytes, and for a quote to exactly its own.
pub fn resolves(sentence: &AnswerSentence, answer: &Answer) -> bool {
    let own = |citation: &Citation| {
        cited(citation, answer).is_some_and(|text| !sentence.verdict.quoted || text == sentence.text)
    };
    !sentence.citations.is_empty() && sentence.citations.iter().all(own)
}

/// The share of the quoted sentences that are the bytes they cite; `None` where nothing is quoted.
///
/// Worked example: "It lasts 36 months." that cites a span holding "It lasts 24 months." counts 0.
pub fn faithfulness(answer: &Answer) -> Option<f64> {
    let quoted: Vec<&AnswerSentence> =
        answer.sentences.iter().filter(|sentence| sentence.verdict.quoted).collect();
    let faithful = quoted.iter().filter(|sentence| resolves(sentence, answer)).count();
    (!quoted.is_empty()).then(|| faithful as f64 / quoted.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::answer;

    #[test]
    fn one_other_byte_is_no_quote() {
        let said = ["It lasts 36 months.", "It is free."];
        let mut answer = answer(&said);
        assert_eq!(faithfulness(&answer), Some(1.0));
        answer.sentences[0].text = "It lasts 24 months.".to_owned();
        assert_eq!(faithfulness(&answer), Some(0.5));
        answer.sentences[0].verdict.quoted = false;
        assert_eq!(faithfulness(&answer), Some(1.0));
        answer.sentences.clear();
        assert_eq!(faithfulness(&answer), None);
    }

    #[test]
    fn a_citation_that_points_elsewhere_does_not_resolve() {
        let answer = answer(&["It lasts 36 months."]);
        let broken: [fn(&mut Citation); 5] = [
            |citation| citation.number = 0,
            |citation| citation.number = 9,
            |citation| citation.span.start = 0,
            |citation| citation.span.end = 10_000,
            |citation| citation.document = corpus::DocumentId("d2".to_owned()),
        ];
        for change in broken {
            let mut citation = answer.sentences[0].citations[0].clone();
            change(&mut citation);
            assert_eq!(cited(&citation, &answer), None);
        }
    }
}
