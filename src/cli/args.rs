//! The command line: every argument with its meaning, unit, default and an example. Nothing is
//! opened or resolved here.

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};

use super::paint::ColourWhen;
use crate::config::EngineChoice;
use crate::detect::Parameters;
use crate::text::words::{self, Word};
use crate::time::parse_duration;

mod alert;
mod import;
mod machine;
mod modem;
mod note;
mod record;
mod report;

const EXIT_CODES: &str = "\
Exit codes: 0 done, 1 failed, 2 wrong usage, 78 wrong configuration.
Data goes to standard output, everything else to standard error.";

const DB: &str = "The database [default: $STATE_DIRECTORY/linkmon.db, else \
    ~/.local/state/linkmon/linkmon.db]";

const CONFIG: &str = "The configuration [default: ~/.config/linkmon/linkmon.toml, else \
    /etc/linkmon/linkmon.toml, else built-in values]";

const COLOUR: &str = "Colour: auto (on a terminal, unless NO_COLOR is set), always or never \
    [default: auto]";

const THRESHOLDS: &str = "Thresholds [default: as configured]";

const CHECK_CODES: &str = "\
Exit codes: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN (no daemon, or it does not answer).
A link that is down is CRITICAL. A link that is suspect or impaired, a daemon that cannot store,
and a full disk or size limit expected within a few weeks are WARNING.
Loss and RTT are those of the anchors in the last minute.";

const CONFIG_FILES: &str = "\
The first of these files that exists is read; without any, built-in defaults apply:
  --config FILE, $LINKMON_CONFIG (these two must exist)
  $XDG_CONFIG_HOME/linkmon/linkmon.toml, or ~/.config/linkmon/linkmon.toml
  /etc/linkmon/linkmon.toml";

pub use alert::{AlertArgs, AlertCommand, AlertListArgs, AlertTestArgs};
pub use import::ImportArgs;
pub use machine::{CheckArgs, CompletionsArgs, DoctorArgs, ManArgs, NotifyArgs, WatchArgs};
pub use modem::ModemArgs;
pub use note::{
    NoteAboutArgs, NoteAddArgs, NoteArgs, NoteCommand, NoteEditArgs, NoteListArgs, NoteRemoveArgs,
};
pub use record::{
    BackupArgs, ExportArgs, ExportFormat, MergeArgs, RestoreArgs, RowFormat, SqlArgs,
};
pub use report::{Data, ReportArgs, ReportFormat, StampArgs, VerifyArgs};

/// Takes the words of an enum; help lists them with their meanings.
fn word<T: Word + Send + Sync>() -> impl TypedValueParser<Value = T> {
    let value =
        |value: &T| PossibleValue::new(value.word()).help(value.meaning().trim_end_matches('.'));
    PossibleValuesParser::new(T::VALUES.iter().map(value))
        .map(|word| words::parse(&word).expect("the word is one of those possible"))
}

/// A record of your uplink: finds drops, says where, and turns them into evidence.
#[derive(Debug, Parser)]
#[command(name = "linkmon", version, after_help = EXIT_CODES, max_term_width = 100)]
#[command(color = clap::ColorChoice::Never, subcommand_required = true)]
pub struct Arguments {
    /// The database.
    #[arg(long, value_name = "PATH", global = true, display_order = 100, help = DB)]
    pub db: Option<PathBuf>,
    /// The configuration.
    #[arg(long, value_name = "FILE", global = true, display_order = 101, help = CONFIG)]
    pub config: Option<PathBuf>,
    /// When output is coloured.
    #[arg(long = "color", value_name = "WHEN", global = true, display_order = 102, help = COLOUR)]
    #[arg(value_parser = word::<ColourWhen>(), default_value = "auto", hide_possible_values = true)]
    #[arg(hide_default_value = true)]
    pub colour: ColourWhen,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Measure the uplink and keep the record; no configuration is needed
    Run(RunArgs),
    /// Show the current state of the link, its last drop, and loss and RTT of every target
    Status(StatusArgs),
    /// Show the present as a picture in a terminal, every second; it works over ssh
    ///
    /// The state of the link and why it is known, each target with its last minutes probe by probe,
    /// and the drops, as the live page has them. It reads the record of the running daemon and sends
    /// nothing. The key ? lists all keys; q ends it. Without colour (NO_COLOR, --color never) and
    /// without UTF-8 it uses other marks.
    #[allow(clippy::doc_markdown, reason = "it is printed as help")]
    Watch(WatchArgs),
    /// List the drops of a period
    Drops(DropsArgs),
    /// Make a report on a period: text to paste into a ticket, and a drawing
    Report(ReportArgs),
    /// Detect drops again in the stored measurements, with the same thresholds or others
    ///
    /// Nothing is written: the list of "linkmon drops" does not change. A drop that is also in
    /// that list has its number there; others have the number 0.
    Replay(ReplayArgs),
    /// Import measurements made by other tools, and find the drops in them
    ///
    /// Reads the output of ping (Linux in any language, macOS, BusyBox, Windows) and of fping, with a
    /// time before each line, and tables. Its first lines show what a file is; gzip and UTF-16 are
    /// read as well. Damaged lines are counted and the first is named; a file with more than 1 % of
    /// them is refused. All files are read before anything is written, and all of an import is
    /// written or nothing.
    ///
    /// What the record has already is not taken again: of a log that has grown, only what is new, and
    /// nothing of time that was watched. Files of the same time belong into one import.
    Import(ImportArgs),
    /// Show the configuration in effect, check it, or print a commented sample
    #[command(after_help = CONFIG_FILES)]
    Config(ConfigArgs),
    /// Record what happened ("technician on site"); reports show it
    ///
    /// A note is one line about a point in time. It can be edited and removed; what it said before
    /// stays in the record, because it is evidence.
    Note(NoteArgs),
    /// Check the current state, as a plugin for Nagios or Icinga
    #[command(after_help = CHECK_CODES)]
    Check(CheckArgs),
    /// Say what is wrong on this machine, and how to fix it
    ///
    /// Checks privileges, clock, disk, database and sleep settings, the whole record (every page,
    /// checksum and hour), and what a running daemon hears from the gateway, the modem, the ISP's
    /// first hop and the targets. Nothing is sent or changed.
    /// Exit code 1 if there is a problem.
    Doctor(DoctorArgs),
    /// Show what the modem says: levels, each judged, counters, and its event log
    ///
    /// Asks the modem once, or reads pages that you saved with a browser (--from; nothing is sent then).
    /// docs/modems.md says which modems are known and what is sent to them.
    Modem(ModemArgs),
    /// Show drops as desktop notifications for as long as this runs
    ///
    /// Follows a daemon that runs elsewhere on this machine, such as the system service, which has
    /// no desktop. Each drop has one notification: it says that the link is down, and later for
    /// how long it was down.
    Notify(NotifyArgs),
    /// Try the channels of alerts, or list what they have sent
    ///
    /// The channels are those of `[[alert]]` in the configuration. A test is sent at once, whatever
    /// the state of the line, and nothing is stored.
    Alert(AlertArgs),
    /// Write the manual pages
    Man(ManArgs),
    /// Print completions for a shell
    Completions(CompletionsArgs),
    /// Simulate six days of a bad line, and report on them
    ///
    /// Drops about once an hour for five days, then a day without a connection. It makes a database
    /// (in the temporary directory, or at --db PATH, which must be new) and a drawing next to it, and
    /// prints the report and commands with which to look further. Every probe of the six days is
    /// simulated, which takes about a minute. No packet is sent.
    Demo,
    /// Check a bundle, or the record against its chain; exit code 1 if it was changed
    ///
    /// In a bundle, every file must have the size and the SHA-256 that the list of files gives;
    /// nothing is unpacked. In a database, every hour must hold the probes that it held when it
    /// was over. docs/evidence.md explains what that proves.
    Verify(VerifyArgs),
    /// Have a time-stamping authority (RFC 3161) say that the record existed by now
    ///
    /// The head of the chain is sent to the authority that you name, 32 bytes that say nothing about
    /// what is recorded; its answer is stored in the database, and bundles carry it. With
    /// "evidence.timestamp" in the configuration, the daemon does this once a day.
    Stamp(StampArgs),
    /// Query the record in SQL, read-only
    ///
    /// The tables and views of the file can be queried (v_minute, v_hour, v_drop, v_impairment,
    /// ...), and a table of individual probes: samples(time_ms, target, run, outcome, rtt_us).
    /// Bounds on time_ms make it fast. docs/schema.md has examples.
    #[allow(clippy::doc_markdown, reason = "it is printed as help")]
    Sql(SqlArgs),
    /// Export rows of a period for other programs
    Export(ExportArgs),
    /// Copy the database, even while the daemon is writing to it
    ///
    /// The copy is a single file, consistent at one instant, and is checked before it gets its
    /// name. With backup.to in the configuration, the daemon makes copies automatically.
    Backup(BackupArgs),
    /// Replace the database with a copy
    ///
    /// Stop the daemon first. The whole copy is checked, what would be replaced is shown, and the
    /// replaced database is kept next to the new one.
    Restore(RestoreArgs),
    /// Merge in what other linkmons recorded: on a laptop, on the old computer, in a copy
    ///
    /// Nothing is counted twice: time that was observed here stays as it is. From the other file
    /// linkmon takes only the time that was not observed here, with its drops, and all notes.
    /// Drops that cross an edge between the two are detected again from the probes of both.
    /// Merging a file again, or after an interrupted merge, takes what is missing.
    ///
    /// The other file is only read, and may be in use. Stop the daemon of this database first.
    /// Data older than keep-samples and keep-minutes allow is taken as hourly sums.
    Merge(MergeArgs),
}

/// Arguments of `linkmon run`.
#[derive(Debug, Clone, Args)]
pub struct RunArgs {
    /// Which engine sends ICMP [default: as configured, else auto]
    ///
    /// linux uses the kernel's time stamps, portable runs anywhere but is less exact, auto is
    /// linux where that works.
    #[arg(long, value_parser = word::<EngineChoice>(), value_name = "ENGINE")]
    pub engine: Option<EngineChoice>,
}

/// Arguments of `linkmon status`.
#[derive(Debug, Clone, Args)]
pub struct StatusArgs {
    /// Output format
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    pub format: TextOrJson,
}

/// Formats of `linkmon status` and `linkmon doctor`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TextOrJson {
    /// For people
    Text,
    /// For programs
    Json,
}

/// A period of time.
#[derive(Debug, Clone, Args)]
pub struct PeriodArgs {
    /// Start of the period
    ///
    /// A duration back from now (90m, 7d), a time of day (14:30: the last one), a date or local time
    /// (2026-02-02, "2026-02-02 13:20"), an RFC 3339 time (2026-02-02T12:20:00Z), today, yesterday,
    /// either with a time ("yesterday 9:00"), or drop:12 for the time around that drop (15 minutes
    /// on either side).
    #[arg(long, value_name = "TIME", default_value = "7d")]
    pub since: String,
    /// End of the period, in the same forms [default: now]
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
}

/// Formats of lists of drops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// A table for people, in local time
    Text,
    /// An array of objects, in UTC
    Json,
    /// A table for spreadsheets, in UTC
    Csv,
}

/// Which drops to list, and how.
#[derive(Debug, Clone, Args)]
pub struct ListArgs {
    /// Output format
    ///
    /// json and csv hold every kind: blips (2 to 5 s), drops and outages (over 5 min). text
    /// lists drops and outages and counts the blips, unless --blips is given.
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    pub format: ListFormat,
    /// Leave out drops that cannot have lasted this long (5s, 2m), in any format
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    pub min: Option<Duration>,
    /// Also list blips in the text
    #[arg(long)]
    pub blips: bool,
}

/// Arguments of `linkmon drops`.
#[derive(Debug, Clone, Args)]
pub struct DropsArgs {
    /// Which period.
    #[command(flatten)]
    pub period: PeriodArgs,
    /// Which drops, and how.
    #[command(flatten)]
    pub list: ListArgs,
}

/// Arguments of `linkmon replay`.
#[derive(Debug, Clone, Args)]
pub struct ReplayArgs {
    /// Which period.
    #[command(flatten)]
    pub period: PeriodArgs,
    /// Thresholds in place of those configured.
    #[command(flatten)]
    pub thresholds: ThresholdArgs,
    /// Which drops, and how.
    #[command(flatten)]
    pub list: ListArgs,
}

/// Thresholds of detection; those not given are as configured.
#[derive(Debug, Clone, Args)]
pub struct ThresholdArgs {
    /// Silence of all anchors for this long is a drop (built in: 5s)
    #[arg(long, value_name = "DURATION", value_parser = parse_duration, help_heading = THRESHOLDS)]
    pub drop_after: Option<Duration>,
    /// Silence for this long is a blip (built in: 2s)
    #[arg(long, value_name = "DURATION", value_parser = parse_duration, help_heading = THRESHOLDS)]
    pub blip_after: Option<Duration>,
    /// A drop longer than this is an outage (built in: 5m)
    #[arg(long, value_name = "DURATION", value_parser = parse_duration, help_heading = THRESHOLDS)]
    pub outage_after: Option<Duration>,
    /// Answers for this long end a drop (built in: 3s)
    #[arg(long, value_name = "DURATION", value_parser = parse_duration, help_heading = THRESHOLDS)]
    pub recover_after: Option<Duration>,
    /// Two drops less than this apart are one (built in: 10s)
    #[arg(long, value_name = "DURATION", value_parser = parse_duration, help_heading = THRESHOLDS)]
    pub merge_within: Option<Duration>,
    /// Down on both sides of a gap no longer than this is one drop (built in: 10m)
    #[arg(long, value_name = "DURATION", value_parser = parse_duration, help_heading = THRESHOLDS)]
    pub bridge_gap: Option<Duration>,
    /// Successive probes further apart than this leave a gap (built in: 2500ms)
    #[arg(long, value_name = "DURATION", value_parser = parse_duration, help_heading = THRESHOLDS)]
    pub gap_after: Option<Duration>,
}

impl ThresholdArgs {
    /// The configured thresholds, replaced by those that were given.
    pub fn over(&self, configured: &Parameters) -> Parameters {
        let mut p = configured.clone();
        for (given, field) in [
            (self.drop_after, &mut p.drop_after),
            (self.blip_after, &mut p.blip_after),
            (self.outage_after, &mut p.outage_after),
            (self.recover_after, &mut p.recover_after),
            (self.merge_within, &mut p.merge_within),
            (self.bridge_gap, &mut p.bridge_gap),
            (self.gap_after, &mut p.gap_after),
        ] {
            if let Some(given) = given {
                *field = given;
            }
        }
        p
    }
}

/// Arguments of `linkmon config`.
#[derive(Debug, Clone, Args)]
pub struct ConfigArgs {
    /// Show, check or explain.
    #[command(subcommand)]
    pub what: ConfigCommand,
}

/// What to do with the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Subcommand)]
pub enum ConfigCommand {
    /// Print the configuration in effect as TOML, every key with its value
    Show,
    /// Check the configuration; exit code 78 if it is wrong
    Check {
        /// Try each alert, too, without telling anybody where its service allows that: name, way,
        /// certificate, token; exit code 1 if one would not work
        #[arg(long = "try")]
        tries_alerts: bool,
    },
    /// Print a commented configuration: every key with its meaning, range and default
    Sample,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::{Arguments, Parameters};
    use crate::config::Config;
    use crate::time::duration;

    fn help(command: &str, argument: &str) -> String {
        let all = Arguments::command();
        let found = all.find_subcommand(command).unwrap().get_arguments();
        let mut found = found.filter(|a| a.get_long() == Some(argument));
        found.next().unwrap().get_help().unwrap().to_string()
    }

    #[test]
    fn help_names_the_defaults_of_the_configuration() {
        let p = Parameters::default();
        for (argument, default) in [
            ("drop-after", p.drop_after),
            ("blip-after", p.blip_after),
            ("outage-after", p.outage_after),
            ("recover-after", p.recover_after),
            ("merge-within", p.merge_within),
            ("bridge-gap", p.bridge_gap),
            ("gap-after", p.gap_after),
        ] {
            let wanted = format!("(built in: {})", duration::text(default));
            assert!(help("replay", argument).ends_with(&wanted), "{argument}");
        }
        let wanted = format!("else {}]", Config::default().backup.keep);
        assert!(help("backup", "keep").ends_with(&wanted));
    }
}
