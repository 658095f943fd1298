//! Why a reading gave nothing.

use std::time::Duration;

/// Why a modem could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadFailure {
    /// The address is none, or its name has no address.
    #[error("{0} is not the address of a modem")]
    Address(String),
    /// There was no connection, or it ended before an answer: its web server is dead, or there is no
    /// way to it.
    #[error("it did not answer: {0}")]
    NoAnswer(String),
    /// It refused the connection: something is there, and serves no page.
    #[error("it did not answer: {0}")]
    Refused(String),
    /// It took the connection, or not even that, and then said nothing, or not all of it, for so long.
    #[error("it did not answer within {} s", .0.as_secs())]
    TimedOut(Duration),
    /// It answered, and not with HTTP.
    #[error("{path}: its answer is not HTTP: {why}")]
    NotHttp {
        /// The page.
        path: String,
        /// What is wrong.
        why: String,
    },
    /// A status that is not 200 and means no login: 404, 500, 503.
    #[error("{path}: HTTP status {status}")]
    Status {
        /// The page.
        path: String,
        /// The status.
        status: u16,
    },
    /// A page larger than any page of a modem.
    #[error("{path}: larger than {} MB", .limit / 1_000_000)]
    TooLarge {
        /// The page.
        path: String,
        /// The limit in bytes.
        limit: usize,
    },
    /// It wants a password and none is configured.
    #[error("it asks for a password: {0}")]
    LoginNeeded(String),
    /// It refused the user or the password.
    #[error("it refused the login: {0}")]
    LoginRefused(String),
    /// It refused the login for a while, after wrong passwords or because another session is open.
    #[error("it takes no login at present: {0}")]
    LoginBlocked(String),
    /// It is none that is known; what it showed.
    #[error("a modem that is not known to linkmon: {0}")]
    UnknownModem(String),
    /// Its pages came and could not be understood.
    #[error(transparent)]
    NotUnderstood(#[from] crate::modem::Error),
}

impl ReadFailure {
    /// Whether the modem's web server was silent, which is evidence in itself; otherwise it answered
    /// something.
    pub const fn is_silence(&self) -> bool {
        matches!(self, Self::NoAnswer(_) | Self::TimedOut(_))
    }

    /// Whether a password is missing, wrong or not taken at present. What repeats one that was refused may
    /// lock its owner out.
    pub const fn is_of_login(&self) -> bool {
        matches!(self, Self::LoginNeeded(_) | Self::LoginRefused(_) | Self::LoginBlocked(_))
    }

    /// A word for it in records and metrics: `no-answer`.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Address(_) => "address",
            Self::NoAnswer(_) => "no-answer",
            Self::Refused(_) => "refused",
            Self::TimedOut(_) => "timed-out",
            Self::NotHttp { .. } => "not-http",
            Self::Status { .. } => "status",
            Self::TooLarge { .. } => "too-large",
            Self::LoginNeeded(_) => "login-needed",
            Self::LoginRefused(_) => "login-refused",
            Self::LoginBlocked(_) => "login-blocked",
            Self::UnknownModem(_) => "unknown-modem",
            Self::NotUnderstood(_) => "not-understood",
        }
    }
}
