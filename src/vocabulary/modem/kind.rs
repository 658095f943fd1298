//! The modems that can be read.

use crate::text::words::word_enum;

word_enum! {
    /// The modems that can be read.
    pub enum ModemKind: "kind of modem" {
        /// Technicolor TC4400.
        Tc4400 = "tc4400",
        /// ARRIS SB8200.
        Sb8200 = "sb8200",
        /// ARRIS SB6183.
        Sb6183 = "sb6183",
        /// ARRIS SB6190.
        Sb6190 = "sb6190",
        /// Netgear CM1000 (HTML tables).
        Cm1000 = "cm1000",
        /// ARRIS CM3500B.
        Cm3500b = "cm3500b",
        /// Netgear CM2000, CM1200 and others with `tagValueList` pages.
        NetgearCm = "netgear-cm",
        /// Gateways XB6 to XB10 of Comcast, Rogers, Shaw and others (`network_setup.jst`).
        Xb = "xb",
        /// ARRIS S33, S34 and S33v2 (HNAP).
        S33 = "s33",
        /// Motorola MB8600 and MB8611 (HNAP).
        Mb8611 = "mb8611",
        /// Sagemcom F3896LG: Virgin Hub 5, Ziggo.
        Hub5 = "hub5",
        /// FRITZ!Box for cable.
        FritzCable = "fritz-cable",
        /// FRITZ!Box for DSL, over TR-064.
        FritzDsl = "fritz-dsl",
        /// Starlink dish.
        Starlink = "starlink",
    }
}
