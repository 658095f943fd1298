//! What the zoomable page draws, as compact JSON: a period column by column, the days of a calendar, one drop
//! probe by probe. Instants are milliseconds since 1970 UTC, as charts take them.

use jiff::tz::TimeZone;
use serde::Serialize;

use super::drops::{DropJson, DropsContext};
use super::modem::{DropAccountJson, of_drop};
use super::unread::UnreadJson;
use super::{ms, rounded, seconds};
use crate::live::ProbeFate;
use crate::report::history::{
    ChartedProbe, CourseColumn, DayRecord, DropRecord, FirstOf, History, HistorySource, HourOfDay,
    LevelsPoint, LinkColumn, TargetCourse, WayStretch,
};
use crate::report::{DropEntry, GapEntry};
use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::{
    DropKind, GapReason, Kind, LossRatio, Medium, Note, NoteKind, Role, SimulatedShare, Target,
};

/// When a probe was sent, its delay in milliseconds, what came of it: 0 answered, 1 late, 2 lost, 3 not sent.
type MarkJson = (i64, Option<f64>, u8);

#[derive(Serialize)]
struct HistoryJson<'a> {
    from: i64,
    to: i64,
    columns: usize,
    column_ms: i64,
    source: HistorySource,
    record: Option<RangeJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    simulated: Option<SimulatedShare>,
    column: ColumnsJson<'a>,
    targets: Vec<CourseJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    probes: Option<Vec<ProbesJson<'a>>>,
    modem: Vec<LevelsJson>,
    modem_restarts: Vec<i64>,
    drops: Vec<DropMarkJson<'a>>,
    drops_left_out: usize,
    drops_in_all: usize,
    blips_in_all: usize,
    gaps: Vec<GapMarkJson>,
    gaps_left_out: usize,
    ways: Vec<WayMarkJson<'a>>,
    ways_left_out: usize,
    notes: Vec<NoteMarkJson<'a>>,
    notes_left_out: usize,
    unreadable_minutes: u64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unread: Vec<UnreadJson>,
}

#[derive(Serialize)]
struct RangeJson {
    from: i64,
    to: i64,
}

#[derive(Serialize)]
struct ColumnsJson<'a> {
    watched: Vec<Option<f64>>,
    down_s: Vec<Option<f64>>,
    drops: Vec<u32>,
    blips: Vec<u32>,
    place: Vec<Option<&'a str>>,
    sent: Vec<Option<u64>>,
    lost: Vec<Option<u64>>,
}

#[derive(Serialize)]
struct TargetHeadJson<'a> {
    id: u8,
    name: &'a str,
    role: Role,
    kind: Kind,
}

/// The probes of a target.
#[derive(Serialize)]
struct ProbesJson<'a> {
    #[serde(flatten)]
    head: TargetHeadJson<'a>,
    probes: Vec<MarkJson>,
    #[serde(skip_serializing_if = "is_none_left_out")]
    left_out: usize,
}

#[derive(Serialize)]
struct CourseJson<'a> {
    #[serde(flatten)]
    head: TargetHeadJson<'a>,
    decides: bool,
    sent: Vec<Option<u64>>,
    lost: Vec<Option<u64>>,
    min_ms: Vec<Option<f64>>,
    median_ms: Vec<Option<f64>>,
    max_ms: Vec<Option<f64>>,
}

#[derive(Serialize)]
struct LevelsJson {
    at: i64,
    last: i64,
    readings: u32,
    power_min_dbmv: Option<f64>,
    power_max_dbmv: Option<f64>,
    mer_min_db: Option<f64>,
    transmit_min_dbmv: Option<f64>,
    transmit_max_dbmv: Option<f64>,
    uncorrectable: Option<u64>,
}

#[derive(Serialize)]
struct DropMarkJson<'a> {
    id: i64,
    onset: i64,
    end: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    record_ends: Option<i64>,
    seconds: f64,
    place: &'a str,
    kind: DropKind,
}

#[derive(Serialize)]
struct GapMarkJson {
    from: i64,
    to: i64,
    reason: GapReason,
}

#[derive(Serialize)]
struct WayMarkJson<'a> {
    from: i64,
    to: i64,
    interface: Option<&'a str>,
    medium: Option<Medium>,
    is_line: Option<bool>,
}

#[derive(Serialize)]
struct NoteMarkJson<'a> {
    id: i64,
    at: i64,
    kind: NoteKind,
    text: &'a str,
}

/// A history as JSON.
pub fn history_json(history: &History) -> String {
    let History { grid, source, holds, link, loss, targets, has_probes, .. } = history;
    let whole = range(grid.range());
    compact(&HistoryJson {
        from: whole.from,
        to: whole.to,
        columns: grid.count(),
        column_ms: grid.width_us() / 1_000,
        source: *source,
        record: holds.map(range),
        simulated: said(history.simulated),
        column: columns(link, loss),
        targets: targets.iter().map(course).collect(),
        probes: has_probes
            .then(|| targets.iter().map(|of| probes(&of.target, &of.probes, 0)).collect()),
        modem: history.modem.iter().map(levels).collect(),
        modem_restarts: history.modem_restarts.iter().map(|at| at.as_millis()).collect(),
        drops: list(&history.drops, drop_mark),
        drops_left_out: history.drops.left_out,
        drops_in_all: history.drops_in_all,
        blips_in_all: history.blips_in_all,
        gaps: list(&history.gaps, gap_mark),
        gaps_left_out: history.gaps.left_out,
        ways: list(&history.ways, way_mark),
        ways_left_out: history.ways.left_out,
        notes: list(&history.notes, note_mark),
        notes_left_out: history.notes.left_out,
        unreadable_minutes: history.unreadable_minutes,
        unread: history.unread.iter().map(UnreadJson::of).collect(),
    })
}

/// Only of a record that was not measured.
fn said(simulated: SimulatedShare) -> Option<SimulatedShare> {
    Some(simulated).filter(|share| share.is_any())
}

fn list<'a, T, J>(listed: &'a FirstOf<T>, mark: impl Fn(&'a T) -> J) -> Vec<J> {
    listed.entries.iter().map(mark).collect()
}

fn range(of: TimeRange) -> RangeJson {
    RangeJson { from: of.from.as_millis(), to: of.to.as_millis() }
}

fn columns<'a>(link: &'a [LinkColumn], loss: &[LossRatio]) -> ColumnsJson<'a> {
    ColumnsJson {
        watched: link.iter().map(|column| column.watched.map(share)).collect(),
        down_s: link.iter().map(|column| column.down_s.map(down_s)).collect(),
        drops: link.iter().map(|column| column.drops).collect(),
        blips: link.iter().map(|column| column.blips).collect(),
        place: link.iter().map(|column| column.place.as_deref()).collect(),
        sent: loss.iter().map(sent).collect(),
        lost: loss.iter().map(lost).collect(),
    }
}

/// Neither nothing nor all by rounding.
fn share(of: f64) -> f64 {
    match rounded(of, 4) {
        0.0 if of > 0.0 => 0.0001,
        1.0 if of < 1.0 => 0.9999,
        share => share,
    }
}

fn down_s(s: f64) -> f64 {
    if s > 0.0 { rounded(s, 3).max(0.001) } else { 0.0 }
}

fn sent(loss: &LossRatio) -> Option<u64> {
    (loss.sent > 0).then_some(loss.sent)
}

fn lost(loss: &LossRatio) -> Option<u64> {
    (loss.sent > 0).then_some(loss.lost)
}

fn head(target: &Target) -> TargetHeadJson<'_> {
    let Target { id, name, role, kind, .. } = target;
    TargetHeadJson { id: id.0, name, role: *role, kind: *kind }
}

fn course(of: &TargetCourse) -> CourseJson<'_> {
    let delay = |which: fn(&CourseColumn) -> Option<u32>| {
        of.columns.iter().map(|column| which(column).map(ms)).collect()
    };
    CourseJson {
        head: head(&of.target),
        decides: of.decides,
        sent: of.columns.iter().map(|column| sent(&column.loss)).collect(),
        lost: of.columns.iter().map(|column| lost(&column.loss)).collect(),
        min_ms: delay(|column| column.rtt.map(|rtt| rtt.min)),
        median_ms: delay(|column| column.rtt.map(|rtt| rtt.median)),
        max_ms: delay(|column| column.rtt.map(|rtt| rtt.max)),
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde asks")]
fn is_none_left_out(left_out: &usize) -> bool {
    *left_out == 0
}

fn probes<'a>(target: &'a Target, probes: &[ChartedProbe], left_out: usize) -> ProbesJson<'a> {
    let mark = |probe: &ChartedProbe| {
        let (rtt, fate) = match probe.fate {
            ProbeFate::Answered(us) => (Some(ms(us)), 0),
            ProbeFate::Late(us) => (Some(ms(us)), 1),
            ProbeFate::Lost => (None, 2),
            ProbeFate::NotSent => (None, 3),
        };
        (probe.at.as_millis(), rtt, fate)
    };
    let probes = probes.iter().map(mark).collect();
    ProbesJson { head: head(target), probes, left_out }
}

fn levels(point: &LevelsPoint) -> LevelsJson {
    let of = point.levels;
    let [power_min_dbmv, power_max_dbmv] = ends(of.power_dbmv);
    let [transmit_min_dbmv, transmit_max_dbmv] = ends(of.transmit_dbmv);
    LevelsJson {
        at: point.at.as_millis(),
        last: point.last.as_millis(),
        readings: point.readings,
        power_min_dbmv,
        power_max_dbmv,
        mer_min_db: of.mer_min_db.map(|level| rounded(level, 2)),
        transmit_min_dbmv,
        transmit_max_dbmv,
        uncorrectable: of.uncorrectable,
    }
}

fn ends(of: Option<[f64; 2]>) -> [Option<f64>; 2] {
    of.map_or([None; 2], |ends| ends.map(|level| Some(rounded(level, 2))))
}

fn drop_mark(drop: &DropEntry) -> DropMarkJson<'_> {
    DropMarkJson {
        id: drop.id,
        onset: drop.onset.midpoint().as_millis(),
        end: drop.end.map(|end| end.midpoint().as_millis()),
        record_ends: drop.record_ends.map(Timestamp::as_millis),
        seconds: seconds(drop.likely_length()),
        place: &drop.place,
        kind: drop.kind,
    }
}

fn gap_mark(gap: &GapEntry) -> GapMarkJson {
    let RangeJson { from, to } = range(gap.range);
    GapMarkJson { from, to, reason: gap.reason }
}

fn way_mark(stretch: &WayStretch) -> WayMarkJson<'_> {
    let RangeJson { from, to } = range(stretch.range);
    let way = stretch.way.as_ref();
    WayMarkJson {
        from,
        to,
        interface: way.map(|way| way.interface.as_str()),
        medium: way.map(|way| way.medium),
        is_line: stretch.is_line,
    }
}

fn note_mark(note: &Note) -> NoteMarkJson<'_> {
    NoteMarkJson { id: note.id, at: note.at.as_millis(), kind: note.kind, text: &note.text }
}

#[derive(Serialize)]
struct DaysJson<'a> {
    zone: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    simulated: Option<SimulatedShare>,
    days: Vec<CalendarDayJson>,
}

#[derive(Serialize)]
struct CalendarDayJson {
    date: String,
    from: i64,
    to: i64,
    #[serde(flatten)]
    total: CalendarHourJson,
    outages: u32,
    hours: Vec<CalendarHourJson>,
}

#[derive(Serialize)]
struct CalendarHourJson {
    length_s: f64,
    watched_s: f64,
    /// Null where nothing was judged.
    down_s: Option<f64>,
    drops: u32,
}

/// Days as JSON, of a record of which so much was simulated.
pub fn days_json(days: &[DayRecord], zone: &TimeZone, simulated: SimulatedShare) -> String {
    let hour = |of: &HourOfDay| CalendarHourJson {
        length_s: rounded(of.length_s, 3),
        watched_s: rounded(of.watched_s, 3),
        down_s: (of.watched_s > 0.0).then(|| down_s(of.down_s)),
        drops: of.drops,
    };
    let day = |day: &DayRecord| {
        let RangeJson { from, to } = range(day.range);
        CalendarDayJson {
            date: day.date.to_string(),
            from,
            to,
            total: hour(&day.total),
            outages: day.outages,
            hours: day.hours.iter().map(hour).collect(),
        }
    };
    let days = days.iter().map(day).collect();
    compact(&DaysJson { zone: zone.iana_name(), simulated: said(simulated), days })
}

#[derive(Serialize)]
struct DropRecordJson<'a> {
    #[serde(flatten)]
    drop: DropJson<'a>,
    from: i64,
    to: i64,
    probes: Vec<ProbesJson<'a>>,
    modem: Option<DropAccountJson<'a>>,
    notes: Vec<NoteMarkJson<'a>>,
}

/// One drop with the probes about it as JSON; local times are in `zone`.
pub fn drop_record_json(record: &DropRecord, zone: &TimeZone) -> String {
    let DropRecord { stored, targets, simulated, shown, modem, notes, .. } = record;
    let ended: Vec<_> = record.record_ends.map(|at| (stored.drop.key, at)).into_iter().collect();
    let others: Vec<_> = record.is_by_other_way.then_some(stored.id).into_iter().collect();
    let context =
        DropsContext { targets, zone, simulated: *simulated, others: &others, ended: &ended };
    let RangeJson { from, to } = range(*shown);
    compact(&DropRecordJson {
        drop: DropJson::of_stored(stored, context),
        from,
        to,
        probes: record
            .probes
            .iter()
            .map(|of| probes(&of.target, &of.probes, of.left_out))
            .collect(),
        modem: modem.as_ref().map(|account| of_drop(stored.id, account)),
        notes: notes.iter().map(note_mark).collect(),
    })
}

/// On one line.
fn compact(value: &impl Serialize) -> String {
    let mut out = serde_json::to_string(value).expect("text, numbers and lists are JSON");
    out.push('\n');
    out
}
