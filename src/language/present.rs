//! The present in words: the state of the link, the last drop, and the live line of `linkmon run`,
//! which has both and RTT and loss of each role. Pure: a status and a width in, a line out.

use std::fmt::Write as _;
use std::time::Duration;

use jiff::tz::TimeZone;

use super::words::{self, date_time, same_day, time_of_day};
use crate::live::{ClockStatus, DropStatus, Flag, Status, TargetStatus, WayStatus};
use crate::time::Timestamp;
use crate::vocabulary::{ClockState, Kind, LinkState, Medium, Role};

/// The line, at most `width` characters. Where that is too little, the loss of roles that lose nothing
/// goes first, then the roles from the host outwards; state, anchors and last drop stay longest.
pub fn live_line(status: &Status, zone: &TimeZone, width: usize) -> String {
    let roles = [Role::Gateway, Role::Modem, Role::Isp, Role::Anchor];
    let line = |short: Verbosity, roles: &[Role]| {
        let mut line = match short {
            Verbosity::Full => state_words(status, zone),
            Verbosity::Short => short_state(status),
        };
        for part in roles.iter().filter_map(|role| role_words(status, *role, short)) {
            let _ = write!(line, " | {part}");
        }
        let _ = write!(line, " | {}", last_drop_words(status, zone));
        line
    };
    let full = line(Verbosity::Full, &roles);
    if full.chars().count() <= width {
        return full;
    }
    (0..roles.len())
        .map(|first| line(Verbosity::Short, &roles[first..]))
        .find(|line| line.chars().count() <= width)
        .unwrap_or_else(|| clip(&line(Verbosity::Short, &roles[3..]), width))
}

/// How much the line says about a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verbosity {
    /// Loss even where there is none.
    Full,
    /// Loss only where there is some.
    Short,
}

/// `UP 3 h 12 min`, `UP SLOW 12 min`: with flags, for how long they have lasted.
fn short_state(status: &Status) -> String {
    if let Some(flags) = flags(status) {
        return format!("{}{} {flags}", state(status.state), place(status));
    }
    let Some(since) = status.since else { return state(status.state).to_owned() };
    let long = words::length(status.at.duration_since(since).unwrap_or_default());
    format!("{}{} {long}", state(status.state), place(status))
}

fn state(state: LinkState) -> &'static str {
    match state {
        LinkState::Unknown => "UNKNOWN",
        LinkState::Up => "UP",
        LinkState::Suspect => "no answer",
        LinkState::Down => "DOWN",
        LinkState::Disputed => "DISPUTED",
    }
}

/// `LOSSY SLOW 12 min`: each flag once, and how long the first of them has lasted.
fn flags(status: &Status) -> Option<String> {
    let other = status.way.as_ref().filter(|way| !way.is_line).and_then(|way| way.since);
    let first = status.impairments.iter().map(|i| i.since).chain(other).min()?;
    let names: Vec<_> = status.flags().into_iter().map(Flag::as_str).collect();
    let long = words::length(status.at.duration_since(first).unwrap_or_default());
    Some(format!("{} {long}", names.join(" ")))
}

fn place(status: &Status) -> String {
    status.open_drop.as_ref().map(|d| format!(" [{}]", d.place)).unwrap_or_default()
}

/// What is wrong with the clock; `None` where nothing is known to be.
pub fn clock_trouble(clock: &ClockStatus) -> Option<String> {
    if let Some(by) = clock.differs_s {
        let off = words::length(Duration::from_secs_f64(by.abs()));
        let side = if by > 0.0 { "behind" } else { "ahead of" };
        return Some(format!(
            "this computer's clock is {off} or more {side} {} independent servers",
            clock.servers
        ));
    }
    (clock.state == ClockState::Provisional)
        .then(|| "this computer's clock has not been set: times are about right at best".to_owned())
}

/// By which way packets leave: `cable (lan0, router 192.168.1.1)`, and what there is to say of it.
pub fn way_words(way: &WayStatus) -> String {
    let medium = super::phrases::ways::EN.medium.of(way.medium);
    let by = way.gateway.map(|gateway| format!(", router {gateway}")).unwrap_or_default();
    let mut text = format!("{medium} ({}{by})", way.interface);
    if way.medium == Medium::Tunnel {
        text += ": through a tunnel, so that what fails may be the tunnel and not the line";
    }
    if let Some(tunnel) = &way.avoids {
        text += "; the probes keep out of the tunnel ";
        text += tunnel;
    }
    if !way.is_line {
        text += "; not the line: what happens here is listed apart";
    }
    text
}

/// How well the clock is known from outside: `within 0.9 s of 2 independent servers`.
pub fn clock_within(clock: &ClockStatus) -> Option<String> {
    let (least, most) = clock.offset_min_s.zip(clock.offset_max_s)?;
    let within = Duration::from_secs_f64(least.abs().max(most.abs()));
    Some(format!("within {} of {} independent servers", words::length(within), clock.servers))
}

/// `UP since 14:02:11 (3 h 12 min)`.
pub fn state_words(status: &Status, zone: &TimeZone) -> String {
    let state = state(status.state);
    let Some(since) = status.since else { return state.to_owned() };
    let long = words::length(status.at.duration_since(since).unwrap_or_default());
    let place = place(status);
    let flags = flags(status).map(|flags| format!(", {flags}")).unwrap_or_default();
    let why =
        status.unknown.map(|reason| format!(": {}", words::gap_reason(reason))).unwrap_or_default();
    format!("{state}{place} since {} ({long}){why}{flags}", when(since, status.at, zone))
}

/// `anchors 12.3 ms 0.0 % (0/180)`; `None` where a role has no ICMP target. Of the anchors, only
/// those that decide.
fn role_words(status: &Status, role: Role, detail: Verbosity) -> Option<String> {
    let targets: Vec<&TargetStatus> = match role {
        Role::Anchor => status.deciding_anchors(),
        _ => status.targets.iter().filter(|t| t.role == role && t.kind == Kind::Icmp).collect(),
    };
    if targets.is_empty() {
        return None;
    }
    let (sent, lost) = targets.iter().fold((0, 0), |(s, l), t| (s + t.sent, l + t.lost));
    let mut rtts: Vec<f64> = targets.iter().filter_map(|t| t.rtt_ms).collect();
    rtts.sort_by(f64::total_cmp);
    let rtt = rtts.get(rtts.len() / 2).map_or_else(|| "-".to_owned(), |ms| format!("{ms:.1} ms"));
    let name = match role {
        Role::Anchor => "anchors",
        other => other.as_str(),
    };
    let of_sent = if sent == 0 {
        "nothing sent".to_owned()
    } else if lost == 0 {
        "0 % lost".to_owned()
    } else {
        format!("{:.1} % lost ({lost}/{sent})", 100.0 * f64::from(lost) / f64::from(sent))
    };
    if detail == Verbosity::Short && lost == 0 && sent > 0 {
        return Some(format!("{name} {rtt}"));
    }
    Some(format!("{name} {rtt} {of_sent}"))
}

/// `last drop 13:20:05 for 1 min 32 s (access)`.
pub fn last_drop_words(status: &Status, zone: &TimeZone) -> String {
    let Some(drop) = &status.last_drop else {
        let first = if status.open_drop.is_some() { "the first drop" } else { "no drop so far" };
        return first.to_owned();
    };
    format!(
        "last drop {} for {} ({})",
        when(drop.onset, status.at, zone),
        drop_length(drop),
        drop.place
    )
}

/// The middle of the bounds of its length.
pub fn drop_length(drop: &DropStatus) -> String {
    let (Some(min), Some(max)) = (drop.min_s, drop.max_s) else { return "so far".to_owned() };
    words::length(std::time::Duration::from_secs_f64(f64::midpoint(min, max).max(0.0)))
}

/// Time of day, with the date when it is not today's.
pub fn when(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    if same_day(at, now, zone) { time_of_day(at, zone) } else { date_time(at, zone) }
}

fn clip(line: &str, width: usize) -> String {
    if line.chars().count() <= width {
        return line.to_owned();
    }
    line.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::live::ImpairmentStatus;
    use crate::vocabulary::{BearingCounts, DropKind, Figures, Health, Standing};

    fn status() -> Status {
        let at = Timestamp::from_seconds(1_800_000_000);
        let target = |role: Role, lost| TargetStatus {
            name: role.to_string(),
            role,
            kind: Kind::Icmp,
            address: "192.0.2.1".to_owned(),
            decides: role == Role::Anchor,
            standing: (role == Role::Anchor).then_some(Standing::Far),
            sent: 60,
            lost,
            not_sent: 0,
            rtt_ms: Some(12.3),
            last_reply: Some(at),
            trouble: None,
        };
        Status {
            at,
            version: "1.2.3".to_owned(),
            pid: 1,
            started: at,
            engine: "linux".to_owned(),
            state: LinkState::Up,
            since: Some(at.plus_micros(-60_000_000)),
            unknown: None,
            way: None,
            open_drop: None,
            impairments: Vec::new(),
            last_drop: Some(DropStatus {
                id: 1,
                kind: DropKind::Drop,
                place: "access".to_owned(),
                onset: at.plus_micros(-600_000_000),
                end: Some(at.plus_micros(-540_000_000)),
                min_s: Some(59.8),
                max_s: Some(60.2),
            }),
            drops_24h: 1,
            targets: [(Role::Gateway, 0), (Role::Modem, 0), (Role::Isp, 0), (Role::Anchor, 3)]
                .map(|(role, lost)| target(role, lost))
                .to_vec(),
            strays: BTreeMap::new(),
            clock: crate::live::ClockStatus::default(),
            storage_trouble: None,
            storage: Health::default(),
        }
    }

    #[test]
    fn a_narrow_line_keeps_state_anchors_and_last_drop() {
        let line = |width| live_line(&status(), &TimeZone::UTC, width);
        assert_eq!(
            line(200),
            "UP since 07:59:00 (1 min) | gateway 12.3 ms 0 % lost | modem 12.3 ms 0 % lost | \
             isp 12.3 ms 0 % lost | anchors 12.3 ms 5.0 % lost (3/60) | \
             last drop 07:50:00 for 1 min (access)"
        );
        assert_eq!(
            line(86),
            "UP 1 min | anchors 12.3 ms 5.0 % lost (3/60) | last drop 07:50:00 for 1 min (access)"
        );
        assert!((1..200).all(|width| line(width).chars().count() <= width));
    }

    fn impaired(flag: Flag, minutes: i64) -> ImpairmentStatus {
        let counts = BearingCounts { bearing: 1, sent: 1 };
        ImpairmentStatus {
            flag,
            since: status().at.plus_micros(-minutes * 60_000_000),
            places: Vec::new(),
            target: None,
            figures: Figures::Dns(counts.into()),
        }
    }

    #[test]
    fn flags_follow_the_state_with_the_time_since_the_first_of_them() {
        let mut status = status();
        status.impairments = vec![impaired(Flag::Slow, 12)];
        let narrow = live_line(&status, &TimeZone::UTC, 100);
        assert!(narrow.starts_with("UP SLOW 12 min | "), "{narrow}");
        status.impairments =
            vec![impaired(Flag::NoIpv6, 3), impaired(Flag::Lossy, 20), impaired(Flag::Lossy, 2)];
        let wide = live_line(&status, &TimeZone::UTC, 1_000);
        assert!(wide.contains("(1 min), LOSSY NO-IPV6 20 min | "), "{wide}");
        for width in 0..300 {
            let line = live_line(&status, &TimeZone::UTC, width);
            assert!(line.chars().count() <= width.max(1), "{width}: {line}");
        }
    }
}
