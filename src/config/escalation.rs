//! Where questions go that the terminal hands over.

use figment::value::magic::RelativePathBuf;
use serde::{Deserialize, Serialize};

/// `[escalation]`: where questions go that the terminal UI hands over. Without a webhook and a command, and where these fail, notes
/// are written into the folder.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Escalation {
    /// An address that notes are posted to, as JSON. Goes before the command.
    pub(crate) webhook: Option<String>,
    /// Name of the environment variable that holds the secret for it, which is sent as a bearer token.
    pub(crate) webhook_token_env: Option<String>,
    /// A program and its arguments that read the note from standard input.
    pub(crate) command: Vec<String>,
    /// The folder that notes are written into. Default: `handover` beside the records.
    pub(crate) folder: Option<RelativePathBuf>,
}
