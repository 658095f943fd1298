//! The sample configuration: every key with its meaning, its range and its default.

use std::fmt::Write as _;
use std::ops::RangeInclusive;
use std::time::Duration;

use super::keys::{ConfigKey, TABLES, TableOfKeys, Takes};
use super::{AlertConfig, Config, RemoteWriteConfig, size};
use crate::time::duration;

/// Characters in a line at most.
const WIDTH: usize = 100;

const HEAD: &str = "\
# linkmon.toml: everything that can be configured, with its default. No setting is required.
#
# linkmon reads the first of these files: --config FILE, $LINKMON_CONFIG,
# ~/.config/linkmon/linkmon.toml, /etc/linkmon/linkmon.toml. `linkmon config check` reports what is
# wrong in it, `linkmon config show` prints what is in effect, and `linkmon config sample` prints
# this text. Durations are written \"500ms\", \"3s\", \"5m\", \"2h\" or \"7d\", sizes \"500MB\" or \"2GiB\".
# A line with one # is a default; a line with ## is an example for a key that has no default.
";

/// The text of `contrib/linkmon.toml`. Read as it is, it changes nothing: every key is commented
/// out.
pub fn sample() -> String {
    let all = Config {
        alerts: vec![AlertConfig::default()],
        remote_writes: vec![RemoteWriteConfig::default()],
        ..Config::default()
    };
    let defaults = toml::Table::try_from(all).unwrap_or_default();
    let mut text = HEAD.to_owned();
    for table in &TABLES {
        text.push('\n');
        text += &comment(table.documentation);
        match table.name {
            name @ ("target" | "alert" | "remote-write") => text.extend(["##[[", name, "]]\n"]),
            name => text.extend(["[", name, "]\n"]),
        }
        for key in table.keys {
            text += &comment(&meaning(key));
            let _ = match default(table, key, &defaults) {
                // Of a table that is not there, all are examples.
                Some(value) if matches!(table.name, "alert" | "remote-write") => {
                    writeln!(text, "##{} = {value}", key.name)
                }
                Some(value) => writeln!(text, "#{} = {value}", key.name),
                None => writeln!(text, "##{} = {}", key.name, key.example),
            };
        }
    }
    text
}

/// The default as it is written in the file; `None` where there is none.
fn default(table: &TableOfKeys, key: &ConfigKey, defaults: &toml::Table) -> Option<toml::Value> {
    if !key.example.is_empty() {
        return None;
    }
    let of_table = defaults.get(table.name)?;
    of_table.as_array().map_or(Some(of_table), |all| all.first())?.get(key.name).cloned()
}

/// The key's documentation with its range.
fn meaning(key: &ConfigKey) -> String {
    let documentation = key.documentation;
    match key.takes.range() {
        Some((least, most)) => format!("{documentation} From {least} to {most}."),
        None => documentation.to_owned(),
    }
}

impl Takes {
    /// Both ends of the range as they are written in the file, without quotes; `None` for what has
    /// no order.
    fn range(&self) -> Option<(String, String)> {
        fn ends<T: Copy>(range: &RangeInclusive<T>, text: fn(T) -> String) -> (String, String) {
            (text(*range.start()), text(*range.end()))
        }
        let length = |d: Duration| duration::text(d);
        match self {
            Self::Length(range, _) | Self::LengthOrOff(range, _) | Self::LengthOfTarget(range) => {
                Some(ends(range, length))
            }
            Self::Size(range, _) => Some(ends(range, size::text)),
            Self::Count(range, _) => Some(ends(range, |n| n.to_string())),
            _ => None,
        }
    }
}

/// The text as lines of a comment; nothing for an empty one.
fn comment(text: &str) -> String {
    let mut lines = String::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > WIDTH {
            let _ = writeln!(lines, "{line}");
            line.clear();
        }
        line += if line.is_empty() { "# " } else { " " };
        line += word;
    }
    if !line.is_empty() {
        let _ = writeln!(lines, "{line}");
    }
    lines
}
