//! A help center on this machine, for tests.

use std::collections::{HashMap, VecDeque};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};

use super::{ApiSpec, Kind, Secret};

pub(crate) const TOKEN: &str = "geheim-4711";

/// Answers requests as it was told.
pub(crate) struct Desk {
    pub(crate) url: String,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    /// What follows, by method and path with query; the last one stays.
    replies: HashMap<String, VecDeque<Reply>>,
    asked: Vec<Asked>,
}

/// One request.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) what: String,
    pub(crate) headers: Vec<String>,
    pub(crate) body: String,
}

/// One answer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
    /// Bytes of the body after which the connection breaks.
    pub(crate) cut: Option<usize>,
}

impl Reply {
    pub(crate) fn page(body: impl Into<String>) -> Self {
        Self { status: 200, body: body.into(), ..Self::default() }
    }

    pub(crate) fn status(status: u16) -> Self {
        Self { status, body: "{}".into(), ..Self::default() }
    }

    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }
}

impl Desk {
    pub(crate) fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::<Mutex<State>>::default();
        let (shared, own) = (Arc::clone(&state), url.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                // The other side may have had enough.
                let _ = serve(stream.unwrap(), &shared, &own);
            }
        });
        Self { url, state }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Answers requests such as `GET /a?b=c`; `URL` in bodies and headers is this desk's.
    pub(crate) fn say(&self, what: &str, replies: impl IntoIterator<Item = Reply>) {
        self.state().replies.insert(what.to_owned(), replies.into_iter().collect());
    }

    /// What was asked since the last call.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut self.state().asked)
    }

    /// The same without what comes with it.
    pub(crate) fn paths(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.what).collect()
    }

    pub(crate) fn spec(&self, kind: Kind) -> ApiSpec {
        ApiSpec {
            kind,
            url: self.url.clone(),
            token_env: "TOKEN".into(),
            token: Secret::from(TOKEN.to_owned()),
            user: None,
            locale: None,
            articles: true,
            tickets: false,
            restricted: false,
        }
    }
}

fn serve(mut stream: TcpStream, state: &Mutex<State>, url: &str) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let what = line.rsplit_once(" HTTP/").map(|(what, _)| what.to_owned()).unwrap_or_default();
    let mut headers = Vec::new();
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        let header = line.trim();
        if header.is_empty() {
            break;
        }
        let (name, value) = header.split_once(':').unwrap_or((header, ""));
        headers.push(format!("{}: {}", name.to_lowercase(), value.trim()));
    }
    let header = |name: &str| headers.iter().find_map(|line| line.strip_prefix(name).map(str::to_owned));
    let length: usize = header("content-length: ").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let body = String::from_utf8_lossy(&body).into_owned();
    let etag = header("if-none-match: ");
    let mut state = state.lock().unwrap();
    state.asked.push(Asked { what: what.clone(), headers, body });
    let mut reply = match state.replies.get_mut(&what) {
        Some(replies) if replies.len() > 1 => replies.pop_front().unwrap(),
        Some(replies) => replies.front().cloned().unwrap_or(Reply::status(404)),
        None => Reply::status(404),
    };
    drop(state);
    if etag.is_some()
        && reply.headers.iter().any(|(name, value)| *name == "etag" && Some(value) == etag.as_ref())
    {
        reply = Reply { status: 304, headers: reply.headers, ..Reply::default() };
    }
    let body = reply.body.replace("URL", url);
    let mut head = format!("HTTP/1.1 {} x\r\nconnection: close\r\n", reply.status);
    if reply.status != 304 {
        head.push_str(&format!("content-length: {}\r\n", body.len()));
    }
    for (name, value) in reply.headers {
        head.push_str(&format!("{name}: {}\r\n", value.replace("URL", url)));
    }
    write!(stream, "{head}\r\n")?;
    let end = reply.cut.unwrap_or(body.len());
    stream.write_all(&body.as_bytes()[..end])
}
