//! The picture as it is drawn, on screens of several sizes.

use std::time::Duration;

use jiff::tz::TimeZone;
use ratatui_core::backend::TestBackend;
use ratatui_core::buffer::Buffer;
use ratatui_core::style::{Color, Modifier};
use ratatui_core::terminal::Terminal;

use super::draw::draw;
use super::facts::{DropSums, Freshness, ListedDrops, WatchFacts};
use super::ink::{CharacterSet, Ink};
use super::look::Look;
use super::strip::{MarkStore, StripMark};
use super::view::{DropView, OnTop, PicturePace, ViewState, WatchPane};
use crate::cli::paint::Paint;
use crate::config::Lang;
use crate::live::{
    DropStatus, Flag, ImpairmentStatus, ModemStatus, ProbeFate, ProbeTrouble, Status, TargetStatus,
};
use crate::time::Timestamp;
use crate::vocabulary::{
    BearingCounts, Bounds, Endpoint, Figures, Kind, LinkDrop, LinkState, ModemKind, Place, Role,
    SimulatedShare, Standing, StoredDrop, Target, TargetId,
};

/// 2026-11-30 17:20:40 UTC, a Monday.
const NOW: Timestamp = Timestamp::from_seconds(1_796_059_240);

const TARGETS: [(&str, Role, Kind, &str, u32); 8] = [
    ("gateway", Role::Gateway, Kind::Icmp, "192.168.1.1", 400),
    ("modem", Role::Modem, Kind::Icmp, "192.168.100.1", 1_800),
    ("isp", Role::Isp, Kind::Icmp, "203.0.113.1", 8_200),
    ("cloudflare", Role::Anchor, Kind::Icmp, "1.1.1.1", 12_300),
    ("google", Role::Anchor, Kind::Icmp, "8.8.8.8", 14_100),
    ("quad9", Role::Anchor, Kind::Icmp, "9.9.9.9", 61_000),
    ("dns cloudflare", Role::Service, Kind::Dns, "one.one.one.one@1.1.1.1", 15_000),
    ("web", Role::Service, Kind::Http, "http://example.com/", 230_000),
];

fn ago(seconds: i64) -> Timestamp {
    NOW.plus_micros(-seconds * 1_000_000)
}

fn interval(kind: Kind) -> Duration {
    Duration::from_secs(if kind == Kind::Icmp { 1 } else { 10 })
}

fn targets() -> Vec<Target> {
    let of = |(n, (name, role, kind, address, _)): (u8, (&str, Role, Kind, &str, u32))| Target {
        id: TargetId(n),
        name: name.to_owned(),
        kind,
        role,
        endpoint: Endpoint::new(kind, address),
        interval: interval(kind),
    };
    (1..).zip(TARGETS).map(of).collect()
}

fn statuses() -> Vec<TargetStatus> {
    let of = |target: &Target, us: u32| {
        let is_anchor = target.role == Role::Anchor;
        TargetStatus {
            name: target.name.clone(),
            role: target.role,
            kind: target.kind,
            address: target.endpoint.to_string(),
            decides: is_anchor,
            standing: is_anchor.then_some(Standing::Far),
            sent: 60,
            lost: 0,
            not_sent: 0,
            rtt_ms: Some(f64::from(us) / 1_000.0),
            last_reply: Some(ago(1)),
            trouble: None,
        }
    };
    targets().iter().zip(TARGETS).map(|(target, (.., us))| of(target, us)).collect()
}

/// What became of a probe sent so many seconds ago: now and then one is late or lost, and five minutes ago
/// nothing was sent for a while.
fn fate(target: &Target, us: u32, seconds: i64) -> ProbeFate {
    let is_far = matches!(target.role, Role::Isp | Role::Anchor);
    match seconds {
        300..320 => ProbeFate::NotSent,
        200 if target.name == "google" => ProbeFate::Late(3_400_000),
        _ if is_far && seconds % 97 == 5 => ProbeFate::Lost,
        _ => ProbeFate::Answered(us),
    }
}

fn marks(fate: &dyn Fn(&Target, u32, i64) -> ProbeFate, from: i64, to: i64) -> MarkStore {
    let mut store = MarkStore::default();
    for (target, (.., us)) in targets().iter().zip(TARGETS) {
        let step = i64::try_from(target.interval.as_secs()).unwrap();
        for second in (to..from).filter(|second| second % step == 0) {
            let mark = StripMark { at: ago(second), fate: fate(target, us, second) };
            store.add(target.id, mark);
        }
    }
    store.sort();
    store
}

fn stored(id: i64, began: i64, length: Option<i64>, places: &[Place]) -> StoredDrop {
    let edge = |at: Timestamp| Bounds { earliest: at.plus_micros(-300_000), latest: at };
    let long = Duration::from_secs(u64::try_from(length.unwrap_or(began)).unwrap());
    let end = length.map(|length| edge(ago(began - length)));
    let bare = LinkDrop::bare(edge(ago(began)), end, [long, long + Duration::from_millis(300)]);
    let drop = LinkDrop {
        places: places.to_vec(),
        answered: vec![TargetId(1), TargetId(2)],
        silent: vec![TargetId(3), TargetId(4), TargetId(5), TargetId(6)],
        ..bare
    };
    StoredDrop { id, first_key: None, drop }
}

/// A link that is up, with drops before.
fn calm() -> WatchFacts {
    let past = vec![
        stored(12, 3_600, Some(92), &[Place::Access]),
        stored(11, 86_400, Some(7), &[Place::Access, Place::IspCore]),
        stored(9, 90_000, Some(400), &[]),
    ];
    let status = Status {
        version: "0.1.0".to_owned(),
        engine: "Linux engine".to_owned(),
        state: LinkState::Up,
        since: Some(ago(3_508)),
        last_drop: Some(DropStatus::new(12, &past[0].drop)),
        drops_24h: 1,
        targets: statuses(),
        modem: Some(ModemStatus {
            kind: Some(ModemKind::ALL[0]),
            model: Some("TC4400".to_owned()),
            firmware: None,
            started: Some(ago(900_000)),
            read: Some(ago(40)),
            took_s: 1.2,
            failure: None,
            why: None,
        }),
        ..Status::of_start(NOW)
    };
    WatchFacts {
        status,
        freshness: Freshness::Fresh,
        targets: targets(),
        marks: marks(&fate, 1_300, 0),
        drops: ListedDrops {
            rows: past,
            others: Vec::new(),
            today: DropSums { drops: 1, down: Duration::from_secs(92), open: None },
            week: DropSums { drops: 1, down: Duration::from_secs(92), open: None },
        },
        around: MarkStore::default(),
        simulated: SimulatedShare::Nothing,
        troubles: Vec::new(),
    }
}

/// The same link 40 s into a drop on the access line.
fn in_drop() -> WatchFacts {
    let mut facts = calm();
    let drop = stored(13, 40, None, &[Place::Access, Place::IspCore]);
    facts.status.state = LinkState::Down;
    facts.status.since = Some(ago(40));
    facts.status.open_drop = Some(DropStatus::new(13, &drop.drop));
    for target in &mut facts.status.targets {
        if !matches!(target.role, Role::Gateway | Role::Modem) {
            (target.lost, target.rtt_ms) = (37, Some(12.0));
            target.last_reply = Some(ago(41));
            target.trouble = Some(ProbeTrouble::NoAnswer);
        }
    }
    let is_silent = |target: &Target| !matches!(target.role, Role::Gateway | Role::Modem);
    let fate = |target: &Target, us: u32, seconds: i64| match seconds {
        ..=40 if is_silent(target) => ProbeFate::Lost,
        _ => fate(target, us, seconds),
    };
    facts.marks = marks(&fate, 1_300, 3);
    facts.around = marks(&fate, 80, 3);
    facts.drops.rows.insert(0, drop);
    facts.drops.today = DropSums { drops: 2, down: Duration::from_secs(92), open: Some(ago(40)) };
    facts.drops.week = facts.drops.today;
    facts
}

fn no_dns() -> ImpairmentStatus {
    ImpairmentStatus {
        flag: Flag::NoDns,
        since: ago(30),
        places: Vec::new(),
        target: None,
        figures: Figures::Dns(BearingCounts { bearing: 10, sent: 10 }.into()),
    }
}

/// A link that is up and loses probes, while names are not found.
fn impaired() -> WatchFacts {
    let mut facts = calm();
    facts.status.impairments.push(no_dns());
    for target in &mut facts.status.targets {
        if target.decides {
            target.lost = 9;
        }
    }
    facts
}

fn stopped() -> WatchFacts {
    WatchFacts { freshness: Freshness::Stopped(Duration::from_secs(75)), ..calm() }
}

/// Everything that can be said at once.
fn all_at_once() -> WatchFacts {
    let mut facts = in_drop();
    facts.freshness = Freshness::Late(Duration::from_secs(5));
    facts.status.impairments.push(no_dns());
    facts.status.storage_trouble = Some("no space left on device".to_owned());
    facts.status.clock.differs_s = Some(75.0);
    facts.status.clock.servers = 3;
    facts.troubles.push("read database /var/lib/linkmon/linkmon.db: disk I/O error".to_owned());
    facts
}

fn look(lang: Lang, paint: Paint, characters: CharacterSet) -> Look {
    let language = crate::language::of(lang);
    Look { language, zone: TimeZone::UTC, ink: Ink { paint, characters } }
}

fn english() -> Look {
    look(Lang::En, Paint::Coloured, CharacterSet::Unicode)
}

fn drawn(facts: &WatchFacts, view: &ViewState, look: &Look, size: (u16, u16)) -> Buffer {
    let mut terminal = Terminal::new(TestBackend::new(size.0, size.1)).unwrap();
    terminal.draw(|frame| draw(frame.buffer_mut(), facts, view, look)).unwrap();
    terminal.backend().buffer().clone()
}

/// The lines of a screen, without the blanks at their ends.
fn text(buffer: &Buffer) -> String {
    let width = usize::from(buffer.area.width).max(1);
    let line = |cells: &[ratatui_core::buffer::Cell]| {
        let line: String = cells.iter().map(ratatui_core::buffer::Cell::symbol).collect();
        line.trim_end().to_owned()
    };
    buffer.content.chunks(width).map(line).collect::<Vec<_>>().join("\n")
}

fn shown(facts: &WatchFacts, view: &ViewState, look: &Look, size: (u16, u16)) -> String {
    text(&drawn(facts, view, look, size))
}

fn picture(facts: &WatchFacts, size: (u16, u16)) -> String {
    shown(facts, &ViewState::default(), &english(), size)
}

#[test]
fn a_link_that_is_up() {
    insta::assert_snapshot!("calm_80x24", picture(&calm(), (80, 24)));
}

#[test]
fn a_link_that_is_not_well() {
    insta::assert_snapshot!("impaired_80x24", picture(&impaired(), (80, 24)));
    let words = |facts: &WatchFacts| english().language.headline_now(&facts.status);
    assert_eq!(words(&impaired()), "The link is up, but loses 15 % of the probes");
    let mut just_back = impaired();
    just_back.status.since = Some(ago(20));
    assert_eq!(words(&just_back), "The link is up, but not well", "the minute is of the drop");
}

#[test]
fn a_drop() {
    insta::assert_snapshot!("drop_80x24", picture(&in_drop(), (80, 24)));
    insta::assert_snapshot!("drop_40x10", picture(&in_drop(), (40, 10)));
    insta::assert_snapshot!("drop_200x60", picture(&in_drop(), (200, 60)));
}

#[test]
fn a_drop_in_the_other_languages_without_colour_and_in_ascii() {
    for (name, lang) in [("drop_fr", Lang::Fr), ("drop_de", Lang::De)] {
        let look = look(lang, Paint::Plain, CharacterSet::Ascii);
        let buffer = drawn(&in_drop(), &ViewState::default(), &look, (80, 24));
        assert!(buffer.content.iter().all(|cell| cell.symbol().is_ascii()));
        assert!(buffer.content.iter().all(|cell| cell.fg == Color::Reset), "no colour");
        insta::assert_snapshot!(name, text(&buffer));
    }
}

#[test]
fn a_daemon_that_stopped_is_grey_and_says_since_when() {
    let buffer = drawn(&stopped(), &ViewState::default(), &english(), (80, 24));
    insta::assert_snapshot!("stopped_80x24", text(&buffer));
    let row = |y: u16| (0..80).map(move |x| (x, y));
    let is_grey = |at: (u16, u16)| {
        buffer[at].fg == Color::Reset && buffer[at].modifier.contains(Modifier::DIM)
    };
    // The bar and the alarm are of now, and so is the hint at the bottom.
    assert!((3..23).all(|y| row(y).all(is_grey)));
    assert!(!row(1).any(is_grey));
}

#[test]
fn a_drop_probe_by_probe() {
    let view = DropView { id: 13, cell: None, halves: 0, row: 0 };
    let on_top = ViewState { on_top: OnTop::Drop(view), ..ViewState::default() };
    insta::assert_snapshot!("around_80x24", shown(&in_drop(), &on_top, &english(), (80, 24)));
    // A drop that was withdrawn meanwhile leaves the picture.
    let gone = ViewState { on_top: OnTop::Drop(DropView { id: 99, ..view }), ..on_top };
    let without = shown(&in_drop(), &gone, &english(), (80, 24));
    assert!(without.contains("Targets"), "{without}");
}

#[test]
fn the_keys() {
    let view = ViewState { on_top: OnTop::Keys, ..ViewState::default() };
    insta::assert_snapshot!("keys_80x24", shown(&calm(), &view, &english(), (80, 24)));
}

#[test]
fn whatever_is_wrong_at_once_is_said_on_80_by_24() {
    for lang in Lang::ALL {
        let look = look(lang, Paint::Coloured, CharacterSet::Unicode);
        let shown = shown(&all_at_once(), &ViewState::default(), &look, (80, 24));
        for needed in ["no space left", "disk I/O", "gateway", "modem", "13"] {
            assert!(shown.contains(needed), "{lang}: {needed} in\n{shown}");
        }
        assert!(!shown.contains('\u{a0}'), "{shown}");
    }
    insta::assert_snapshot!("all_at_once_80x24", picture(&all_at_once(), (80, 24)));
}

#[test]
fn no_size_and_no_view_is_too_much() {
    let drop = OnTop::Drop(DropView { id: 13, cell: Some(0), halves: -7, row: 90 });
    for facts in [calm(), in_drop(), impaired(), stopped(), all_at_once(), nothing()] {
        for on_top in [OnTop::Nothing, OnTop::Keys, drop] {
            for pane in [WatchPane::Targets, WatchPane::Drops] {
                let chosen = ViewState { target: 99, drop: Some(9), ..ViewState::default() };
                let view =
                    ViewState { pane, on_top, pace: PicturePace::Paused, cell: Some(6), ..chosen };
                for size in [(0, 0), (1, 1), (1, 40), (5, 3), (19, 5), (39, 11), (79, 13), (300, 4)]
                {
                    let _ = shown(&facts, &view, &english(), size);
                }
            }
        }
    }
}

#[test]
fn every_height_and_width_shows_the_state_first() {
    for height in 1..40 {
        for width in [20, 33, 50, 80, 133] {
            let shown = picture(&in_drop(), (width, height));
            assert!(shown.contains("The link is down"), "{width}x{height}\n{shown}");
        }
    }
}

/// A daemon that has just started.
fn nothing() -> WatchFacts {
    WatchFacts::new(Freshness::Fresh, Status::of_start(NOW))
}

#[test]
fn a_pane_that_was_chosen_has_the_room() {
    let mut facts = in_drop();
    let many = (20..60).map(|id| stored(id, 100_000 + 1_000 * id, Some(9), &[Place::Lan]));
    facts.drops.rows.extend(many);
    let count = |pane: WatchPane, drop: Option<i64>| {
        let view = ViewState { pane, drop, ..ViewState::default() };
        let shown = shown(&facts, &view, &english(), (80, 24));
        (shown.matches("home network").count() + shown.matches("access line").count(), shown)
    };
    let (few, targets) = count(WatchPane::Targets, None);
    let (many, drops) = count(WatchPane::Drops, None);
    assert!(few < many, "{targets}\n{drops}");
    assert!(targets.contains("web") && targets.contains("more"), "{targets}");
    let (_, scrolled) = count(WatchPane::Drops, Some(55));
    assert!(scrolled.contains("▸ 55 "), "{scrolled}");
}

#[test]
fn names_that_others_gave_move_no_cursor() {
    let hostile = "\u{1b}[2J\u{202e}\u{200f}\u{200e}\u{61c}\u{2028}\u{200b}\u{e0041}x\r\n";
    let mut facts = all_at_once();
    let status = &mut facts.status;
    for text in [&mut status.version, &mut status.engine] {
        hostile.clone_into(text);
    }
    status.storage_trouble = Some(hostile.to_owned());
    for target in &mut status.targets {
        hostile.clone_into(&mut target.name);
        hostile.clone_into(&mut target.address);
    }
    for one in &mut status.impairments {
        one.target = Some(hostile.to_owned());
    }
    status.way = Some(crate::live::WayStatus {
        interface: hostile.to_owned(),
        medium: crate::vocabulary::Medium::Wifi,
        gateway: None,
        avoids: Some(hostile.to_owned()),
        is_line: false,
        since: Some(ago(5)),
    });
    for target in &mut facts.targets {
        hostile.clone_into(&mut target.name);
    }
    facts.troubles = vec![hostile.to_owned()];
    let view = DropView { id: 13, cell: None, halves: 0, row: 0 };
    for on_top in [OnTop::Nothing, OnTop::Drop(view)] {
        let view = ViewState { on_top, ..ViewState::default() };
        let shown = shown(&facts, &view, &english(), (100, 40));
        let turned = |c: char| c != '\n' && crate::language::words::is_unprintable(c);
        assert!(!shown.contains(turned) && !shown.contains('\u{1b}'), "{shown}");
        assert!(shown.contains("[2Jx"), "{shown}");
    }
}

#[test]
fn a_simulated_record_is_said_to_be_one() {
    assert!(!picture(&calm(), (80, 24)).contains("imulated"));
    for (share, said) in [
        (SimulatedShare::All, "Simulated, not measured."),
        (SimulatedShare::Part, "Partly simulated, not measured."),
    ] {
        let shown = picture(&WatchFacts { simulated: share, ..calm() }, (80, 24));
        assert!(shown.contains(said), "{shown}");
    }
}
