//! The path at a moment of a drop: which routers on the way answered requests whose hop limit ends
//! at them.

use std::net::IpAddr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::ip_version::IpVersion;
use crate::text::words::word_enum;
use crate::time::Timestamp;

word_enum! {
    /// At which moment the path was asked.
    pub enum PathMoment: "moment of a path" {
        /// While the link worked: what answers usually. Not stored.
        Usual = "usual",
        /// In the first second of silence.
        FirstSecond = "first-second",
        /// When the drop was confirmed.
        Confirmed = "confirmed",
        /// A minute later, and each minute while it lasted.
        Minute = "minute",
        /// After its end.
        End = "end",
        /// Not asked: when what is probed each second came back.
        Back = "back",
    }
}

word_enum! {
    /// Why a path could not be asked.
    pub enum PathObstacle: "obstacle of a path" {
        /// This computer had no route.
        NoRoute = "no-route",
        /// A local rule or a missing privilege.
        Forbidden = "forbidden",
        /// The path was asked less than a minute before.
        Paced = "paced",
        /// The packets of this drop are used up.
        Spent = "spent",
        /// Something else.
        Other = "other",
    }
}

/// A hop that was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PathHop {
    /// The hop limit: 1 is the gateway.
    pub ttl: u8,
    /// Who answers there usually; `None` where it is not known.
    pub usual: Option<IpAddr>,
    /// Who answered now.
    pub by: Option<IpAddr>,
    /// After how long, in microseconds, by this program's own clock.
    #[serde(rename = "rtt_us", with = "micros_or_null")]
    pub rtt: Option<Duration>,
}

/// When a target that is probed each second, and was silent, answered again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HopReturn {
    /// Its address.
    pub address: IpAddr,
    /// Its last lost probe was sent so many milliseconds after the time of the row.
    pub earliest_ms: i64,
    /// Its first answer was received so many milliseconds after the time of the row.
    pub latest_ms: i64,
}

/// The path to an anchor at a moment of a drop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathRound {
    /// When the first request left; of what came back, the end of the drop.
    pub at: Timestamp,
    /// Over which protocol.
    pub family: IpVersion,
    /// At which moment.
    pub moment: PathMoment,
    /// The anchor that the requests went to; `None` where none did.
    pub towards: Option<IpAddr>,
    /// The hops that were asked, from the home outwards.
    pub hops: Vec<PathHop>,
    /// What came back.
    pub returns: Vec<HopReturn>,
    /// Why nothing could be asked.
    pub unsent: Option<PathObstacle>,
}

mod micros_or_null {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[allow(clippy::ref_option, reason = "the signature is serde's")]
    pub(super) fn serialize<S: Serializer>(
        value: &Option<Duration>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        value.map(|d| u64::try_from(d.as_micros()).unwrap_or(u64::MAX)).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Duration>, D::Error> {
        Ok(Option::<u64>::deserialize(from)?.map(Duration::from_micros))
    }
}
