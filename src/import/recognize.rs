//! What a file is, by its first lines: one that can be read, one that is known and has no probes
//! with their times in it, or neither. A file that looks like ping is never taken for a table.

use super::csv;
use super::error::Error;
use super::fping;
use super::lines::{RecordLines, shown};
use super::options::ImportOptions;
use super::ping_line;
use super::pingplotter;
use super::prefix::prefix;
use super::windows;

/// A file that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Recognized {
    Ping,
    Windows,
    Fping,
    PingPlotter,
    Table,
}

/// So many lines show what a file is: some begin with what a script had to say.
const MOST_LINES: usize = 200;

/// Looks at the first lines without taking them.
pub(super) fn recognize(
    lines: &mut RecordLines<'_>,
    options: &ImportOptions,
) -> Result<Recognized, Error> {
    let (mut first, mut summary, mut is_ping_of_something) = (None::<String>, None, false);
    for n in 0..MOST_LINES {
        let Some(line) = lines.peek(n)? else { break };
        if line.trim().is_empty() {
            continue;
        }
        let is_first = first.is_none();
        if is_first {
            first = Some(line.to_owned());
        }
        let rest = without_time(line, options);
        if pingplotter::is_heading(line) {
            return Ok(Recognized::PingPlotter);
        }
        if fping::is_fping(rest) {
            return Ok(Recognized::Fping);
        }
        if ping_line::is_ping(rest) {
            return Ok(Recognized::Ping);
        }
        if windows::is_windows(rest) {
            return Ok(Recognized::Windows);
        }
        is_ping_of_something |= rest.starts_with("--- ") || rest.starts_with("ping: ");
        if fping::is_summary(rest) {
            summary = Some(FPING_SUMMARY);
        }
        // What comes later may show which JSON it is.
        summary = known_summary(line, is_first).or(summary);
    }
    let Some(first) = first else { return Err(Error::Empty { file: lines.file.to_owned() }) };
    if let Some((what, hint)) = summary {
        let (file, what, hint) = (lines.file.to_owned(), what.to_owned(), hint.to_owned());
        return Err(Error::Refused { file, what, hint });
    }
    if is_ping_of_something {
        return Ok(Recognized::Ping);
    }
    if csv::is_table(&first, options) {
        return Ok(Recognized::Table);
    }
    Err(Error::Refused {
        file: lines.file.to_owned(),
        what: format!("is nothing that can be read; it begins with {}", shown(first.trim())),
        hint: "known are the output of ping and fping with times, and tables: \
               time_unix_ms,target,rtt_us, or others with --columns"
            .to_owned(),
    })
}

/// The line without the time before it.
fn without_time<'t>(line: &'t str, options: &ImportOptions) -> &'t str {
    if let Some((_, _, rest)) = prefix(line) {
        let own = rest.starts_with('[').then(|| prefix(rest)).flatten();
        return own.map_or(rest, |(_, _, rest)| rest);
    }
    // A time in a format of its own, which only its user knows.
    let is_named = options.time_format.as_deref().is_some_and(|format| format.contains('%'));
    let starts = ["PING ", "no answer yet", "Reply from "];
    let start = starts.iter().find_map(|start| line.find(start)).filter(|_| is_named);
    let size = line.find(" bytes from ").filter(|_| is_named).map(|at| {
        line[..at]
            .rfind(|c: char| !c.is_ascii_digit())
            .map_or(0, |before| before + line[before..].chars().next().map_or(1, char::len_utf8))
    });
    start.or(size).map_or(line.trim_start(), |at| &line[at..])
}

type Known = (&'static str, &'static str);

const FPING_SUMMARY: Known = (
    "is a summary of fping: it has no time of a probe",
    "record each probe with its time: `fping -l -D HOST | tee fping.log` (in place of -C, -Q or -q)",
);
const MTR: Known = (
    "is a summary of mtr: it says how many probes of a minute were lost, and not when",
    "record each probe with its time: `ping -D -O HOST | tee ping.log`",
);

/// What has no single probes in it, with the reason and the shortest way to something that has.
fn known_summary(line: &str, is_first: bool) -> Option<Known> {
    let text = line.trim().trim_start_matches('\u{feff}');
    let starts = |start: &str| text.starts_with(start);
    if starts("Mtr_Version") || starts("MTR.") || starts("\"mtr\"") || starts("\"hubs\"") {
        return Some(MTR);
    }
    if starts("HOST: ") && text.contains("Loss%") || (starts("{") && text.contains("\"hubs\"")) {
        return Some(MTR);
    }
    if text.contains("dpinger") {
        return Some((
            "is a log of dpinger: it has alarms, and no single probes",
            "record the probes themselves: `ping -D -O HOST | tee ping.log`",
        ));
    }
    if is_line_protocol(text) {
        return Some((
            "is InfluxDB line protocol, whose points can be sums of several probes",
            "query time and delay as CSV and name the columns: `--columns time=time,rtt=NAME \
             --unit ms --target HOST`",
        ));
    }
    if is_rrd(text) {
        return Some((
            "is from an RRD file: it has averages over many probes, and not when one was lost",
            "record each probe with its time: `ping -D -O HOST | tee ping.log`",
        ));
    }
    if starts("traceroute to ") || starts("Tracing route to ") {
        return Some((
            "is the output of traceroute: it has a few probes, and not when they were sent",
            "record each probe with its time: `ping -D -O HOST | tee ping.log`",
        ));
    }
    if is_first && (starts("{") || starts("[{") || text == "[") {
        return Some((
            "is JSON of a kind that is not known",
            "of JSON, that of `fping -l -D -J` can be read; of others, make a table and name its \
             columns with --columns",
        ));
    }
    if is_first && starts("<") {
        return Some(("is a page or a document, not a record", "export the measurements as CSV"));
    }
    None
}

/// `ping,url=8.8.8.8 average_response_ms=14.1,result_code=0i 1773169200030999808`
fn is_line_protocol(text: &str) -> bool {
    let mut parts = text.rsplitn(2, ' ');
    let is_time = parts.next().is_some_and(|time| {
        (10..=19).contains(&time.len()) && time.bytes().all(|b| b.is_ascii_digit())
    });
    let rest = parts.next().unwrap_or_default();
    is_time
        && rest
            .split_once(' ')
            .is_some_and(|(tags, values)| tags.contains(',') && values.contains('='))
}

/// `1773169260: -nan 5.33e+00`
fn is_rrd(text: &str) -> bool {
    text.split_once(": ").is_some_and(|(time, values)| {
        time.len() == 10
            && time.bytes().all(|b| b.is_ascii_digit())
            && values
                .split_whitespace()
                .all(|value| value.trim_start_matches('-').parse::<f64>().is_ok())
    })
}
