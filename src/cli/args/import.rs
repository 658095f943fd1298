//! Arguments of `linkmon import`.

use std::path::PathBuf;

use clap::Args;
use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};

use super::word;
use crate::import::{DelayUnit, Format, NamedColumns};
use crate::vocabulary::Role;

/// Arguments of `linkmon import`.
#[derive(Debug, Clone, Args)]
#[allow(clippy::doc_markdown, reason = "it is the text of the help")]
pub struct ImportArgs {
    /// The files; - is standard input
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// The role of a target: gateway, modem, isp, anchor or service, as in --role
    /// router=gateway; can be given more than once [default: anchor]
    #[arg(long = "role", value_name = "NAME=ROLE", value_parser = named_role)]
    pub roles: Vec<(String, Role)>,
    /// Format of the files
    #[arg(long, value_parser = word::<Format>(), value_name = "FORMAT", default_value = "auto")]
    pub format: Format,
    /// The zone of local times, as in --zone Europe/Berlin or --zone +02:00 [default: that of the
    /// configuration, else of this computer]
    #[arg(long, value_name = "ZONE", value_parser = zone, allow_hyphen_values = true)]
    pub zone: Option<TimeZone>,
    /// The day of the first line, for times without a date or a year
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = date)]
    pub date: Option<Date>,
    /// How times are written: unix, unix-ms, unix-us, unix-ns, or a pattern such as '%d/%m/%Y
    /// %H:%M:%S' [default: as recognized]
    #[arg(long, value_name = "FORMAT", value_parser = time_format)]
    pub time_format: Option<String>,
    /// The columns of a table, by name or by number from 1, as in --columns
    /// time=Time,rtt=Latency,target=Host [default: time=time_unix_ms,target=target,rtt=rtt_us]
    #[arg(long, value_name = "COLUMNS", value_parser = columns)]
    pub columns: Option<NamedColumns>,
    /// The unit of the delays of a table: us, ms or s [default: as the column's name says]
    #[arg(long, value_parser = word::<DelayUnit>(), value_name = "UNIT")]
    pub unit: Option<DelayUnit>,
    /// What separates the fields of a table: one character, or tab [default: as in its first line]
    #[arg(long, value_name = "CHARACTER", value_parser = separator)]
    pub separator: Option<char>,
    /// The target of all rows of a table that has no column for it
    #[arg(long, value_name = "NAME")]
    pub target: Option<String>,
    /// What a table has in place of the delay of a lost probe, as in --lost=-1; can be given more
    /// than once [default: nothing]
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub lost: Vec<String>,
}

fn named_role(text: &str) -> Result<(String, Role), String> {
    let (name, role) =
        text.rsplit_once('=').ok_or("expected NAME=ROLE, as in router=gateway".to_owned())?;
    Ok((name.to_owned(), role.parse()?))
}

fn zone(text: &str) -> Result<TimeZone, String> {
    let wrong = || "expected a zone, as in Europe/Berlin, UTC or +02:00".to_owned();
    let Some(digits) = text.strip_prefix(['+', '-']) else {
        return crate::config::zone_named(text).map_err(|_| wrong());
    };
    let (hours, minutes) =
        digits.split_once(':').unwrap_or_else(|| digits.split_at(digits.len().min(2)));
    let number = |digits: &str| match digits {
        "" => Ok(0),
        digits => digits.parse::<i32>().map_err(|_| wrong()),
    };
    let seconds = number(hours)? * 3_600 + number(minutes)? * 60;
    let seconds = if text.starts_with('-') { -seconds } else { seconds };
    Offset::from_seconds(seconds).map(Offset::to_time_zone).map_err(|_| wrong())
}

fn date(text: &str) -> Result<Date, String> {
    text.parse().map_err(|_| "expected a date, as in 2026-03-10".to_owned())
}

fn time_format(text: &str) -> Result<String, String> {
    let known = ["unix", "unix-ms", "unix-us", "unix-ns"];
    if known.contains(&text) || text.contains('%') {
        return Ok(text.to_owned());
    }
    Err(format!("expected {} or a pattern such as '%d/%m/%Y %H:%M:%S'", known.join(", ")))
}

fn columns(text: &str) -> Result<NamedColumns, String> {
    let mut columns = NamedColumns::default();
    for part in text.split(',') {
        let place = part.split_once('=').and_then(|(what, column)| {
            let place = match what.trim() {
                "time" => &mut columns.time,
                "target" => &mut columns.target,
                "rtt" => &mut columns.rtt,
                _ => return None,
            };
            Some((place, column.trim()))
        });
        match place {
            Some((place, column)) if !column.is_empty() => *place = Some(column.to_owned()),
            _ => {
                return Err(format!("\"{part}\" is not time=COLUMN, target=COLUMN or rtt=COLUMN"));
            }
        }
    }
    Ok(columns)
}

fn separator(text: &str) -> Result<char, String> {
    let mut characters = text.chars();
    match (text, characters.next(), characters.next()) {
        ("tab" | "\\t", ..) => Ok('\t'),
        (_, Some(one), None) if one != '"' && !one.is_alphanumeric() => Ok(one),
        _ => Err("expected one character that is no letter, digit or quote, or tab".to_owned()),
    }
}
