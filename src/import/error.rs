//! Why nothing can be imported.

use std::io;

use crate::vocabulary::Role;

/// Why nothing can be imported.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be read.
    #[error("read {file}")]
    Read {
        /// Which file.
        file: String,
        /// What the system said.
        source: io::Error,
    },
    /// A line is wrong.
    #[error("{file}:{line}: {message}")]
    Line {
        /// Which file.
        file: String,
        /// Which line, from 1.
        line: u64,
        /// What is wrong, with the value.
        message: String,
    },
    /// A file that is known, or not known, and has no probes with their times in it.
    #[error("{file} {what}")]
    Refused {
        /// Which file.
        file: String,
        /// What it is, and why it cannot be read: "is the output of ...".
        what: String,
        /// The shortest way to one that can.
        hint: String,
    },
    /// A file without a single measurement.
    #[error("{file}: there are no measurements in it")]
    Empty {
        /// Which file.
        file: String,
    },
    /// A role was given for a target that is in none of the files.
    #[error("there is no target \"{name}\" to use as {role} (the files have {known})")]
    NoSuchTarget {
        /// The name that was given.
        name: String,
        /// The role that was given.
        role: Role,
        /// The names that are in the files.
        known: String,
    },
}

impl Error {
    /// What to do about it, where there is something to say.
    pub fn hint(&self) -> Option<&str> {
        match self {
            Self::Refused { hint, .. } => Some(hint),
            _ => None,
        }
    }
}
