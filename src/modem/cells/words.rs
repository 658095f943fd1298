//! Words of cells: modulation, lock, bonding, kind of channel.

use super::{is_absent, squeezed};
use crate::vocabulary::{Bonding, ChannelKind, Modulation};

/// `QAM256`, `256QAM`, `256-QAM`, `QPSK`; else the modem's words. `None` where it says nothing.
pub(in crate::modem) fn modulation(text: &str) -> Option<Modulation> {
    let words = squeezed(text);
    if is_absent(&words) || words == "0" {
        return None;
    }
    let plain: String =
        words.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase();
    let order = match plain.as_str() {
        "QPSK" | "4QAM" | "QAM4" => Some(4),
        other => other.strip_prefix("QAM").or_else(|| other.strip_suffix("QAM")).and_then(order),
    };
    Some(order.map_or(Modulation::Other(words), Modulation::Qam))
}

fn order(digits: &str) -> Option<u16> {
    digits
        .parse()
        .ok()
        .filter(|order: &u16| order.is_power_of_two() && (4..=16_384).contains(order))
}

/// Whether the modem is locked. `None` where the cell does not say.
pub(in crate::modem) fn is_locked(text: &str) -> Option<bool> {
    let text = squeezed(text).to_lowercase();
    match text.as_str() {
        "locked" | "lock" | "yes" | "true" | "success" | "active" | "operational" | "up" => {
            Some(true)
        }
        "not locked" | "notlocked" | "unlocked" | "no" | "false" | "in progress" | "failed"
        | "down" | "lost" | "inactive" | "disabled" | "not active" | "other" | "idle" => {
            Some(false)
        }
        _ if text.contains("not lock") || text.contains("unlock") => Some(false),
        _ if text.starts_with("locked") => Some(true),
        _ => None,
    }
}

/// Whether it takes part in the bundle.
pub(in crate::modem) fn bonding(text: &str) -> Option<Bonding> {
    match squeezed(text).to_lowercase().as_str() {
        "bonded" => Some(Bonding::Bonded),
        "not bonded" | "unbonded" | "notbonded" => Some(Bonding::NotBonded),
        text if text.contains("partial") => Some(Bonding::Partial),
        _ => None,
    }
}

/// Which way the channels of a table go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::modem) enum Direction {
    /// From the operator.
    Down,
    /// To the operator.
    Up,
}

/// The kind of channel that a type, a modulation or a title names. `None` where it names none.
/// A list of numbers is a list of profiles, which only OFDM has.
pub(in crate::modem) fn kind(text: &str, direction: Direction) -> Option<ChannelKind> {
    let text = squeezed(text).to_ascii_lowercase();
    let many = match direction {
        Direction::Down => ChannelKind::Ofdm,
        Direction::Up => ChannelKind::Ofdma,
    };
    if text.contains("ofdm") {
        return Some(many);
    }
    let is_list = text.contains(|c: char| c.is_ascii_digit())
        && text.contains([',', ' '])
        && text.chars().all(|c| c.is_ascii_digit() || matches!(c, ',' | ' '));
    if is_list {
        return Some(many);
    }
    // Modems with one tuner for both write this for OFDM.
    if text == "other" && direction == Direction::Down {
        return Some(many);
    }
    let is_single = ["qam", "qpsk", "tdma", "cdma"].iter().any(|word| text.contains(word));
    is_single.then_some(ChannelKind::ScQam)
}
