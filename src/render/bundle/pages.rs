//! Pages of the modem as it sent them at drops.

use jiff::tz::TimeZone;

use super::Error;
use crate::language::words;
use crate::modem::masked_page;
use crate::report::{Disclosure, Report};
use crate::store::Reader;
use crate::time::TimeRange;

/// Pages in a bundle take this much, before they are compressed.
const MOST: usize = 2 << 20;
/// Pages are kept of readings up to this long after the period.
const AFTER: std::time::Duration = std::time::Duration::from_secs(300);

/// The pages that the record has of a report's period, the newest first, each with its name in the
/// zip: without hardware addresses, serial numbers and the like. None of a report for strangers.
pub(super) fn pages(report: &Report, reader: &Reader) -> Result<Vec<(String, Vec<u8>)>, Error> {
    if report.modem.is_none() || report.disclosure == Disclosure::Redacted {
        return Ok(Vec::new());
    }
    let range = TimeRange { from: report.period.from, to: report.period.to + AFTER };
    let mut all = reader.modem_pages(range)?;
    all.reverse();
    let mut size = 0;
    let mut found = Vec::new();
    for page in all {
        size += page.body.len();
        if size > MOST {
            break;
        }
        let at = words::local(page.at, &TimeZone::UTC, "%Y%m%dT%H%M%SZ");
        found.push((format!("modem/{at}-{}", file_name(&page.path)), masked_page(&page.body).body));
    }
    // Two of one name cannot be told apart.
    found.sort();
    found.dedup_by(|a, b| a.0 == b.0);
    Ok(found)
}

/// A path as the name of a file.
fn file_name(path: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-') { c } else { '_' };
    let name: String = path.trim_start_matches('/').chars().map(plain).take(80).collect();
    let name = name.trim_start_matches('.').to_owned();
    if name.is_empty() { "page".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_plain_name() {
        assert_eq!(file_name("/cmeventlog.html"), "cmeventlog.html");
        assert_eq!(file_name("../../etc/passwd"), "_.._etc_passwd");
        assert_eq!(file_name("/data.lua?page=log&x=1"), "data.lua_page_log_x_1");
        assert_eq!(file_name("/"), "page");
    }
}
