//! Tables without markup.

/// A table; every row has as many cells as there are columns.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::render) struct Table {
    pub(in crate::render) columns: Vec<Column>,
    pub(in crate::render) rows: Vec<Vec<String>>,
}

/// A column.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::render) struct Column {
    pub(in crate::render) title: String,
    pub(in crate::render) kind: ColumnKind,
}

/// How cells are set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::render) enum ColumnKind {
    /// A few words to the left, may be broken.
    Words,
    /// A sentence or more.
    Long,
    /// To the left, never broken.
    Time,
    /// To the right, never broken.
    Number,
}

impl Table {
    pub(in crate::render) fn new(columns: &[(&str, ColumnKind)]) -> Self {
        let columns = columns
            .iter()
            .map(|(title, kind)| Column { title: (*title).to_owned(), kind: *kind })
            .collect();
        Self { columns, rows: Vec::new() }
    }

    /// Without the columns in which no row has anything.
    pub(in crate::render) fn without_empty_columns(mut self) -> Self {
        for i in (0..self.columns.len()).rev() {
            if self.rows.iter().all(|row| row[i].is_empty()) {
                self.columns.remove(i);
                for row in &mut self.rows {
                    row.remove(i);
                }
            }
        }
        self
    }
}
