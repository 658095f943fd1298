//! Secrets that are kept outside of the configuration: the first line of a file, or a variable of the
//! environment.

use std::io;
use std::path::{Path, PathBuf};

use crate::sys::plain;
use crate::vocabulary::Secret;

/// Secrets are shorter than this many bytes.
const MOST: u64 = 4_096;

/// Why there is no secret although one is configured. No sentence has any part of it.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The file cannot be read.
    #[error("read the secret of {}: {source}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is empty or no text.
    #[error("the first line of {} holds no secret", .0.display())]
    Empty(PathBuf),
    /// The variable is not set.
    #[error("the variable {0} of the environment is not set")]
    NoVariable(String),
}

/// The secret in the file, else in the variable, without blanks around it; `None`: neither is given.
/// It is read each time that it is needed, so that it can be mended.
///
/// # Errors
/// Where the file cannot be read, the variable is not set, or there is nothing in it.
pub fn secret_of(
    file: Option<&Path>,
    variable: Option<&str>,
) -> Result<Option<Secret>, SecretError> {
    if let Some(path) = file {
        let read = first_line(path);
        let read = read.map_err(|source| SecretError::File { path: path.to_owned(), source })?;
        let line = read.as_deref().map(str::trim).filter(|line| !line.is_empty());
        let line = line.ok_or_else(|| SecretError::Empty(path.to_owned()))?;
        return Ok(Some(Secret::new(line.to_owned())));
    }
    let Some(name) = variable else { return Ok(None) };
    let value = std::env::var(name).unwrap_or_default();
    match value.trim() {
        "" => Err(SecretError::NoVariable(name.to_owned())),
        value => Ok(Some(Secret::new(value.to_owned()))),
    }
}

/// `None`: it is no text, or empty.
fn first_line(path: &Path) -> io::Result<Option<String>> {
    let text = String::from_utf8(plain::read(path, MOST)?).ok();
    Ok(text.and_then(|text| text.lines().next().map(str::to_owned)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_the_first_line_of_its_file_and_in_no_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        std::fs::write(&path, " tk_hunter2 \r\nmore\n").unwrap();
        assert_eq!(secret_of(Some(&path), None).unwrap().unwrap().reveal(), "tk_hunter2");
        std::fs::write(&path, "\ntk_hunter2\n").unwrap();
        let error = secret_of(Some(&path), Some("PATH")).unwrap_err();
        assert!(error.to_string().ends_with("token holds no secret"), "{error}");
        std::fs::write(&path, b"\xff\xfe").unwrap();
        assert!(secret_of(Some(&path), None).is_err());
        assert!(secret_of(Some(&folder.path().join("none")), None).is_err());
        assert!(secret_of(None, Some("LINKMON_TEST_IS_NOT_SET")).is_err());
        assert!(secret_of(None, Some("PATH")).unwrap().is_some());
        assert_eq!(secret_of(None, None).unwrap(), None);
    }
}
