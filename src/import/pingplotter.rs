//! The text export of PingPlotter: the hops with their addresses, then a row for each trace with its
//! local time and the delay of each hop in milliseconds, or `*` where there was none.
//!
//! The form is from descriptions: no file that PingPlotter wrote and no specification of it was at hand.
//!
//! Taken are the last hop, which is the target, and the first, if it is a router at home: those
//! between answer traces as they please.

use std::time::Duration;

use super::address::literal;
use super::csv::fields;
use super::error::Error;
use super::importer::{Importer, ProbeResult};
use super::lines::{RecordLines, millionths, shown, target_name};
use super::stamp::{StampError, Stamps};
use crate::vocabulary::is_private;

const HOSTS: &str = "Host Information";
const SAMPLES: &str = "Sample Information";

/// Whether a line is a heading of this export.
pub(super) fn is_heading(line: &str) -> bool {
    let line = line.trim().trim_matches('"');
    line == HOSTS || line == SAMPLES
}

/// A hop that is taken.
struct PlotterHop {
    column: usize,
    name: String,
    address: String,
}

pub(super) fn read(
    lines: &mut RecordLines<'_>,
    stamps: &mut Stamps<'_>,
    importer: &mut Importer,
) -> Result<(), Error> {
    let mut hops: Vec<PlotterHop> = Vec::new();
    let mut is_in_samples = false;
    while let Some(text) = lines.next()? {
        if is_heading(&text) {
            is_in_samples = text.contains(SAMPLES);
            if is_in_samples {
                hops = taken(std::mem::take(&mut hops));
                if hops.is_empty() {
                    return Err(lines.wrong("no hop has an address".to_owned()));
                }
                let names: Vec<&str> = hops.iter().map(|hop| hop.name.as_str()).collect();
                let file = lines.file;
                let names = names.join(" and ");
                importer
                    .notices
                    .insert(format!("{file}: of the hops of PingPlotter, {names} are taken"));
            }
            continue;
        }
        let read = if is_in_samples {
            samples(&text, &hops, stamps, lines, importer)
        } else {
            hop(&text).map(|hop| hops.extend(hop)).map_err(StampError::Line)
        };
        match read {
            Ok(()) => {}
            Err(StampError::File(error)) => return Err(error),
            Err(StampError::Line(message)) => lines.damaged(message),
        }
    }
    Ok(())
}

/// `3,203.0.113.1,core.example.net`; `None` for one that never answered.
fn hop(line: &str) -> Result<Option<PlotterHop>, String> {
    let fields = fields(line, ',')?;
    let number: Option<usize> = fields.first().and_then(|number| number.parse().ok());
    let number = number.filter(|number| (1..=255).contains(number));
    let number = number.ok_or_else(|| format!("{} is not a hop", shown(line)))?;
    let address = fields.iter().skip(1).find(|field| literal(field).is_some());
    let name =
        fields.iter().skip(1).find(|field| literal(field).is_none() && target_name(field).is_ok());
    Ok(address.map(|address| PlotterHop {
        column: number,
        name: name.unwrap_or(address).clone(),
        address: address.clone(),
    }))
}

fn taken(mut hops: Vec<PlotterHop>) -> Vec<PlotterHop> {
    let Some(target) = hops.pop() else { return hops };
    hops.truncate(1);
    hops.retain(|hop| hop.column == 1 && literal(&hop.address).is_some_and(is_private));
    hops.push(target);
    hops
}

fn samples(
    line: &str,
    hops: &[PlotterHop],
    stamps: &mut Stamps<'_>,
    lines: &mut RecordLines<'_>,
    importer: &mut Importer,
) -> Result<(), StampError> {
    let row = fields(line, ',').map_err(StampError::Line)?;
    let time = row.first().map(String::as_str).unwrap_or_default();
    let at = stamps.field(time, lines)?.at;
    for hop in hops {
        let value = row.get(hop.column).map(String::as_str).unwrap_or_default();
        let found = if matches!(value, "*" | "" | "N/A" | "ERR") {
            ProbeResult::Lost
        } else {
            let us = millionths(value).map(|nanos| (nanos / 1_000).unsigned_abs());
            let us = us.filter(|us| *us <= 3_600_000_000);
            let wrong = || StampError::Line(format!("{} is not a delay", shown(value)));
            ProbeResult::Answered(Duration::from_micros(us.ok_or_else(wrong)?.max(1)))
        };
        importer.push(&hop.name, at, found).map_err(StampError::Line)?;
        importer.set_address(&hop.name, &hop.address);
    }
    Ok(())
}
