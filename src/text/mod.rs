//! Text that every room needs and no room owns: errors with their causes, columns on a terminal,
//! lines of CSV, the words of enums.

use std::error::Error;

pub mod columns;
pub mod csv;
pub mod order;
pub mod words;

/// An error and its causes in one line: `open database a.db: no such file`.
pub fn describe(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text += ": ";
        text += &error.to_string();
        cause = error.source();
    }
    text
}

/// A disk with room for this many bytes.
#[cfg(test)]
pub(crate) struct FullDisk(pub(crate) usize);

#[cfg(test)]
impl std::io::Write for FullDisk {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 = self.0.checked_sub(bytes.len()).ok_or(std::io::ErrorKind::StorageFull)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("read the file")]
    struct ReadFailure(#[source] std::io::Error);

    #[test]
    fn an_error_is_described_with_its_causes() {
        let error = ReadFailure(std::io::Error::other("it is larger than 1 MiB"));
        assert_eq!(describe(&error), "read the file: it is larger than 1 MiB");
        assert_eq!(describe(&std::fmt::Error), std::fmt::Error.to_string());
    }
}
