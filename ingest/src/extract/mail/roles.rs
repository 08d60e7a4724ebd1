//! Who writes: told by role, never by name.

use std::collections::HashSet;

use super::letter::Letter;

/// What comes before the `@` of addresses that a team shares.
const SHARED: [&str; 18] = [
    "support",
    "help",
    "helpdesk",
    "service",
    "customerservice",
    "customercare",
    "care",
    "info",
    "contact",
    "hello",
    "team",
    "billing",
    "sales",
    "office",
    "noreply",
    "no-reply",
    "service-desk",
    "servicedesk",
];

/// Domains at which customers have addresses, not companies.
const PUBLIC: [&str; 14] = [
    "gmail.com",
    "googlemail.com",
    "outlook.com",
    "hotmail.com",
    "live.com",
    "yahoo.com",
    "icloud.com",
    "me.com",
    "aol.com",
    "gmx.de",
    "gmx.net",
    "web.de",
    "proton.me",
    "protonmail.com",
];

/// The roles in a thread.
pub(super) struct Roles<'a> {
    /// Domains of the desk that answers.
    desk: HashSet<&'a str>,
    strangers: Vec<&'a str>,
}

impl<'a> Roles<'a> {
    /// The desk is at the domain of an address that a team shares. Where there is none, senders are numbered.
    pub(super) fn of(letters: &'a [Letter]) -> Self {
        let mut desk = HashSet::new();
        for letter in letters {
            for address in std::iter::once(&letter.from.0).chain(&letter.to) {
                if let Some((local, domain)) = address.split_once('@') {
                    let local = local.split('+').next().unwrap_or(local);
                    if SHARED.contains(&local) && !PUBLIC.contains(&domain) {
                        desk.insert(domain);
                    }
                }
            }
        }
        let mut strangers: Vec<&str> = Vec::new();
        for letter in letters {
            if !strangers.contains(&sender(letter)) && strangers.len() < 1_000 {
                strangers.push(sender(letter));
            }
        }
        Self { desk, strangers }
    }

    /// What to call the sender of `letter`.
    pub(super) fn name(&self, letter: &Letter) -> String {
        if self.desk.is_empty() {
            let number = self.strangers.iter().position(|seen| *seen == sender(letter));
            return number.map_or_else(|| "Sender".to_owned(), |number| format!("Sender {}", number + 1));
        }
        let domain = letter.from.0.split_once('@').map_or("", |(_, domain)| domain);
        if self.desk.contains(domain) { "Agent".to_owned() } else { "Customer".to_owned() }
    }
}

fn sender(letter: &Letter) -> &str {
    if letter.from.0.is_empty() { &letter.from.1 } else { &letter.from.0 }
}
