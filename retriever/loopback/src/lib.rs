//! A Qdrant server over the embedded engine, in this process.
//!
//! It speaks the real protocol on a local port and answers what citedesk asks: collections with named dense and
//! sparse vectors or with none, aliases, upserts, queries with filters, scrolling, counting. Anything else is answered
//! as not implemented. It can be stopped and started again on its port with its data, and told to fail.

#![allow(clippy::unwrap_used, reason = "it serves tests, which may panic")]

mod collection;
mod service;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use qdrant_client::qdrant::collections_server::CollectionsServer;
use qdrant_client::qdrant::points_server::PointsServer;
use qdrant_client::qdrant::qdrant_server::QdrantServer;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic::{Code, Status};

use collection::Collection;
use service::Service;

/// Largest message, as of a server in its default configuration.
const LARGEST: usize = 32 << 20;

/// A server, stopped when it is dropped.
pub struct Loopback {
    state: Arc<State>,
    address: SocketAddr,
    running: Option<Runtime>,
}

/// What outlives a restart.
struct State {
    api_key: Option<String>,
    collections: Mutex<BTreeMap<String, Arc<Collection>>>,
    aliases: Mutex<BTreeMap<String, String>>,
    calls: AtomicUsize,
    /// Calls that are let through before those that fail, how many fail, and how.
    failing: Mutex<(usize, usize, Code)>,
    folder: tempfile::TempDir,
}

impl Loopback {
    /// Starts a server on a free port.
    ///
    /// # Panics
    ///
    /// Where none can be had.
    pub fn start() -> Self {
        Self::with_key(None)
    }

    /// The same, for callers with that API key only.
    ///
    /// # Panics
    ///
    /// Where no port can be had.
    pub fn with_key(api_key: Option<&str>) -> Self {
        let state = State {
            api_key: api_key.map(str::to_owned),
            collections: Mutex::default(),
            aliases: Mutex::default(),
            calls: AtomicUsize::new(0),
            failing: Mutex::new((0, 0, Code::Ok)),
            folder: tempfile::tempdir().unwrap(),
        };
        let mut server =
            Self { state: Arc::new(state), address: SocketAddr::from(([127, 0, 0, 1], 0)), running: None };
        server.resume();
        server
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Cuts all connections and closes the port, as a crash would. The data stays.
    pub fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            running.shutdown_timeout(Duration::from_secs(5));
        }
    }

    /// Serves again on the same port.
    ///
    /// # Panics
    ///
    /// Where another process has taken it.
    pub fn resume(&mut self) {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let listener = runtime.block_on(TcpListener::bind(self.address)).unwrap();
        self.address = listener.local_addr().unwrap();
        let service = Service(Arc::clone(&self.state));
        runtime.spawn(async move {
            let points = PointsServer::new(service.clone()).max_decoding_message_size(LARGEST);
            let served = Server::builder()
                .add_service(points)
                .add_service(CollectionsServer::new(service.clone()))
                .add_service(QdrantServer::new(service))
                .serve_with_incoming(TcpIncoming::from(listener).with_nodelay(Some(true)));
            served.await.unwrap();
        });
        self.running = Some(runtime);
    }

    /// Lets `after` calls through, then answers `times` calls with `code`.
    pub fn fail(&self, after: usize, times: usize, code: Code) {
        *lock(&self.state.failing) = (after, times, code);
    }

    /// How many calls came so far.
    pub fn calls(&self) -> usize {
        self.state.calls.load(Ordering::Relaxed)
    }

    /// Names of the collections.
    pub fn collections(&self) -> Vec<String> {
        lock(&self.state.collections).keys().cloned().collect()
    }

    /// The aliases and what they point to.
    pub fn aliases(&self) -> BTreeMap<String, String> {
        lock(&self.state.aliases).clone()
    }

    /// Deletes an alias, as an operator might.
    pub fn drop_alias(&self, name: &str) {
        lock(&self.state.aliases).remove(name);
    }

    /// Deletes a collection, as an operator might.
    pub fn drop_collection(&self, name: &str) {
        lock(&self.state.collections).remove(name);
    }
}

impl Drop for Loopback {
    fn drop(&mut self) {
        self.stop();
    }
}

impl State {
    /// Every call passes here first.
    fn enter<T>(&self, request: &tonic::Request<T>) -> Result<(), Status> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        if let Some(key) = &self.api_key {
            let given = request.metadata().get("api-key").and_then(|given| given.to_str().ok());
            if given != Some(key.as_str()) {
                return Err(Status::unauthenticated("Invalid API key or JWT"));
            }
        }
        let mut failing = lock(&self.failing);
        match &mut *failing {
            (0, 0, _) => Ok(()),
            (0, times, code) => {
                *times -= 1;
                Err(Status::new(*code, "told to fail"))
            }
            (after, ..) => {
                *after -= 1;
                Ok(())
            }
        }
    }

    /// The collection of that name or alias.
    fn collection(&self, name: &str) -> Result<Arc<Collection>, Status> {
        let name = lock(&self.aliases).get(name).cloned().unwrap_or_else(|| name.to_owned());
        let found = lock(&self.collections).get(&name).cloned();
        found.ok_or_else(|| Status::not_found(format!("Not found: Collection `{name}` doesn't exist!")))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
