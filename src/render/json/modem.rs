//! What the modem said, as JSON.

use serde::Serialize;

use super::rounded;
use crate::modem::understand::{
    DropAccount, LevelOf, ModemFinding, PlacedEntry, Restart, RestartReason,
};
use crate::report::{ChangedFact, ModemFacts};
use crate::time::Timestamp;
use crate::vocabulary::{Bounds, LogClass, ModemKind, Place};

/// What the modem said in the period.
#[derive(Debug, Serialize)]
pub(super) struct ModemJson<'a> {
    kind: Option<ModemKind>,
    model: Option<&'a str>,
    firmware: Option<&'a str>,
    readings: usize,
    failed: usize,
    clock_offset_s: Option<f64>,
    clock_within_s: Option<f64>,
    restarts: Option<Vec<RestartJson>>,
    restarts_known: Option<KnownJson>,
    near: Option<NearJson>,
    after_reading: AfterReadingJson,
    stopped: Option<Timestamp>,
    changes: Vec<ModemChangeJson<'a>>,
    drops: Vec<DropAccountJson<'a>>,
}

#[derive(Debug, Serialize)]
struct RestartJson {
    earliest: Timestamp,
    latest: Timestamp,
    reason: RestartReason,
}

/// The part of the period of which something is known.
#[derive(Debug, Serialize)]
struct KnownJson {
    from: Timestamp,
    to: Timestamp,
}

#[derive(Debug, Serialize)]
struct NearJson {
    drops: u32,
    with_event: u32,
    by_chance: f64,
}

#[derive(Debug, Serialize)]
struct AfterReadingJson {
    drops: u32,
    after_reading: u32,
    by_chance: f64,
    p: f64,
}

#[derive(Debug, Serialize)]
struct ModemChangeJson<'a> {
    at: Timestamp,
    of: &'static str,
    from: &'a str,
    to: &'a str,
}

#[derive(Debug, Serialize)]
pub(super) struct DropAccountJson<'a> {
    id: i64,
    finding: ModemFinding,
    place: Option<Place>,
    restarted: Option<bool>,
    restart: Option<RestartJson>,
    events: Vec<EntryJson<'a>>,
    unlocked: usize,
    lacking: Option<LackingJson>,
    changes: Vec<LevelJson>,
    uncorrectable: Option<u64>,
    page_dead: Option<Bounds>,
    readings: &'a [Timestamp],
}

#[derive(Debug, Serialize)]
struct EntryJson<'a> {
    earliest: Option<Timestamp>,
    latest: Option<Timestamp>,
    class: LogClass,
    text: &'a str,
    count: u32,
}

#[derive(Debug, Serialize)]
struct LackingJson {
    channels: u32,
    of: u32,
    seconds: Option<f64>,
    within_s: Option<f64>,
}

#[derive(Debug, Serialize)]
struct LevelJson {
    level: LevelOf,
    channel: Option<u32>,
    frequency_hz: Option<u64>,
    usual: f64,
    now: f64,
}

impl From<&Restart> for RestartJson {
    fn from(restart: &Restart) -> Self {
        let Bounds { earliest, latest } = restart.at;
        Self { earliest, latest, reason: restart.reason }
    }
}

impl<'a> ModemJson<'a> {
    pub(super) fn of(facts: &'a ModemFacts) -> Self {
        let seconds = |us: i64| {
            #[expect(clippy::cast_precision_loss, reason = "far less than 2^53")]
            let seconds = us as f64 / 1e6;
            rounded(seconds, 3)
        };
        let harm = facts.harm;
        Self {
            kind: facts.kind,
            model: facts.model.as_deref(),
            firmware: facts.firmware.as_deref(),
            readings: facts.readings,
            failed: facts.failed,
            clock_offset_s: facts.offset.map(|offset| seconds(offset.middle_us())),
            clock_within_s: facts.offset.map(|offset| seconds(offset.error_us())),
            restarts: facts
                .restarts
                .as_ref()
                .map(|all| all.iter().map(RestartJson::from).collect()),
            restarts_known: facts
                .uptime_known
                .map(|known| KnownJson { from: known.from, to: known.to }),
            near: facts.near.map(|near| NearJson {
                drops: near.drops,
                with_event: near.with_event,
                by_chance: rounded(near.by_chance, 3),
            }),
            after_reading: AfterReadingJson {
                drops: harm.drops,
                after_reading: harm.after_reading,
                by_chance: rounded(harm.by_chance, 3),
                p: rounded(harm.p, 8),
            },
            stopped: facts.stopped,
            changes: facts
                .changes
                .iter()
                .map(|change| ModemChangeJson {
                    at: change.at,
                    of: match change.of {
                        ChangedFact::Firmware => "firmware",
                        ChangedFact::Address => "address",
                    },
                    from: &change.from,
                    to: &change.to,
                })
                .collect(),
            drops: facts.drops.iter().map(|(id, account)| of_drop(*id, account)).collect(),
        }
    }
}

pub(super) fn of_drop(id: i64, account: &DropAccount) -> DropAccountJson<'_> {
    let entry = |placed: &'_ PlacedEntry| placed.at.map(|at| (at.earliest, at.latest)).unzip();
    DropAccountJson {
        id,
        finding: account.finding,
        place: account.finding.place(),
        restarted: account.restarted,
        restart: account.restart.as_ref().map(RestartJson::from),
        events: account
            .log
            .iter()
            .map(|placed| {
                let (earliest, latest) = entry(placed);
                let (class, count) = (placed.entry.class, placed.entry.count);
                EntryJson { earliest, latest, class, text: &placed.entry.text, count }
            })
            .collect(),
        unlocked: account.unlocked.len(),
        lacking: account.lacking.map(|lacking| LackingJson {
            channels: lacking.channels,
            of: lacking.of,
            seconds: lacking.length.map(|length| rounded(length.as_secs_f64(), 3)),
            within_s: lacking.length.map(|_| rounded(lacking.error.as_secs_f64(), 3)),
        }),
        changes: account
            .changes
            .iter()
            .map(|change| LevelJson {
                level: change.level,
                channel: change.channel.id,
                frequency_hz: change.channel.frequency_hz,
                usual: rounded(change.usual, 2),
                now: rounded(change.now, 2),
            })
            .collect(),
        uncorrectable: account.uncorrectable,
        page_dead: account.page_dead,
        readings: &account.readings,
    }
}
