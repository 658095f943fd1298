//! Identifiers that stay: of a record, and of an incident in it.
//!
//! The time of an incident is no identity, for a clock that is set moves it; nor is its number, which
//! another file may give to another drop. What stays is the boot of the computer and how long that boot
//! was awake or asleep when it began: a salvaged or merged record has both, and a record that is dated
//! anew keeps them. A record of another program has no boots; there it is file and time.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use crate::time::Timestamp;
use crate::vocabulary::Run;

/// The identifier of a record.
pub(super) fn of_record(identity: i64) -> String {
    uuid(&["linkmon record", &identity.to_string()])
}

/// The identifier of what began at `key`; `of` tells it from others that did.
pub(super) fn of_incident(identity: i64, runs: &[Run], of: &str, key: Timestamp) -> String {
    // Of two runs that contain it, where a clock was set back, the first: it is over, and the other may
    // have reached that time only after the identifier was given.
    let boot = runs.iter().find(|run| run.contains(key)).and_then(|run| {
        let since_start = key.micros_since(run.started);
        Some((run.boot_id.as_deref()?, run.boot?.as_micros().saturating_add(since_start)))
    });
    if let Some((boot_id, us)) = boot {
        // To a millisecond: that is how exact send times are, and dating anew keeps no more.
        return uuid(&["linkmon incident", of, boot_id, &us.div_euclid(1_000).to_string()]);
    }
    let (file, key) = (identity.to_string(), key.as_micros().to_string());
    uuid(&["linkmon incident", of, "without a boot", &file, &key])
}

/// A UUID of version 8 (RFC 9562) of these texts.
fn uuid(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part.as_bytes());
    }
    let digest = hash.finalize();
    let mut bytes = [0_u8; 16];
    bytes.copy_from_slice(&digest[..16]);
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let mut text = String::from("urn:uuid:");
    for (n, byte) in bytes.iter().enumerate() {
        if matches!(n, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        let _ = write!(text, "{byte:02x}");
    }
    text
}
