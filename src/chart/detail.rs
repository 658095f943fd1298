//! One drop, probe by probe: a row for each target, a mark for each probe, and the bounds of
//! onset and end through all of them.

use super::axis::time_ticks;
use super::frame::{LegendKey, title};
use super::layout::{self, BODY, LEFT, QUIET, RIGHT, SMALL, STRONG, WIDTH, lines};
use super::palette::Tone;
use super::pen::{Align, Pen, fit, shrunk, wrap};
use crate::language::words;
use crate::language::{self, DropSheet, capital, fill};
use crate::report::{Detail, Mark, Probed, Report, Witness};
use crate::text::order::InOrder;
use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::{Bounds, DropKind, Role};

const PLOT: i32 = 330;
const END: i32 = 1_690;
const ROW: i32 = 40;
const APART: i32 = 10;
/// The most notes that are listed.
const NOTES: usize = 3;
/// Between the two windows of a long drop.
const BREAK: i32 = 70;

/// The first sentence: kind, length, time, which hops answered, where the fault is.
pub(super) fn headline(detail: &Detail) -> String {
    let (drop, l) = (&detail.drop, language::of(detail.report.language));
    let p = &l.phrases().drop_sheet;
    let kind = match drop.kind {
        DropKind::Blip => p.kinds[0],
        DropKind::Drop | DropKind::Possible => p.kinds[1],
        DropKind::Outage => p.kinds[2],
    };
    let began = drop.onset.midpoint().plus_micros(500_000);
    let roles_that = |what: Witness| -> Vec<Role> {
        let roles = [Role::Gateway, Role::Modem, Role::Isp];
        roles.into_iter().filter(|role| drop.witness(*role) == what).collect()
    };
    let (yes, no) = (roles_that(Witness::Answered), roles_that(Witness::Silent));
    let evidence = l.who([&yes, &no], 1) + &l.fault(&drop.places);
    let values = [
        ("kind", kind),
        ("id", &drop.id.to_string()),
        ("length", &l.lasted(drop)),
        ("so_far", if drop.end.is_none() && drop.record_ends.is_none() { p.so_far } else { "" }),
        ("began", &l.local(began, &detail.report.zone, p.headline_date)),
    ];
    let text = format!("{} {}.", fill(p.headline, &values), capital(&evidence));
    l.with_simulated(detail.report.record.simulated, text)
}

fn sheet_words(report: &Report) -> &'static DropSheet {
    &language::of(report.language).phrases().drop_sheet
}

/// Draws the whole sheet.
pub(super) fn draw(detail: &Detail) -> Pen {
    let mut pen = Pen::new(WIDTH);
    let y = layout::headline(&mut pen, &headline(detail), 50);
    let y = layout::site(&mut pen, &detail.report, y);
    let y = facts(&mut pen, detail, y + 10);
    let y = chart(&mut pen, detail, y + 34);
    pen.height = footer(&mut pen, detail, y + 20) + 40;
    pen
}

/// What of it a page has no words for.
pub(super) fn part(detail: &Detail) -> Pen {
    let mut pen = Pen::new(WIDTH);
    let y = facts(&mut pen, detail, 0);
    let y = chart(&mut pen, detail, y + 34);
    let reading = sheet_words(&detail.report).reading;
    pen.height = lines(&mut pen, reading, SMALL, y + 16, 12) + 16;
    pen
}

/// Onset and end with their bounds, in local time and UTC, and the length.
fn facts(pen: &mut Pen, detail: &Detail, y: i32) -> i32 {
    let (drop, zone, l) = (&detail.drop, &detail.report.zone, language::of(detail.report.language));
    let p = &l.phrases().drop_sheet;
    let when = |bounds: Bounds| {
        let utc = bounds.midpoint().plus_micros(50_000);
        let to = words::local_end(bounds.earliest, bounds.latest, zone, "%m-%d ");
        let values = [
            ("from", l.figures(&words::local_tenth(bounds.earliest, zone))),
            ("to", l.figures(&to)),
            ("offset", words::offset(bounds.midpoint(), zone)),
            ("utc", l.local(utc, &jiff::tz::TimeZone::UTC, "%Y-%m-%d %H:%M:%S%.1f")),
            ("half", l.length(words::half_width(bounds))),
        ];
        fill(p.between, &values)
    };
    let mut rows = vec![(p.began, when(drop.onset))];
    let not_yet = || l.not_over(drop, &detail.report).unwrap_or_else(|| p.not_yet.to_owned());
    rows.push((p.ended, drop.end.map_or_else(not_yet, when)));
    let lasted = l.bounds(drop.length);
    let lasted = if drop.end.is_none() { l.lasted_so_far(drop, &lasted) } else { lasted };
    let silences = match drop.flaps {
        0 | 1 => String::new(),
        n => fill(p.silences, &[("n", &n.to_string())]),
    };
    let values = [("lasted", lasted.as_str()), ("silences", &silences)];
    rows.push((p.lasted, fill(p.lasted_from_to, &values)));
    rows.push((p.zone, l.zone(detail.report.period, zone)));
    if let Some(path) = &drop.path {
        let lines = [l.path_while_down(path), l.path_back(path)].into_iter().flatten();
        let names = [l.phrases().paths.name, ""];
        rows.extend(names.into_iter().zip(lines));
    }
    if let Some(events) = l.this_computer(&detail.report, &detail.drop) {
        rows.push((p.at_the_time, events));
    }
    let inside = detail.report.notes.iter().filter(|n| detail.report.period.contains(n.at));
    for (i, note) in inside.take(NOTES).enumerate() {
        let text = format!("{} {}", l.day_minute(note.at, zone), l.note(note));
        rows.push((if i == 0 { p.notes } else { "" }, text));
    }
    let mut y = y;
    for (name, text) in rows {
        pen.text(LEFT, y + 40, Align::Left, QUIET, name);
        for line in wrap(&text, BODY, RIGHT - LEFT - 170, 6) {
            y += 40;
            pen.text(LEFT + 170, y, Align::Left, BODY, &line);
        }
    }
    y + 10
}

/// Where the windows are: time, left and right edge.
fn frames(windows: &[TimeRange]) -> Vec<(TimeRange, i32, i32)> {
    let n = i32::try_from(windows.len()).unwrap_or(1).max(1);
    let room = END - PLOT - BREAK * (n - 1);
    let all: f64 = windows.iter().map(|w| w.length().as_secs_f64()).sum();
    let mut x = PLOT;
    windows
        .iter()
        .map(|window| {
            #[allow(clippy::cast_possible_truncation, reason = "pixels")]
            let wide = (f64::from(room) * window.length().as_secs_f64() / all) as i32;
            let frame = (*window, x, x + wide);
            x += wide + BREAK;
            frame
        })
        .collect()
}

/// Pixel of an instant inside a window, its ends included.
fn x_of(frames: &[(TimeRange, i32, i32)], at: Timestamp) -> Option<i32> {
    let (window, left, right) = frames.iter().find(|(w, ..)| w.from <= at && at <= w.to)?;
    let past = i128::from(at.micros_since(window.from)) * i128::from(right - left);
    let long = i128::try_from(window.length().as_micros()).ok().filter(|us| *us > 0)?;
    Some(left + i32::try_from(past / long).ok()?)
}

fn chart(pen: &mut Pen, detail: &Detail, y: i32) -> i32 {
    let (p, l) = (sheet_words(&detail.report), language::of(detail.report.language));
    let y = title(pen, p.probes, &keys(detail), y);
    let frames = frames(&detail.windows);
    let top = y + 50;
    let rows = i32::try_from(detail.rows.len()).unwrap_or(0);
    let bottom = top + rows * (ROW + APART) - APART;
    let down = down(detail);
    let removed = &detail.report.record.removed;
    let is_gone = !removed.is_empty() && !detail.rows.iter().any(|row| !row.probes.is_empty());
    let is_known = !removed.iter().any(|removed| removed.range.intersect(&down).is_some());
    for (window, left, right) in &frames {
        pen.fill([*left, top, *right, bottom], Tone::Panel);
        let inside = down.intersect(window);
        if let Some((from, to)) =
            inside.and_then(|d| Some((x_of(&frames, d.from)?, x_of(&frames, d.to)?)))
        {
            pen.fill([from, top, to, bottom], Tone::PaleDown);
        }
        for gap in &detail.report.gaps {
            if let Some(gap) = gap.range.intersect(window)
                && let (Some(from), Some(to)) = (x_of(&frames, gap.from), x_of(&frames, gap.to))
            {
                pen.hatch([from, top, to.max(from + 2), bottom]);
            }
        }
        for part in removed.iter().filter(|_| !is_gone) {
            if let Some(part) = part.range.intersect(window)
                && let (Some(from), Some(to)) = (x_of(&frames, part.from), x_of(&frames, part.to))
            {
                pen.hatch([from, top, to.max(from + 2), bottom]);
            }
        }
        axis(pen, detail, &frames, *window, [top, bottom]);
    }
    if is_gone {
        let text = l.no_probes_kept(&detail.report);
        let middle = i32::midpoint(PLOT, END);
        pen.text(middle, i32::midpoint(top, bottom) + 8, Align::Centre, STRONG, &text);
    }
    for (i, row) in (0..).zip(&detail.rows) {
        // Nothing is claimed of probes that are no longer kept.
        let [part, whole] = [row.answered, row.sent].map(|n| l.number(n));
        let figures = fill(p.of, &[("part", &part), ("whole", &whole)]);
        let figures = if is_known { figures } else { "-".to_owned() };
        probes(pen, (row, &figures), &frames, top + i * (ROW + APART));
    }
    bounds(pen, detail, &frames, [top, bottom]);
    if let [(first, _, right), (second, left, _)] = frames.as_slice() {
        let out = second.from.duration_since(first.to).unwrap_or_default();
        let out = language::of(detail.report.language).about(out);
        let middle = i32::midpoint(*right, *left);
        for dot in [-18, 0, 18] {
            let y = i32::midpoint(top, bottom);
            pen.fill([middle + dot - 3, y - 3, middle + dot + 3, y + 3], Tone::Soft);
        }
        let text = fill(p.left_out, &[("length", &out)]);
        pen.text(middle, bottom + 88, Align::Centre, QUIET, &text);
        return bottom + 100;
    }
    bottom + 60
}

/// From the middle of the onset to the middle of the end.
fn down(detail: &Detail) -> TimeRange {
    let end = detail.windows.last().map_or(detail.report.period.to, |w| w.to);
    let drop = &detail.drop;
    let to = drop.shown_end().map_or(end, |shown| shown.at);
    TimeRange { from: drop.onset.midpoint(), to }
}

fn keys(detail: &Detail) -> Vec<(LegendKey, &'static str)> {
    let has = |is: fn(&Mark) -> bool| {
        detail.rows.iter().any(|row| row.probes.iter().any(|p| is(&p.mark)))
    };
    let p = sheet_words(&detail.report);
    let mut keys = vec![
        (LegendKey::Bar(14, Tone::Up), p.answered),
        (LegendKey::Bar(14, Tone::Line), p.slow),
        (LegendKey::Bar(34, Tone::Down), p.lost),
    ];
    if has(|m| *m == Mark::Late) {
        keys.push((LegendKey::Bar(24, Tone::Trouble), p.late));
    }
    if has(|m| *m == Mark::Wrong) {
        keys.push((LegendKey::Striped(Tone::Down), p.error));
    }
    if has(|m| *m == Mark::NotSent) {
        keys.push((LegendKey::Bar(6, Tone::Hatch), p.not_sent));
    }
    let has_removed = !detail.report.record.removed.is_empty();
    if has_removed && detail.rows.iter().any(|row| !row.probes.is_empty()) {
        let gone = language::of(detail.report.language).phrases().removed.gone;
        keys.push((LegendKey::Hatched, gone));
    }
    if !detail.report.gaps.is_empty() {
        keys.push((
            LegendKey::Hatched,
            language::of(detail.report.language).phrases().sheet.not_observed,
        ));
    }
    keys
}

fn probes(
    pen: &mut Pen,
    (row, figures): (&Probed, &str),
    frames: &[(TimeRange, i32, i32)],
    y: i32,
) {
    let middle = y + ROW / 2;
    let set = if row.decides { STRONG } else { BODY };
    let room = PLOT - LEFT - 16;
    let set = shrunk(&row.target.name, set, room, 18);
    pen.text(LEFT, middle + 10, Align::Left, set, &fit(&row.target.name, set, room));
    pen.text(RIGHT, middle + 10, Align::Right, BODY, figures);
    let mut delays: Vec<u32> = row
        .probes
        .iter()
        .filter_map(|p| if let Mark::Answered(us) = p.mark { Some(us) } else { None })
        .collect();
    delays.sort_unstable();
    let usual = delays.get(delays.len() / 2).copied().unwrap_or(u32::MAX);
    // The bad last, so that nothing good covers it.
    let order = |mark: &Mark| u8::from(!matches!(mark, Mark::Answered(_)));
    let mut sorted: Vec<_> = row.probes.iter().collect();
    sorted.order_by_key(|p| order(&p.mark));
    for probe in sorted {
        let Some(x) = x_of(frames, probe.at) else { continue };
        // Up to where the next one is, with a pixel between them where there is room.
        let next = x_of(frames, probe.at + row.target.interval).map_or(2, |next| next - x);
        let wide = if next > 3 { (next - 1).min(8) } else { next.max(1) };
        let at = |high: i32| [x, middle - high / 2, x + wide, middle + high / 2];
        match probe.mark {
            Mark::Answered(us) if us > usual.saturating_mul(2) => pen.fill(at(14), Tone::Line),
            Mark::Answered(_) => pen.fill(at(14), Tone::Up),
            Mark::Late => pen.fill(at(24), Tone::Trouble),
            Mark::Lost => pen.fill(at(34), Tone::Down),
            Mark::Wrong => pen.stripes(at(34), Tone::Down),
            Mark::NotSent => pen.fill(at(6), Tone::Hatch),
        }
    }
}

/// Lines through all rows at the bounds of onset and end, labelled above them.
fn bounds(
    pen: &mut Pen,
    detail: &Detail,
    frames: &[(TimeRange, i32, i32)],
    [top, bottom]: [i32; 2],
) {
    let (zone, l) = (&detail.report.zone, language::of(detail.report.language));
    let p = &l.phrases().drop_sheet;
    let mut edge = |name: &str, bounds: Bounds, align: Align| {
        let (Some(from), Some(to)) = (x_of(frames, bounds.earliest), x_of(frames, bounds.latest))
        else {
            return;
        };
        for x in [from, to.max(from + 2)] {
            pen.fill([x, top - 12, x + 2, bottom + 6], Tone::Ink);
        }
        pen.fill([from, top - 12, to.max(from + 2) + 2, top - 9], Tone::Ink);
        let text = format!(
            "{name} {} ± {}",
            l.local(bounds.midpoint().plus_micros(50_000), zone, "%H:%M:%S%.1f"),
            l.length(words::half_width(bounds))
        );
        let x = if align == Align::Right { to + 2 } else { from };
        pen.text(x, top - 22, align, STRONG, &text);
    };
    edge(p.edges[0], detail.drop.onset, Align::Right);
    if let Some(end) = detail.drop.end {
        edge(p.edges[1], end, Align::Left);
    }
    pen.text(RIGHT, bottom + 42, Align::Right, QUIET, p.answered_in);
}

fn axis(
    pen: &mut Pen,
    detail: &Detail,
    frames: &[(TimeRange, i32, i32)],
    window: TimeRange,
    [top, bottom]: [i32; 2],
) {
    for tick in time_ticks(window, &detail.report.zone, language::of(detail.report.language), 7) {
        let Some(x) = x_of(frames, tick.at) else { continue };
        pen.fill([x, top, x + 1, bottom + 10], Tone::Day);
        pen.text(x, bottom + 42, Align::Centre, QUIET, &tick.label);
    }
}

fn footer(pen: &mut Pen, detail: &Detail, y: i32) -> i32 {
    let mut y = y;
    let addresses: Vec<_> = detail
        .rows
        .iter()
        .map(|row| format!("{} {}", row.target.name, words::address(&row.target)))
        .collect();
    pen.fill([LEFT, y, RIGHT, y + 2], Tone::Rule);
    let l = language::of(detail.report.language);
    let p = &l.phrases().drop_sheet;
    let probed = fill(p.probed, &[("list", &addresses.join(", "))]);
    y = lines(pen, &probed, SMALL, y + 20, 12) + 4;
    let mut how = l.method(&detail.report);
    how.extend(l.removed_sentence(&detail.report));
    how.extend(layout::missing_letters(pen, &detail.report));
    for text in how.iter().map(String::as_str).chain([p.reading]) {
        y = lines(pen, text, SMALL, y, 12) + 4;
    }
    y
}
