//! `citedesk schedule print`: what to hand to the system so that it ingests every night.

use std::collections::BTreeSet;
use std::path::Path;

use crate::cli::{Schedule, SchedulePrint};
use crate::config::Settings;
use crate::failure::{Exit, Failure};
use crate::output::Output;

pub(crate) fn run(settings: &Settings, action: &Schedule, output: Output) -> Result<Exit, Failure> {
    let Schedule::Print(args) = action;
    let program = std::env::current_exe().map_err(|error| Failure::of(Exit::Error, &error))?;
    let command = command(&program, settings)?;
    let secrets = secrets(settings);
    let text = if args.cron { cron(&command, &secrets, args) } else { systemd(&command, &secrets, args) };
    output.line(text.trim_end())?;
    Ok(Exit::Ok)
}

/// The program with what it needs to find the same configuration from anywhere.
fn command(program: &Path, settings: &Settings) -> Result<Vec<String>, Failure> {
    let text = |path: &Path| {
        path.to_str().map(str::to_owned).ok_or_else(|| {
            Failure::new(Exit::Error, format!("{path:?} is not UTF-8")).hint("move it to another path")
        })
    };
    let mut command = vec![text(program)?];
    if let Some(file) = settings.file() {
        command.extend(["--config".to_owned(), text(&file)?]);
    }
    command.extend(["--index".to_owned(), text(&settings.place())?, "ingest".to_owned()]);
    Ok(command)
}

/// The variables that hold the secrets of help centers.
fn secrets(settings: &Settings) -> Vec<String> {
    let sources = settings.config.ingest.sources.iter().filter_map(|source| source.api.as_ref());
    let names: BTreeSet<_> = sources.map(|api| format!("{}=…", api.token_env)).collect();
    names.into_iter().collect()
}

/// Where the secrets are kept for a run that nobody starts, below the home folder.
const SECRETS: &str = ".config/citedesk/secrets";

fn cron(command: &[String], secrets: &[String], args: &SchedulePrint) -> String {
    let (told, read) = if secrets.is_empty() {
        (String::new(), String::new())
    } else {
        let told = format!("# Write {} into ~/{SECRETS}, which only you may read.\n", secrets.join(", "));
        (told, format!("set -a; . \"$HOME/{SECRETS}\"; "))
    };
    // A percent sign ends the command in a crontab.
    let quoted: Vec<String> = command.iter().map(|word| shell(word).replace('%', "\\%")).collect();
    format!(
        "# Every night; mail comes only where a run fails, `citedesk status` tells the rest. Put it into `crontab -e`.\n{told}{} {} * * * {read}{} --quiet >/dev/null\n",
        args.at.minute(),
        args.at.hour(),
        quoted.join(" ")
    )
}

fn systemd(command: &[String], secrets: &[String], args: &SchedulePrint) -> String {
    let secrets = if secrets.is_empty() {
        String::new()
    } else {
        format!("# Holds {}; only you may read it.\nEnvironmentFile=%h/{SECRETS}\n", secrets.join(", "))
    };
    let quoted: Vec<String> = command.iter().map(|word| unit(word)).collect();
    format!(
        "# ~/.config/systemd/user/citedesk-ingest.service\n\
         [Unit]\n\
         Description=Read the support documents into citedesk\n\n\
         [Service]\n\
         Type=oneshot\n\
         {secrets}\
         ExecStart={}\n\
         # Some documents could not be read: the run itself did its work.\n\
         SuccessExitStatus=3\n\
         Nice=10\n\
         IOSchedulingClass=idle\n\n\
         # ~/.config/systemd/user/citedesk-ingest.timer\n\
         [Unit]\n\
         Description=Read the support documents into citedesk every night\n\n\
         [Timer]\n\
         OnCalendar=*-*-* {:02}:{:02}:00\n\
         RandomizedDelaySec=10min\n\
         Persistent=true\n\n\
         [Install]\n\
         WantedBy=timers.target\n\n\
         # Then: systemctl --user daemon-reload && systemctl --user enable --now citedesk-ingest.timer\n\
         # `loginctl enable-linger` lets it run while nobody is logged in.\n",
        quoted.join(" "),
        args.at.hour(),
        args.at.minute()
    )
}

/// A word for a shell.
fn shell(word: &str) -> String {
    let plain = !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || "/._-+:@".contains(c));
    if plain { word.to_owned() } else { format!("'{}'", word.replace('\'', "'\\''")) }
}

/// A word for a unit file.
fn unit(word: &str) -> String {
    let escaped = word.replace('\\', "\\\\").replace('"', "\\\"").replace('%', "%%").replace('$', "$$");
    if escaped == word && !word.contains(char::is_whitespace) { escaped } else { format!("\"{escaped}\"") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_survive_a_shell_and_a_unit_file() {
        assert_eq!(shell("/opt/citedesk"), "/opt/citedesk");
        assert_eq!(shell("/opt/it's here"), r"'/opt/it'\''s here'");
        assert_eq!(unit("/opt/citedesk"), "/opt/citedesk");
        assert_eq!(unit("/opt/100% \"new\" $x"), r#""/opt/100%% \"new\" $$x""#);
    }

    #[test]
    fn the_time_is_that_which_was_asked_for() {
        let args = SchedulePrint { systemd: false, cron: true, at: jiff::civil::time(3, 5, 0, 0) };
        let command = ["/opt/50%/citedesk".to_owned(), "ingest".to_owned()];
        assert!(cron(&command, &[], &args).contains("\n5 3 * * * '/opt/50\\%/citedesk' ingest --quiet"));
        assert!(systemd(&command, &[], &args).contains("OnCalendar=*-*-* 03:05:00\n"));
    }

    #[test]
    fn secrets_come_from_a_file_of_their_own() {
        let args = SchedulePrint { systemd: false, cron: true, at: jiff::civil::time(3, 5, 0, 0) };
        let (command, secrets) = (["citedesk".to_owned()], ["TOKEN=…".to_owned()]);
        let line = cron(&command, &secrets, &args);
        assert!(line.contains("5 3 * * * set -a; . \"$HOME/.config/citedesk/secrets\"; citedesk"), "{line}");
        let unit = systemd(&command, &secrets, &args);
        assert!(unit.contains("# Holds TOKEN=…") && unit.contains("\nEnvironmentFile=%h/.config/"), "{unit}");
    }
}
