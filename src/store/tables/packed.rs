//! Texts that are kept compressed.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use rusqlite::Row;
use rusqlite::types::Type;

/// Nothing that linkmon stores is longer when it is unpacked: what claims to be was not written by it.
pub(super) const MOST_UNPACKED: u64 = 16 << 20;

/// Compressed (zlib).
pub(super) fn pack(bytes: &[u8]) -> rusqlite::Result<Vec<u8>> {
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::best());
    packed
        .write_all(bytes)
        .and_then(|()| packed.finish())
        .map_err(|e| rusqlite::Error::ToSqlConversionFailure(e.into()))
}

/// The bytes of a compressed column; an error where they are more than `most`.
pub(super) fn unpack(row: &Row<'_>, column: usize, most: u64) -> rusqlite::Result<Vec<u8>> {
    let failed = |why: Box<dyn std::error::Error + Send + Sync>| {
        rusqlite::Error::FromSqlConversionFailure(column, Type::Blob, why)
    };
    let mut bytes = Vec::new();
    let mut from = ZlibDecoder::new(row.get_ref(column)?.as_blob()?).take(most + 1);
    from.read_to_end(&mut bytes).map_err(|e| failed(e.into()))?;
    if bytes.len() as u64 > most {
        return Err(failed("more than it can be".into()));
    }
    Ok(bytes)
}
