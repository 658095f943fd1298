//! Silences of the anchors that may be no drops, because something else answers: what requests other
//! than pings and the other address family say of them.

use std::time::Duration;

use super::findings::figures;
use super::stretch::SilentStretch;
use super::verdicts::LinkVerdicts;
use crate::detect::impairments::observers::Observers;
use crate::detect::impairments::web::{
    NatureTurn, SilenceNature, SilenceScene, WebAsked, WebResult, WebSign,
};
use crate::detect::monotonic::Moment;
use crate::detect::target_index::TargetIndex;
use crate::time::Micros;
use crate::vocabulary::{FailedReason, Impairment, NotSent, Outcome};

impl LinkVerdicts {
    /// A connectivity check, or another protocol at an anchor's own address.
    pub(crate) fn on_web(&mut self, asked: WebAsked, at: Moment, outcome: &Outcome) {
        let (sign, known) = match outcome {
            Outcome::Reply(reply) => {
                let first = reply.phases.as_deref().map_or(reply.rtt, |phases| phases.connect);
                // What stands nearer than the ISP is at home, whatever it says.
                if self.support.is_nearer(first.into()) {
                    return;
                }
                (WebSign::Right, at.plus(reply.rtt.into()))
            }
            Outcome::Failed(failed) => match failed.reason {
                FailedReason::CaptivePortal => (WebSign::Page, at),
                FailedReason::HomePage => (WebSign::HomePage, at),
                // Something answered, and there is no telling what.
                FailedReason::Status => return,
                FailedReason::Dns if asked.at_anchor => return,
                _ => (WebSign::Nothing, at),
            },
            Outcome::NotSent(_) => return,
            _ => (WebSign::Nothing, at),
        };
        if matches!(sign, WebSign::Page | WebSign::HomePage) && !asked.at_anchor {
            self.evidence.on_page(at.mono);
        }
        self.web.on_shown(WebResult { sent: at, known, asked: Some(asked), sign });
        if sign != WebSign::Nothing {
            self.vouch_by_web(known);
        }
    }

    /// A probe of an anchor of the other family.
    pub(crate) fn on_other_family(&mut self, index: u8, at: Moment, outcome: &Outcome) {
        match outcome {
            Outcome::Reply(reply) => {
                self.web.on_other_family(index, at, Some(at.plus(reply.rtt.into())));
            }
            Outcome::NotSent(NotSent::Missed | NotSent::QueueFull | NotSent::Overflowed)
            | Outcome::Late { .. } => {}
            // One that could not be sent is no answer: the other family works no longer.
            _ => self.web.on_other_family(index, at, None),
        }
    }

    /// Anchors that never answered cannot witness a drop: they may never answer at all. Where the
    /// web shows that the link works, their silence since the beginning is a verdict.
    fn vouch_by_web(&mut self, now: Moment) {
        let enough = Micros::from(self.parameters.drop_after);
        let silence = self.group.link.present_silence();
        let long = silence.filter(|silence| now.since(silence.first()) >= enough);
        if long.is_some_and(|silence| self.web.is_reached(silence.first())) {
            self.group.vouch_for_silent();
        }
    }

    /// What the web says about the silence in progress.
    pub(super) fn update_nature(&mut self, targets: &TargetIndex, observers: &mut Observers) {
        let Some(stretch) = self.group.link.open() else { return };
        let first = stretch.first.mono;
        let scene = SilenceScene {
            hops: self.support.stance(first, self.group.link.uptime),
            is_reported: self.support.is_reported_since(first),
            asks_anchors: targets.asks_anchors(),
            family: targets.family().version(),
        };
        match self.web.look(&stretch, scene) {
            Some(NatureTurn::Whole) => self.declare_nature(&stretch, observers),
            Some(NatureTurn::Split { last, at }) => {
                if let Some(over) = self.group.link.split(last, at) {
                    self.end_stretch(&over, targets, observers);
                }
                self.evidence.open(at.mono);
                self.web.turn();
                if let Some(now) = self.group.link.open().filter(|_| !self.is_down()) {
                    self.declare_nature(&now, observers);
                }
            }
            None => {}
        }
        if !self.is_down()
            && let Some(known) =
                self.web_declared.and_then(|number| observers.impairment_mut(number))
            && let Some(figures) = figures(self.web.nature(), self.web.counts())
        {
            known.figures = figures;
        }
    }

    pub(super) fn is_down(&self) -> bool {
        self.web.nature() == SilenceNature::Down
    }

    fn declare_nature(&mut self, stretch: &SilentStretch, observers: &mut Observers) {
        let Some(figures) = figures(self.web.nature(), self.web.counts()) else { return };
        let declared = Impairment {
            key: stretch.first.utc,
            target: None,
            onset: self.onset(stretch),
            end: None,
            unobserved: Duration::ZERO,
            places: Vec::new(),
            figures,
        };
        self.web_declared = Some(observers.declare(declared));
    }
}
