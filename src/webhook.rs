//! Handing a question over to a web address that the configuration names. It is asked for nothing else, and nobody but it is asked.

use std::thread;
use std::time::{Duration, Instant};

use ingest::source::{Secret, retry_after};
use ureq::http::{Response, Uri};

use crate::config::Escalation;
use crate::failure::{Exit, Failure};

/// How often one note is sent.
const TRIES: u32 = 4;
/// Most bytes of one note.
const LARGEST: usize = 1 << 20;

/// How patient a webhook is.
#[derive(Clone, Copy, Debug)]
struct Patience {
    /// Time for all tries together: somebody waits for it.
    total: Duration,
    /// Time before the second try; before each further one it is twice as long.
    pause: Duration,
}

const PATIENCE: Patience = Patience { total: Duration::from_secs(10), pause: Duration::from_millis(300) };

/// A web address that takes notes.
#[derive(Clone, Debug)]
pub(crate) struct Webhook {
    url: Uri,
    /// What of the address may be shown: its path may be a secret.
    host: String,
    token: Option<Secret>,
    patience: Patience,
}

/// How one try failed.
struct Refusal {
    why: String,
    remedy: &'static str,
    /// Whether another try may go better, and after how long where the server says so.
    again: Option<Option<Duration>>,
}

const ADDRESS: &str = "correct `escalation.webhook` in the configuration";
const PROXY: &str = "check HTTPS_PROXY, or name the host in NO_PROXY";
const LATER: &str = "check the network and `escalation.webhook`, or hand over once more later";

impl Webhook {
    /// What `escalation` names, where it names one. Nobody is asked yet.
    pub(crate) fn of(escalation: &Escalation) -> Result<Option<Self>, Failure> {
        let token = |name: &str| std::env::var(name).ok().filter(|token| !token.trim().is_empty());
        let Some(url) = escalation.webhook.as_deref() else { return Ok(None) };
        Self::new(url, escalation.webhook_token_env.as_deref(), &token).map(Some)
    }

    fn new(
        url: &str,
        token_env: Option<&str>,
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, Failure> {
        let wrong = |what: &str| {
            Failure::new(Exit::Usage, format!("`escalation.webhook` {what}"))
                .hint("write an address such as \"https://desk.example.com/hand-over\"")
        };
        let url: Uri = url.trim().parse().map_err(|_| wrong("is no address"))?;
        let (Some(scheme), Some(authority)) = (url.scheme_str(), url.authority()) else {
            return Err(wrong("is no address"));
        };
        if authority.as_str().contains('@') {
            return Err(wrong(
                "holds a name or a password; a secret belongs into `escalation.webhook_token_env`",
            ));
        }
        let here = authority.host().trim_matches(['[', ']']);
        let here = here == "localhost"
            || here.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
        if scheme != "https" && !(scheme == "http" && here) {
            return Err(wrong("is not reached over HTTPS"));
        }
        let token = match token_env {
            None => None,
            Some(name) => Some(Secret::from(variable(name).ok_or_else(|| {
                Failure::new(
                    Exit::Usage,
                    format!("the environment variable {name:?} of `escalation.webhook_token_env` is not set"),
                )
                .hint("set it to the secret, or take `webhook_token_env` out of the configuration")
            })?)),
        };
        let host = authority.to_string();
        Ok(Self { url, host, token, patience: PATIENCE })
    }

    /// Where notes go, as far as it may be shown.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// Sends `note`, some JSON. All tries bear `key`, by which the other side can tell them from several notes.
    pub(crate) fn post(&self, key: &str, note: &str) -> Result<(), Failure> {
        let failed = |refusal: &Refusal| {
            Failure::new(Exit::Error, format!("{} did not take the note: {}", self.host, refusal.why))
                .hint(refusal.remedy)
        };
        if note.len() > LARGEST {
            let why = format!("it is larger than {} MiB", LARGEST >> 20);
            return Err(failed(&Refusal { why, remedy: "begin a new conversation for it", again: None }));
        }
        let begun = Instant::now();
        for number in 1.. {
            let left = self.patience.total.saturating_sub(begun.elapsed());
            let Err(refusal) = self.attempt(key, note, left) else { return Ok(()) };
            let pause = match refusal.again {
                Some(asked) if number < TRIES => asked.unwrap_or(self.patience.pause * (1 << (number - 1))),
                _ => return Err(failed(&refusal)),
            };
            if begun.elapsed() + pause >= self.patience.total {
                return Err(failed(&refusal));
            }
            thread::sleep(pause);
        }
        Ok(())
    }

    fn attempt(&self, key: &str, note: &str, left: Duration) -> Result<(), Refusal> {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(left))
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent(concat!("citedesk/", env!("CARGO_PKG_VERSION")))
            .build();
        let agent: ureq::Agent = config.into();
        let mut post =
            agent.post(&self.url).header("content-type", "application/json").header("idempotency-key", key);
        if let Some(token) = &self.token {
            post = post.header("authorization", format!("Bearer {}", token.reveal()));
        }
        // What it answers besides its status is not read.
        match post.send(note) {
            Ok(response) => taken(&response),
            Err(error) => Err(broken(&error, self.patience.total)),
        }
    }
}

fn taken(response: &Response<ureq::Body>) -> Result<(), Refusal> {
    let status = response.status().as_u16();
    let refusal = |why: String, remedy, again| Err(Refusal { why, remedy, again });
    match status {
        200..=299 => Ok(()),
        300..=399 => refusal(
            format!("it sends on to another address (status {status}), which is not followed"),
            "name the address itself in `escalation.webhook`",
            None,
        ),
        401 | 403 => refusal(
            format!("the secret was refused (status {status})"),
            "check the variable that `escalation.webhook_token_env` names",
            None,
        ),
        408 | 425 | 429 | 500..=599 => {
            refusal(format!("status {status}"), LATER, Some(retry_after(response.headers())))
        }
        _ => refusal(format!("status {status}"), ADDRESS, None),
    }
}

/// The texts of some errors quote the request, so they are not shown.
fn broken(error: &ureq::Error, longest: Duration) -> Refusal {
    use ureq::Error as E;
    let (why, remedy, again) = match error {
        E::Timeout(_) => (format!("no answer within {} s", longest.as_secs_f32()), LATER, Some(None)),
        E::Io(error) => (format!("the connection broke: {error}"), LATER, Some(None)),
        E::HostNotFound => ("there is no host of this name".into(), ADDRESS, Some(None)),
        E::ConnectionFailed => ("it cannot be reached".into(), LATER, Some(None)),
        E::Tls(_) | E::Rustls(_) => ("no secure connection".into(), ADDRESS, None),
        E::Protocol(_) => ("the answer is no HTTP".into(), ADDRESS, None),
        E::ConnectProxyFailed(_) | E::InvalidProxyUrl => ("the proxy does not reach it".into(), PROXY, None),
        _ => ("the request cannot be sent".into(), ADDRESS, None),
    };
    Refusal { why, remedy, again }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, BufReader, Read as _, Write as _};
    use std::net::TcpListener;
    use std::sync::mpsc::{Receiver, channel};

    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    /// A server that gives these answers in turn, none where one is empty, and tells what it was sent.
    fn serve(answers: &'static [&'static str]) -> (String, Receiver<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/secret/path", listener.local_addr().unwrap());
        let (sender, requests) = channel();
        thread::spawn(move || {
            let mut held = Vec::new();
            for answer in answers {
                let mut stream = listener.accept().unwrap().0;
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                let mut request = String::new();
                while !request.ends_with("\r\n\r\n") {
                    reader.read_line(&mut request).unwrap();
                }
                let length = request.lines().find_map(|line| line.strip_prefix("content-length: "));
                let mut body = vec![0; length.unwrap().parse().unwrap()];
                reader.read_exact(&mut body).unwrap();
                request.push_str(&String::from_utf8(body).unwrap());
                sender.send(request).unwrap();
                if answer.is_empty() {
                    held.push(stream);
                } else {
                    write!(stream, "HTTP/1.1 {answer}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
                        .unwrap();
                }
            }
            // What hangs does so until the test is over.
            let _ = sender.send(String::new());
            thread::park();
        });
        (url, requests)
    }

    fn webhook(url: &str, total: Duration) -> Webhook {
        let webhook = Webhook::new(url, Some("TOKEN"), &|_| Some("wry-otter".into())).unwrap();
        Webhook { patience: Patience { total, pause: Duration::from_millis(1) }, ..webhook }
    }

    #[track_caller]
    fn refused(webhook: &Webhook, part: &str) {
        let failure = webhook.post("k1", "{}").unwrap_err();
        let text = format!("{failure} {:?}", failure.remedy());
        assert!(text.contains(part) && text.contains("127.0.0.1") && text.contains("escalation."), "{text}");
        assert!(!text.contains("wry-otter") && !text.contains("secret/path"), "{text}");
    }

    #[test]
    fn a_note_is_posted_with_its_key_and_secret() {
        let (url, requests) = serve(&["200 OK"]);
        webhook(&url, LONG).post("k1", "{\"text\":\"note\"}").unwrap();
        let request = requests.recv().unwrap();
        assert!(request.starts_with("POST /secret/path HTTP/1.1\r\n"), "{request}");
        for part in [
            "idempotency-key: k1\r\n",
            "authorization: Bearer wry-otter\r\n",
            "content-type: application/json\r\n",
        ] {
            assert!(request.contains(part), "{request}");
        }
        assert!(request.ends_with("{\"text\":\"note\"}"), "{request}");
    }

    #[test]
    fn what_may_go_better_is_tried_again_under_the_same_key() {
        let (url, requests) = serve(&["500 Oh", "429 Slow\r\nretry-after: 0", "202 Accepted"]);
        webhook(&url, LONG).post("k1", "{}").unwrap();
        let sent: Vec<String> = requests.iter().take(3).collect();
        assert!(sent.iter().all(|request| request.contains("idempotency-key: k1\r\n")), "{sent:?}");
    }

    #[test]
    fn it_is_not_tried_for_ever() {
        let (url, requests) = serve(&["503 Oh", "503 Oh", "503 Oh", "503 Oh"]);
        refused(&webhook(&url, LONG), "status 503");
        assert_eq!(requests.iter().take_while(|request| !request.is_empty()).count(), 4);
        // Nor after a pause that nobody waits for.
        let (url, requests) = serve(&["503 Oh\r\nretry-after: 3600"]);
        refused(&webhook(&url, LONG), "status 503");
        assert_eq!(requests.iter().take_while(|request| !request.is_empty()).count(), 1);
    }

    #[test]
    fn a_server_that_hangs_holds_nobody_up() {
        let (url, _requests) = serve(&[""]);
        refused(&webhook(&url, Duration::from_millis(100)), "no answer within 0.1 s");
    }

    #[test]
    fn nobody_else_gets_the_note() {
        let (other, heard) = serve(&["200 OK"]);
        for answer in ["302 Found", "307 Moved", "308 Moved"] {
            let location = format!("{answer}\r\nlocation: {other}").leak();
            let (url, requests) = serve(vec![&*location].leak());
            refused(&webhook(&url, LONG), "not followed");
            assert_eq!(requests.iter().take_while(|request| !request.is_empty()).count(), 1);
        }
        assert!(heard.try_recv().is_err(), "it was followed");
    }

    #[test]
    fn what_cannot_go_better_is_told_at_once() {
        for (answers, part) in
            [(&["401 No"][..], "webhook_token_env"), (&["404 No"], "status 404"), (&["nonsense"], "no HTTP")]
        {
            let (url, _requests) = serve(answers);
            refused(&webhook(&url, LONG), part);
        }
        // A port that was just given back.
        let url = format!("http://{}", TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap());
        refused(&webhook(&url, LONG), "did not take the note");
        let failure = webhook(&url, LONG).post("k1", &"x".repeat(LARGEST + 1)).unwrap_err();
        assert!(failure.to_string().contains("larger than 1 MiB"), "{failure}");
    }

    #[test]
    fn what_is_configured_wrongly_is_told_before_anything_is_sent() {
        let made = |url: &str, token: Option<&str>| Webhook::new(url, token, &|_| None);
        for url in
            ["", "desk.example", "http://desk.example/x", "ftp://desk.example", "https://me:pw@desk.example"]
        {
            let failure = made(url, None).unwrap_err();
            assert!(
                failure.to_string().contains("escalation.webhook") && failure.remedy().is_some(),
                "{url}"
            );
            assert!(!failure.to_string().contains("pw"), "{failure}");
        }
        for url in ["https://desk.example/x?y=1", "http://localhost:1", "http://[::1]:9/x"] {
            assert!(made(url, None).is_ok(), "{url}");
        }
        assert!(
            made("https://desk.example", Some("DESK_TOKEN")).unwrap_err().to_string().contains("DESK_TOKEN")
        );
    }
}
