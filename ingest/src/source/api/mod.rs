//! Help centers: articles and tickets over HTTP.
//!
//! A pager that knows about authorization, limits and patience is common to all; what differs from one help center to
//! the next is one file each, that turns their answers into articles and tickets. What they say is held in
//! memory only: it is unscreened, and nothing unscreened is stored.

mod address;
mod client;
#[cfg(test)]
pub(crate) mod desk;
mod error;
mod freshdesk;
mod gather;
mod help_scout;
mod intercom;
mod json;
mod memory;
mod render;
mod zendesk;

use std::cell::Cell;
use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Listing;
use address::Site;
use client::Client;
pub use client::retry_after;
pub use error::ApiError;
use gather::Gathering;
pub(crate) use memory::Memory;

/// A help center to ingest, as asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiSpec {
    /// Whose help center it is.
    pub kind: Kind,
    /// Address of the site, such as `https://example.zendesk.com`.
    pub url: String,
    /// Name of the environment variable that holds the secret.
    pub token_env: String,
    /// The secret itself; never read from or written to a file.
    #[serde(skip)]
    pub token: Secret,
    /// Whom the secret belongs to, where the help center asks for it.
    #[serde(default)]
    pub user: Option<String>,
    /// Language of the articles, such as `en-us`; without one, the help center's own.
    #[serde(default)]
    pub locale: Option<String>,
    /// Whether articles are taken.
    #[serde(default = "yes")]
    pub articles: bool,
    /// Whether tickets that are done are taken.
    #[serde(default)]
    pub tickets: bool,
    /// Whether articles are taken that only some readers may see.
    #[serde(default)]
    pub restricted: bool,
}

/// Whose help center it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Kind {
    /// Zendesk Guide and Support.
    Zendesk,
    /// Freshdesk.
    Freshdesk,
    /// Intercom.
    Intercom,
    /// Help Scout: Docs, or the mailboxes.
    HelpScout,
}

/// A secret: it is used, and never shown.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(String);

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text.trim().to_owned())
    }
}

impl Secret {
    /// The secret itself, to be sent.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "none" } else { "(secret)" })
    }
}

/// Most bytes that a run holds in memory of what help centers send.
pub(crate) const HELD: u64 = 1 << 30;

/// Most new tickets that a run takes of one source: as many as one would not mind to ask for again after a crash.
pub(crate) const TICKETS: usize = 20_000;

/// What listing a help center needs of the run.
pub(crate) struct Run<'a> {
    /// Waits so long, and says whether the run goes on.
    pub(crate) wait: &'a dyn Fn(Duration) -> bool,
    /// Whether the index holds what an item at this location with this stamp gives.
    pub(crate) known: &'a dyn Fn(&str, &str) -> bool,
    /// Bytes that may still be held in memory.
    pub(crate) room: &'a Cell<u64>,
    /// Most new tickets of one source.
    pub(crate) tickets: usize,
}

/// A help center that can be asked.
#[derive(Debug)]
pub(crate) struct Api {
    spec: ApiSpec,
    site: Site,
}

impl Api {
    /// Checks what configuration says. Fails with what is wrong with it.
    pub(super) fn open(spec: &ApiSpec) -> Result<Self, String> {
        let site = Site::parse(&spec.url)?;
        if !spec.articles && !spec.tickets {
            return Err("neither articles nor tickets are asked for".into());
        }
        suits(spec)?;
        let odd = |c: char| c.is_control() || c == ':';
        if spec.user.as_ref().is_some_and(|user| user.is_empty() || user.contains(odd)) {
            return Err("its user is not one, such as `agent@example.com`".into());
        }
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
        if spec.locale.as_ref().is_some_and(|locale| locale.is_empty() || !locale.chars().all(plain)) {
            return Err("its locale is not one, such as `en-us`".into());
        }
        let secret = &spec.token.0;
        if secret.is_empty() {
            let name = &spec.token_env;
            return Err(format!("the environment variable {name:?} that should hold its token is not set"));
        }
        if secret.chars().any(|c| c.is_control() || !c.is_ascii()) {
            return Err(format!("what {:?} holds cannot be a token", spec.token_env));
        }
        Ok(Self { spec: spec.clone(), site })
    }

    /// What it is called where it has no name.
    pub(super) fn name(&self) -> &str {
        self.site.host()
    }

    /// What it holds. What it need not send again is listed without content. Fails where anything is missing, as what
    /// is not listed counts as deleted.
    pub(super) fn list(&self, run: &Run<'_>, before: &Memory) -> Result<(Listing, Memory), ApiError> {
        let asked = self.asked();
        let nothing = Memory::default();
        let before = if before.is_of(&asked) { before } else { &nothing };
        let client = Client::new(&self.site, &self.spec, run.wait);
        let mut gathering = Gathering::new(client, &self.spec, run, before);
        match self.spec.kind {
            Kind::Zendesk => zendesk::list(&mut gathering)?,
            Kind::Freshdesk => freshdesk::list(&mut gathering)?,
            Kind::Intercom => intercom::list(&mut gathering)?,
            Kind::HelpScout => help_scout::list(&mut gathering)?,
        }
        Ok(gathering.finish(asked))
    }

    /// Stands for everything that changes what an answer means.
    fn asked(&self) -> String {
        let ApiSpec { kind, user, locale, articles, tickets, restricted, .. } = &self.spec;
        render::hash(&format!(
            "{kind:?}\n{}\n{user:?}\n{locale:?}\n{articles}{tickets}{restricted}",
            self.site
        ))
    }
}

/// Whether what is asked for is there in this kind of help center.
fn suits(spec: &ApiSpec) -> Result<(), String> {
    let exchanges = spec.kind == Kind::HelpScout && spec.tickets;
    if exchanges && spec.articles {
        return Err("Help Scout has articles and conversations on two sites; make two sources, one with \
                    `articles = false` and `url = \"https://api.helpscout.net\"`"
            .into());
    }
    if exchanges && spec.user.is_none() {
        return Err(
            "conversations of Help Scout need `user`, the id of an application, and its secret".into()
        );
    }
    if spec.user.is_some() && !exchanges && spec.kind != Kind::Zendesk {
        return Err("this kind of help center is asked without a `user`".into());
    }
    if spec.restricted && spec.kind == Kind::Intercom {
        return Err("Intercom does not tell which articles are restricted".into());
    }
    if spec.locale.is_some() && spec.kind == Kind::HelpScout {
        return Err("Help Scout has no `locale`".into());
    }
    Ok(())
}

const fn yes() -> bool {
    true
}

#[cfg(test)]
mod tests;
