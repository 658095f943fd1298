//! Where a fault lies.

use crate::text::words::word_enum;

word_enum! {
    /// Where a fault lies, from the host outwards.
    pub enum Place: "place" {
        /// The home network: host, Wi-Fi or cable, router.
        Lan = "lan",
        /// The modem or the cable to it.
        Modem = "modem",
        /// The access line up to the ISP's first hop.
        Access = "access",
        /// The ISP's network beyond its first hop.
        IspCore = "isp-core",
        /// Behind the ISP.
        Beyond = "beyond",
    }
}
