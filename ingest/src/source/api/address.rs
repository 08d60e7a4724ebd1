//! Addresses: a secret goes to the site that it is for and to no other.

use std::fmt;
use std::net::IpAddr;

use ureq::http::Uri;

/// Scheme, host and port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Site {
    scheme: String,
    host: String,
    port: u16,
}

impl Site {
    /// The site at `url`, which is reached over HTTPS unless it is this machine.
    pub(super) fn parse(url: &str) -> Result<Self, String> {
        let (site, path) = split(url.trim())
            .ok_or_else(|| format!("{:?} is no address, such as `https://example.zendesk.com`", bare(url)))?;
        if !path.is_empty() && path != "/" {
            return Err(format!("its url has a path; name the site alone, as `{site}`"));
        }
        if site.scheme != "https" && !site.is_here() {
            return Err(format!("{site} is not reached over HTTPS, so a token may not be sent there"));
        }
        Ok(site)
    }

    pub(super) fn host(&self) -> &str {
        &self.host
    }

    /// The full address that `reference` means: a path of this site, or an address that is on it. `None` for others.
    pub(super) fn resolve(&self, reference: &str) -> Option<String> {
        if reference.starts_with('/') && !reference.starts_with("//") {
            return Some(format!("{self}{reference}"));
        }
        let (site, path) = split(reference)?;
        (site == *self).then(|| format!("{self}{path}"))
    }

    fn is_here(&self) -> bool {
        let host = self.host.trim_matches(['[', ']']);
        host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { scheme, host, port } = self;
        if default_port(scheme) == Some(*port) {
            write!(f, "{scheme}://{host}")
        } else {
            write!(f, "{scheme}://{host}:{port}")
        }
    }
}

/// The site of an address, and the rest with its query.
fn split(url: &str) -> Option<(Site, String)> {
    let uri: Uri = url.parse().ok()?;
    let scheme = uri.scheme_str()?.to_ascii_lowercase();
    let authority = uri.authority()?;
    if authority.as_str().contains('@') {
        return None;
    }
    let port = authority.port_u16().or_else(|| default_port(&scheme))?;
    default_port(&scheme)?;
    let site = Site { host: authority.host().to_ascii_lowercase(), scheme, port };
    let path = uri.path_and_query().map(ToString::to_string).unwrap_or_default();
    Some((site, path))
}

fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "https" => Some(443),
        "http" => Some(80),
        _ => None,
    }
}

/// Text as part of a query.
pub(super) fn escape(text: &str) -> String {
    let escape = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(escape).collect()
}

/// An address without what may be secret in it.
pub(super) fn bare(url: &str) -> String {
    let plain = url.split(['?', '#']).next().unwrap_or_default();
    match (plain.split_once("://"), plain.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, rest))) => format!("{scheme}://{rest}"),
        _ => plain.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_and_this_machine_are_sites() {
        for url in [
            "https://a.example",
            "https://a.example:8443/",
            "http://localhost:1",
            "http://127.0.0.1",
            "http://[::1]:9",
        ] {
            assert!(Site::parse(url).is_ok(), "{url}");
        }
        for url in
            ["http://a.example", "a.example", "ftp://a.example", "https://u:p@a.example", "https://a/x", ""]
        {
            assert!(Site::parse(url).is_err(), "{url}");
        }
        assert!(!Site::parse("https://u:secret@a.example").unwrap_err().contains("secret"));
    }

    #[test]
    fn another_site_is_not_followed() {
        let site = Site::parse("https://a.example").unwrap();
        let same = Some("https://a.example/x?y=1".to_owned());
        for reference in ["/x?y=1", "https://a.example/x?y=1", "https://A.EXAMPLE:443/x?y=1"] {
            assert_eq!(site.resolve(reference), same, "{reference}");
        }
        for reference in [
            "http://a.example/x",
            "https://a.example.evil/x",
            "https://a.example:444/x",
            "//evil/x",
            "x",
            "https://a.example@evil/x",
        ] {
            assert_eq!(site.resolve(reference), None, "{reference}");
        }
    }

    #[test]
    fn queries_and_passwords_are_not_shown() {
        assert_eq!(bare("https://a/b?token=1#c"), "https://a/b");
        assert_eq!(bare("https://u:p@a/b"), "https://a/b");
    }
}
