//! Real worker processes: this test is its own worker, and one that misbehaves when told to.

use std::error::Error;
use std::io::Read as _;
use std::time::{Duration, Instant};

use ingest::extract::{ExtractError, ExtractOptions, Item};
use ingest::isolate::{Extractor, Worker, worker_main};

fn main() -> Result<(), Box<dyn Error>> {
    match std::env::args().nth(1).as_deref() {
        Some("worker") => Ok(worker_main(std::io::stdin(), std::io::stdout())?),
        Some("worker-abort") => std::process::abort(),
        Some("worker-exit") => std::process::exit(3),
        Some("worker-hang") => {
            // Never answers, and ends only with its parent.
            std::io::stdin().read_to_end(&mut Vec::new())?;
            Ok(())
        }
        Some("worker-chatter") => {
            use std::io::Write as _;
            let mut out = std::io::stdout();
            while out.write_all(&[0xFF; 4096]).is_ok() {}
            Ok(())
        }
        _ => check(),
    }
}

fn check() -> Result<(), Box<dyn Error>> {
    serves_many_files()?;
    survives_what_a_file_does()?;
    tells_how_a_worker_ended()?;
    keeps_the_time()?;
    serves_threads()?;
    Ok(())
}

fn extractor(mode: &str) -> Result<Extractor, Box<dyn Error>> {
    Ok(Extractor::new(Some(Worker { program: std::env::current_exe()?, args: vec![mode.into()] })))
}

fn item<'a>(location: &'a str, bytes: &'a [u8], options: &'a ExtractOptions) -> Item<'a> {
    Item { id_prefix: location, source: "s", location, bytes, modified: None, options }
}

fn serves_many_files() -> Result<(), Box<dyn Error>> {
    let (extractor, options) = (extractor("worker")?, ExtractOptions::default());
    for number in 0..50 {
        let text = format!("# Number {number}\n\nText.");
        let documents = extractor.extract(&item("a.md", text.as_bytes(), &options))?;
        assert_eq!(documents[0].blocks[0].text, format!("Number {number}"));
    }
    // More than a pipe holds, in both directions.
    let large = "A line of text.\n\n".repeat(300_000);
    let documents = extractor.extract(&item("large.txt", large.as_bytes(), &options))?;
    assert_eq!(documents[0].blocks.len(), 300_000);
    Ok(())
}

fn survives_what_a_file_does() -> Result<(), Box<dyn Error>> {
    let (extractor, mut options) = (extractor("worker")?, ExtractOptions::default());
    extractor.extract(&item("a.md", b"# One", &options))?;
    // Too little memory for the file itself: the worker aborts, the next takes its place.
    options.limits.memory_mib = 200;
    let large = vec![b'a'; 250 << 20];
    let error = extractor.extract(&item("large.txt", &large, &options)).expect_err("no memory");
    assert_eq!(error.kind(), "crashed", "{error}");
    let options = ExtractOptions::default();
    extractor.extract(&item("a.md", b"# One", &options))?;
    Ok(())
}

fn tells_how_a_worker_ended() -> Result<(), Box<dyn Error>> {
    let options = ExtractOptions::default();
    let item = item("a.md", b"# One", &options);
    let abort = extractor("worker-abort")?.extract(&item).expect_err("aborted");
    assert_eq!(abort.kind(), "crashed", "{abort}");
    let exit = extractor("worker-exit")?.extract(&item).expect_err("ended");
    assert!(matches!(&exit, ExtractError::Worker { problem } if problem.contains('3')), "{exit}");
    let chatter = extractor("worker-chatter")?.extract(&item).expect_err("nonsense");
    assert_eq!(chatter.kind(), "too_large", "{chatter}");
    Ok(())
}

fn keeps_the_time() -> Result<(), Box<dyn Error>> {
    let mut options = ExtractOptions::default();
    options.limits.seconds = 0;
    let start = Instant::now();
    let error = extractor("worker-hang")?.extract(&item("a.md", b"# One", &options)).expect_err("too slow");
    assert_eq!(error, ExtractError::TimedOut { seconds: 0 });
    // Only the grace was waited for; far less than the test is given.
    assert!(start.elapsed() < Duration::from_secs(60));
    Ok(())
}

fn serves_threads() -> Result<(), Box<dyn Error>> {
    let (extractor, options) = (extractor("worker")?, ExtractOptions::default());
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|thread| {
                let (extractor, options) = (&extractor, &options);
                scope.spawn(move || {
                    (0..20).all(|number| {
                        let text = format!("# {thread} {number}");
                        let documents = extractor.extract(&item("a.md", text.as_bytes(), options));
                        documents.is_ok_and(|documents| {
                            documents[0].blocks[0].text == format!("{thread} {number}")
                        })
                    })
                })
            })
            .collect();
        for thread in threads {
            assert!(thread.join().unwrap_or(false));
        }
    });
    Ok(())
}
