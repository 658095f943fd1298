//! Probes as lines of CSV or JSON, the same that the general way writes. There are tens of millions of
//! them in a quarter: nothing is allocated for one.

use std::io::{self, Write};
use std::sync::Arc;

use crate::sys::probes_table::ProbeRow;
use crate::text::csv::{push_number, writer};
use crate::time::{MinuteText, Timestamp};

/// In which form lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineForm {
    Csv,
    Json,
}

/// Bytes written at a time.
const AT_ONCE: usize = 1 << 16;

/// Lines being written.
pub(super) struct ExportedLines<'a> {
    form: LineForm,
    out: &'a mut dyn Write,
    lines: Vec<u8>,
    utc: MinuteText,
    /// The names of targets, each as it is written.
    targets: Vec<(Arc<str>, Vec<u8>)>,
}

impl<'a> ExportedLines<'a> {
    pub(super) fn new(form: LineForm, columns: &[&str], out: &'a mut dyn Write) -> Self {
        let mut lines = Vec::with_capacity(AT_ONCE + 512);
        if form == LineForm::Csv {
            lines.extend_from_slice(columns.join(",").as_bytes());
            lines.push(b'\n');
        }
        Self { form, out, lines, utc: MinuteText::utc(), targets: Vec::new() }
    }

    /// Writes a probe.
    pub(super) fn put(&mut self, row: &ProbeRow) -> io::Result<()> {
        let is_it = |(name, _): &(Arc<str>, Vec<u8>)| Arc::ptr_eq(name, &row.target);
        let n = if let Some(n) = self.targets.iter().position(is_it) {
            n
        } else {
            let written = self.written(&row.target)?;
            self.targets.push((Arc::clone(&row.target), written));
            self.targets.len() - 1
        };
        let target = &self.targets[n].1;
        let out = &mut self.lines;
        let at = Timestamp::from_millis(row.time_ms);
        match self.form {
            LineForm::Csv => {
                self.utc.push(at, out);
                out.push(b',');
                push_signed(row.time_ms, out);
                out.push(b',');
                out.extend_from_slice(target);
                out.push(b',');
                push_signed(row.run, out);
                out.push(b',');
                out.extend_from_slice(row.outcome.as_bytes());
                out.push(b',');
                if let Some(us) = row.rtt_us {
                    push_millis(us, out);
                }
                out.push(b'\n');
            }
            LineForm::Json => {
                out.extend_from_slice(b"{\"outcome\":\"");
                out.extend_from_slice(row.outcome.as_bytes());
                out.extend_from_slice(b"\",\"rtt_ms\":");
                match row.rtt_us {
                    Some(us) => {
                        push_millis(us, out);
                        if us % 1_000 == 0 {
                            out.extend_from_slice(b".0");
                        }
                    }
                    None => out.extend_from_slice(b"null"),
                }
                out.extend_from_slice(b",\"run\":");
                push_signed(row.run, out);
                out.extend_from_slice(b",\"target\":");
                out.extend_from_slice(target);
                out.extend_from_slice(b",\"time\":\"");
                self.utc.push(at, out);
                out.extend_from_slice(b"\",\"time_ms\":");
                push_signed(row.time_ms, out);
                out.extend_from_slice(b"}\n");
            }
        }
        if self.lines.len() >= AT_ONCE {
            self.flush()?;
        }
        Ok(())
    }

    /// Writes what is held back.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.out.write_all(&self.lines)?;
        self.lines.clear();
        Ok(())
    }

    /// A name, with quotes where they are needed.
    fn written(&self, name: &str) -> io::Result<Vec<u8>> {
        if self.form == LineForm::Json {
            return Ok(serde_json::Value::from(name).to_string().into_bytes());
        }
        // A second field, since a line of nothing but an empty one would have quotes.
        let mut line = writer(Vec::new());
        line.write_record([name, ""]).map_err(crate::text::csv::io_error)?;
        let mut line = line.into_inner().map_err(csv::IntoInnerError::into_error)?;
        line.truncate(line.len().saturating_sub(2));
        Ok(line)
    }
}

fn push_signed(n: i64, out: &mut Vec<u8>) {
    if n < 0 {
        out.push(b'-');
    }
    push_number(n.unsigned_abs(), out);
}

/// Microseconds as milliseconds with as few decimals as they need, as a number of SQL is written.
fn push_millis(us: i64, out: &mut Vec<u8>) {
    push_signed(us / 1_000, out);
    let mut rest = us.unsigned_abs() % 1_000;
    if rest == 0 {
        return;
    }
    let mut digits = 3;
    while rest.is_multiple_of(10) {
        (rest, digits) = (rest / 10, digits - 1);
    }
    out.push(b'.');
    for power in (0..digits).rev() {
        out.push(b'0' + u8::try_from(rest / 10_u64.pow(power) % 10).unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::sql::{json_line, write_csv};
    use crate::store::SqlCell;

    #[test]
    #[allow(clippy::cast_precision_loss, reason = "delays")]
    fn lines_are_those_of_the_general_way() {
        let columns = ["time", "time_ms", "target", "run", "outcome", "rtt_ms"];
        let names = columns.map(str::to_owned);
        let (mut csv, mut json) = (Vec::new(), Vec::new());
        let (mut fast_csv, mut fast_json) = (Vec::new(), Vec::new());
        {
            let mut slow = writer(&mut csv);
            write_csv(&mut slow, &names, &[]).unwrap();
            let mut lines = [
                ExportedLines::new(LineForm::Csv, &columns, &mut fast_csv),
                ExportedLines::new(LineForm::Json, &columns, &mut fast_json),
            ];
            let targets = ["one", "a \"b\", c", "", "=é"].map(Arc::<str>::from);
            let delays = [None, Some(0), Some(7), Some(10), Some(12_300), Some(12_000), Some(999)];
            for (n, rtt_us) in (0_i32..).zip(delays.into_iter().chain([Some(1 << 52)])) {
                for target in &targets {
                    let time_ms = 1_793_507_400_017 + i64::from(n) * 9_017;
                    let (run, outcome) = (i64::from(n) - 1, "reply");
                    let target = Arc::clone(target);
                    let row = ProbeRow { time_ms, target, run, outcome, rtt_us };
                    let cells = [
                        SqlCell::Text(Timestamp::from_millis(time_ms).to_string()),
                        SqlCell::Integer(time_ms),
                        SqlCell::Text(row.target.to_string()),
                        SqlCell::Integer(run),
                        SqlCell::Text(outcome.to_owned()),
                        rtt_us.map_or(SqlCell::Null, |us| SqlCell::Real(us as f64 / 1e3)),
                    ];
                    write_csv(&mut slow, &names, &cells).unwrap();
                    json.extend_from_slice(json_line(&names, &cells).as_bytes());
                    for lines in &mut lines {
                        lines.put(&row).unwrap();
                    }
                }
            }
            for lines in &mut lines {
                lines.flush().unwrap();
            }
            slow.flush().unwrap();
        }
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        assert_eq!(text(fast_csv), text(csv));
        assert_eq!(text(fast_json), text(json));
    }
}
