//! The key of what lets others vouch for the record.

use super::{TableOfKeys, Takes, without_default};

pub(super) const TABLE: TableOfKeys = TableOfKeys {
    name: "evidence",
    documentation: "What lets others vouch for the record: docs/evidence.md.",
    keys: &[without_default(
        "timestamp",
        Takes::WebAddress(|c| &mut c.evidence.timestamp),
        "\"http://timestamp.example/tsr\"",
        "A time-stamping authority (RFC 3161). Once a day it is sent the head of the chain, 32 \
         bytes that say nothing about what is recorded, and its answer is stored. Without it no \
         one is asked.",
    )],
};
