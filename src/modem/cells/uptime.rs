//! Lengths of time since the modem's start.

use std::time::Duration;

/// A length of time in any of the ways in which modems write it: `17 days 00h:38m:36s`,
/// `15D 0H 32M 57S`, `39 days 15:47:33`, `0 d:  7 h: 40 m`, `D: 07 H: 00 M: 00 S: 00`, `40 min`. A bare
/// number is seconds. `None` where anything in it is not understood, or it is longer than 100 years.
pub(in crate::modem) fn uptime(text: &str) -> Option<Duration> {
    let pieces = pieces(text)?;
    let mut seconds: f64 = 0.0;
    let mut clock = Vec::new();
    let mut units = 0;
    let mut pieces = pieces.into_iter().peekable();
    while let Some(piece) = pieces.next() {
        let (number, unit) = match (piece, pieces.peek()) {
            (UptimePiece::Number(number), Some(UptimePiece::Unit(unit))) => {
                let unit = *unit;
                pieces.next();
                (number, unit)
            }
            // The unit comes first.
            (UptimePiece::Unit(unit), Some(UptimePiece::Number(number)))
                if units == 0 || clock.is_empty() =>
            {
                let number = *number;
                pieces.next();
                (number, unit)
            }
            (UptimePiece::Number(number), _) => {
                clock.push(number);
                continue;
            }
            (UptimePiece::Unit(_), _) => return None,
        };
        if !clock.is_empty() {
            return None;
        }
        seconds += number * unit;
        units += 1;
    }
    seconds += match (clock.as_slice(), units) {
        ([], 1..) => 0.0,
        ([seconds], 0) => *seconds,
        ([hours, minutes], 1..) => hours * 3_600.0 + minutes * 60.0,
        ([hours, minutes, seconds], _) => hours * 3_600.0 + minutes * 60.0 + seconds,
        ([days, hours, minutes, seconds], 0) => {
            days * 86_400.0 + hours * 3_600.0 + minutes * 60.0 + seconds
        }
        _ => return None,
    };
    (seconds < 100.0 * 366.0 * 86_400.0).then(|| Duration::from_secs_f64(seconds))
}

#[derive(Debug, Clone, Copy)]
enum UptimePiece {
    Number(f64),
    /// In seconds.
    Unit(f64),
}

fn pieces(text: &str) -> Option<Vec<UptimePiece>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = if first.is_ascii_digit() {
            rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len())
        } else if first.is_alphabetic() {
            rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len())
        } else {
            let is_mark =
                first.is_whitespace() || matches!(first, ':' | ',' | '.' | '(' | ')' | '\u{a0}');
            if !is_mark {
                return None;
            }
            rest = &rest[first.len_utf8()..];
            // The hundredths of `13s.00`.
            if first == '.' && matches!(pieces.last(), Some(UptimePiece::Unit(_))) {
                rest = rest.trim_start_matches(|c: char| c.is_ascii_digit());
            }
            continue;
        };
        let (piece, after) = rest.split_at(end);
        rest = after;
        if first.is_ascii_digit() {
            pieces.push(UptimePiece::Number(piece.trim_end_matches('.').parse().ok()?));
        } else if !matches!(piece.to_lowercase().as_str(), "and" | "und" | "et") {
            pieces.push(UptimePiece::Unit(unit(piece)?));
        }
        if pieces.len() > 16 {
            return None;
        }
    }
    Some(pieces)
}

/// The unit in seconds.
fn unit(word: &str) -> Option<f64> {
    Some(match word.to_lowercase().as_str() {
        "w" | "week" | "weeks" | "wochen" | "woche" | "semaines" | "semaine" => 604_800.0,
        "d" | "day" | "days" | "tag" | "tage" | "tagen" | "j" | "jour" | "jours" | "dagen"
        | "dag" => 86_400.0,
        "h" | "hr" | "hrs" | "hour" | "hours" | "std" | "stunde" | "stunden" | "heure"
        | "heures" | "uur" => 3_600.0,
        "m" | "min" | "mins" | "minute" | "minutes" | "minuten" | "minuut" => 60.0,
        "s" | "sec" | "secs" | "second" | "seconds" | "sek" | "sekunden" | "sekunde"
        | "seconde" | "secondes" | "seconden" => 1.0,
        _ => return None,
    })
}
