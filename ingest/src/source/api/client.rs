//! One request after the other: authorized, bounded, patient, and never to another site.

use std::cell::Cell;
use std::io::Read as _;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::Value;
use ureq::http::{HeaderMap, Response};

use super::address::{Site, bare};
use super::error::{ApiError, Problem};
use super::{ApiSpec, Kind};

const CONNECT: Duration = Duration::from_secs(30);
/// Time for one answer.
const ANSWER: Duration = Duration::from_secs(300);
/// Most bytes of one answer.
const PAGE: u64 = 64 << 20;
/// Times that one request is made.
const TRIES: u32 = 6;
/// Longest that a server may ask to wait at once: rates are counted by the minute, or by ten.
const PAUSE: Duration = Duration::from_secs(15 * 60);
/// Longest that one listing waits in all.
const PATIENCE: Duration = Duration::from_secs(2 * 3600);
/// Times that one request is sent on.
const HOPS: u32 = 5;

/// Asks one site.
pub(super) struct Client<'a> {
    agent: ureq::Agent,
    site: &'a Site,
    headers: Vec<(&'static str, String)>,
    wait: &'a dyn Fn(Duration) -> bool,
    waited: Cell<Duration>,
}

/// What a site answers.
pub(super) enum Answer {
    /// It is as it was.
    Same,
    Page(Page),
}

/// One answer.
pub(super) struct Page {
    pub(super) body: Value,
    pub(super) etag: Option<String>,
    /// Where its header says that the next one is.
    pub(super) next: Option<String>,
}

/// One request.
#[derive(Clone, Copy)]
struct Request<'r> {
    etag: Option<&'r str>,
    /// Its type and bytes.
    body: Option<(&'static str, &'r [u8])>,
}

/// How one attempt ended.
enum Attempt {
    Done(Answer),
    Moved(String),
    /// It may go better after so long.
    Later(Option<Duration>, Problem),
    Failed(Problem),
}

impl<'a> Client<'a> {
    pub(super) fn new(site: &'a Site, spec: &ApiSpec, wait: &'a dyn Fn(Duration) -> bool) -> Self {
        let config = ureq::Agent::config_builder()
            .timeout_connect(Some(CONNECT))
            .timeout_recv_response(Some(ANSWER))
            .timeout_recv_body(Some(ANSWER))
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent(concat!("citedesk/", env!("CARGO_PKG_VERSION")))
            .build();
        let mut headers = vec![("authorization", authorization(spec)), ("accept", "application/json".into())];
        if spec.kind == Kind::Intercom {
            headers.push(("intercom-version", "2.11".into()));
        }
        Self { agent: config.into(), site, headers, wait, waited: Cell::default() }
    }

    /// The full address of a page; fails where it is on another site.
    pub(super) fn resolve(&self, reference: &str) -> Result<String, ApiError> {
        self.site.resolve(reference).ok_or_else(|| {
            let from = self.site.to_string();
            ApiError::new(&from, Problem::Elsewhere(origin(reference)))
        })
    }

    /// Gets a page, unless its state is still the one called `etag`.
    pub(super) fn get(&self, url: &str, etag: Option<&str>) -> Result<Answer, ApiError> {
        self.send(&self.resolve(url)?, Request { etag, body: None })
    }

    /// Gets a page in any case.
    pub(super) fn page(&self, url: &str) -> Result<Page, ApiError> {
        self.full(url, self.get(url, None)?)
    }

    /// Posts a question.
    pub(super) fn post(&self, url: &str, body: &Value) -> Result<Page, ApiError> {
        let bytes = body.to_string();
        let request = Request { etag: None, body: Some(("application/json", bytes.as_bytes())) };
        self.full(url, self.send(&self.resolve(url)?, request)?)
    }

    /// Posts a form.
    pub(super) fn form(&self, url: &str, form: &str) -> Result<Page, ApiError> {
        let body = Some(("application/x-www-form-urlencoded", form.as_bytes()));
        self.full(url, self.send(&self.resolve(url)?, Request { etag: None, body })?)
    }

    /// Authorizes from now on with a token that the site gave.
    pub(super) fn bear(&mut self, token: &str) {
        self.headers.retain(|(name, _)| *name != "authorization");
        self.headers.push(("authorization", format!("Bearer {token}")));
    }

    fn full(&self, url: &str, answer: Answer) -> Result<Page, ApiError> {
        match answer {
            Answer::Page(page) => Ok(page),
            Answer::Same => {
                Err(ApiError::nonsense(url, "it says that nothing changed, but was not asked that"))
            }
        }
    }

    fn send(&self, url: &str, request: Request<'_>) -> Result<Answer, ApiError> {
        let mut url = url.to_owned();
        let (mut tries, mut hops) = (0, 0);
        loop {
            if !(self.wait)(Duration::ZERO) {
                return Err(ApiError::new(&url, Problem::Stopped));
            }
            match self.attempt(&url, request) {
                Attempt::Done(answer) => return Ok(answer),
                Attempt::Failed(problem) => return Err(ApiError::new(&url, problem)),
                // What is posted is for nobody else.
                Attempt::Moved(_) if request.body.is_some() => {
                    return Err(ApiError::nonsense(&url, "it sends on what is only asked here"));
                }
                Attempt::Moved(to) => {
                    hops += 1;
                    if hops > HOPS {
                        return Err(ApiError::nonsense(&url, "it is sent on again and again"));
                    }
                    url = self.resolve(&to)?;
                }
                Attempt::Later(pause, problem) => {
                    tries += 1;
                    if tries >= TRIES {
                        return Err(ApiError::new(&url, problem));
                    }
                    self.pause(&url, pause.unwrap_or(Duration::from_secs(1 << (tries - 1))))?;
                }
            }
        }
    }

    fn pause(&self, url: &str, pause: Duration) -> Result<(), ApiError> {
        let waited = self.waited.get() + pause;
        if pause > PAUSE || waited > PATIENCE {
            return Err(ApiError::new(url, Problem::Busy));
        }
        self.waited.set(waited);
        if (self.wait)(pause) { Ok(()) } else { Err(ApiError::new(url, Problem::Stopped)) }
    }

    fn attempt(&self, url: &str, request: Request<'_>) -> Attempt {
        let response = match request.body {
            None => {
                let mut get = self.agent.get(url);
                for (name, value) in &self.headers {
                    get = get.header(*name, value);
                }
                if let Some(etag) = request.etag {
                    get = get.header("if-none-match", etag);
                }
                get.call()
            }
            Some((kind, body)) => {
                let mut post = self.agent.post(url).header("content-type", kind);
                for (name, value) in &self.headers {
                    post = post.header(*name, value);
                }
                post.send(body)
            }
        };
        match response {
            Ok(response) => answer(response),
            Err(error) => failed(&error),
        }
    }
}

/// What the secret is sent as.
fn authorization(spec: &ApiSpec) -> String {
    let secret = &spec.token.0;
    let basic = |text: String| format!("Basic {}", STANDARD.encode(text));
    match (spec.kind, &spec.user) {
        (Kind::Zendesk, Some(user)) => basic(format!("{user}/token:{secret}")),
        (Kind::Zendesk, None) | (Kind::Intercom, _) => format!("Bearer {secret}"),
        // The password is not looked at.
        (Kind::Freshdesk | Kind::HelpScout, _) => basic(format!("{secret}:X")),
    }
}

fn answer(response: Response<ureq::Body>) -> Attempt {
    let status = response.status().as_u16();
    let headers = response.headers();
    match status {
        200..=299 => page(response),
        304 => Attempt::Done(Answer::Same),
        301 | 302 | 303 | 307 | 308 => match header(headers, "location") {
            Some(to) => Attempt::Moved(to),
            None => Attempt::Failed(Problem::Status(status)),
        },
        429 => Attempt::Later(retry_after(headers), Problem::Busy),
        408 | 500..=599 => Attempt::Later(retry_after(headers), Problem::Status(status)),
        _ => Attempt::Failed(Problem::Status(status)),
    }
}

fn page(response: Response<ureq::Body>) -> Attempt {
    let etag = header(response.headers(), "etag").filter(|etag| etag.len() <= 256);
    let next = response.headers().get_all("link").iter().find_map(|link| next(link.to_str().ok()?));
    let mut bytes = Vec::new();
    let body = response.into_body().into_with_config().limit(u64::MAX).reader();
    match body.take(PAGE + 1).read_to_end(&mut bytes) {
        Err(error) => Attempt::Later(None, Problem::Broken(format!("the answer broke off: {error}"))),
        Ok(_) if bytes.len() as u64 > PAGE => {
            Attempt::Failed(Problem::TooLarge { what: "the answer is", limit_mib: PAGE >> 20 })
        }
        Ok(_) => match serde_json::from_slice(&bytes) {
            Ok(body) => Attempt::Done(Answer::Page(Page { body, etag, next })),
            Err(error) => {
                let place = format!("no JSON, line {} column {}", error.line(), error.column());
                Attempt::Failed(Problem::Nonsense(place))
            }
        },
    }
}

fn failed(error: &ureq::Error) -> Attempt {
    let broken = |how: String| Problem::Broken(how);
    match error {
        ureq::Error::Io(error) => Attempt::Later(None, broken(format!("the connection broke: {error}"))),
        ureq::Error::Timeout(_) => Attempt::Later(None, broken("no answer in time".into())),
        ureq::Error::HostNotFound => Attempt::Later(None, broken("there is no host of this name".into())),
        ureq::Error::ConnectionFailed => Attempt::Later(None, broken("it cannot be reached".into())),
        ureq::Error::Tls(_) | ureq::Error::Rustls(_) => {
            Attempt::Failed(broken(format!("no secure connection: {error}")))
        }
        ureq::Error::Protocol(_) => Attempt::Later(None, broken("the answer is no HTTP".into())),
        ureq::Error::ConnectProxyFailed(_) | ureq::Error::InvalidProxyUrl => {
            Attempt::Failed(broken("the proxy that HTTPS_PROXY names does not reach it".into()))
        }
        // Others may quote the request.
        _ => Attempt::Failed(broken("the request cannot be sent".into())),
    }
}

fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

/// How long a server asks to wait (RFC 9110, section 10.2.3): seconds, or a point in time.
pub fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = header(headers, "retry-after")?;
    if let Ok(seconds) = text.trim().parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let until = jiff::fmt::rfc2822::parse(text.trim()).ok()?.timestamp();
    Some(until.duration_since(Timestamp::now()).try_into().unwrap_or(Duration::ZERO))
}

/// The address of the next page in a `Link` header.
fn next(link: &str) -> Option<String> {
    link.split(',').find_map(|link| {
        let (address, properties) = link.split_once(';')?;
        let is_next =
            properties.split(';').any(|property| matches!(property.trim(), "rel=\"next\"" | "rel=next"));
        is_next.then(|| address.trim().trim_start_matches('<').trim_end_matches('>').to_owned())
    })
}

/// The site of an address, for people.
fn origin(reference: &str) -> String {
    let plain = bare(reference);
    let end = plain.find("://").and_then(|at| plain.get(at + 3..)?.find('/').map(|length| at + 3 + length));
    plain.get(..end.unwrap_or(plain.len())).unwrap_or_default().chars().take(200).collect()
}
