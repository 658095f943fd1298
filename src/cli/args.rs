//! The command line: every argument with its meaning, unit, default and an example. Nothing is
//! opened or resolved here.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::config::EngineChoice;
use crate::detect::Parameters;
use crate::time::parse_duration;
use crate::vocabulary::Role;

mod machine;
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

const THRESHOLDS: &str = "Thresholds [default: as configured]";

const CHECK_CODES: &str = "\
Exit codes: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN (no daemon, or it cannot be asked).
Down is CRITICAL; suspect, impaired, a daemon that cannot store, and a disk or a limit of the record
that will be reached in a few weeks are WARNING.
Loss and RTT are those of the anchors in the last minute.";

const CONFIG_FILES: &str = "\
Read is the first of these that exists; without any, built-in defaults apply:
  --config FILE, $LINKMON_CONFIG (these two must exist)
  $XDG_CONFIG_HOME/linkmon/linkmon.toml, or ~/.config/linkmon/linkmon.toml
  /etc/linkmon/linkmon.toml";

pub use machine::{CheckArgs, CompletionsArgs, DoctorArgs, ManArgs, NotifyArgs};
pub use note::{
    NoteAboutArgs, NoteAddArgs, NoteArgs, NoteCommand, NoteEditArgs, NoteListArgs, NoteRemoveArgs,
};
pub use record::{
    BackupArgs, ExportArgs, ExportFormat, ExportWhat, MergeArgs, RestoreArgs, RowFormat, SqlArgs,
};
pub use report::{Data, Ground, PaperSize, ReportArgs, ReportFormat, ReportLang, VerifyArgs};

/// A record of your uplink: finds drops, says where, and turns them into evidence.
#[derive(Debug, Parser)]
#[command(name = "linkmon", version, after_help = EXIT_CODES, max_term_width = 100)]
#[command(color = clap::ColorChoice::Never, subcommand_required = true)]
#[command(disable_help_subcommand = true)]
pub struct Arguments {
    /// The database.
    #[arg(long, value_name = "PATH", global = true, display_order = 100, help = DB)]
    pub db: Option<PathBuf>,
    /// The configuration.
    #[arg(long, value_name = "FILE", global = true, display_order = 101, help = CONFIG)]
    pub config: Option<PathBuf>,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Measure the uplink and keep the record; there is nothing to configure
    Run(RunArgs),
    /// Show the present: state of the link, last drop, loss and RTT of every target
    Status(StatusArgs),
    /// List the drops of a period
    Drops(DropsArgs),
    /// Make a report of a period: a text to paste into a ticket, and a drawing
    Report(ReportArgs),
    /// Find drops anew in the stored measurements, with these thresholds or others
    ///
    /// Nothing is written: the list of "linkmon drops" stays as it is. A drop that is in that
    /// list too has its number; others have the number 0.
    Replay(ReplayArgs),
    /// Take measurements of other tools into the database, and find the drops in them
    ///
    /// All files are read before anything is written: a line that is wrong ends the import with
    /// its file and number, and the database stays as it was.
    Import(ImportArgs),
    /// Show the configuration in effect, check it, or print a commented sample
    #[command(after_help = CONFIG_FILES)]
    Config(ConfigArgs),
    /// Write down what happened ("technician on site"); reports show it
    ///
    /// A note is one line about a time. It can be edited and removed; what it said before stays
    /// in the record, for it is evidence.
    Note(NoteArgs),
    /// Judge the present, as a plugin of Nagios or Icinga
    #[command(after_help = CHECK_CODES)]
    Check(CheckArgs),
    /// Say what is wrong on this machine, and what to do about it
    ///
    /// Looks at privileges, clock, disk, database and sleep settings, through all of the record
    /// (every page, checksum and hour), and at what a running daemon hears of gateway, modem, the
    /// ISP's first hop and the targets. Nothing is sent or changed.
    /// Exit code 1 when there is a problem.
    Doctor(DoctorArgs),
    /// Show drops as desktop notifications while this runs
    ///
    /// Follows a daemon that runs elsewhere on this machine, such as the service of the system,
    /// which has no desktop. A drop has one notification: it says that the link is down, and
    /// later for how long it was.
    Notify(NotifyArgs),
    /// Write the manual pages
    Man(ManArgs),
    /// Print completions for a shell
    Completions(CompletionsArgs),
    /// Simulate six days of a bad line, and report on them
    ///
    /// Drops about every hour for five days, then a day without a connection: in a few seconds a
    /// database of it (in the temporary directory, or --db PATH, which must be new), its drawing
    /// beside it, the text on standard output, and the commands to look further. No packet is
    /// sent.
    Demo,
    /// Check a bundle, or the record against its chain; exit code 1 when it is not as it was
    ///
    /// Of a bundle every file has to have the size and the SHA-256 that its list says; nothing is
    /// unpacked. Of a database every hour has to have the probes that it had when it was over.
    /// docs/evidence.md tells what that proves.
    Verify(VerifyArgs),
    /// Ask the record in SQL, read-only
    ///
    /// There are the tables and views of the file (v_minute, v_hour, v_drop, v_impairment, ...) and
    /// a table of single probes: samples(time_ms, target, run, outcome, rtt_us). Bounds on time_ms
    /// make it fast. docs/schema.md has examples.
    #[allow(clippy::doc_markdown, reason = "it is printed as help")]
    Sql(SqlArgs),
    /// Write rows of a period for other programs
    Export(ExportArgs),
    /// Copy the database while the daemon writes it
    ///
    /// The copy is one file of one instant and is looked through before it gets its name. With
    /// backup.every and backup.to in the configuration the daemon does it by itself.
    Backup(BackupArgs),
    /// Put a copy in the place of the database
    ///
    /// Stop the daemon first. The copy is checked wholly, what would be replaced is shown, and the
    /// database that is replaced is kept beside it.
    Restore(RestoreArgs),
    /// Take over what other linkmons recorded: the laptop, the old computer, a copy
    ///
    /// Nothing is counted twice: time that was watched here stays as it is, and of the other file
    /// only what it saw in time in which nobody watched here is taken, with its drops, and all its
    /// notes. Drops that reach over an edge are found anew in the probes of both. Taking a file
    /// again, or after a merge that was cut short, takes what is missing.
    ///
    /// The other file is only read, and may be written meanwhile. Stop the daemon of this database
    /// first. What is older than keep-samples and keep-minutes say comes by sums of hours.
    Merge(MergeArgs),
}

/// Arguments of `linkmon run`.
#[derive(Debug, Clone, Args)]
pub struct RunArgs {
    /// Which engine sends ICMP [default: as configured, else auto]
    ///
    /// linux has time stamps of the kernel, portable runs anywhere and is less exact, auto takes
    /// linux where it works.
    #[arg(long, value_enum, value_name = "ENGINE")]
    pub engine: Option<Engine>,
}

/// Arguments of `linkmon status`.
#[derive(Debug, Clone, Args)]
pub struct StatusArgs {
    /// How to show it
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    pub format: TextOrJson,
}

/// Which ICMP engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Engine {
    /// The Linux engine where it works, else the portable one
    Auto,
    /// Time stamps of the kernel
    Linux,
    /// surge-ping: anywhere, less exact
    Portable,
}

impl From<Engine> for EngineChoice {
    fn from(engine: Engine) -> Self {
        match engine {
            Engine::Auto => Self::Auto,
            Engine::Linux => Self::Linux,
            Engine::Portable => Self::Portable,
        }
    }
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
    /// Where the period begins
    ///
    /// A duration back from now (90m, 7d), a date or local time (2026-02-02, 2026-02-02T13:20),
    /// an RFC 3339 time (2026-02-02T12:20:00Z), today, yesterday, or drop:12 for the time around
    /// that drop (15 minutes on both sides).
    #[arg(long, value_name = "TIME", default_value = "7d")]
    pub since: String,
    /// Where the period ends, in the same forms [default: now]
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

/// Which drops are listed, and how.
#[derive(Debug, Clone, Args)]
pub struct ListArgs {
    /// How to list them
    ///
    /// json and csv hold every kind: blips (2 to 5 s), drops and outages (over 5 min). text
    /// lists drops and outages and counts the blips, unless --blips is given.
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    pub format: ListFormat,
    /// Leave out what lasted less, at its longest possible (5s, 2m), in any format
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    pub min: Option<Duration>,
    /// List blips too in the text
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

/// Thresholds of detection; what is not given is as configured.
#[derive(Debug, Clone, Args)]
pub struct ThresholdArgs {
    /// Silence of all anchors that makes a drop (built in: 5s)
    #[arg(long, value_name = "DURATION", value_parser = parse_duration, help_heading = THRESHOLDS)]
    pub drop_after: Option<Duration>,
    /// Silence that makes a blip (built in: 2s)
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
    /// Down on both sides of a gap of at most this length: one drop (built in: 10m)
    #[arg(long, value_name = "DURATION", value_parser = parse_duration, help_heading = THRESHOLDS)]
    pub bridge_gap: Option<Duration>,
    /// Successive sends further apart than this leave a gap (built in: 2500ms)
    #[arg(long, value_name = "DURATION", value_parser = parse_duration, help_heading = THRESHOLDS)]
    pub gap_after: Option<Duration>,
}

impl ThresholdArgs {
    /// Those configured, with what was given put in their place.
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

/// Formats of records that can be imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RecordFormat {
    /// Told from the first line
    Auto,
    /// A table of measurements.
    #[value(help = "Lines of time_unix_ms,target,rtt_us; an empty rtt_us means lost")]
    Csv,
    /// The output of "ping -D" (iputils)
    Ping,
    /// The output of "fping -l -D"
    Fping,
}

/// Arguments of `linkmon import`.
#[derive(Debug, Clone, Args)]
pub struct ImportArgs {
    /// The records; - is standard input
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Where a target stands: gateway, modem, isp, anchor or service, as in --role
    /// router=gateway; may be given several times [default: anchor]
    #[arg(long = "role", value_name = "NAME=ROLE", value_parser = named_role)]
    pub roles: Vec<(String, Role)>,
    /// What the files hold
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "auto")]
    pub format: RecordFormat,
}

fn named_role(text: &str) -> Result<(String, Role), String> {
    let (name, role) =
        text.rsplit_once('=').ok_or("expected NAME=ROLE, as in router=gateway".to_owned())?;
    Ok((name.to_owned(), role.parse()?))
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
    /// Say whether the configuration is right; exit code 78 when it is not
    Check,
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
