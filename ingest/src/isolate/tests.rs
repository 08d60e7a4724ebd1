use super::*;
use crate::extract::ExtractOptions;

fn item<'a>(location: &'a str, bytes: &'a [u8], options: &'a ExtractOptions) -> Item<'a> {
    Item { id_prefix: location, source: "s", location, bytes, modified: None, options }
}

fn ask(requests: &[Item<'_>]) -> Vec<Reply> {
    let mut input = Vec::new();
    for item in requests {
        Request::of(item).send(item.bytes, &mut input).expect("written");
    }
    let (mut input, mut output) = (input.as_slice(), Vec::new());
    while wire::answer(&mut input, &mut output).expect("answered") {}
    let (mut output, limits) = (output.as_slice(), crate::Limits::default());
    requests.iter().map(|_| wire::receive(&mut output, &limits).expect("an answer")).collect()
}

#[test]
fn answers_come_in_the_order_of_requests() {
    let options = ExtractOptions::default();
    let replies = ask(&[
        item("a.md", b"# One", &options),
        item("b.pdf", b"%PDF-1.4 broken", &options),
        item("c.md", b"# Two", &options),
    ]);
    let [Reply::Done(one), Reply::Failed(ExtractError::Malformed { .. }), Reply::Done(two)] =
        replies.as_slice()
    else {
        panic!("{replies:?}")
    };
    assert_eq!((one[0].blocks[0].text.as_str(), two[0].blocks[0].text.as_str()), ("One", "Two"));
    assert_eq!(one[0].id.0, "a.md");
}

#[test]
fn what_breaks_off_is_an_error() {
    let options = ExtractOptions::default();
    let item = item("a.md", b"# One", &options);
    let mut request = Vec::new();
    Request::of(&item).send(item.bytes, &mut request).expect("written");
    for length in 1..request.len() {
        let result = wire::answer(&mut request.get(..length).expect("a part"), &mut Vec::new());
        assert_eq!(result.map_err(|error| error.kind()), Err(io::ErrorKind::UnexpectedEof), "{length}");
    }
}

#[test]
fn an_answer_beyond_all_bounds_is_not_read() {
    let limits = crate::Limits { document_bytes: 10, file_bytes: 10, ..crate::Limits::default() };
    let mut answer = 1_000_u64.to_le_bytes().to_vec();
    answer.extend([b' '; 1_000]);
    let result = wire::receive(&mut answer.as_slice(), &limits);
    assert_eq!(result.map_err(|error| error.kind()), Err(io::ErrorKind::FileTooLarge));
}

#[test]
fn without_a_program_files_are_extracted_here() {
    let options = ExtractOptions::default();
    let documents = Extractor::default().extract(&item("a.md", b"# One", &options)).expect("a document");
    assert_eq!(documents.len(), 1);
}

#[test]
fn a_program_that_cannot_extract_is_found_before_the_first_file() {
    for program in ["/no/such/program", "/bin/true"] {
        let worker = Worker { program: program.into(), args: Vec::new() };
        let error = Extractor::new(Some(worker)).check().expect_err("no worker");
        assert_eq!(error.kind(), "worker");
        assert!(error.to_string().contains(program), "{error}");
    }
    Extractor::default().check().expect("this process extracts");
}

#[test]
fn a_program_that_is_not_there_is_said() {
    let options = ExtractOptions::default();
    let worker = Worker { program: "/no/such/program".into(), args: Vec::new() };
    let error =
        Extractor::new(Some(worker)).extract(&item("a.md", b"# One", &options)).expect_err("no program");
    assert_eq!(error.kind(), "worker");
}
