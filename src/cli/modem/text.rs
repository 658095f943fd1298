//! What the modem shows as tables for people, in 80 columns.

use std::fmt::Write as _;

use super::ShownModem;
use super::document::locked_upstream;
use crate::cli::paint::{Paint, Shade};
use crate::language::words::length;
use crate::modem::understand::{
    LevelProfile, LevelWord, carries_at_most, judge_downstream, judge_upstream,
};
use crate::text::columns::{left, right, width};
use crate::text::order::InOrder;
use crate::vocabulary::{
    Bonding, ChannelKind, Downstream, LogEntry, LogStamp, ModemClock, Upstream,
};

/// Columns of a terminal.
const ROOM: usize = 80;
/// Entries of the log that are listed.
const NEWEST: usize = 20;

/// Tables, the newest entries of the log, and notes.
pub(super) fn text(shown: &ShownModem<'_>, limits: LevelProfile, paint: Paint) -> String {
    let snapshot = shown.snapshot;
    let mut text = head(shown);
    if !snapshot.downstream.is_empty() {
        let locks = snapshot.downstream.iter().map(|channel| channel.locked);
        let _ = writeln!(text, "\n{}", title("Downstream", locks, paint));
        let names = format!(
            "{:>4} {:>8}  {:>11}  {:>9}  {:<11} {:>11} {:>13}",
            "ch", "MHz", "dBmV", "MER dB", "modulation", "corrected", "uncorrectable"
        );
        let _ = writeln!(text, "{}", paint.text(Shade::Title, &names));
        for channel in &snapshot.downstream {
            text.push_str(&downstream(channel, limits, paint));
        }
    }
    if !snapshot.upstream.is_empty() {
        let locks = snapshot.upstream.iter().map(|channel| channel.locked);
        let _ = writeln!(text, "\n{}", title("Upstream", locks, paint));
        let names =
            format!("{:>4} {:>8}  {:>11}  {:<7}  {}", "ch", "MHz", "dBmV", "kind", "modulation");
        let _ = writeln!(text, "{}", paint.text(Shade::Title, &names));
        let locked = locked_upstream(&snapshot.upstream);
        for channel in &snapshot.upstream {
            text.push_str(&upstream(channel, limits, locked, paint));
        }
    }
    text.push_str(&summary(shown, limits));
    for channel in
        snapshot.downstream.iter().filter(|channel| channel.kind == Some(ChannelKind::Ofdm))
    {
        if let (Some(mer), Some(id)) = (channel.mer_db, channel.id.or(channel.row)) {
            let carries = carries_at_most(mer).map_or_else(
                || "carries not even 16-QAM".to_owned(),
                |order| format!("carries at most {order}-QAM"),
            );
            text.push_str(&wrapped(
                &format!("OFDM channel {id}: a MER of {mer} dB {carries}."),
                "",
            ));
        }
    }
    if !snapshot.downstream.is_empty() || !snapshot.upstream.is_empty() {
        let _ = writeln!(text, "\nLevels are judged by these limits ({limits}):");
        for source in limits.sources() {
            text.push_str(&wrapped(source, "  "));
        }
    }
    if let Some(log) = &snapshot.log {
        text.push_str(&events(log, paint));
    }
    if !snapshot.notes.is_empty() {
        text.push_str("\nNotes\n");
        for note in &snapshot.notes {
            text.push_str(&wrapped(note, "  "));
        }
    }
    text
}

/// How many levels are what: `Levels received: 20 good, 4 fair. MER: 24 good.`
fn summary(shown: &ShownModem<'_>, limits: LevelProfile) -> String {
    let snapshot = shown.snapshot;
    let (power, mer): (Vec<_>, Vec<_>) =
        snapshot.downstream.iter().map(|channel| judge_downstream(limits, channel)).unzip();
    let locked = locked_upstream(&snapshot.upstream);
    let sent: Vec<_> =
        snapshot.upstream.iter().map(|channel| judge_upstream(limits, channel, locked)).collect();
    let mut said = Vec::new();
    for (name, words) in [("Levels received", power), ("MER", mer), ("Levels sent", sent)] {
        let counts: Vec<String> = LevelWord::ALL
            .into_iter()
            .map(|word| (word, words.iter().filter(|other| **other == Some(word)).count()))
            .filter(|(_, count)| *count > 0)
            .map(|(word, count)| format!("{count} {word}"))
            .collect();
        if !counts.is_empty() {
            said.push(format!("{name}: {}.", counts.join(", ")));
        }
    }
    if said.is_empty() { String::new() } else { format!("\n{}", wrapped(&said.join(" "), "")) }
}

fn head(shown: &ShownModem<'_>) -> String {
    let snapshot = shown.snapshot;
    let mut said = vec![snapshot.model.clone().unwrap_or_else(|| shown.kind.to_string())];
    said.extend(snapshot.firmware.as_ref().map(|firmware| format!("firmware {firmware}")));
    said.extend(snapshot.connection.as_ref().map(|state| format!("says \"{state}\"")));
    let mut text = wrapped(&said.join(", "), "");
    let mut said = Vec::new();
    said.extend(snapshot.uptime.map(|uptime| format!("up for {}", length(uptime))));
    said.extend(snapshot.clock.map(|clock| match clock {
        ModemClock::Local(at) => format!("its clock shows {} {}", at.date(), at.time()),
        ModemClock::Absolute(at) => format!("its clock shows {at}"),
    }));
    if !said.is_empty() {
        text.push_str(&wrapped(&said.join(", "), ""));
    }
    text
}

fn title(name: &str, locks: impl Iterator<Item = Option<bool>>, paint: Paint) -> String {
    let locks: Vec<_> = locks.collect();
    let locked = locks.iter().filter(|lock| **lock == Some(true)).count();
    let said = if locks.iter().any(Option::is_some) {
        format!("{name}: {locked} of {} channels locked", locks.len())
    } else {
        format!("{name}: {} channels", locks.len())
    };
    paint.text(Shade::Title, &said)
}

fn downstream(channel: &Downstream, limits: LevelProfile, paint: Paint) -> String {
    let (power, mer) = judge_downstream(limits, channel);
    let count =
        |count: Option<u64>| count.map_or_else(|| "-".to_owned(), |count| count.to_string());
    let mut line = beginning(channel.id.or(channel.row), channel.frequency_hz);
    if channel.locked == Some(false) {
        return line + &paint.text(Shade::Odd, "  not locked") + "\n";
    }
    let _ = write!(
        line,
        "  {}  {}  {} {} {}",
        level(channel.power_dbmv, power, 6, paint),
        level(channel.mer_db, mer, 4, paint),
        left(&modulation(channel.modulation.as_ref(), channel.kind), 11),
        right(&count(channel.corrected), 11),
        right(&count(channel.uncorrectable), 13),
    );
    if channel.bonding == Some(Bonding::Partial) {
        let _ = write!(line, "\n              {}", paint.text(Shade::Odd, "partial service"));
    }
    line + "\n"
}

fn upstream(channel: &Upstream, limits: LevelProfile, locked: usize, paint: Paint) -> String {
    let mut line = beginning(channel.id.or(channel.row), channel.frequency_hz);
    if channel.locked == Some(false) {
        return line + &paint.text(Shade::Odd, "  not locked") + "\n";
    }
    let kind = channel.kind.map_or("-", ChannelKind::as_str).to_uppercase();
    let modulation = modulation(channel.modulation.as_ref(), None);
    let power = level(channel.power_dbmv, judge_upstream(limits, channel, locked), 6, paint);
    let _ = write!(line, "  {power}  {}  {modulation}", left(&kind, 7));
    let timeouts = [("T3", channel.t3_timeouts), ("T4", channel.t4_timeouts)];
    for (name, count) in timeouts {
        if let Some(count) = count {
            let _ = write!(line, "  {count} {name}");
        }
    }
    line.trim_end().to_owned() + "\n"
}

fn beginning(channel: Option<u32>, frequency_hz: Option<u64>) -> String {
    let channel = channel.map_or_else(|| "-".to_owned(), |channel| channel.to_string());
    #[expect(clippy::cast_precision_loss, reason = "a frequency is far below 2^52 Hz")]
    let frequency =
        frequency_hz.map_or_else(|| "-".to_owned(), |hz| format!("{:.2}", hz as f64 / 1e6));
    format!("{} {}", right(&channel, 4), right(&frequency, 8))
}

/// The value and its word.
fn level(value: Option<f64>, word: Option<LevelWord>, figures: usize, paint: Paint) -> String {
    let value = value.map_or_else(|| "-".to_owned(), |value| format!("{value:.1}"));
    let shade = match word {
        Some(LevelWord::Good) => Shade::Good,
        Some(LevelWord::Fair | LevelWord::Poor) => Shade::Odd,
        Some(LevelWord::Bad) => Shade::Bad,
        None => return format!("{}     ", right(&value, figures)),
    };
    let word = word.map_or("", LevelWord::as_str);
    format!("{} {}", right(&value, figures), paint.text(shade, &left(word, 4)))
}

fn modulation(
    modulation: Option<&crate::vocabulary::Modulation>,
    kind: Option<ChannelKind>,
) -> String {
    let words = modulation.map_or_else(|| "-".to_owned(), ToString::to_string);
    // Its list of profiles says nothing to most people; JSON has it.
    let words = if kind == Some(ChannelKind::Ofdm) { "OFDM".to_owned() } else { words };
    cut(&words, if kind.is_some() { 11 } else { 40 })
}

fn events(log: &[LogEntry], paint: Paint) -> String {
    let all: u64 = log.iter().map(|entry| u64::from(entry.count)).sum();
    let name = if all == 1 { "1 entry".to_owned() } else { format!("{all} entries") };
    let mut text = format!("\n{}\n", paint.text(Shade::Title, &format!("Event log: {name}")));
    let mut classes: Vec<(&str, u64)> = Vec::new();
    for entry in log {
        let word = entry.class.as_str();
        match classes.iter_mut().find(|(other, _)| *other == word) {
            Some((_, count)) => *count += u64::from(entry.count),
            None => classes.push((word, u64::from(entry.count))),
        }
    }
    classes.order_by_key(|(_, count)| std::cmp::Reverse(*count));
    let classes: Vec<String> =
        classes.iter().map(|(word, count)| format!("{word} {count}")).collect();
    if !classes.is_empty() {
        text.push_str(&wrapped(&classes.join(", "), "  "));
    }
    let older = log.len().saturating_sub(NEWEST);
    if older > 0 {
        let _ = writeln!(text, "  (the newest {NEWEST} rows; --format json has all {})", log.len());
    }
    for entry in &log[older..] {
        let at = match entry.stamp {
            LogStamp::Second(at) => format!("{} {}", at.date(), at.time()),
            LogStamp::Minute(at) => format!("{} {}", at.date(), at.time().strftime("%H:%M")),
            LogStamp::Absolute(at) => at.to_string(),
            LogStamp::AfterBoot(after) => format!("{} after a start", length(after)),
            LogStamp::Unset => "clock not set".to_owned(),
        };
        let times = if entry.count > 1 { format!("{} x ", entry.count) } else { String::new() };
        let words = entry.text.split(";CM-").next().unwrap_or_default().trim_end_matches(';');
        let words = words.replace("CM-STATUS message sent. Event Type Code:", "CM-STATUS");
        let begin = format!("  {} ", left(&at, 19));
        let room = ROOM - width(&begin);
        let _ = writeln!(text, "{begin}{}", cut(&format!("{times}{words}"), room));
    }
    text
}

/// The text cut to a number of columns.
fn cut(text: &str, room: usize) -> String {
    if width(text) <= room {
        return text.to_owned();
    }
    let mut cut = String::new();
    for c in text.chars() {
        if width(&cut) + 3 >= room {
            break;
        }
        cut.push(c);
    }
    cut.trim_end().to_owned() + "..."
}

/// The text in lines of a terminal; those after the first are further in.
fn wrapped(text: &str, indent: &str) -> String {
    let mut lines = String::new();
    let mut line = indent.to_owned();
    for word in text.split_whitespace() {
        if width(&line) + 1 + width(word) > ROOM && line.trim() != "" {
            let _ = writeln!(lines, "{}", line.trim_end());
            line = format!("{indent}  ");
        }
        line += word;
        line.push(' ');
    }
    let _ = writeln!(lines, "{}", line.trim_end());
    lines
}
