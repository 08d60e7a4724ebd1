//! A hub of models, over HTTP in the layout of the Hugging Face Hub:
//! `ENDPOINT/OWNER/NAME/resolve/REVISION/FILE`.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use super::{Stop, hash_file};
use crate::{Error, Result};

const CONNECT: Duration = Duration::from_secs(30);
/// Time for one file; a download that takes longer goes on from there when it is started again.
const TRANSFER: Duration = Duration::from_secs(6 * 3600);
/// Times that a broken transfer is taken up again.
const ATTEMPTS: usize = 4;
const BLOCK: usize = 1 << 18;

/// Where a model is on a hub: `OWNER/NAME`, `OWNER/NAME@REVISION`, `OWNER/NAME@REVISION:FILE.gguf` or
/// `OWNER/NAME@REVISION:FILE.onnx`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HubModel {
    /// Owner and name.
    pub repository: String,
    /// Branch, tag or commit.
    pub revision: String,
    /// The file of a language model; without one, the repository holds a sentence encoder.
    pub file: Option<String>,
}

impl FromStr for HubModel {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let (rest, file) = text.split_once(':').map_or((text, None), |(rest, file)| (rest, Some(file)));
        let (repository, revision) = rest.split_once('@').unwrap_or((rest, "main"));
        let plain = |part: &str| {
            !part.is_empty()
                && !part.starts_with('.')
                && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
        };
        let path = |text: &str| text.len() <= 200 && text.split('/').all(plain);
        let sound = path(repository)
            && repository.split('/').count() == 2
            && path(revision)
            && file.is_none_or(|file| {
                path(file) && Path::new(file).extension().is_some_and(|kind| kind == "gguf" || kind == "onnx")
            });
        if !sound {
            return Err(Error::UnknownSource { text: text.to_owned() });
        }
        Ok(Self {
            repository: repository.to_owned(),
            revision: revision.to_owned(),
            file: file.map(str::to_owned),
        })
    }
}

impl fmt::Display for HubModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.repository, self.revision)?;
        self.file.as_ref().map_or(Ok(()), |file| write!(f, ":{file}"))
    }
}

/// A hub.
#[derive(Clone, Debug)]
pub struct Hub {
    endpoint: String,
    token: Option<String>,
    agent: ureq::Agent,
}

/// A file that is to be fetched.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted<'a> {
    pub(crate) model: &'a HubModel,
    pub(crate) file: &'a str,
    /// Most bytes.
    pub(crate) limit: u64,
    pub(crate) stop: &'a Stop,
}

/// What a hub says of a file before it is fetched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct About {
    pub(crate) bytes: Option<u64>,
    /// Of files that are stored by their content; small ones come without.
    pub(crate) sha256: Option<String>,
}

impl Hub {
    /// The hub at `HF_ENDPOINT`, with the token in `HF_TOKEN` where there is one.
    ///
    /// # Errors
    /// [`Error::NoEndpoint`] where `HF_ENDPOINT` is not set: no host is asked that nobody named.
    pub fn from_environment() -> Result<Self> {
        let set = |name: &str| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
        Self::new(&set("HF_ENDPOINT").ok_or(Error::NoEndpoint)?, set("HF_TOKEN"))
    }

    /// The hub at `endpoint`, an HTTP or HTTPS address.
    pub fn new(endpoint: &str, token: Option<String>) -> Result<Self> {
        let endpoint = endpoint.trim().trim_end_matches('/');
        if !endpoint.starts_with("https://") && !endpoint.starts_with("http://") {
            return Err(Error::NoEndpoint);
        }
        let config = ureq::Agent::config_builder()
            .timeout_connect(Some(CONNECT))
            .timeout_recv_response(Some(CONNECT))
            .timeout_recv_body(Some(TRANSFER))
            .http_status_as_error(false)
            .build();
        Ok(Self { endpoint: endpoint.to_owned(), token, agent: config.into() })
    }

    fn url(&self, model: &HubModel, file: &str) -> String {
        format!("{}/{}/resolve/{}/{file}", self.endpoint, model.repository, model.revision)
    }

    /// Asks for a file's size and hash. The hub answers that itself, before it sends on to where the file lies.
    pub(crate) fn about(&self, model: &HubModel, file: &str) -> Result<About> {
        let url = self.url(model, file);
        let request = self.agent.head(&url).config().max_redirects(0).max_redirects_will_error(false).build();
        let response = self.authorized(request).call().map_err(failed(&url))?;
        let status = response.status().as_u16();
        if status >= 400 {
            return Err(refused(&url, status));
        }
        let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok());
        let hash = header("x-linked-etag").or_else(|| header("etag")).unwrap_or_default();
        let hash = hash.trim_start_matches("W/").trim_matches('"').to_lowercase();
        let linked = header("x-linked-size").and_then(|size| size.parse().ok());
        let direct = header("content-length").and_then(|size| size.parse().ok()).filter(|_| status < 300);
        Ok(About {
            bytes: linked.or(direct),
            sha256: (hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(hash),
        })
    }

    /// Fetches a file into `target`, from where an earlier attempt left off, and returns its SHA-256.
    ///
    /// # Errors
    /// [`Error::Download`] where it cannot be had or exceeds its limit, [`Error::WrongHash`] where it is not what
    /// `about` says; the file is gone then.
    pub(crate) fn fetch(
        &self,
        wanted: &Wanted<'_>,
        about: &About,
        target: &Path,
        received: &mut dyn FnMut(u64),
    ) -> Result<String> {
        let mut attempt = 1;
        loop {
            match self.transfer(wanted, about, target, received) {
                Ok(()) => break,
                Err(Error::Download { source, .. }) if attempt < ATTEMPTS && is_broken(source.as_ref()) => {
                    attempt += 1
                }
                Err(error) => return Err(error),
            }
        }
        let found = hash_file(target)?;
        if let Some(wanted) = &about.sha256
            && let Err(error) = super::matches(target, wanted, found.clone())
        {
            fs::remove_file(target).map_err(Error::io(target))?;
            return Err(error);
        }
        Ok(found)
    }

    fn transfer(
        &self,
        wanted: &Wanted<'_>,
        about: &About,
        target: &Path,
        received: &mut dyn FnMut(u64),
    ) -> Result<()> {
        let Wanted { limit, stop, .. } = *wanted;
        let url = &self.url(wanted.model, wanted.file);
        let mut have = fs::metadata(target).map_or(0, |metadata| metadata.len());
        if about.bytes == Some(have) && have > 0 {
            return Ok(());
        }
        let mut request = self.authorized(self.agent.get(url));
        if have > 0 {
            request = request.header("range", format!("bytes={have}-"));
        }
        let response = request.call().map_err(failed(url))?;
        let mut file = match response.status().as_u16() {
            206 if have > 0 => OpenOptions::new().append(true).open(target).map_err(Error::io(target))?,
            // Without ranges it begins anew, and so it does where what is there is longer than the file.
            200 => {
                have = 0;
                File::create(target).map_err(Error::io(target))?
            }
            416 => {
                fs::remove_file(target).map_err(Error::io(target))?;
                return Err(failed(url)(ureq::Error::Io(io::ErrorKind::UnexpectedEof.into())));
            }
            status => return Err(refused(url, status)),
        };
        let mut body = response.into_body().into_with_config().limit(limit.saturating_add(1)).reader();
        let mut block = vec![0; BLOCK];
        loop {
            stop.check()?;
            let length = body.read(&mut block).map_err(|error| failed(url)(ureq::Error::Io(error)))?;
            if length == 0 {
                break;
            }
            have += length as u64;
            if have > limit {
                return Err(failed(url)(ureq::Error::BodyExceedsLimit(limit)));
            }
            file.write_all(&block[..length]).map_err(Error::io(target))?;
            received(have);
        }
        file.sync_all().map_err(Error::io(target))?;
        if about.bytes.is_some_and(|bytes| bytes != have) {
            return Err(failed(url)(ureq::Error::Io(io::ErrorKind::UnexpectedEof.into())));
        }
        Ok(())
    }

    fn authorized<B>(&self, request: ureq::RequestBuilder<B>) -> ureq::RequestBuilder<B> {
        match &self.token {
            Some(token) => request.header("authorization", format!("Bearer {token}")),
            None => request,
        }
    }
}

fn failed(url: &str) -> impl Fn(ureq::Error) -> Error {
    let url = url.to_owned();
    move |error| Error::Download { url: url.clone(), source: Box::new(error) }
}

fn refused(url: &str, status: u16) -> Error {
    failed(url)(ureq::Error::StatusCode(status))
}

/// Whether the hub does not have what it was asked for.
pub(crate) fn is_missing(error: &Error) -> bool {
    let Error::Download { source, .. } = error else { return false };
    matches!(source.downcast_ref(), Some(ureq::Error::StatusCode(404)))
}

/// Whether a transfer broke off, as opposed to being refused.
fn is_broken(error: &(dyn std::error::Error + Send + Sync + 'static)) -> bool {
    matches!(error.downcast_ref(), Some(ureq::Error::Io(_) | ureq::Error::Timeout(_)))
}
