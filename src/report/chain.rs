//! The head of the record's chain.

use serde::{Deserialize, Serialize};

use crate::store::ChainHead;
use crate::time::Timestamp;

/// The head of a record's chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chain {
    /// How many entries it has.
    pub entries: i64,
    /// Begin of the hour that was added last.
    pub hour: Timestamp,
    /// SHA-256 over all of them, 64 hexadecimal digits.
    pub head: String,
}

impl From<ChainHead> for Chain {
    fn from(head: ChainHead) -> Self {
        let hour = Timestamp::from_seconds(head.hour.saturating_mul(3_600));
        Self { entries: head.seq, hour, head: head.digest.to_string() }
    }
}
