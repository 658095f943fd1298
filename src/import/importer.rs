//! Takes in the probes of files, and returns a series for each target.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::error::Error;
use super::lines::{plausible, shown};
use super::options::ImportOptions;
use super::series::{IcmpErrors, PackedOutcome, Series, Tidied, middle_spacing, tidy};
use crate::time::Timestamp;
use crate::vocabulary::{
    Outcome, PrivateAnchors, Role, Standing, Unreachable, Waiting, is_private,
};

/// Takes in files, one after another, and gives the series of all of them.
#[derive(Debug)]
pub struct Importer {
    waiting: Waiting,
    pub(super) options: ImportOptions,
    raw: BTreeMap<String, RawSeries>,
    pub(super) count: usize,
    pub(super) tidied: Tidied,
    /// Missing probes that a damaged line may have been of.
    pub(super) unclear: u64,
    pub(super) silent: Silent,
    /// What was assumed and passed over, to be said aloud.
    pub(super) notices: BTreeSet<String>,
}

/// Runs of ping that nobody answered and whose times nothing shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Silent {
    pub(super) runs: u64,
    pub(super) probes: u64,
}

#[derive(Debug, Default)]
struct RawSeries {
    address: Option<String>,
    rows: Vec<PackedOutcome>,
    /// Rows that were placed between others after the file was read.
    between: Vec<PackedOutcome>,
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
/// More targets than this are no record of probes.
const MOST_TARGETS: usize = 100_000;
/// A clock may be wrong by this much.
const AHEAD: Duration = Duration::from_secs(86_400);

fn counted(n: u64, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

impl Importer {
    /// Delays beyond `waiting.loss_threshold` are late, those beyond its `late_window` lost.
    pub fn new(waiting: Waiting) -> Self {
        Self::with(waiting, ImportOptions::default())
    }

    /// The same, with what the user says about the files.
    pub fn with(waiting: Waiting, options: ImportOptions) -> Self {
        Self {
            waiting,
            options,
            raw: BTreeMap::new(),
            count: 0,
            tidied: Tidied::default(),
            unclear: 0,
            silent: Silent::default(),
            notices: BTreeSet::new(),
        }
    }

    /// What was assumed, passed over and left out, a sentence each.
    pub fn notices(&self) -> Vec<String> {
        let mut all: Vec<String> = self.notices.iter().cloned().collect();
        if self.unclear > 0 {
            let probes = counted(self.unclear, "missing probe was", "missing probes were");
            all.push(format!("{probes} left out, because damaged lines may be theirs"));
        }
        let Silent { runs, probes } = self.silent;
        if runs > 0 {
            let probes = counted(probes, "probe", "probes");
            let is = if runs == 1 { "was" } else { "were" };
            all.push(format!(
                "{} of ping without an answer ({probes}) {is} left out, because nothing shows the \
                 time: it counts as not watched (with times before all lines it would be known)",
                counted(runs, "run", "runs")
            ));
        }
        all
    }

    /// The series of all files, by name. A target without a given role is an anchor or, where its
    /// address is private and `private` ones are not trusted, a gateway. Measurements of one target
    /// at one time are one: a reply when any of them is. With them comes what had to be corrected.
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
            .map(|(name, RawSeries { address, mut rows, mut between, errors })| {
                tidy(&mut rows, &mut tidied);
                if !between.is_empty() {
                    rows.append(&mut between);
                    rows.sort_unstable();
                    rows.dedup_by_key(|row| row.at_ms());
                }
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

    /// Takes in a probe: every format gives its probes here, and nowhere else is a time checked
    /// that was computed.
    pub(super) fn push(
        &mut self,
        name: &str,
        at: Timestamp,
        found: ProbeResult,
    ) -> Result<(), String> {
        let outcome = match found {
            ProbeResult::Answered(rtt) if rtt <= self.waiting.loss_threshold => Outcome::reply(rtt),
            ProbeResult::Answered(rtt) if rtt <= self.waiting.late_window => Outcome::Late { rtt },
            ProbeResult::Answered(_) | ProbeResult::Lost => Outcome::Lost,
            ProbeResult::Unreachable(u) => Outcome::Unreachable(u),
        };
        let at = self.checked(at)?;
        let series = self.series(name)?;
        let row = series.errors.row(at, &outcome);
        series.rows.push(row);
        Ok(())
    }

    /// Takes in a lost probe whose time was found out after those that come later.
    pub(super) fn push_between(&mut self, name: &str, at: Timestamp) -> Result<(), String> {
        let at = self.checked(at)?;
        let series = self.series(name)?;
        let row = series.errors.row(at, &Outcome::Lost);
        series.between.push(row);
        Ok(())
    }

    /// The time of one more probe, to the millisecond.
    fn checked(&mut self, at: Timestamp) -> Result<Timestamp, String> {
        self.count += 1;
        if self.count > MOST_OUTCOMES {
            return Err(format!("more than {MOST_OUTCOMES} measurements"));
        }
        if !plausible(at) {
            return Err(
                "the times of its lines lead to probes before the year 2000 or after 2100: \
                        numbers and times do not fit each other"
                    .to_owned(),
            );
        }
        if at > self.options.now + AHEAD {
            return Err(format!("a probe of {at} is in the future"));
        }
        Ok(at.floor_millis())
    }

    /// Looked up first: the name is there for all but the first of a million lines.
    fn series(&mut self, name: &str) -> Result<&mut RawSeries, String> {
        if !self.raw.contains_key(name) {
            if self.raw.len() >= MOST_TARGETS {
                return Err(format!("more than {MOST_TARGETS} targets"));
            }
            self.raw.insert(name.to_owned(), RawSeries::default());
        }
        self.raw.get_mut(name).ok_or_else(|| format!("no target {}", shown(name)))
    }

    pub(super) fn set_address(&mut self, name: &str, address: &str) {
        if let Some(series) = self.raw.get_mut(name) {
            series.address.get_or_insert_with(|| address.to_owned());
        }
    }
}
