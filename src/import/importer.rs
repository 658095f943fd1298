//! Takes in the probes of files, and returns a series for each target.

use std::collections::BTreeMap;
use std::time::Duration;

use super::error::Error;
use super::series::{IcmpErrors, PackedOutcome, Series, Tidied, middle_spacing, tidy};
use crate::time::Timestamp;
use crate::vocabulary::{
    Outcome, PrivateAnchors, Role, Standing, Unreachable, Waiting, is_private,
};

/// Takes in files, one after another, and gives the series of all of them.
#[derive(Debug)]
pub struct Importer {
    waiting: Waiting,
    raw: BTreeMap<String, RawSeries>,
    pub(super) count: usize,
    pub(super) tidied: Tidied,
}

#[derive(Debug, Default)]
struct RawSeries {
    address: Option<String>,
    rows: Vec<PackedOutcome>,
    errors: IcmpErrors,
}

/// What a line says of one probe.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum ProbeResult {
    Answered(Duration),
    Lost,
    Unreachable(Unreachable),
}

/// A year of three targets at one probe a second, in 16 bytes each: it fits into the memory of a
/// common machine.
const MOST_OUTCOMES: usize = 100_000_000;

impl Importer {
    /// Delays beyond `waiting.loss_threshold` are late, those beyond its `late_window` lost.
    pub fn new(waiting: Waiting) -> Self {
        Self { waiting, raw: BTreeMap::new(), count: 0, tidied: Tidied::default() }
    }

    /// The series of all files, by name. A target without a given role is an anchor or, where its
    /// address is private and `private` ones are not trusted, a gateway. Measurements of one target at one time are one: a reply
    /// when any of them is. With them comes what had to be corrected.
    ///
    /// # Errors
    /// When a role is given to a target that is in no file.
    pub fn finish(
        self,
        roles: &[(String, Role)],
        private: PrivateAnchors,
    ) -> Result<(Vec<Series>, Tidied), Error> {
        for (name, role) in roles {
            if !self.raw.contains_key(name) {
                let names: Vec<String> = self.raw.keys().map(|n| format!("\"{n}\"")).collect();
                let known = names.join(", ");
                return Err(Error::NoSuchTarget { name: name.clone(), role: *role, known });
            }
        }
        let role_of = |name: &str, address: &str| {
            let given = roles.iter().rev().find(|(n, _)| n == name);
            let address = address.parse().ok();
            let is_near = address.is_some_and(is_private) && private == PrivateAnchors::Distrusted;
            let usual = if is_near { Role::Gateway } else { Role::Anchor };
            let role = given.map_or(usual, |(_, role)| *role);
            (role, Standing::by_address(role, address, private))
        };
        let mut tidied = self.tidied;
        let series = self
            .raw
            .into_iter()
            .map(|(name, RawSeries { address, mut rows, errors })| {
                tidy(&mut rows, &mut tidied);
                let address = address.unwrap_or_else(|| name.clone());
                let (role, standing) = role_of(&name, &address);
                Series {
                    address,
                    role,
                    standing,
                    interval: middle_spacing(&rows),
                    rows,
                    errors,
                    name,
                }
            })
            .collect();
        Ok((series, tidied))
    }

    pub(super) fn push(
        &mut self,
        name: &str,
        at: Timestamp,
        found: ProbeResult,
    ) -> Result<(), String> {
        self.count += 1;
        if self.count > MOST_OUTCOMES {
            return Err(format!("more than {MOST_OUTCOMES} measurements"));
        }
        let outcome = match found {
            ProbeResult::Answered(rtt) if rtt <= self.waiting.loss_threshold => Outcome::reply(rtt),
            ProbeResult::Answered(rtt) if rtt <= self.waiting.late_window => Outcome::Late { rtt },
            ProbeResult::Answered(_) | ProbeResult::Lost => Outcome::Lost,
            ProbeResult::Unreachable(u) => Outcome::Unreachable(u),
        };
        // Looked up first: the name is there for all but the first of a million lines.
        let at = at.floor_millis();
        if !self.raw.contains_key(name) {
            self.raw.insert(name.to_owned(), RawSeries::default());
        }
        let Some(series) = self.raw.get_mut(name) else { return Ok(()) };
        series.rows.push(series.errors.row(at, &outcome));
        Ok(())
    }

    pub(super) fn set_address(&mut self, name: &str, address: &str) {
        if let Some(series) = self.raw.get_mut(name) {
            series.address.get_or_insert_with(|| address.to_owned());
        }
    }
}
