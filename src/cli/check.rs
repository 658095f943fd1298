//! `linkmon check`: the present as a plugin of Nagios or Icinga: one line on standard output with a
//! verdict and figures, and 0, 1, 2 or 3 as exit code.
//!
//! Figures follow the plugin development guidelines: `'label'=value[unit];warn;crit;min;max`, and
//! `U` for an unknown value.

use std::fmt::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use jiff::tz::TimeZone;

use super::args::{Arguments, CheckArgs};
use super::context::Context;
use super::output;
use super::status::STALE_AFTER;
use crate::language::words::{impairment, length};
use crate::live::Status;
use crate::prose::english;
use crate::time::Timestamp;
use crate::vocabulary::{LinkState, LossRatio};

/// The meaning of the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PluginState {
    Ok,
    Warning,
    Critical,
    Unknown,
}

impl PluginState {
    fn word(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Warning => "WARNING",
            Self::Critical => "CRITICAL",
            Self::Unknown => "UNKNOWN",
        }
    }

    /// Orders levels to find the worst of several: known trouble comes before the unknown.
    fn gravity(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Unknown => 1,
            Self::Warning => 2,
            Self::Critical => 3,
        }
    }

    pub(super) fn exit_code(self) -> ExitCode {
        ExitCode::from(match self {
            Self::Ok => 0,
            Self::Warning => 1,
            Self::Critical => 2,
            Self::Unknown => 3,
        })
    }
}

/// The whole command. It never fails in another way: an error in the call, the configuration or the
/// database is UNKNOWN as well.
pub(super) fn check(args: &CheckArgs, arguments: &Arguments) -> ExitCode {
    let (level, line) = match present(arguments) {
        Ok((Some(status), context)) => report(&status, args, &context),
        Ok((None, context)) => {
            let db = context.existing_db().display();
            (PluginState::Unknown, format!("no daemon is measuring into {db}"))
        }
        Err(error) => (PluginState::Unknown, format!("{error:#}")),
    };
    unknown_unless_written(level, &line)
}

/// An error in the arguments, reported as a plugin reports it.
pub(super) fn wrong_usage(error: &clap::Error) -> ExitCode {
    let text = error.render().to_string();
    let first = text.lines().next().unwrap_or_default();
    let first = first.strip_prefix("error: ").unwrap_or(first);
    unknown_unless_written(PluginState::Unknown, first)
}

fn unknown_unless_written(level: PluginState, line: &str) -> ExitCode {
    // Nagios takes the first line alone, and cuts the figures off at a bar.
    let line = line.replace(['\n', '\r'], " ");
    match output::write(format!("LINKMON {} - {line}\n", level.word()).as_bytes()) {
        Ok(()) => level.exit_code(),
        Err(_) => PluginState::Unknown.exit_code(),
    }
}

fn present(arguments: &Arguments) -> anyhow::Result<(Option<Status>, Context)> {
    let context = Context::new(arguments)?;
    let live = context.reader()?.live();
    let status = live.map(|live| serde_json::from_str(&live.status)).transpose()?;
    Ok((status, context))
}

fn report(status: &Status, args: &CheckArgs, context: &Context) -> (PluginState, String) {
    let age = context.now.duration_since(status.at).unwrap_or_default();
    if age > STALE_AFTER {
        let text = format!("no daemon is measuring: its last status is {} old", length(age));
        return (PluginState::Unknown, text);
    }
    let mut verdict = verdict(status, args);
    verdict.judge_space(status, &context.zone);
    let state = english().state_words(status, &context.zone);
    let drop = english().last_drop_words(status, &context.zone);
    let mut line = format!("{state}; {drop}; {} in 24 h", drops(status.drops_24h));
    for reason in &verdict.reasons {
        let _ = write!(line, "; {reason}");
    }
    let line = line.replace('|', "/");
    (verdict.level, format!("{line} | {}", figures(status, args).join(" ")))
}

fn drops(n: u32) -> String {
    if n == 1 { "1 drop".to_owned() } else { format!("{n} drops") }
}

/// How bad it is, and the reasons apart from the state itself.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct CheckVerdict {
    pub(super) level: PluginState,
    pub(super) reasons: Vec<String>,
}

impl CheckVerdict {
    fn worsen(&mut self, level: PluginState, reason: Option<String>) {
        if level.gravity() > self.level.gravity() {
            self.level = level;
        }
        self.reasons.extend(reason);
    }
}

/// The verdict on the present.
pub(super) fn verdict(status: &Status, args: &CheckArgs) -> CheckVerdict {
    let level = match status.state {
        LinkState::Up => PluginState::Ok,
        LinkState::Suspect | LinkState::Disputed => PluginState::Warning,
        LinkState::Down => PluginState::Critical,
        LinkState::Unknown => PluginState::Unknown,
    };
    let mut verdict = CheckVerdict { level, reasons: Vec::new() };
    for i in &status.impairments {
        let what = impairment::what(&i.figures, &i.places, i.target.as_deref());
        verdict.worsen(PluginState::Warning, Some(what));
    }
    if let Some(trouble) = &status.storage_trouble {
        verdict.worsen(PluginState::Warning, Some(format!("storing fails: {trouble}")));
    }
    // What the anchors do by another way says nothing of the line.
    let is_apart = status.way.as_ref().is_some_and(|way| !way.is_line);
    verdict
        .reasons
        .extend(status.way.as_ref().filter(|_| is_apart).map(|way| english().way_now(way)));
    let anchors = Anchors::of(status);
    let loss = anchors.loss_percent().map(|percent| {
        (percent, format!("{percent:.1} % lost ({} of {})", anchors.loss.lost, anchors.loss.sent))
    });
    if let Some((percent, text)) = loss.filter(|_| !is_apart) {
        verdict.judge(percent, args.warning_loss, args.critical_loss, &text);
    }
    if let Some(rtt) = anchors.rtt_ms.filter(|_| !is_apart) {
        let limits = [args.warning_rtt, args.critical_rtt].map(|d| d.map(millis));
        verdict.judge(rtt, limits[0], limits[1], &format!("RTT {rtt:.1} ms"));
    }
    let limits = [args.warning_drops, args.critical_drops].map(|n| n.map(f64::from));
    let n = status.drops_24h;
    verdict.judge(f64::from(n), limits[0], limits[1], &format!("{} in 24 h", drops(n)));
    verdict
}

impl CheckVerdict {
    fn judge_space(&mut self, status: &Status, zone: &TimeZone) {
        let Some(forecast) = &status.storage.forecast else { return };
        for alarm in &forecast.alarms {
            let what = english().room_warning(alarm.of, forecast, zone);
            self.worsen(PluginState::Warning, Some(what));
        }
    }

    fn judge(&mut self, value: f64, warning: Option<f64>, critical: Option<f64>, text: &str) {
        let reached = |limit: Option<f64>| limit.filter(|limit| value >= *limit);
        if let Some(limit) = reached(critical) {
            self.worsen(PluginState::Critical, Some(format!("{text}, critical from {limit}")));
        } else if let Some(limit) = reached(warning) {
            self.worsen(PluginState::Warning, Some(format!("{text}, a warning from {limit}")));
        }
    }
}

fn millis(d: Duration) -> f64 {
    d.as_secs_f64() * 1e3
}

/// The last minute of the deciding anchors, all together.
struct Anchors {
    loss: LossRatio,
    rtt_ms: Option<f64>,
}

impl Anchors {
    fn of(status: &Status) -> Self {
        let mut rtts: Vec<f64> =
            status.deciding_anchors().iter().filter_map(|t| t.rtt_ms).collect();
        rtts.sort_unstable_by(f64::total_cmp);
        let loss = status.anchor_counts().probes;
        Self { loss, rtt_ms: rtts.get(rtts.len() / 2).copied() }
    }

    fn loss_percent(&self) -> Option<f64> {
        self.loss.ratio().map(|ratio| 100.0 * ratio)
    }
}

/// Loss of the deciding anchors as the verdict uses it.
#[cfg(test)]
pub(super) fn anchor_loss(status: &Status) -> LossRatio {
    Anchors::of(status).loss
}

/// The figures, each with its thresholds.
fn figures(status: &Status, args: &CheckArgs) -> Vec<String> {
    let anchors = Anchors::of(status);
    let limits = |warning: Option<f64>, critical: Option<f64>| {
        let text = |limit: Option<f64>| limit.map(|l| l.to_string()).unwrap_or_default();
        format!("{};{}", text(warning), text(critical))
    };
    let known = |value: Option<f64>, unit: &str| {
        value.map_or_else(|| "U".to_owned(), |v| format!("{v:.3}{unit}"))
    };
    let loss = limits(args.warning_loss, args.critical_loss);
    let rtt = limits(args.warning_rtt.map(millis), args.critical_rtt.map(millis));
    let drops = limits(args.warning_drops.map(f64::from), args.critical_drops.map(f64::from));
    let mut figures = vec![
        format!("loss={};{loss};0;100", known(anchors.loss_percent(), "%")),
        format!("rtt={};{rtt};0", known(anchors.rtt_ms, "ms")),
        format!("drops_24h={};{drops};0", status.drops_24h),
        format!("state_for={};;;0", known(state_for(status).map(|d| d.as_secs_f64()), "s")),
    ];
    for t in &status.targets {
        let name = t.name.replace(['\'', '=', '|', '\n'], "_");
        let percent = (t.sent > 0).then(|| 100.0 * f64::from(t.lost) / f64::from(t.sent));
        figures.push(format!("'loss_{name}'={};;;0;100", known(percent, "%")));
        figures.push(format!("'rtt_{name}'={};;;0", known(t.rtt_ms, "ms")));
    }
    figures
}

fn state_for(status: &Status) -> Option<Duration> {
    status.since.and_then(|since: Timestamp| status.at.duration_since(since))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::{Flag, ImpairmentStatus, TargetStatus, WayStatus};
    use crate::vocabulary::{
        Alarm, BearingCounts, Figures, Filling, Forecast, Kind, Outlook, Role, Standing,
    };

    fn args() -> CheckArgs {
        CheckArgs {
            warning_loss: Some(5.0),
            critical_loss: Some(50.0),
            warning_rtt: None,
            critical_rtt: None,
            warning_drops: None,
            critical_drops: None,
        }
    }

    fn target(name: &str, role: Role, sent: u32, lost: u32) -> TargetStatus {
        TargetStatus {
            name: name.to_owned(),
            role,
            kind: Kind::Icmp,
            address: "203.0.113.1".to_owned(),
            decides: role == Role::Anchor,
            standing: (role == Role::Anchor).then_some(Standing::Far),
            sent,
            lost,
            not_sent: 0,
            rtt_ms: (lost < sent).then_some(12.5),
            last_reply: None,
            trouble: None,
        }
    }

    fn status(state: LinkState, lost: u32) -> Status {
        Status {
            version: "0".to_owned(),
            state,
            since: Some(Timestamp::from_seconds(400)),
            drops_24h: 3,
            targets: vec![
                target("it's", Role::Gateway, 60, 0),
                target("one", Role::Anchor, 60, lost),
                target("two", Role::Anchor, 60, lost),
            ],
            ..Status::of_start(Timestamp::from_seconds(1_000))
        }
    }

    #[track_caller]
    fn check(status: &Status, args: &CheckArgs, level: PluginState, reasons: &[&str]) {
        let found = verdict(status, args);
        assert_eq!(
            (found.level, found.reasons),
            (level, reasons.iter().map(|r| (*r).to_owned()).collect())
        );
    }

    #[test]
    fn the_state_of_the_link_is_the_verdict() {
        check(&status(LinkState::Up, 0), &args(), PluginState::Ok, &[]);
        check(&status(LinkState::Suspect, 0), &args(), PluginState::Warning, &[]);
        check(&status(LinkState::Down, 0), &args(), PluginState::Critical, &[]);
        check(&status(LinkState::Unknown, 0), &args(), PluginState::Unknown, &[]);
    }

    #[test]
    fn loss_by_another_way_is_no_verdict_on_the_line() {
        let mut apart = status(LinkState::Unknown, 60);
        apart.way = Some(WayStatus {
            interface: "hot0".to_owned(),
            medium: crate::vocabulary::Medium::Cable,
            gateway: None,
            avoids: None,
            is_line: false,
            since: None,
        });
        let reason = "cable (hot0); not the line: what happens here is listed apart";
        check(&apart, &args(), PluginState::Unknown, &[reason]);
    }

    #[test]
    fn loss_delay_and_drops_worsen_the_verdict_from_their_thresholds_on() {
        let up = |lost| status(LinkState::Up, lost);
        check(&up(2), &args(), PluginState::Ok, &[]);
        check(&up(3), &args(), PluginState::Warning, &["5.0 % lost (6 of 120), a warning from 5"]);
        check(
            &up(30),
            &args(),
            PluginState::Critical,
            &["50.0 % lost (60 of 120), critical from 50"],
        );
        let slow = CheckArgs { warning_rtt: Some(Duration::from_millis(12)), ..args() };
        check(&up(0), &slow, PluginState::Warning, &["RTT 12.5 ms, a warning from 12"]);
        let often = CheckArgs { warning_drops: Some(1), critical_drops: Some(3), ..args() };
        check(&up(0), &often, PluginState::Critical, &["3 drops in 24 h, critical from 3"]);
    }

    #[test]
    fn an_impairment_or_failing_storage_is_a_warning() {
        let mut impaired = status(LinkState::Up, 0);
        impaired.impairments.push(ImpairmentStatus {
            flag: Flag::NoDns,
            since: Timestamp::from_seconds(900),
            places: Vec::new(),
            target: None,
            figures: Figures::Dns(BearingCounts { bearing: 10, sent: 10 }.into()),
        });
        let found = verdict(&impaired, &args());
        assert_eq!((found.level, found.reasons.len()), (PluginState::Warning, 1), "{found:?}");
        let mut full = status(LinkState::Up, 0);
        full.storage_trouble = Some("the disk is full".to_owned());
        check(&full, &args(), PluginState::Warning, &["storing fails: the disk is full"]);
    }

    #[test]
    fn a_disk_filling_up_is_a_warning_with_its_date() {
        let mut status = status(LinkState::Up, 0);
        let at = Timestamp::from_seconds(20 * 86_400);
        let full = Some(Outlook::About { at });
        let mut forecast = Forecast { disk: full, ..Forecast::default() };
        let judged = |forecast: &Forecast, status: &mut Status| {
            status.storage.forecast = Some(forecast.clone());
            let mut verdict = verdict(status, &args());
            verdict.judge_space(status, &TimeZone::UTC);
            verdict
        };
        assert_eq!(judged(&forecast, &mut status).level, PluginState::Ok, "not soon");
        forecast.alarms = vec![Alarm { of: Filling::Disk, told: Timestamp::from_seconds(1) }];
        let found = judged(&forecast, &mut status);
        assert_eq!((found.level, found.reasons.len()), (PluginState::Warning, 1));
        assert!(found.reasons[0].contains("from about 1970-01-21 on"), "{:?}", found.reasons);
    }

    #[test]
    fn figures_have_units_and_thresholds_and_u_for_an_unknown_value() {
        let figures = figures(&status(LinkState::Up, 60), &args());
        assert_eq!(
            figures,
            [
                "loss=100.000%;5;50;0;100",
                "rtt=U;;;0",
                "drops_24h=3;;;0",
                "state_for=600.000s;;;0",
                "'loss_it_s'=0.000%;;;0;100",
                "'rtt_it_s'=12.500ms;;;0",
                "'loss_one'=100.000%;;;0;100",
                "'rtt_one'=U;;;0",
                "'loss_two'=100.000%;;;0;100",
                "'rtt_two'=U;;;0",
            ]
        );
    }
}
