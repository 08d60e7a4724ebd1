//! The secret that makes pseudonyms the same throughout a knowledge base.

use std::fmt;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// Shortest key, in bytes: below, names could be tried one after the other until their pseudonyms agree.
const SHORTEST: usize = 16;
/// Longest key file that is read, in bytes.
const LONGEST: u64 = 4096;
/// Digits of a keyed pseudonym. Two of 10,000 people share one with a probability of 1 in 20,000.
pub(super) const DIGITS: usize = 12;

/// A secret key for pseudonyms. It is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Key(Vec<u8>);

/// Why a key cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// It can be guessed.
    #[error("the key for pseudonyms has {bytes} bytes; it needs {SHORTEST} at least")]
    Short {
        /// Its length.
        bytes: usize,
    },
    /// Others than its owner may read it.
    #[error("the key file {path:?} may be read by others; run `chmod 600` on it")]
    Open {
        /// The file.
        path: PathBuf,
    },
    /// The file cannot be read.
    #[error("cannot read the key file {path:?}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
}

impl Key {
    /// A key of random bytes, at least 16.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Result<Self, KeyError> {
        let bytes = bytes.into();
        if bytes.len() < SHORTEST { Err(KeyError::Short { bytes: bytes.len() }) } else { Ok(Self(bytes)) }
    }

    /// Reads a key from a file that only its owner may read; all bytes count.
    pub fn read(path: &Path) -> Result<Self, KeyError> {
        let failed = |source| KeyError::Io { path: path.to_owned(), source };
        let file = File::open(path).map_err(failed)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            if file.metadata().map_err(failed)?.permissions().mode() & 0o077 != 0 {
                return Err(KeyError::Open { path: path.to_owned() });
            }
        }
        let mut bytes = Vec::new();
        file.take(LONGEST).read_to_end(&mut bytes).map_err(failed)?;
        Self::new(bytes)
    }

    /// What tells one key from another without giving it away.
    pub fn fingerprint(&self) -> String {
        format!("{:016x}", self.mac(&[b"citedesk key fingerprint"]))
    }

    /// The number of an identifier of a kind, below 10¹².
    pub(super) fn number(&self, label: &str, identity: &str) -> u64 {
        self.mac(&[b"citedesk pseudonym\n", label.as_bytes(), b"\n", identity.as_bytes()])
            % 10_u64.pow(DIGITS as u32)
    }

    /// The first 64 bits of HMAC-SHA256 (RFC 2104).
    fn mac(&self, parts: &[&[u8]]) -> u64 {
        // HMAC takes keys of any length.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else { return 0 };
        for part in parts {
            mac.update(part);
        }
        let digest = mac.finalize().into_bytes();
        digest.iter().take(8).fold(0, |number, byte| (number << 8) | u64::from(*byte))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_depend_on_key_kind_and_identity() {
        let (one, other) = (Key::new([1; 32]).unwrap(), Key::new([2; 32]).unwrap());
        let number = one.number("PERSON", "anna kowalska");
        assert_eq!(number, one.clone().number("PERSON", "anna kowalska"));
        assert_ne!(number, one.number("EMAIL", "anna kowalska"));
        assert_ne!(number, one.number("PERSON", "anna kowalski"));
        assert_ne!(number, other.number("PERSON", "anna kowalska"));
        assert!(number < 1_000_000_000_000);
        assert_ne!(one.fingerprint(), other.fingerprint());
        assert_eq!(format!("{one:?}"), "Key(..)");
    }

    /// RFC 4231, test case 2: the key "Jefe" is shorter than we allow, so the bytes are given directly.
    #[test]
    fn the_code_is_that_of_the_standard() {
        assert_eq!(Key(b"Jefe".to_vec()).mac(&[b"what do ya want ", b"for nothing?"]), 0x5bdc_c146_bf60_754e);
    }

    #[test]
    fn short_and_open_keys_are_refused() {
        assert!(matches!(Key::new(*b"secret"), Err(KeyError::Short { bytes: 6 })));
        let missing = Key::read(Path::new("/no/such/key")).unwrap_err();
        assert!(missing.to_string().contains("/no/such/key"));
    }
}
