//! The present in words: the state of the link, the last drop, and the live line of `linkmon run`,
//! which has both and RTT and loss of each role. Pure: a status and a width in, a line out.

use std::fmt::Write as _;
use std::time::Duration;

use jiff::tz::TimeZone;

use super::phrases::PresentWords;
use super::words::{date_time, same_day, time_of_day};
use super::{Language, fill, plain};
use crate::config::Lang;
use crate::live::{
    ClockStatus, DropStatus, Flag, ImpairmentStatus, Status, TargetStatus, WayStatus,
};
use crate::time::Timestamp;
use crate::vocabulary::{
    ClockState, Figures, GapReason, Impairment, Kind, LinkState, Medium, Place, Role,
};

/// How much the line says about a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verbosity {
    /// Loss even where there is none.
    Full,
    /// Loss only where there is some.
    Short,
}

impl Language {
    fn present(&self) -> &PresentWords {
        &self.phrases().present
    }

    /// The line, at most `width` characters. Where that is too little, the loss of roles that lose
    /// nothing goes first, then the roles from the host outwards; state, anchors and last drop stay
    /// longest. In a drop the roles near by are the witnesses of where the fault is, and the last drop
    /// goes before them.
    pub(crate) fn live_line(&self, status: &Status, zone: &TimeZone, width: usize) -> String {
        const ROLES: [Role; 4] = [Role::Gateway, Role::Modem, Role::Isp, Role::Anchor];
        let last = self.last_drop_words(status, zone);
        let line = |short: Verbosity, roles: &[Role], last: &str| {
            let state = match short {
                Verbosity::Full => self.state_words(status, zone),
                Verbosity::Short => self.short_state(status),
            };
            let roles = roles.iter().filter_map(|role| self.role_words(status, *role, short));
            let parts: Vec<_> = std::iter::once(state)
                .chain(roles)
                .chain((!last.is_empty()).then(|| last.to_owned()))
                .collect();
            plain(&parts.join(" | "))
        };
        let is_down = status.open_drop.is_some() || status.state == LinkState::Suspect;
        let shorter: Vec<String> = if is_down {
            let state = self.short_state(status);
            let bare = state.replace(&self.open_place(status), "");
            let witnesses = self.witnesses_now(status);
            std::iter::once(line(Verbosity::Short, &ROLES, ""))
                .chain([state, bare].map(|state| plain(&format!("{state} | {witnesses}"))))
                .collect()
        } else {
            (0..ROLES.len()).map(|first| line(Verbosity::Short, &ROLES[first..], &last)).collect()
        };
        let full = line(Verbosity::Full, &ROLES, &last);
        let short = line(Verbosity::Short, &ROLES, &last);
        [full, short]
            .into_iter()
            .chain(shorter.iter().cloned())
            .find(|line| line.chars().count() <= width)
            .unwrap_or_else(|| clip(shorter.last().map_or("", String::as_str), width))
    }

    /// `answered: gateway, modem; silent: isp`: of the roles near by, since the anchors are silent.
    fn witnesses_now(&self, status: &Status) -> String {
        let onset = status.open_drop.as_ref().map(|drop| drop.onset).or(status.since);
        let mut sides = [Vec::new(), Vec::new()];
        for role in [Role::Gateway, Role::Modem, Role::Isp] {
            let mut targets = status.targets.iter().filter(|t| t.role == role).peekable();
            if targets.peek().is_some() {
                let answered = targets.any(|t| t.last_reply.is_some_and(|at| Some(at) >= onset));
                sides[usize::from(!answered)].push(self.role_now(role));
            }
        }
        let none = self.phrases().log.none;
        let [answered, silent] =
            sides.map(|side| if side.is_empty() { none.to_owned() } else { side.join(", ") });
        fill(self.phrases().log.witnesses, &[("answered", answered), ("silent", silent)])
    }

    /// `UP 3 h 12 min`, `UP SLOW 12 min`: with flags, for how long they have lasted.
    fn short_state(&self, status: &Status) -> String {
        let state = self.state(status.state);
        let place = self.open_place(status);
        if let Some(flags) = self.flags(status) {
            return format!("{state}{place} {flags}");
        }
        let Some(since) = status.since else { return state.to_owned() };
        let long = self.length(status.at.duration_since(since).unwrap_or_default());
        format!("{state}{place} {long}")
    }

    /// A state in a word.
    pub(crate) fn state(&self, state: LinkState) -> &'static str {
        self.present().states.of(state)
    }

    /// Why nothing is known now.
    pub(crate) fn gap_now(&self, reason: GapReason) -> &'static str {
        self.present().gaps.of(reason)
    }

    /// A role, as short as can be.
    pub(crate) fn role_now(&self, role: Role) -> &'static str {
        self.present().roles.of(role)
    }

    /// The word of a flag.
    pub(crate) fn flag(&self, flag: Flag) -> &'static str {
        self.present().flags.of(flag)
    }

    /// Places, of `access|isp-core` as a status has them: `access or ISP network`.
    pub(crate) fn place_now(&self, codes: &str) -> String {
        let p = self.phrases();
        let known = |code: &str| Place::ALL.into_iter().find(|place| place.as_str() == code);
        let words: Vec<_> = codes
            .split('|')
            .map(|code| known(code).map_or(p.place_unknown, |place| p.sheet.short_places.of(place)))
            .collect();
        words.join(&format!(" {} ", p.or))
    }

    /// `LOSSY SLOW 12 min`: each flag once, and how long the first of them has lasted.
    fn flags(&self, status: &Status) -> Option<String> {
        let other = status.way.as_ref().filter(|way| !way.is_line).and_then(|way| way.since);
        let first = status.impairments.iter().map(|i| i.since).chain(other).min()?;
        let names: Vec<_> = status.flags().into_iter().map(|flag| self.flag(flag)).collect();
        let long = self.length(status.at.duration_since(first).unwrap_or_default());
        Some(format!("{} {long}", names.join(" ")))
    }

    fn open_place(&self, status: &Status) -> String {
        let open = status.open_drop.as_ref();
        open.map(|drop| format!(" [{}]", self.place_now(&drop.place))).unwrap_or_default()
    }

    /// What is wrong with the clock; `None` where nothing is known to be.
    pub(crate) fn clock_trouble(&self, clock: &ClockStatus) -> Option<String> {
        let p = self.present();
        if let Some(by) = clock.differs_s {
            let template = if by > 0.0 { p.clock_behind } else { p.clock_ahead };
            let off = self.length(Duration::from_secs_f64(by.abs()));
            let values = [("by", off), ("n", clock.servers.to_string())];
            return Some(plain(&fill(template, &values)));
        }
        (clock.state == ClockState::Provisional).then(|| plain(p.clock_unset))
    }

    /// By which way packets leave: `cable (lan0, router 192.168.1.1)`, and what there is to say of it.
    pub(crate) fn way_now(&self, way: &WayStatus) -> String {
        let (p, w) = (self.present(), &self.phrases().ways);
        let values = [
            ("medium", w.medium.of(way.medium).to_owned()),
            ("interface", way.interface.clone()),
            ("gateway", way.gateway.map(|gateway| gateway.to_string()).unwrap_or_default()),
        ];
        let template = if way.gateway.is_some() { w.way } else { w.direct };
        let mut text = fill(template, &values);
        if way.medium == Medium::Tunnel {
            text += p.through_tunnel;
        }
        text.extend(way.avoids.as_ref().map(|tunnel| fill(p.avoids, &[("tunnel", tunnel)])));
        if !way.is_line {
            text += p.not_line;
        }
        plain(&text)
    }

    /// How well the clock is known from outside: `within 0.9 s of 2 independent servers`.
    pub(crate) fn clock_within_now(&self, clock: &ClockStatus) -> Option<String> {
        let (least, most) = clock.offset_min_s.zip(clock.offset_max_s)?;
        let within = Duration::from_secs_f64(least.abs().max(most.abs()));
        let values = [("by", self.length(within)), ("n", clock.servers.to_string())];
        Some(plain(&fill(self.present().clock_within, &values)))
    }

    /// `UP since 14:02:11 (3 h 12 min)`.
    pub(crate) fn state_words(&self, status: &Status, zone: &TimeZone) -> String {
        let state = self.state(status.state);
        let Some(since) = status.since else { return state.to_owned() };
        let long = self.length(status.at.duration_since(since).unwrap_or_default());
        let values = [
            ("state", format!("{state}{}", self.open_place(status))),
            ("when", when(since, status.at, zone)),
            ("long", long),
        ];
        let mut text = fill(self.present().since, &values);
        if let Some(reason) = status.unknown {
            text.extend([self.phrases().colon, self.gap_now(reason)]);
        }
        if let Some(flags) = self.flags(status) {
            let _ = write!(text, ", {flags}");
        }
        plain(&text)
    }

    /// `anchors 12.3 ms 0.0 % (0/180)`; `None` where a role has no ICMP target. Of the anchors, only
    /// those that decide.
    fn role_words(&self, status: &Status, role: Role, detail: Verbosity) -> Option<String> {
        let p = self.present();
        let targets: Vec<&TargetStatus> = match role {
            Role::Anchor => status.deciding_anchors(),
            _ => status.targets.iter().filter(|t| t.role == role && t.kind == Kind::Icmp).collect(),
        };
        if targets.is_empty() {
            return None;
        }
        let (sent, lost) = targets.iter().fold((0, 0), |(s, l), t| (s + t.sent, l + t.lost));
        let mut rtts: Vec<f64> = targets.iter().filter_map(|t| t.rtt_ms).collect();
        rtts.sort_unstable_by(f64::total_cmp);
        let rtt =
            rtts.get(rtts.len() / 2).map_or_else(|| "-".to_owned(), |ms| format!("{ms:.1} ms"));
        let (name, rtt) = (self.role_now(role), self.figures(&rtt));
        let of_sent = if sent == 0 {
            p.nothing_sent.to_owned()
        } else if lost == 0 {
            p.none_lost.to_owned()
        } else {
            let share = format!("{:.1} %", 100.0 * f64::from(lost) / f64::from(sent));
            let values = [
                ("share", self.figures(&share)),
                ("lost", lost.to_string()),
                ("sent", sent.to_string()),
            ];
            fill(p.lost, &values)
        };
        if detail == Verbosity::Short && lost == 0 && sent > 0 {
            return Some(format!("{name} {rtt}"));
        }
        Some(format!("{name} {rtt} {of_sent}"))
    }

    /// `last drop 13:20:05 for 1 min 32 s (access)`.
    pub(crate) fn last_drop_words(&self, status: &Status, zone: &TimeZone) -> String {
        let p = self.present();
        let Some(drop) = &status.last_drop else {
            let first = if status.open_drop.is_some() { p.first_drop } else { p.no_drop };
            return plain(first);
        };
        let values = [
            ("when", when(drop.onset, status.at, zone)),
            ("length", self.drop_length(drop)),
            ("place", self.place_now(&drop.place)),
        ];
        plain(&fill(p.last_drop, &values))
    }

    /// The middle of the bounds of its length.
    pub(crate) fn drop_length(&self, drop: &DropStatus) -> String {
        let (Some(min), Some(max)) = (drop.min_s, drop.max_s) else {
            return self.present().so_far.to_owned();
        };
        self.length(Duration::from_secs_f64(f64::midpoint(min, max).max(0.0)))
    }

    /// What is wrong now: `no IPv6 since 11:36:02; IPv4 works`.
    pub(crate) fn wrong_now(
        &self,
        i: &ImpairmentStatus,
        now: Timestamp,
        zone: &TimeZone,
    ) -> String {
        let span = fill(self.present().span_from, &[("from", when(i.since, now, zone))]);
        plain(&self.wrong_in(&i.figures, &i.places, i.target.as_deref(), &span))
    }

    /// Of what is wrong: `since 19:02, 10 min 2 s so far`, `from 19:02 to 19:14, 12 min`, `at 19:02` for an
    /// instant. `when` writes a time.
    pub(crate) fn span_of_wrong(
        &self,
        i: &Impairment,
        now: Timestamp,
        when: &dyn Fn(Timestamp) -> String,
    ) -> String {
        let p = self.present();
        let began = i.onset.midpoint();
        let end = i.end.map(|end| end.midpoint());
        let long = end.unwrap_or(now).duration_since(began).unwrap_or_default();
        let template = match end {
            _ if matches!(i.figures, Figures::RouteStep { .. }) => p.span_at,
            None => p.span_open,
            Some(_) => p.span,
        };
        let values = [
            ("from", when(began)),
            ("to", end.map(when).unwrap_or_default()),
            ("long", self.length(long)),
        ];
        plain(&fill(template, &values))
    }
}

/// The live line of a present, at most `width` characters.
pub fn live_line(status: &Status, zone: &TimeZone, width: usize, lang: Lang) -> String {
    super::of(lang).live_line(status, zone, width)
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
    use super::*;
    use crate::language::of;
    use crate::vocabulary::{BearingCounts, Bounds, DropKind, Standing};

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
            version: "1.2.3".to_owned(),
            engine: "linux".to_owned(),
            state: LinkState::Up,
            since: Some(at.plus_micros(-60_000_000)),
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
            ..Status::of_start(at)
        }
    }

    #[test]
    fn a_narrow_line_keeps_state_anchors_and_last_drop() {
        let line = |width| of(Lang::En).live_line(&status(), &TimeZone::UTC, width);
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

    #[test]
    fn in_a_drop_80_columns_hold_the_witnesses() {
        let mut status = status();
        status.state = LinkState::Down;
        status.open_drop = Some(DropStatus {
            id: 2,
            kind: DropKind::Outage,
            place: "access|isp-core".to_owned(),
            onset: status.at.plus_micros(-725_000_000),
            end: None,
            min_s: None,
            max_s: None,
        });
        status.since = Some(status.at.plus_micros(-725_000_000));
        for target in &mut status.targets {
            (target.lost, target.rtt_ms) = match target.role {
                Role::Anchor | Role::Isp => (60, None),
                _ => (0, Some(1.2)),
            };
            if target.lost > 0 {
                // It answered in the last minute, before the drop.
                target.last_reply = Some(status.at.plus_micros(-726_000_000));
            }
        }
        for lang in Lang::ALL {
            let line = of(lang).live_line(&status, &TimeZone::UTC, 80);
            assert!(line.chars().count() <= 80, "{line}");
            for role in [Role::Gateway, Role::Modem, Role::Isp] {
                assert!(line.contains(of(lang).role_now(role)), "{lang} {role}: {line}");
            }
        }
        assert_eq!(
            of(Lang::En).live_line(&status, &TimeZone::UTC, 80),
            "DOWN [access or ISP network] 12 min 5 s | answered: gateway, modem; silent: isp"
        );
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
        let narrow = of(Lang::En).live_line(&status, &TimeZone::UTC, 100);
        assert!(narrow.starts_with("UP SLOW 12 min | "), "{narrow}");
        status.impairments =
            vec![impaired(Flag::NoIpv6, 3), impaired(Flag::Lossy, 20), impaired(Flag::Lossy, 2)];
        let wide = of(Lang::En).live_line(&status, &TimeZone::UTC, 1_000);
        assert!(wide.contains("(1 min), LOSSY NO-IPV6 20 min | "), "{wide}");
        for width in 0..300 {
            let line = of(Lang::En).live_line(&status, &TimeZone::UTC, width);
            assert!(line.chars().count() <= width.max(1), "{width}: {line}");
        }
    }

    #[test]
    fn times_say_whether_it_is_open() {
        let at = |s: i64| {
            let at = Timestamp::from_seconds(s);
            Bounds { earliest: at, latest: at }
        };
        let counts = BearingCounts { bearing: 1, sent: 1 };
        let mut i = Impairment {
            key: Timestamp::from_seconds(100),
            target: None,
            onset: at(100),
            end: None,
            unobserved: Duration::ZERO,
            places: vec![],
            figures: Figures::Dns(counts.into()),
        };
        let text = |i: &Impairment| {
            of(Lang::En).span_of_wrong(i, Timestamp::from_seconds(702), &|t| {
                format!("<{}>", t.as_millis() / 1_000)
            })
        };
        assert_eq!(text(&i), "since <100>, 10 min 2 s so far");
        i.end = Some(at(160));
        assert_eq!(text(&i), "from <100> to <160>, 1 min");
        i.figures = Figures::RouteStep { before_us: 1, after_us: 2 };
        assert_eq!(text(&i), "at <100>");
    }
}
