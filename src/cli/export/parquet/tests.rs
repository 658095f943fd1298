//! What is read back is what went in.

use std::fs::File;
use std::io;

use parquet::basic::{ConvertedType, LogicalType, Repetition, TimeUnit, Type as Physical};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use proptest::prelude::*;

use super::ParquetTable;
use crate::store::{ExportKind, Exported, SqlCell};
use crate::text::FullDisk;

const COLUMNS: [(&str, ExportKind); 4] = [
    ("utc", ExportKind::Utc),
    ("n", ExportKind::Integers),
    ("x", ExportKind::Reals),
    ("name", ExportKind::Text),
];

fn written(
    rows_of_group: usize,
    columns: &[(&'static str, ExportKind)],
    rows: &[Vec<SqlCell>],
) -> SerializedFileReader<File> {
    let mut file = tempfile::tempfile().unwrap();
    let mut table = ParquetTable::in_groups(rows_of_group, columns, &mut file).unwrap();
    table.row(&[]).unwrap();
    for row in rows {
        table.row(row).unwrap();
    }
    table.finish().unwrap();
    SerializedFileReader::new(file).unwrap()
}

/// A row of [`COLUMNS`], and what a reader has to find in it.
fn row() -> impl Strategy<Value = (Vec<SqlCell>, Vec<Field>)> {
    // The years 0 to 9999, as RFC 3339 has them.
    let utc = (-62_167_219_200_000_000..253_370_764_800_000_000_i64).prop_map(|us| {
        let at = jiff::Timestamp::from_microsecond(us).unwrap();
        (SqlCell::Text(at.to_string()), Field::TimestampMicros(us))
    });
    let n = any::<i64>().prop_map(|n| (SqlCell::Integer(n), Field::Long(n)));
    let x = any::<f64>().prop_map(|x| (SqlCell::Real(x), Field::Double(x)));
    let name = prop_oneof![any::<String>(), "[ab]?"]
        .prop_map(|text| (SqlCell::Text(text.clone()), Field::Str(text)));
    let or_null = |cell: BoxedStrategy<(SqlCell, Field)>| prop_oneof![3 => cell, 1 => Just((SqlCell::Null, Field::Null))];
    (or_null(utc.boxed()), or_null(n.boxed()), or_null(x.boxed()), or_null(name.boxed()))
        .prop_map(|(a, b, c, d)| [a, b, c, d].into_iter().unzip())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn what_is_read_back_is_what_went_in_whatever_is_null_and_however_it_is_grouped(
        rows in prop::collection::vec(row(), 0..40),
        rows_of_group in 1_usize..12,
    ) {
        let (cells, expected): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
        let reader = written(rows_of_group, &COLUMNS, &cells);
        prop_assert_eq!(reader.num_row_groups(), cells.len().div_ceil(rows_of_group));
        let found: Vec<Vec<Field>> = reader
            .get_row_iter(None)
            .unwrap()
            .map(|row| row.unwrap().get_column_iter().map(|(_, field)| field.clone()).collect())
            .collect();
        prop_assert_eq!(found, expected);
    }
}

#[test]
fn a_table_without_rows_has_its_columns_and_their_types() {
    for what in [Exported::Probes, Exported::Minutes, Exported::Hours, Exported::Drops] {
        let reader = written(9, what.columns(), &[]);
        let file = reader.metadata().file_metadata();
        assert_eq!((file.num_rows(), reader.num_row_groups()), (0, 0));
        assert_eq!(file.schema_descr().num_columns(), what.columns().len());
        for (column, (name, holds)) in file.schema_descr().columns().iter().zip(what.columns()) {
            let (physical, logical, converted) = match holds {
                ExportKind::Utc => (
                    Physical::INT64,
                    Some(LogicalType::timestamp(true, TimeUnit::MICROS)),
                    ConvertedType::TIMESTAMP_MICROS,
                ),
                ExportKind::Integers => (Physical::INT64, None, ConvertedType::NONE),
                ExportKind::Reals => (Physical::DOUBLE, None, ConvertedType::NONE),
                ExportKind::Text => {
                    (Physical::BYTE_ARRAY, Some(LogicalType::String), ConvertedType::UTF8)
                }
            };
            assert_eq!(column.name(), *name);
            assert_eq!(column.physical_type(), physical, "{name}");
            assert_eq!(column.logical_type_ref(), logical.as_ref(), "{name}");
            assert_eq!(column.converted_type(), converted, "{name}");
            assert_eq!(column.self_type().get_basic_info().repetition(), Repetition::OPTIONAL);
        }
    }
}

#[test]
fn a_value_of_another_type_is_an_error_and_not_null() {
    let misfits = [
        (0, SqlCell::Integer(7)),
        (0, SqlCell::Text("yesterday".to_owned())),
        (1, SqlCell::Real(1.5)),
        (1, SqlCell::Text("7".to_owned())),
        (2, SqlCell::Integer(7)),
        (3, SqlCell::Blob(vec![7])),
    ];
    for (column, cell) in misfits {
        let mut row = vec![SqlCell::Null; COLUMNS.len()];
        row[column] = cell;
        let mut out = Vec::new();
        let mut table = ParquetTable::new(&COLUMNS, &mut out).unwrap();
        let error = table.row(&row).unwrap_err().to_string();
        let name = COLUMNS[column].0;
        assert!(error.starts_with(&format!("column {name} is of ")), "{error}");
    }
}

#[test]
fn what_cannot_be_written_fails_with_the_error_of_the_disk() {
    let row =
        [SqlCell::Null, SqlCell::Integer(7), SqlCell::Real(0.5), SqlCell::Text("a".to_owned())];
    for room in [0, 10, 400, 1_000] {
        let mut disk = FullDisk(room);
        let mut table = ParquetTable::in_groups(1, &COLUMNS, &mut disk).unwrap();
        let all = (0..100).try_for_each(|_| table.row(&row)).and_then(|()| table.finish());
        assert_eq!(all.unwrap_err().kind(), io::ErrorKind::StorageFull, "{room}");
    }
}
