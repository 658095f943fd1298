//! `linkmon sql`: rows of the record as a table, CSV or JSON lines.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::args::{RowFormat, SqlArgs};
use super::context::Context;
use super::failure;
use super::output;
use super::removed::RemovedParts;
use crate::prose;
use crate::store::{self, Reader, SqlCell};
use crate::text::columns;
use crate::text::csv::{io_error, writer};
use crate::time::TimeRange;

/// Bytes written at a time.
const AT_ONCE: usize = 1 << 16;
/// Rows of a table for people, held for their widths; more rows than this are for programs.
const WIDEST_TABLE: usize = 10_000;

pub(super) fn sql(args: &SqlArgs, context: &Context) -> anyhow::Result<()> {
    let mut sink = PrintedRows::new(args.format);
    let database = context.existing_db();
    store::query::<anyhow::Error>(database, &args.statement, &mut |names, cells| {
        sink.take(names, cells)
    })?;
    sink.finish()?;
    // The rows are as asked, without a column on it.
    if let Some(said) = prose::simulated(Reader::open(database)?.simulated()?) {
        failure::say(said);
    }
    if args.statement.to_ascii_lowercase().contains("samples") {
        RemovedParts::of(&context.reader()?, TimeRange::EVER, &context.zone)?
            .warn("not in `samples`, as single probes are");
    }
    Ok(())
}

/// Writes rows as they come.
struct PrintedRows {
    format: RowFormat,
    text: String,
    lines: csv::Writer<Vec<u8>>,
    table: Vec<Vec<String>>,
}

impl PrintedRows {
    fn new(format: RowFormat) -> Self {
        let lines = writer(Vec::new());
        Self { format, text: String::new(), lines, table: Vec::new() }
    }

    /// The names alone come first, with no cells.
    fn take(&mut self, names: &[String], cells: &[SqlCell]) -> anyhow::Result<()> {
        let is_head = cells.is_empty();
        match self.format {
            RowFormat::Text if self.table.len() < WIDEST_TABLE => {
                let shown = cells.iter().map(shown);
                let row = if is_head { names.to_vec() } else { shown.collect() };
                self.table.push(row);
            }
            RowFormat::Text => {
                anyhow::bail!("more than {WIDEST_TABLE} rows; use --format csv or jsonl, or LIMIT")
            }
            RowFormat::Csv => write_csv(&mut self.lines, names, cells)?,
            RowFormat::Jsonl => self.text.push_str(&json_line(names, cells)),
        }
        if self.text.len() > AT_ONCE {
            output::write(self.text.as_bytes())?;
            self.text.clear();
        }
        if self.lines.get_ref().len() > AT_ONCE {
            self.write_lines()?;
        }
        Ok(())
    }

    fn write_lines(&mut self) -> anyhow::Result<()> {
        let lines = std::mem::replace(&mut self.lines, writer(Vec::new()));
        Ok(output::write(&lines.into_inner()?)?)
    }

    fn finish(mut self) -> anyhow::Result<()> {
        self.write_lines()?;
        let columns = self.table.first().map_or(0, Vec::len);
        let width = |n: usize| self.table.iter().map(|row| columns::width(&row[n])).max();
        let widths: Vec<usize> = (0..columns).filter_map(width).collect();
        for row in &self.table {
            let mut line = String::new();
            for (cell, width) in row.iter().zip(&widths) {
                line += &columns::left(cell, *width);
                line += "  ";
            }
            let _ = writeln!(self.text, "{}", line.trim_end());
        }
        output::write(self.text.as_bytes())?;
        std::io::stdout().flush()?;
        Ok(())
    }
}

/// Writes a row as a line of CSV: the names for the first row, which has no cells.
pub(super) fn write_csv<W: Write>(
    lines: &mut csv::Writer<W>,
    names: &[String],
    cells: &[SqlCell],
) -> io::Result<()> {
    if cells.is_empty() {
        return lines.write_record(names).map_err(io_error);
    }
    let field = |cell: &SqlCell| match cell {
        SqlCell::Text(text) => lines.write_field(text),
        SqlCell::Null => lines.write_field(""),
        other => lines.write_field(plain(other)),
    };
    cells.iter().try_for_each(field).map_err(io_error)?;
    lines.write_record(None::<&[u8]>).map_err(io_error)
}

/// A row as a line with an object; nothing for the first row, which has no cells.
pub(super) fn json_line(names: &[String], cells: &[SqlCell]) -> String {
    if cells.is_empty() {
        return String::new();
    }
    let object: serde_json::Map<_, _> = names.iter().cloned().zip(cells.iter().map(json)).collect();
    format!("{}\n", serde_json::Value::Object(object))
}

/// For people: no control character reaches the terminal.
fn shown(cell: &SqlCell) -> String {
    let text = match cell {
        SqlCell::Null => String::new(),
        other => plain(other),
    };
    text.chars().map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect()
}

fn plain(cell: &SqlCell) -> String {
    match cell {
        SqlCell::Null => String::new(),
        SqlCell::Integer(n) => n.to_string(),
        SqlCell::Real(x) => x.to_string(),
        SqlCell::Text(text) => text.clone(),
        SqlCell::Blob(bytes) => bytes.iter().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        }),
    }
}

fn json(cell: &SqlCell) -> serde_json::Value {
    match cell {
        SqlCell::Null => serde_json::Value::Null,
        SqlCell::Integer(n) => (*n).into(),
        SqlCell::Real(x) => (*x).into(),
        other => plain(other).into(),
    }
}
