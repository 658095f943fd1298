//! Sizes as text ("2GiB", "500MB") in configuration and JSON.

use serde::Serializer;

use crate::text::order::InOrder;

const UNITS: [(&str, u64); 6] = [
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("GB", 1_000_000_000),
    ("MB", 1_000_000),
    ("kB", 1_000),
];

/// As the largest unit that divides it: `2GiB`, `500MB`.
pub fn text(bytes: u64) -> String {
    let mut units = UNITS;
    units.order_by_key(|(_, size)| std::cmp::Reverse(*size));
    let whole = units.iter().find(|(_, size)| bytes > 0 && bytes.is_multiple_of(*size));
    whole.map_or_else(|| format!("{bytes}B"), |(name, size)| format!("{}{name}", bytes / size))
}

/// A whole number with a unit.
pub(super) fn parse(text: &str) -> Option<u64> {
    let at = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(at);
    let unit = unit.trim_start();
    let size = match UNITS.iter().find(|(name, _)| *name == unit) {
        Some((_, size)) => *size,
        None if unit == "B" => 1,
        None => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(size)
}

/// For `#[serde(serialize_with = ..)]`.
///
/// # Errors
/// Those of the serializer.
#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde gives references")]
pub fn serialize<S: Serializer>(bytes: &u64, s: S) -> Result<S::Ok, S::Error> {
    s.serialize_str(&text(*bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_read_as_it_is_written() {
        for (text_of, bytes) in
            [("2GiB", 2 << 30), ("500MB", 500_000_000), ("1000B", 1_000), ("64 MiB", 64 << 20)]
        {
            assert_eq!(parse(text_of), Some(bytes), "{text_of}");
            assert_eq!(parse(&text(bytes)), Some(bytes), "{text_of}");
        }
        for wrong in ["", "2", "2G", "GiB", "-1MB", "1.5GiB", "99999999999999999999B"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
        assert_eq!((text(2 << 30), text(0)), ("2GiB".to_owned(), "0B".to_owned()));
    }
}
