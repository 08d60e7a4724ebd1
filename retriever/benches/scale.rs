//! Latency, recall, memory, disk and build time of an index of many chunks, in a folder and over the server's protocol.
//!
//! ```text
//! cargo bench -p citedesk-retriever --bench scale -- CHUNKS [none|int8|binary] [folder|server] [WORKDIR]
//! ```
//!
//! Texts are made of words that are as frequent as words are (Zipf), vectors are made of clusters: a chunk of topic t is
//! near the center of t, and questions are near chunks. Nothing is embedded by a model, so what is measured is the
//! index: hybrid top-20 with a filter that a tenth of the chunks pass, its dense half against exact search.

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs, reason = "a measurement")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use loopback::Loopback;
use retriever::testing::{chunks, extracted, screened};
use retriever::{Context, Embedder, Error, Filter, Quantization, Query, Ranking, Retriever, Server, Store};

const DIMENSION: usize = 384;
const TOPICS: u64 = 4000;
const QUESTIONS: u64 = 300;
const PER_DOCUMENT: u64 = 10;
/// How far a chunk is from the center of its topic, and a question from its chunk, against a length of 1.
const SPREAD: f32 = 0.75;

/// A stream of numbers by its seed: `SplitMix64`.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 to 1.
    fn unit(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1_u64 << 24) as f32
    }

    /// A direction: the sum of four even ones is near enough to a normal one.
    fn direction(&mut self) -> Vec<f32> {
        let normal = |random: &mut Self| (0..4).map(|_| random.unit() - 0.5).sum();
        unit((0..DIMENSION).map(|_| normal(self)).collect())
    }

    /// A word by Zipf's law over 30,000 words.
    fn word(&mut self) -> u64 {
        30_000_f32.powf(self.unit()) as u64
    }
}

fn unit(vector: Vec<f32>) -> Vec<f32> {
    let norm = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
    vector.into_iter().map(|value| value / norm).collect()
}

fn near(center: &[f32], random: &mut Random) -> Vec<f32> {
    let noise = random.direction();
    unit(center.iter().zip(noise).map(|(center, noise)| center + SPREAD * noise).collect())
}

/// Gives the vector of the chunk whose number is the first word of its text that looks like one.
struct Synthetic {
    centers: Vec<Vec<f32>>,
}

impl Synthetic {
    fn new() -> Self {
        Self { centers: (0..TOPICS).map(|topic| Random(topic).direction()).collect() }
    }

    fn of_chunk(&self, number: u64) -> Vec<f32> {
        let mut random = Random(number ^ 0x5eed);
        let center = &self.centers[(random.next() % TOPICS) as usize];
        near(center, &mut random)
    }

    fn of_question(&self, number: u64) -> Vec<f32> {
        near(&self.of_chunk(number), &mut Random(number ^ 0xa5c))
    }
}

fn number_in(text: &str, mark: char) -> u64 {
    let word = text.split_whitespace().find_map(|word| word.strip_prefix(mark)?.parse().ok());
    word.unwrap()
}

impl Embedder for Synthetic {
    fn embed(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, Error> {
        Ok(texts.iter().map(|text| self.of_chunk(number_in(text, '#'))).collect())
    }

    fn embed_query(&self, text: &str) -> Result<Vec<f32>, Error> {
        Ok(self.of_question(number_in(text, '?')))
    }

    fn dimension(&self) -> usize {
        DIMENSION
    }

    fn fingerprint(&self) -> &'static str {
        "synthetic"
    }

    fn count_tokens(&self, text: &str) -> usize {
        text.split_whitespace().count()
    }

    fn max_tokens(&self) -> usize {
        256
    }
}

fn sentence(number: u64, words: usize) -> String {
    let mut random = Random(number);
    (0..words).map(|_| format!("w{}", random.word())).collect::<Vec<_>>().join(" ")
}

fn question(number: u64) -> String {
    // Words of the chunk, so that there is something to match.
    let text = sentence(number, 60);
    let words: Vec<&str> = text.split(' ').step_by(6).take(8).collect();
    format!("?{number} {}", words.join(" "))
}

fn build(store: &Store, embedder: &Synthetic, count: u64) {
    let mut builder = store.begin(embedder).unwrap();
    for document in 0..count / PER_DOCUMENT {
        let texts: Vec<String> = (0..PER_DOCUMENT)
            .map(|part| document * PER_DOCUMENT + part)
            .map(|number| format!("#{number} {}", sentence(number, 60)))
            .collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let mut item = extracted(&format!("d{document:07}"), &format!("Document {document}"), &texts);
        item.metadata.insert("product".to_owned(), format!("p{}", document % 10));
        let document = screened(item);
        builder.add(&document, &chunks(&document), "v").unwrap();
    }
    builder.publish().unwrap();
}

/// Milliseconds at a share of the way through sorted times.
fn at(times: &[f64], share: f64) -> f64 {
    times[((times.len() - 1) as f64 * share) as usize]
}

fn measure(retriever: &Retriever, embedder: &Synthetic, count: u64) {
    let mut random = Random(7);
    let numbers: Vec<u64> = (0..QUESTIONS).map(|_| random.next() % count).collect();
    let filter = |number: u64| vec![Filter::new("product", format!("p{}", number / PER_DOCUMENT % 10))];
    for (name, filtered) in [("hybrid top 20", false), ("hybrid top 20, filter", true)] {
        let mut times = Vec::new();
        for number in &numbers {
            let filters = if filtered { filter(*number) } else { Vec::new() };
            let query = Query { text: question(*number), limit: 20, filters, context: Context::default() };
            let begun = Instant::now();
            assert!(!retriever.search(&query).unwrap().is_empty());
            times.push(begun.elapsed().as_secs_f64() * 1000.0);
        }
        // The first ones read from disk what the others find in memory.
        times.drain(..20);
        times.sort_by(f64::total_cmp);
        println!(
            "{name}: p50 {:.1} ms, p95 {:.1} ms, worst {:.1} ms",
            at(&times, 0.5),
            at(&times, 0.95),
            at(&times, 1.0)
        );
    }
    let sampled: Vec<u64> = numbers.iter().copied().take(100).collect();
    for (name, filtered) in [("dense recall@10", false), ("dense recall@10, filter", true)] {
        let exact = exact(embedder, &sampled, count, filtered);
        let mut found = 0;
        for (number, exact) in sampled.iter().zip(&exact) {
            let filters = if filtered { filter(*number) } else { Vec::new() };
            let query = Query { text: question(*number), limit: 10, filters, context: Context::default() };
            let passages = retriever.rank(&query, Ranking::Dense).unwrap();
            let numbers = passages.iter().map(|passage| number_in(&passage.chunk.text, '#'));
            found += numbers.filter(|number| exact.contains(number)).count();
        }
        println!("{name} against exact search: {:.4}", found as f64 / (10.0 * sampled.len() as f64));
    }
}

/// The ten nearest chunks of each question, by looking at all.
fn exact(embedder: &Synthetic, numbers: &[u64], count: u64, filtered: bool) -> Vec<Vec<u64>> {
    let questions: Vec<Vec<f32>> = numbers.iter().map(|number| embedder.of_question(*number)).collect();
    let mut best: Vec<Vec<(f32, u64)>> = vec![Vec::new(); numbers.len()];
    for chunk in 0..count {
        let vector = embedder.of_chunk(chunk);
        for ((number, question), best) in numbers.iter().zip(&questions).zip(&mut best) {
            if filtered && number / PER_DOCUMENT % 10 != chunk / PER_DOCUMENT % 10 {
                continue;
            }
            let cosine: f32 = question.iter().zip(&vector).map(|(one, other)| one * other).sum();
            if best.len() < 10 || cosine > best[9].0 {
                let place = best.partition_point(|(score, _)| *score >= cosine);
                best.insert(place, (cosine, chunk));
                best.truncate(10);
            }
        }
    }
    best.into_iter().map(|best| best.into_iter().map(|(_, chunk)| chunk).collect()).collect()
}

/// Bytes of the files below a folder, each counted once.
fn size(folder: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    let size = |path: PathBuf| {
        if path.is_dir() { size(&path) } else { path.metadata().map_or(0, |about| about.len()) }
    };
    entries.map(|entry| size(entry.unwrap().path())).sum()
}

/// A line of `/proc/self/status`, in megabytes.
fn memory(line: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let value =
        status.lines().find_map(|one| one.strip_prefix(line)?.split_whitespace().next()?.parse::<u64>().ok());
    value.unwrap_or(0) / 1024
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|one| one != "--bench").collect();
    let argument = |at: usize| arguments.get(at).map(String::as_str);
    let count: u64 = argument(0).unwrap_or("10000").parse().expect("a number of chunks");
    let quantization = match argument(1).unwrap_or("none") {
        "int8" => Quantization::Int8,
        "binary" => Quantization::Binary,
        _ => Quantization::None,
    };
    let loopback = (argument(2) == Some("server")).then(Loopback::start);
    let kept = argument(3).map(PathBuf::from);
    let temporary = tempfile::tempdir().unwrap();
    let folder = kept.unwrap_or_else(|| temporary.path().join("index"));
    let embedder = Arc::new(Synthetic::new());
    let store = match &loopback {
        Some(loopback) => {
            let server = Server { url: loopback.url(), timeout_s: 900, ..Server::default() };
            Store::on_server(&folder, &server, None).unwrap()
        }
        None => Store::open(&folder).unwrap(),
    };
    let store = store.quantized(quantization);
    println!(
        "{count} chunks, {DIMENSION} numbers, {quantization:?}, {}",
        if loopback.is_some() { "server" } else { "folder" }
    );
    if store.current().unwrap().is_none() {
        let begun = Instant::now();
        build(&store, &embedder, count);
        println!("built in {:.0} s, peak resident {} MB", begun.elapsed().as_secs_f64(), memory("VmHWM:"));
        // Memory of the build is not memory of searching: another process measures that.
        if arguments.get(3).is_some() && loopback.is_none() {
            println!("on disk {} MB", size(&folder.join("generations")) / 1_000_000);
            return;
        }
    }
    let begun = Instant::now();
    let retriever = Retriever::open(&store, Arc::clone(&embedder) as Arc<dyn Embedder>).unwrap();
    println!("opened in {:.2} s", begun.elapsed().as_secs_f64());
    measure(&retriever, &embedder, count);
    println!("resident {} MB, of that from files {} MB", memory("VmRSS:"), memory("RssFile:"));
}
