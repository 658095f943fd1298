//! The channels of a cable modem.

use serde::{Deserialize, Serialize};

use crate::text::words::word_enum;

word_enum! {
    /// How a channel carries its bits.
    pub enum ChannelKind: "kind of channel" {
        /// One carrier: DOCSIS 3.0 and before, and most channels since.
        ScQam = "sc-qam",
        /// Many carriers downstream: DOCSIS 3.1.
        Ofdm = "ofdm",
        /// Many carriers upstream: DOCSIS 3.1.
        Ofdma = "ofdma",
    }
}

word_enum! {
    /// Whether a channel takes part in the bundle of channels.
    pub enum Bonding: "state of bonding" {
        /// It does.
        Bonded = "bonded",
        /// It does not.
        NotBonded = "not-bonded",
        /// Some of what it should carry is not usable.
        Partial = "partial-service",
    }
}

/// The modulation of a channel.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Modulation {
    /// Quadrature amplitude modulation of so many points: 4 (QPSK) to 16384.
    Qam(u16),
    /// Anything else, in the modem's words: the profiles of an OFDM channel, `ATDMA`.
    Other(String),
}

impl std::fmt::Display for Modulation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Qam(4) => f.write_str("QPSK"),
            Self::Qam(order) => write!(f, "{order}-QAM"),
            Self::Other(words) => f.write_str(words),
        }
    }
}

/// A channel from the operator to the modem.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Downstream {
    /// The channel's number with the operator (DCID), where shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<u32>,
    /// The row's number on the page, where shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<u32>,
    /// How it carries its bits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<ChannelKind>,
    /// Whether the modem is locked to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locked: Option<bool>,
    /// Whether it takes part in the bundle.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bonding: Option<Bonding>,
    /// Centre frequency in Hz; of an OFDM channel what the modem shows as its frequency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frequency_hz: Option<u64>,
    /// Width in Hz.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width_hz: Option<u64>,
    /// Received power in dBmV.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub power_dbmv: Option<f64>,
    /// Modulation error ratio in dB (pages call it SNR, too).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mer_db: Option<f64>,
    /// Its modulation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub modulation: Option<Modulation>,
    /// Codewords without errors since the counter began; wraps at 2^32 on most modems.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unerrored: Option<u64>,
    /// Codewords that were corrected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub corrected: Option<u64>,
    /// Codewords that could not be corrected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uncorrectable: Option<u64>,
}

/// A channel from the modem to the operator.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Upstream {
    /// The channel's number with the operator (UCID), where shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<u32>,
    /// The row's number on the page, where shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<u32>,
    /// How it carries its bits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<ChannelKind>,
    /// Whether the modem is locked to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locked: Option<bool>,
    /// Whether it takes part in the bundle.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bonding: Option<Bonding>,
    /// Centre frequency in Hz.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frequency_hz: Option<u64>,
    /// Width in Hz.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width_hz: Option<u64>,
    /// Transmit power in dBmV.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub power_dbmv: Option<f64>,
    /// Its modulation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub modulation: Option<Modulation>,
    /// T3 time-outs since the counter began, where the modem counts them per channel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub t3_timeouts: Option<u64>,
    /// T4 time-outs since the counter began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub t4_timeouts: Option<u64>,
}
