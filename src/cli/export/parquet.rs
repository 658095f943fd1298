//! Rows as an Apache Parquet file: columns with types, in groups of rows, with an index at the end.
//!
//! The types follow from the kind of export, not from the rows: a column without a value has its
//! type all the same. Missing values are NULL. Any column may hold NULL, so that no oddity of a
//! record prevents a file from being written; a value of another type is an error and never NULL.

use std::collections::HashMap;
use std::io::{self, Write};
use std::sync::Arc;

use parquet::basic::{Compression, Encoding, LogicalType, Repetition, TimeUnit, Type as Physical};
use parquet::column::writer::ColumnWriter;
use parquet::data_type::ByteArray;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::{ColumnPath, Type};

use crate::store::{ExportKind, SqlCell};

/// Rows of a group. A group is held in memory until it is complete, some ten megabytes; much
/// smaller groups make larger files that are slower to read.
const GROUP: usize = 1 << 18;

/// A table being written.
pub(super) struct ParquetTable<'a> {
    out: &'a mut dyn Write,
    /// Into memory, and from there into `out` after each group: a failed write is then an error of
    /// `out`, reported as for every other format.
    file: SerializedFileWriter<Vec<u8>>,
    columns: Vec<ParquetColumn>,
    rows_of_group: usize,
    rows: usize,
}

impl<'a> ParquetTable<'a> {
    /// Begins a table.
    pub(super) fn new(
        columns: &[(&'static str, ExportKind)],
        out: &'a mut dyn Write,
    ) -> io::Result<Self> {
        Self::in_groups(GROUP, columns, out)
    }

    fn in_groups(
        rows_of_group: usize,
        columns: &[(&'static str, ExportKind)],
        out: &'a mut dyn Write,
    ) -> io::Result<Self> {
        let schema = schema(columns).map_err(failed)?;
        let file = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties(columns)))
            .map_err(failed)?;
        let columns =
            columns.iter().map(|(name, holds)| ParquetColumn::new(name, *holds)).collect();
        Ok(Self { out, file, columns, rows_of_group, rows: 0 })
    }

    /// Takes a row, a cell for each column; one without cells has only the names, which are known.
    pub(super) fn row(&mut self, cells: &[SqlCell]) -> io::Result<()> {
        if cells.is_empty() {
            return Ok(());
        }
        debug_assert_eq!(cells.len(), self.columns.len(), "a cell for each column");
        for (column, cell) in self.columns.iter_mut().zip(cells) {
            column.take(cell)?;
        }
        self.rows += 1;
        if self.rows == self.rows_of_group { self.end_group() } else { Ok(()) }
    }

    /// Ends the table.
    pub(super) fn finish(mut self) -> io::Result<()> {
        if self.rows > 0 {
            self.end_group()?;
        }
        let end = self.file.into_inner().map_err(failed)?;
        self.out.write_all(&end)
    }

    fn end_group(&mut self) -> io::Result<()> {
        self.encode().map_err(failed)?;
        self.rows = 0;
        self.file.flush()?;
        self.out.write_all(self.file.inner())?;
        // The writer counts offsets itself; they do not depend on what is in this buffer.
        self.file.inner_mut().clear();
        Ok(())
    }

    fn encode(&mut self) -> Result<(), ParquetError> {
        let mut group = self.file.next_row_group()?;
        for column in &mut self.columns {
            let Some(mut chunk) = group.next_column()? else {
                return Err(ParquetError::General(format!("no column {}", column.name)));
            };
            let present = Some(column.present.as_slice());
            match (chunk.untyped(), &column.values) {
                (
                    ColumnWriter::Int64ColumnWriter(to),
                    Values::Utc(values) | Values::Integers(values),
                ) => to.write_batch(values, present, None)?,
                (ColumnWriter::DoubleColumnWriter(to), Values::Reals(values)) => {
                    to.write_batch(values, present, None)?
                }
                (ColumnWriter::ByteArrayColumnWriter(to), Values::Text { values, .. }) => {
                    to.write_batch(values, present, None)?
                }
                _ => return Err(ParquetError::General(format!("type of column {}", column.name))),
            };
            chunk.close()?;
            column.clear();
        }
        group.close()?;
        Ok(())
    }
}

/// The values of a column in a group.
struct ParquetColumn {
    name: &'static str,
    /// For each row 1, or 0 where there is NULL and no value.
    present: Vec<i16>,
    values: Values,
}

enum Values {
    /// Microseconds since 1970.
    Utc(Vec<i64>),
    Integers(Vec<i64>),
    Reals(Vec<f64>),
    /// Names come again and again: equal ones share their bytes.
    Text {
        values: Vec<ByteArray>,
        known: HashMap<String, ByteArray>,
    },
}

impl ParquetColumn {
    fn new(name: &'static str, holds: ExportKind) -> Self {
        let values = match holds {
            ExportKind::Utc => Values::Utc(Vec::new()),
            ExportKind::Integers => Values::Integers(Vec::new()),
            ExportKind::Reals => Values::Reals(Vec::new()),
            ExportKind::Text => Values::Text { values: Vec::new(), known: HashMap::new() },
        };
        Self { name, present: Vec::new(), values }
    }

    fn take(&mut self, cell: &SqlCell) -> io::Result<()> {
        match (&mut self.values, cell) {
            (_, SqlCell::Null) => {
                self.present.push(0);
                return Ok(());
            }
            (Values::Utc(values), SqlCell::Text(text)) => match text.parse::<jiff::Timestamp>() {
                Ok(at) => values.push(at.as_microsecond()),
                Err(_) => return Err(self.misfit(cell)),
            },
            (Values::Integers(values), SqlCell::Integer(n)) => values.push(*n),
            (Values::Reals(values), SqlCell::Real(x)) => values.push(*x),
            (Values::Text { values, known }, SqlCell::Text(text)) => {
                let value = match known.get(text) {
                    Some(value) => value.clone(),
                    None => known.entry(text.clone()).or_insert(text.as_str().into()).clone(),
                };
                values.push(value);
            }
            _ => return Err(self.misfit(cell)),
        }
        self.present.push(1);
        Ok(())
    }

    fn misfit(&self, cell: &SqlCell) -> io::Error {
        let holds = match self.values {
            Values::Utc(_) => "times",
            Values::Integers(_) => "whole numbers",
            Values::Reals(_) => "numbers",
            Values::Text { .. } => "text",
        };
        let what = format!("column {} is of {holds}, and there is {cell:?}", self.name);
        io::Error::new(io::ErrorKind::InvalidData, what)
    }

    fn clear(&mut self) {
        self.present.clear();
        match &mut self.values {
            Values::Utc(values) | Values::Integers(values) => values.clear(),
            Values::Reals(values) => values.clear(),
            Values::Text { values, known } => {
                values.clear();
                known.clear();
            }
        }
    }
}

fn schema(columns: &[(&'static str, ExportKind)]) -> Result<Arc<Type>, ParquetError> {
    let column = |(name, holds): &(&'static str, ExportKind)| {
        let (physical, logical) = match holds {
            ExportKind::Utc => {
                (Physical::INT64, Some(LogicalType::timestamp(true, TimeUnit::MICROS)))
            }
            ExportKind::Integers => (Physical::INT64, None),
            ExportKind::Reals => (Physical::DOUBLE, None),
            ExportKind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        };
        Type::primitive_type_builder(name, physical)
            .with_repetition(Repetition::OPTIONAL)
            .with_logical_type(logical)
            .build()
            .map(Arc::new)
    };
    let fields = columns.iter().map(column).collect::<Result<_, _>>()?;
    Ok(Arc::new(Type::group_type_builder("linkmon").with_fields(fields).build()?))
}

fn properties(columns: &[(&'static str, ExportKind)]) -> WriterProperties {
    let created_by = concat!("linkmon version ", env!("CARGO_PKG_VERSION"));
    let builder = WriterProperties::builder()
        .set_created_by(created_by.to_owned())
        .set_compression(Compression::SNAPPY);
    // Times and counts differ little from row to row; a dictionary of times would have each once.
    let whole = |holds| matches!(holds, ExportKind::Utc | ExportKind::Integers);
    columns
        .iter()
        .filter(|(_, holds)| whole(*holds))
        .fold(builder, |builder, (name, _)| {
            let path = ColumnPath::from(*name);
            builder
                .set_column_dictionary_enabled(path.clone(), false)
                .set_column_encoding(path, Encoding::DELTA_BINARY_PACKED)
        })
        .build()
}

/// The encoder writes into memory: what fails there is neither disk nor pipe.
fn failed(error: ParquetError) -> io::Error {
    io::Error::other(error)
}

#[cfg(test)]
mod tests;
