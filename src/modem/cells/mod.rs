//! What stands in a cell: levels, frequencies, counters, modulations, lengths of time, with the units that
//! modems write and without those that they leave out. What is not shown, or cannot be, is `None`.

mod uptime;
mod words;

pub(in crate::modem) use uptime::uptime;
pub(in crate::modem) use words::{Direction, bonding, is_locked, kind, modulation};

use std::borrow::Cow;

/// The text with each run of white space as one blank, and none at its ends.
pub(in crate::modem) fn squeezed(text: &str) -> String {
    let mut squeezed = String::with_capacity(text.len());
    for word in text.split(is_blank).filter(|word| !word.is_empty()) {
        if !squeezed.is_empty() {
            squeezed.push(' ');
        }
        squeezed.push_str(word);
    }
    squeezed
}

/// White space, the no-break spaces of `&nbsp;`, and what is invisible.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{a0}' | '\u{202f}' | '\u{200b}' | '\u{feff}' | '\0')
}

/// Whether the cell says that there is no value: empty, dashes, `N/A`, `-inf`.
pub(in crate::modem) fn is_absent(text: &str) -> bool {
    let text = text.trim_matches(is_blank).trim_end_matches("dBmV").trim_end_matches("dB").trim();
    let word = text.trim_start_matches(['+', '-', '\u{2212}']).to_ascii_lowercase();
    text.chars().all(|c| matches!(c, '-' | '\u{2013}' | '\u{2014}' | '.' | '*' | '?'))
        || matches!(
            word.as_str(),
            "n/a"
                | "na"
                | "nan"
                | "inf"
                | "infinity"
                | "unknown"
                | "not available"
                | "none"
                | "null"
                | "undefined"
                | "unavailable"
                | "not applicable"
                | "unsupported"
        )
}

/// A number and what comes after it, its unit: `-0.1 dBmV`. Commas are marks of thousands in
/// `1,234,567`, and a decimal comma in `45,3`.
fn number_and_unit(text: &str) -> Option<(f64, &str)> {
    let text = text.trim_matches(is_blank);
    let digits = text.trim_start_matches(['+', '-', '\u{2212}']);
    let sign = &text[..text.len() - digits.len()];
    let digits = digits.trim_start_matches(is_blank);
    let end = digits.find(|c: char| !matches!(c, '0'..='9' | '.' | ',')).unwrap_or(digits.len());
    let (number, unit) = digits.split_at(end);
    if !number.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    let number: Cow<'_, str> = match (number.matches(',').count(), number.contains('.')) {
        (0, _) => number.into(),
        (1, false) if !is_grouped(number, ',') => number.replace(',', ".").into(),
        _ if is_grouped(number.split('.').next()?, ',') => number.replace(',', "").into(),
        _ => return None,
    };
    let value: f64 = number.trim_end_matches('.').parse().ok()?;
    let is_negative = match sign {
        "" | "+" => false,
        "-" | "\u{2212}" => true,
        _ => return None,
    };
    Some((if is_negative { -value } else { value }, unit.trim_matches(is_blank)))
}

/// Whether the digits are in groups of three: `1,234,567`.
fn is_grouped(number: &str, mark: char) -> bool {
    let mut groups = number.split(mark);
    let first = groups.next().unwrap_or_default();
    let mut rest = groups.peekable();
    (1..=3).contains(&first.len()) && rest.peek().is_some() && rest.all(|group| group.len() == 3)
}

/// A level in dBmV; from dBµV by what is 60 dB between them. `unit` is that of the column's name.
/// `None` beyond what a modem can measure or send, as `-99.0`.
pub(in crate::modem) fn power_dbmv(text: &str, unit: &str) -> Option<f64> {
    if is_absent(text) {
        return None;
    }
    let (value, own) = number_and_unit(text)?;
    let unit = if own.is_empty() { unit } else { own };
    let unit = unit.to_lowercase().replace(['\u{b5}', '\u{3bc}'], "u");
    let dbmv = match unit.as_str() {
        "" | "dbmv" => value,
        "dbuv" => tenth(value - 60.0),
        _ => return None,
    };
    (-90.0 < dbmv && dbmv < 90.0).then_some(dbmv)
}

/// Rounded to what such values are shown with, which undoes what a difference of decimals adds.
fn tenth(value: f64) -> f64 {
    (value * 1_000.0).round() / 1_000.0
}

/// A modulation error ratio in dB. `None` where it is not above 0: nothing was measured.
pub(in crate::modem) fn mer_db(text: &str, unit: &str) -> Option<f64> {
    if is_absent(text) {
        return None;
    }
    let (value, own) = number_and_unit(text)?;
    let unit = if own.is_empty() { unit } else { own };
    let is_db = unit.is_empty() || unit.eq_ignore_ascii_case("db");
    // An older column of some pages has dBmV under SNR only where it shows nothing.
    (is_db && 0.0 < value && value < 70.0).then_some(value)
}

/// A frequency in Hz, whatever its unit. Without one, its size tells: channels lie between 3 MHz and
/// 3 GHz. `None` for 0.
pub(in crate::modem) fn frequency_hz(text: &str, unit: &str) -> Option<u64> {
    let scale_of_bare = |value: f64| match value {
        _ if value >= 3e6 => 1.0,
        _ if value >= 3e3 => 1e3,
        _ => 1e6,
    };
    hertz(text, unit, scale_of_bare)
}

/// A width in Hz. Without a unit, its size tells: channels are 0.2 to 200 MHz wide.
pub(in crate::modem) fn width_hz(text: &str, unit: &str) -> Option<u64> {
    let scale_of_bare = |value: f64| match value {
        _ if value >= 1e6 => 1.0,
        _ if value >= 1e3 => 1e3,
        _ => 1e6,
    };
    hertz(text, unit, scale_of_bare)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "checked to be below 1e11"
)]
fn hertz(text: &str, unit: &str, scale_of_bare: impl Fn(f64) -> f64) -> Option<u64> {
    if is_absent(text) {
        return None;
    }
    let (value, own) = number_and_unit(text)?;
    let unit = if own.is_empty() { unit } else { own };
    let scale = match unit.to_ascii_lowercase().as_str() {
        "hz" => 1.0,
        "khz" => 1e3,
        "mhz" => 1e6,
        "ghz" => 1e9,
        "" => scale_of_bare(value),
        _ => return None,
    };
    let hz = (value * scale).round();
    (1e4..1e11).contains(&hz).then_some(hz as u64)
}

/// A counter. `None` where it is negative, has a fraction or another unit than `codewords`.
pub(in crate::modem) fn counter(text: &str) -> Option<u64> {
    let text = text.trim_matches(is_blank);
    if is_absent(text) {
        return None;
    }
    for mark in [',', '.', ' ', '\'', '\u{a0}', '\u{202f}'] {
        if text.contains(mark) && is_grouped(text, mark) {
            return text.replace(mark, "").parse().ok();
        }
    }
    text.parse().ok()
}

/// A small number that names a channel or a row: `31`, `Downstream 1`. `None` where there is none.
pub(in crate::modem) fn ordinal(text: &str) -> Option<u32> {
    let text = text.trim_matches(is_blank);
    let digits = text.trim_start_matches(|c: char| !c.is_ascii_digit());
    let words = &text[..text.len() - digits.len()];
    let is_named = words.chars().all(|c| c.is_alphabetic() || is_blank(c) || c == '#');
    digits.parse().ok().filter(|_| is_named)
}

#[cfg(test)]
mod tests;
