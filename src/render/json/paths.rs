//! The path at the moments of a drop, as JSON.

use std::net::IpAddr;

use serde::Serialize;

use crate::report::{CameBack, DropPath, NamedHop};
use crate::time::Timestamp;
use crate::vocabulary::{HopReturn, IpVersion, PathHop, PathMoment, PathObstacle, Role};

/// The path of a drop in JSON.
#[derive(Debug, Serialize)]
pub(super) struct PathJson<'a> {
    last_answered: Option<HopJson>,
    first_silent: Option<HopJson>,
    came_back_first: Vec<HopJson>,
    came_back_together: bool,
    rounds: Vec<RoundJson<'a>>,
}

#[derive(Debug, Serialize)]
struct HopJson {
    ttl: Option<u8>,
    address: Option<IpAddr>,
    role: Option<Role>,
}

#[derive(Debug, Serialize)]
struct RoundJson<'a> {
    at: Timestamp,
    family: IpVersion,
    moment: PathMoment,
    towards: Option<IpAddr>,
    hops: &'a [PathHop],
    returns: &'a [HopReturn],
    unsent: Option<PathObstacle>,
}

impl<'a> From<&'a DropPath> for PathJson<'a> {
    fn from(path: &'a DropPath) -> Self {
        let DropPath { rounds, finding, back } = path;
        let hop = |hop: &NamedHop| HopJson { ttl: hop.ttl, address: hop.address, role: hop.role };
        let finding = finding.as_ref();
        Self {
            last_answered: finding.and_then(|f| f.last_answered.as_ref()).map(hop),
            first_silent: finding.and_then(|f| f.first_silent.as_ref()).map(hop),
            came_back_first: match back {
                CameBack::First(hops) => hops.iter().map(hop).collect(),
                CameBack::Unknown | CameBack::Together => Vec::new(),
            },
            came_back_together: *back == CameBack::Together,
            rounds: rounds
                .iter()
                .map(|round| RoundJson {
                    at: round.at,
                    family: round.family,
                    moment: round.moment,
                    towards: round.towards,
                    hops: &round.hops,
                    returns: &round.returns,
                    unsent: round.unsent,
                })
                .collect(),
        }
    }
}
