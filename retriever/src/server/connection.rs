//! Calls to a server: deadlines, retries, and errors that say what to do.

use std::future::Future;
use std::sync::mpsc;
use std::time::Duration;

use qdrant_client::qdrant::{
    CreateCollectionBuilder, CreateFieldIndexCollectionBuilder, FieldType, PointStruct, UpsertPointsBuilder,
};
use qdrant_client::{Qdrant, QdrantError};
use tokio::runtime::{Builder, Runtime};
use tokio::time::{Instant, sleep, timeout_at};
use tonic::Code;

use super::{API_KEY, Server};
use crate::Error;

/// How long a call may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// Until a server that cannot be reached is given up.
    away: Duration,
    /// All attempts together; `None` is the configured time of a search.
    all: Option<Duration>,
}

/// Somebody waits for the answer.
pub(crate) const READING: Patience = Patience { away: Duration::from_secs(2), all: None };
/// Nobody waits, and a server that restarts should not end the night's work.
pub(crate) const WRITING: Patience =
    Patience { away: Duration::from_secs(60), all: Some(Duration::from_secs(300)) };

/// Wait before the second attempt; it doubles up to [`LONGEST_PAUSE`].
const PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(4);
/// Until a connection is there.
const CONNECTING: Duration = Duration::from_secs(5);

/// A server that can be called from any thread, asynchronous or not.
pub(crate) struct Connection {
    client: Qdrant,
    /// Some until it is dropped.
    runtime: Option<Runtime>,
    url: String,
    reading: Duration,
}

impl Connection {
    /// Prepares calls; nothing is sent yet.
    pub(crate) fn new(server: &Server, api_key: Option<&str>) -> Result<Self, Error> {
        let unusable = |error: QdrantError| Error::Setting {
            setting: "index.server.url",
            value: server.url.clone(),
            problem: match error {
                QdrantError::InvalidUri(_) => "is no address",
                _ => "cannot be used",
            },
        };
        if api_key.is_some() && server.url.starts_with("http://") && !local(&server.url) {
            tracing::warn!(url = server.url, "the API key is sent without encryption; use https");
        }
        let client = Qdrant::from_url(&server.url)
            .api_key(api_key)
            .connect_timeout(CONNECTING)
            .timeout(WRITING.all.unwrap_or(CONNECTING))
            // It would print to the terminal.
            .skip_compatibility_check()
            .build()
            .map_err(unusable)?;
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("qdrant")
            .enable_all()
            .build()
            .map_err(Error::io("start a thread for", std::path::Path::new(&server.url)))?;
        Ok(Self {
            client,
            runtime: Some(runtime),
            url: server.url.clone(),
            reading: Duration::from_secs(server.timeout_s),
        })
    }

    /// Does `work`, again where the server is away, overloaded or changing.
    ///
    /// So `work` must be something that can be done twice.
    pub(crate) fn call<T, F>(
        &self,
        action: &'static str,
        patience: Patience,
        work: impl Fn(Qdrant) -> F + Send + 'static,
    ) -> Result<T, Error>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, QdrantError>> + Send,
    {
        let (client, all) = (self.client.clone(), patience.all.unwrap_or(self.reading));
        let (tell, told) = mpsc::sync_channel(1);
        let attempts = async move {
            let begun = Instant::now();
            let deadline = begun + all;
            let mut pause = PAUSE;
            let result = loop {
                let problem = match timeout_at(deadline, work(client.clone())).await {
                    Ok(Ok(value)) => break Ok(value),
                    Ok(Err(error)) => Problem::of(&error),
                    Err(_) => break Err(Problem::away(format!("no answer within {} s", all.as_secs()))),
                };
                let until =
                    if problem.kind == Kind::Away { begun + patience.away.min(all) } else { deadline };
                let wait = problem.retry_after.unwrap_or(pause);
                if problem.is_final() || Instant::now() + wait >= until {
                    break Err(problem);
                }
                sleep(wait).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            };
            // Nobody listens only where the caller's thread is gone.
            let _ = tell.send(result);
        };
        let stopped = || Error::Engine { action, problem: "its thread ended".to_owned() };
        self.runtime.as_ref().ok_or_else(stopped)?.spawn(attempts);
        match told.recv() {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(problem)) => Err(self.error(action, problem)),
            Err(_) => Err(stopped()),
        }
    }

    /// Makes a collection with indexes of these fields of its payload.
    pub(crate) fn create(
        &self,
        server: &Server,
        collection: CreateCollectionBuilder,
        fields: &'static [(&'static str, FieldType)],
    ) -> Result<(), Error> {
        let request = collection
            .shard_number(server.shards)
            .replication_factor(server.replicas)
            .write_consistency_factor(server.write_consistency)
            .on_disk_payload(true)
            .build();
        self.call("make a collection", WRITING, move |client| {
            let request = request.clone();
            async move {
                let name = request.collection_name.clone();
                // Made by an attempt that was not answered.
                if !client.collection_exists(&name).await? {
                    client.create_collection(request).await?;
                }
                for (field, kind) in fields {
                    let index = CreateFieldIndexCollectionBuilder::new(&name, *field, *kind).wait(true);
                    client.create_field_index(index).await?;
                }
                Ok(())
            }
        })
    }

    /// Stores points; those of the same identities are replaced.
    pub(crate) fn upsert(
        &self,
        action: &'static str,
        collection: &str,
        points: Vec<PointStruct>,
    ) -> Result<(), Error> {
        let request = UpsertPointsBuilder::new(collection, points).wait(true).build();
        self.call(action, WRITING, move |client| {
            let request = request.clone();
            async move { client.upsert_points(request).await.map(drop) }
        })
    }

    fn error(&self, action: &'static str, problem: Problem) -> Error {
        let text = problem.text;
        match problem.kind {
            Kind::Away | Kind::Busy => {
                Error::Unreachable { url: self.url.clone(), problem: format!("{action}: {text}") }
            }
            Kind::Refused => Error::Refused { url: self.url.clone(), problem: text, variable: API_KEY },
            Kind::Missing => Error::Missing { problem: text },
            Kind::Other => Error::Engine { action, problem: text },
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        // Waiting for its thread is not allowed everywhere, and nothing is under way.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Whether an address is on this machine.
fn local(url: &str) -> bool {
    let host = url.trim_start_matches("http://");
    ["localhost", "127.", "[::1]"].iter().any(|name| host.starts_with(name))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// The server is not there, or no longer.
    Away,
    /// It is there and asks to come back.
    Busy,
    /// It wants another key.
    Refused,
    /// It has no such collection or point.
    Missing,
    Other,
}

/// What a server said.
#[derive(Debug)]
struct Problem {
    kind: Kind,
    text: String,
    retry_after: Option<Duration>,
}

impl Problem {
    fn away(text: String) -> Self {
        Self { kind: Kind::Away, text, retry_after: None }
    }

    fn is_final(&self) -> bool {
        matches!(self.kind, Kind::Refused | Kind::Missing | Kind::Other)
    }

    fn of(error: &QdrantError) -> Self {
        let (status, retry_after) = match error {
            QdrantError::ResponseError { status } => (status, None),
            QdrantError::ResourceExhaustedError { status, retry_after_seconds } => {
                (status, Some(Duration::from_secs(*retry_after_seconds)))
            }
            other => return Self { kind: Kind::Other, text: other.to_string(), retry_after: None },
        };
        let message = status.message();
        let kind = match status.code() {
            Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled => Kind::Away,
            // The client passes these on as text.
            Code::Internal | Code::Unknown
                if ["Failed to connect", "transport error", "h2 protocol error"]
                    .iter()
                    .any(|sign| message.contains(sign)) =>
            {
                Kind::Away
            }
            Code::ResourceExhausted | Code::Aborted => Kind::Busy,
            Code::Unauthenticated | Code::PermissionDenied => Kind::Refused,
            Code::NotFound => Kind::Missing,
            _ => Kind::Other,
        };
        // What the client adds of its own innards helps nobody.
        let text = message.split(": tonic::transport").next().unwrap_or(message);
        let text = if text.is_empty() { status.code().description().to_owned() } else { clipped(text) };
        Self { kind, text, retry_after }
    }
}

/// The first words of what a server said, in one line.
fn clipped(text: &str) -> String {
    const MOST: usize = 300;
    let words: Vec<&str> = text.split_whitespace().collect();
    let line = words.join(" ");
    match line.char_indices().nth(MOST) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line,
    }
}
