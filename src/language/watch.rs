//! The present as the picture of `linkmon watch` says it: the state as a sentence, where the fault is,
//! and who answers now. Pure.

use std::time::Duration;

use jiff::tz::TimeZone;

use super::phrases::WatchWords;
use super::present::when;
use super::{Language, fill, plain, sentence};
use crate::live::{Flag, ProbeTrouble, Status, TargetStatus};
use crate::time::Timestamp;
use crate::vocabulary::{Kind, LinkState, Place, Role};

/// Losing this share of the probes of the last minute, a link is not well, whatever else is known of it.
const HEAVY: f64 = 0.05;

/// Fewer probes than this show no share.
const ENOUGH: u64 = 20;

/// Just after a drop the last minute is of it, and no loss of a link that is up.
const LAST_MINUTE: Duration = Duration::from_secs(60);

/// The share of the probes of the deciding anchors that a link that is up loses, where that is much.
pub(crate) fn heavy_loss(status: &Status) -> Option<f64> {
    let is_whole = status
        .since
        .and_then(|since| status.at.duration_since(since))
        .is_some_and(|long| long >= LAST_MINUTE);
    let probes = status.anchor_counts().probes;
    let share = probes.ratio()?;
    let is_heavy = probes.sent >= ENOUGH && share >= HEAVY;
    (status.state == LinkState::Up && is_whole && is_heavy).then_some(share)
}

/// The places of `access|isp-core`, as a status has them.
fn places(codes: &str) -> Vec<Place> {
    let known = |code: &str| Place::ALL.into_iter().find(|place| place.as_str() == code);
    codes.split('|').filter_map(known).collect()
}

impl Language {
    fn watch(&self) -> &WatchWords {
        &self.phrases().watch
    }

    /// The state of the link: `The link is up, but loses 12 % of the probes`, with the reason where it is
    /// not known.
    pub(crate) fn headline_now(&self, status: &Status) -> String {
        let p = self.watch();
        let is_login = status.impairments.iter().any(|i| i.flag == Flag::Login);
        let mut text = match heavy_loss(status) {
            _ if is_login && status.state != LinkState::Down => p.login.to_owned(),
            Some(share) => {
                let share = self.figures(&format!("{:.0} %", 100.0 * share));
                fill(p.loses, &[("share", share)])
            }
            None if status.state == LinkState::Up && !status.impairments.is_empty() => {
                p.not_well.to_owned()
            }
            None => p.heads.of(status.state).to_owned(),
        };
        if let Some(reason) = status.unknown {
            text.extend([self.phrases().colon, self.gap_now(reason)]);
        }
        plain(&text)
    }

    /// Where the fault of the current drop is; `None` without a drop.
    pub(crate) fn fault_now(&self, status: &Status) -> Option<String> {
        let open = status.open_drop.as_ref()?;
        Some(plain(&sentence(&self.fault(&places(&open.place)))))
    }

    /// Since when, which drop, or the last one.
    pub(crate) fn since_now(&self, status: &Status, zone: &TimeZone) -> String {
        let p = self.watch();
        let since = status.since.map(|since| {
            let long = self.length(status.at.duration_since(since).unwrap_or_default());
            fill(p.since, &[("when", when(since, status.at, zone)), ("long", long)])
        });
        let drop = match &status.open_drop {
            Some(open) => fill(p.drop, &[("id", open.id.to_string())]),
            None => sentence(&self.last_drop_words(status, zone)),
        };
        plain(&since.into_iter().chain([drop]).collect::<Vec<_>>().join(" "))
    }

    /// By which other way packets leave; `None` while it is the line.
    pub(crate) fn other_way_now(&self, status: &Status) -> Option<String> {
        let way = status.way.as_ref().filter(|way| !way.is_line)?;
        Some(plain(&fill(self.watch().other_way, &[("way", self.way_now(way))])))
    }

    /// Which witnesses answer now and which are silent: `Answering: gateway, modem. Silent: isp, anchors.`
    /// `interval` is that of a target.
    pub(crate) fn witnesses_answering(
        &self,
        status: &Status,
        interval: &dyn Fn(&TargetStatus) -> Duration,
    ) -> String {
        let p = self.watch();
        let are_silent = matches!(status.state, LinkState::Suspect | LinkState::Down);
        let mut groups = [Vec::new(), Vec::new(), Vec::new()];
        for role in [Role::Gateway, Role::Modem, Role::Isp, Role::Anchor] {
            let is_witness = |target: &&TargetStatus| match role {
                Role::Anchor => target.decides,
                _ => target.role == role && target.kind == Kind::Icmp,
            };
            let targets: Vec<_> = status.targets.iter().filter(is_witness).collect();
            let voice_now = |target: &&TargetStatus| {
                match voice(target, status.at, interval(target)) {
                    // That is what the state says, as soon as it is known.
                    TargetVoice::Answering if role == Role::Anchor && are_silent => {
                        TargetVoice::Silent
                    }
                    voice => voice,
                }
            };
            let voices: Vec<_> = targets.iter().map(voice_now).collect();
            for (group, of_group) in groups.iter_mut().zip(TargetVoice::ALL) {
                let n = voices.iter().filter(|voice| **voice == of_group).count();
                if n == 0 {
                    continue;
                }
                let name = self.role_now(role);
                let all = targets.len();
                group.push(if n < all {
                    let values =
                        [("role", name.to_owned()), ("n", n.to_string()), ("all", all.to_string())];
                    fill(p.of_all, &values)
                } else {
                    name.to_owned()
                });
            }
        }
        let none = self.phrases().log.none;
        let [answering, silent, not_asked] = groups;
        let said = |template: &str, roles: &[String]| {
            let roles = if roles.is_empty() { none.to_owned() } else { roles.join(", ") };
            fill(template, &[("roles", roles)])
        };
        let mut text = said(p.answering, &answering) + &said(p.silent, &silent);
        if !not_asked.is_empty() {
            text += &said(p.not_asked, &not_asked);
        }
        plain(&text)
    }
}

/// What is heard of a target now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TargetVoice {
    Answering,
    Silent,
    NotAsked,
}

impl TargetVoice {
    const ALL: [Self; 3] = [Self::Answering, Self::Silent, Self::NotAsked];
}

/// A single loss is no silence: a target is silent once nothing came for two intervals and the time that
/// an answer may take.
fn voice(target: &TargetStatus, now: Timestamp, interval: Duration) -> TargetVoice {
    const MAY_TAKE: Duration = Duration::from_secs(3);
    let heard = target.last_reply.and_then(|at| now.duration_since(at));
    match (&target.trouble, heard) {
        (None, Some(_)) => TargetVoice::Answering,
        (_, Some(ago)) if ago <= 2 * interval + MAY_TAKE => TargetVoice::Answering,
        (Some(ProbeTrouble::NotSent(_)), _) | (None, None) => TargetVoice::NotAsked,
        (Some(_), _) => TargetVoice::Silent,
    }
}
