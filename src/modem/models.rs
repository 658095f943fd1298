//! The models: one row each.

use crate::vocabulary::ModemKind;

/// How the pages of a model are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModemFamily {
    /// HTML tables with a row for each channel, found by the names of their columns.
    Tables,
    /// HTML tables with a column for each channel.
    Transposed,
    /// Lists in JavaScript: `tagValueList`.
    TagValues,
    /// HNAP: JSON with rows in strings.
    Hnap,
    /// JSON of the Hub 5.
    Hub5,
    /// `data.lua` of a FRITZ!Box for cable.
    FritzCable,
    /// SOAP of TR-064.
    Tr064,
    /// gRPC-Web of a Starlink dish.
    Starlink,
}

impl ModemKind {
    /// The model's name, for where the modem does not say it.
    pub const fn model(self) -> &'static str {
        match self {
            Self::Tc4400 => "TC4400",
            Self::Sb8200 => "SB8200",
            Self::Sb6183 => "SB6183",
            Self::Sb6190 => "SB6190",
            Self::Cm1000 => "CM1000",
            Self::Cm3500b => "CM3500B",
            Self::NetgearCm => "Netgear CM",
            Self::Xb => "XB gateway",
            Self::S33 => "S33",
            Self::Mb8611 => "MB8611",
            Self::Hub5 => "F3896LG",
            Self::FritzCable => "FRITZ!Box (cable)",
            Self::FritzDsl => "FRITZ!Box (DSL)",
            Self::Starlink => "Starlink",
        }
    }

    /// How its pages are written.
    pub const fn family(self) -> ModemFamily {
        match self {
            Self::Tc4400
            | Self::Sb8200
            | Self::Sb6183
            | Self::Sb6190
            | Self::Cm1000
            | Self::Cm3500b => ModemFamily::Tables,
            Self::Xb => ModemFamily::Transposed,
            Self::NetgearCm => ModemFamily::TagValues,
            Self::S33 | Self::Mb8611 => ModemFamily::Hnap,
            Self::Hub5 => ModemFamily::Hub5,
            Self::FritzCable => ModemFamily::FritzCable,
            Self::FritzDsl => ModemFamily::Tr064,
            Self::Starlink => ModemFamily::Starlink,
        }
    }
}
