//! Why a help center could not be read.

use std::fmt;

use super::address::bare;

/// What is too large where memory is.
pub(super) const HELD: &str = "what is new since the last run is";

/// Why a help center could not be read. Never holds a secret.
#[derive(Debug)]
pub struct ApiError {
    /// What was asked, without its query.
    url: String,
    problem: Problem,
}

/// What went wrong.
#[derive(Debug)]
pub(super) enum Problem {
    /// It answered with this status.
    Status(u16),
    /// It could not be reached, or broke off.
    Broken(String),
    /// It asks to wait longer than a run does.
    Busy,
    /// Its answer is not what its documentation says.
    Nonsense(String),
    /// It sends on to another site.
    Elsewhere(String),
    /// An answer, or all of them, are larger than allowed.
    TooLarge { what: &'static str, limit_mib: u64 },
    /// The run was asked to stop.
    Stopped,
}

impl ApiError {
    pub(super) fn new(url: &str, problem: Problem) -> Self {
        Self { url: bare(url), problem }
    }

    pub(super) fn nonsense(url: &str, what: impl ToString) -> Self {
        Self::new(url, Problem::Nonsense(what.to_string()))
    }

    /// The status that it answered with.
    pub(super) fn status(&self) -> Option<u16> {
        match self.problem {
            Problem::Status(status) => Some(status),
            _ => None,
        }
    }

    /// Whether it is too much for one run.
    pub(super) fn is_limit(&self) -> bool {
        matches!(self.problem, Problem::Busy | Problem::TooLarge { what: HELD, .. })
    }

    /// Whether the run was asked to stop.
    pub(crate) fn is_stop(&self) -> bool {
        matches!(self.problem, Problem::Stopped)
    }

    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match &self.problem {
            Problem::Status(401 | 403) => {
                "check the token in the variable that `token_env` names, its `user`, and that they may read this"
            }
            Problem::Status(404) => {
                "check `url` and `locale`, and that the account has this part of the product"
            }
            Problem::Status(_) | Problem::Broken(_) | Problem::Busy => {
                "check the network, or run it again later"
            }
            Problem::Nonsense(_) | Problem::Elsewhere(_) => {
                "check that `kind` and `url` name the help center itself, not a proxy or its website"
            }
            Problem::TooLarge { .. } => "divide the source, such as articles and tickets",
            Problem::Stopped => "run it again",
        }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot read {}: ", self.url)?;
        match &self.problem {
            Problem::Status(401) => write!(f, "the token was refused (status 401)"),
            Problem::Status(403) => write!(f, "the token may not read this (status 403)"),
            Problem::Status(404) => write!(f, "there is no such thing (status 404)"),
            Problem::Status(status) => write!(f, "status {status}"),
            Problem::Broken(how) => write!(f, "{how}"),
            Problem::Busy => write!(f, "too many requests; it asks to wait longer than a run may"),
            Problem::Nonsense(what) => write!(f, "the answer cannot be understood: {what}"),
            Problem::Elsewhere(site) => {
                write!(f, "it sends on to {site}, which is another site; the token is not sent there")
            }
            Problem::TooLarge { what, limit_mib } => write!(f, "{what} larger than {limit_mib} MiB"),
            Problem::Stopped => write!(f, "interrupted"),
        }
    }
}

impl std::error::Error for ApiError {}
