//! `linkmon status`: the present, from the journal of a running daemon.

use std::fmt::Write as _;
use std::time::Duration;

use anyhow::Context as _;
use jiff::tz::TimeZone;

use super::args::{StatusArgs, TextOrJson};
use super::context::Context;
use super::output::write;
use super::usage::Hinted;
use crate::language::present::{clock_trouble, last_drop_words, state_words, way_words, when};
use crate::language::room;
use crate::language::standing::remark;
use crate::language::words::{impairment, length};
use crate::live::{Status, TargetStatus};
use crate::text::columns;
use crate::time::Timestamp;

pub(super) fn status(args: &StatusArgs, context: &Context) -> anyhow::Result<()> {
    let live = context.reader()?.live().ok_or_else(|| Hinted {
        sentence: format!("no daemon is measuring into {}", context.db.display()),
        hint:
            "`linkmon run` starts one; `linkmon drops` and `linkmon report` show what was recorded"
                .to_owned(),
    })?;
    match args.format {
        TextOrJson::Text => {
            let status: Status = serde_json::from_str(&live.status)
                .context("read the status that the daemon wrote; is it another version?")?;
            write(status_text(&status, context.now, &context.zone).as_bytes())?;
        }
        // As the daemon wrote it: a field that this version does not know is passed on.
        TextOrJson::Json => write(format!("{}\n", live.status).as_bytes())?,
    }
    Ok(())
}

/// A status older than this no longer describes the present: the daemon has stopped or hangs.
pub(super) const STALE_AFTER: Duration = Duration::from_secs(15);

/// A running daemon writes its status every second; after this much silence, that is mentioned.
const LATE_AFTER: Duration = Duration::from_secs(3);

/// What `linkmon status` prints for people.
pub(super) fn status_text(status: &Status, now: Timestamp, zone: &TimeZone) -> String {
    let mut text = String::new();
    let age = now.duration_since(status.at).unwrap_or_default();
    if age > STALE_AFTER {
        let _ = writeln!(
            text,
            "No daemon is measuring: the last status is from {} ({} ago). It said:",
            when(status.at, now, zone),
            length(age)
        );
    } else if age > LATE_AFTER {
        let _ = writeln!(text, "As of {} ago; the daemon is late or has stopped.", length(age));
    }
    let _ = writeln!(text, "{}", state_words(status, zone));
    if let Some(open) = &status.open_drop {
        let _ = writeln!(
            text,
            "drop {} since {}: {}",
            open.id,
            when(open.onset, status.at, zone),
            open.place
        );
    }
    for i in &status.impairments {
        let what = impairment::what(&i.figures, &i.places, i.target.as_deref());
        let long = length(status.at.duration_since(i.since).unwrap_or_default());
        let since = when(i.since, status.at, zone);
        let _ = writeln!(text, "{} since {since} ({long}): {what}", i.flag.as_str());
    }
    let _ = writeln!(
        text,
        "{}; {} in the last 24 h",
        last_drop_words(status, zone),
        drops(status.drops_24h)
    );
    if let Some(way) = &status.way {
        let _ = writeln!(text, "connected by {}", way_words(way));
    }
    let _ = writeln!(text);
    let _ = writeln!(
        text,
        "{:<9} {:<16} {:<5} {:>10}  {:>18}  last 60 s",
        "role", "target", "by", "RTT p50", "lost of sent"
    );
    for target in &status.targets {
        let _ = writeln!(text, "{}", target_line(target));
    }
    let strays: u64 = status.strays.values().sum();
    if strays > 0 {
        let kinds: Vec<String> =
            status.strays.iter().map(|(kind, n)| format!("{n} {}", kind.as_str())).collect();
        let _ = writeln!(text, "\nstray replies since the start: {}", kinds.join(", "));
    }
    if let Some(trouble) = clock_trouble(&status.clock) {
        let _ = writeln!(text, "\nWARNING: {trouble}");
    }
    if let Some(trouble) = &status.storage_trouble {
        let _ = writeln!(text, "\nSTORING FAILS: {trouble}");
    }
    if let Some(forecast) = &status.storage.forecast {
        let _ = writeln!(text);
        for alarm in &forecast.alarms {
            let _ = writeln!(text, "WARNING: {}", room::warning(alarm.of, forecast, zone));
        }
        let _ = writeln!(text, "{}", room::summary(forecast, zone));
    }
    let _ = writeln!(
        text,
        "\nlinkmon {}, process {}, since {}; {}; zone {}",
        status.version,
        status.pid,
        when(status.started, now, zone),
        status.engine,
        zone.iana_name().unwrap_or("of the system")
    );
    text
}

fn drops(n: u32) -> String {
    match n {
        0 => "no drop".to_owned(),
        1 => "1 drop".to_owned(),
        n => format!("{n} drops"),
    }
}

fn target_line(t: &TargetStatus) -> String {
    let rtt = t.rtt_ms.map_or_else(|| "-".to_owned(), |ms| format!("{ms:.2} ms"));
    let loss = if t.sent == 0 {
        "nothing sent".to_owned()
    } else {
        format!("{:.1} % ({}/{})", 100.0 * f64::from(t.lost) / f64::from(t.sent), t.lost, t.sent)
    };
    let not_sent =
        if t.not_sent > 0 { format!("  {} not sent", t.not_sent) } else { String::new() };
    let standing = t.standing.and_then(remark).map(|what| format!("  {what}")).unwrap_or_default();
    let trouble = t.trouble.as_ref().map(|what| format!("  {what}")).unwrap_or_default();
    let name = columns::left(&t.name, 16);
    format!("{:<9} {name} {:<5} {rtt:>10}  {loss:>18}{not_sent}{trouble}{standing}", t.role, t.kind)
        .trim_end()
        .to_owned()
}
