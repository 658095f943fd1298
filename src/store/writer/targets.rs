//! The targets of a database, as its writer knows them.

use std::collections::BTreeMap;
use std::time::Duration;

use rusqlite::Connection;

use crate::store::tables::StoredTable;
use crate::store::unread::UnreadTally;
use crate::text::order::InOrder;
use crate::vocabulary::{IpVersion, Target, TargetId};

/// Whether a target is probed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TargetUse {
    InUse,
    Retired,
}

/// All targets that a database ever had, by number.
#[derive(Debug, Clone, Default)]
pub(super) struct KnownTargets(Vec<(Target, TargetUse)>);

impl KnownTargets {
    /// Those of a database.
    pub(super) fn read(db: &Connection) -> rusqlite::Result<Self> {
        // One that cannot be understood has a number that no other may get, and is not probed.
        let unread = UnreadTally::default();
        let mut wrong = Vec::new();
        let mut select = db.prepare(&Target::select("ORDER BY id"))?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            if Target::read(row).is_err() {
                wrong.extend(row.get::<_, u8>(0).ok());
            }
        }
        let mut retired: Vec<u8> = db
            .prepare("SELECT id FROM target WHERE retired_ms IS NOT NULL AND id BETWEEN 0 AND 255")?
            .query_map([], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        retired.append(&mut wrong);
        let usage = |id: TargetId| {
            if retired.contains(&id.0) { TargetUse::Retired } else { TargetUse::InUse }
        };
        let all = Target::all_counted(db, "ORDER BY id", [], &unread)?;
        Ok(Self(all.into_iter().map(|target| (target.clone(), usage(target.id))).collect()))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&Target, TargetUse)> {
        self.0.iter().map(|(target, usage)| (target, *usage))
    }

    pub(super) fn in_use(&self) -> impl Iterator<Item = &Target> {
        self.iter().filter(|(_, usage)| *usage == TargetUse::InUse).map(|(target, _)| target)
    }

    /// The target that is like this one in all but the number.
    pub(super) fn like(&self, wanted: &Target) -> Option<(&Target, TargetUse)> {
        self.iter().find(|(known, _)| Target { id: known.id, ..wanted.clone() } == **known)
    }

    /// The lasting target that this one is: of the same name, kind and role, and of the same family where
    /// both have an address. Its address and interval may be others. One in use comes first, then the
    /// one added last.
    pub(super) fn same(&self, wanted: &Target) -> Option<(&Target, TargetUse)> {
        let family = |target: &Target| target.ip().map(IpVersion::of);
        let is_same = |known: &Target| {
            (&known.name, known.kind, known.role) == (&wanted.name, wanted.kind, wanted.role)
                && (family(known) == family(wanted)
                    || family(known).is_none()
                    || family(wanted).is_none())
        };
        let all = || self.iter().filter(|(known, _)| is_same(known));
        all().find(|(_, usage)| *usage == TargetUse::InUse).or_else(|| all().last())
    }

    /// The lowest number above all known ones; `None`: all 255 are used.
    pub(super) fn next_id(&self) -> Option<TargetId> {
        let last = self.0.iter().map(|(target, _)| target.id.0).max().unwrap_or(0);
        last.checked_add(1).map(TargetId)
    }

    /// Adds a target, or changes whether it is in use.
    pub(super) fn set(&mut self, target: Target, usage: TargetUse) {
        self.0.retain(|(known, _)| known.id != target.id);
        self.0.push((target, usage));
        self.0.order_by_key(|(known, _)| known.id);
    }

    pub(super) fn retire(&mut self, which: impl Fn(&Target) -> bool) {
        for (_, usage) in self.0.iter_mut().filter(|(target, _)| which(target)) {
            *usage = TargetUse::Retired;
        }
    }

    /// How often a target is probed.
    pub(super) fn interval(&self, id: TargetId) -> Duration {
        let known = self.0.iter().find(|(target, _)| target.id == id);
        known.map_or(Duration::from_secs(1), |(target, _)| target.interval)
    }

    pub(super) fn by_id(&self) -> BTreeMap<TargetId, Target> {
        self.0.iter().map(|(target, _)| (target.id, target.clone())).collect()
    }
}

/// Whether two targets have the same address and interval.
pub(super) fn is_at(one: &Target, other: &Target) -> bool {
    (&one.endpoint, one.interval) == (&other.endpoint, other.interval)
}
