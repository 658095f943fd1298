//! Where a fault lies.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Where a fault lies, from the host outwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// The home network: host, Wi-Fi or cable, router.
    Lan,
    /// The modem or the cable to it.
    Modem,
    /// The access line up to the ISP's first hop.
    Access,
    /// The ISP's network behind its first hop.
    IspCore,
    /// Behind the ISP.
    Beyond,
}

impl Place {
    /// All of them, from the host outwards.
    pub const ALL: [Self; 5] = [Self::Lan, Self::Modem, Self::Access, Self::IspCore, Self::Beyond];

    /// The word for it in database and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lan => "lan",
            Self::Modem => "modem",
            Self::Access => "access",
            Self::IspCore => "isp-core",
            Self::Beyond => "beyond",
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
