//! IPv6, name service and TCP as groups of their own: silent while the link works.
//!
//! The rule is that of the link (see [`Group`]); a silence counts only while the anchors of the
//! link lose less than a tenth. Names are asked for only every ten seconds, so a few losses in a
//! row must do: as many as happen by chance less than once in ten million.

use super::ledger::Ledger;
use crate::detect::link::group::Group;
use crate::detect::link::silence::{LinkStep, PooledProbe};
use crate::detect::link::stretch::SilentStretch;
use crate::detect::link::support::HopSupport;
use crate::detect::monotonic::Moment;
use crate::detect::parameters::Parameters;
use crate::time::Micros;
use crate::vocabulary::{BearingCounts, Bounds, Figures, Impairment, NameServerFigures};

/// Loss of the anchors up to which the silence of another group is its own.
const WELL: f64 = 0.1;
/// Weight of the newest probe in the recent loss of the anchors: about the last 20 s.
const NEWEST: f64 = 1.0 / 64.0;
/// Losses in a row that are less likely than this are not put down to chance.
const CHANCE: f64 = 1e-7;
/// The least loss assumed of the link.
const LEAST_LOSS: f64 = 0.004;

/// How the link is doing, as a witness.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct LinkWitness {
    loss: f64,
    /// When its anchors were last silent, or not probed.
    silent_until: Option<Moment>,
    /// No anchor is probed at present: whether it works is not known.
    is_unasked: bool,
}

impl LinkWitness {
    pub(crate) fn on_anchor(&mut self, probe: &PooledProbe) {
        if std::mem::take(&mut self.is_unasked) {
            self.silent_until = Some(probe.at);
        }
        let lost = if probe.answer.is_some() { 0.0 } else { 1.0 };
        self.loss += (lost - self.loss) * NEWEST;
        if self.loss > WELL {
            self.silent_until = Some(probe.at);
        }
    }

    /// Its anchors have not been probed for longer than they should: what is lost now may be lost by
    /// all.
    pub(crate) fn on_unasked(&mut self) {
        self.is_unasked = true;
    }

    fn is_well(&self) -> bool {
        self.loss < WELL && !self.is_unasked
    }

    /// Whether a silence of another group went on after the link was last silent.
    fn outlasts(&self, stretch: &SilentStretch) -> bool {
        self.silent_until.is_none_or(|until| stretch.last.since(until) > Micros::ZERO)
    }

    /// Losses in a row that are not chance.
    fn enough(&self) -> f64 {
        (CHANCE.ln() / self.loss.max(LEAST_LOSS).ln()).ceil().max(3.0)
    }
}

/// Which group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ServiceGroupKind {
    Ipv6,
    Dns,
    Tcp,
}

#[derive(Debug, Clone)]
pub(crate) struct ServiceGroup {
    pub(crate) group: Group,
    kind: ServiceGroupKind,
    /// Counted since the silence began.
    counts: BearingCounts,
    /// Who was silent since, by owner.
    silent: u128,
    /// What else is known of the name server.
    pub(crate) name_server: NameServerFigures,
    /// Number of the impairment in progress.
    declared: Option<u64>,
    /// Number of the one that ended last, while its silence may still continue.
    last: Option<u64>,
}

impl ServiceGroup {
    pub(crate) fn new(kind: ServiceGroupKind, parameters: &Parameters) -> Self {
        let group = Group::new(parameters);
        Self {
            group,
            kind,
            counts: BearingCounts::default(),
            silent: 0,
            name_server: NameServerFigures::default(),
            declared: None,
            last: None,
        }
    }

    /// Whether its silence explains the losses of its members.
    pub(crate) fn is_silent(&self) -> bool {
        self.group.link.open().is_some()
            || self.group.link.present_silence().is_some_and(|silence| silence.is_noticeable)
    }

    /// Whether its silence is told as one.
    pub(crate) fn is_declared(&self) -> bool {
        self.declared.is_some()
    }

    /// Since when it is silent, if that is long enough.
    pub(crate) fn silent_since(&self) -> Option<Moment> {
        self.group.link.open().map(|stretch| stretch.first)
    }

    /// A probe of a member, which belongs to `owner`.
    pub(crate) fn on_sample(
        &mut self,
        sample: &PooledProbe,
        owner: u8,
        link: &LinkWitness,
        ledger: &mut Ledger,
    ) {
        self.group.on_due(usize::from(sample.target), sample.at);
        let found = self.group.on_sample(sample, &HopSupport::default());
        let silent = sample.answer.is_none();
        if self.group.link.present_silence().is_none() && self.group.link.open().is_none() {
            self.counts = BearingCounts::default();
            self.silent = 0;
        }
        for step in found.steps.into_iter().flatten() {
            match step {
                LinkStep::Closed(stretch) => self.end(&stretch, ledger),
                LinkStep::Reopened => self.declared = self.declared.or(self.last.take()),
                LinkStep::Opened => self.last = None,
                LinkStep::Blip(_) | LinkStep::Unconfirmed(_) => {}
            }
        }
        self.counts.sent += 1;
        self.counts.bearing += u32::from(silent);
        self.silent |= if silent { 1 << owner.min(127) } else { 0 };
        let Some(stretch) = self.group.link.open() else { return };
        match self.declared.and_then(|number| ledger.get_mut(number)) {
            Some(known) => {
                known.figures = self.figures();
                known.end = None;
                known.unobserved = stretch.unobserved.to_duration();
            }
            // One owner's failure is not that of TCP.
            None if self.kind == ServiceGroupKind::Tcp && self.silent.count_ones() < 2 => {}
            None if link.is_well()
                && link.outlasts(&stretch)
                && f64::from(self.counts.bearing) >= link.enough() =>
            {
                let declared = self.impairment(&stretch, link);
                self.declared = Some(ledger.declare(declared));
            }
            None => {}
        }
    }

    /// None of its members is probed for its sake any more: what was wrong is seen no longer.
    pub(crate) fn disband(&mut self, ledger: &mut Ledger) {
        let last = self.group.link.last();
        let known = self.declared.take().and_then(|number| ledger.get_mut(number));
        if let (Some(known), Some(last)) = (known, last) {
            known.end.get_or_insert(Bounds { earliest: last.utc, latest: last.utc });
        }
    }

    fn figures(&self) -> Figures {
        match self.kind {
            ServiceGroupKind::Ipv6 => Figures::Ipv6(self.counts),
            ServiceGroupKind::Dns => {
                let BearingCounts { bearing, sent } = self.counts;
                Figures::Dns(NameServerFigures { bearing, sent, ..self.name_server })
            }
            ServiceGroupKind::Tcp => Figures::Tcp(self.counts),
        }
    }

    fn impairment(&self, stretch: &SilentStretch, link: &LinkWitness) -> Impairment {
        let first = stretch.first;
        let begin = stretch.before.map_or(Micros::ZERO, |before| first.since(before));
        let mut onset = Bounds { earliest: first.plus(-begin).utc, latest: first.utc };
        // What was lost while the link was down was not lost by this group alone.
        if let Some(until) = link.silent_until.filter(|until| until.since(first) > Micros::ZERO) {
            onset = Bounds { earliest: until.utc, latest: until.utc };
        }
        Impairment {
            key: first.utc,
            target: None,
            onset,
            end: None,
            unobserved: stretch.unobserved.to_duration(),
            places: Vec::new(),
            figures: self.figures(),
        }
    }

    fn end(&mut self, stretch: &SilentStretch, ledger: &mut Ledger) {
        self.last = self.declared.take();
        let Some(known) = self.last.and_then(|number| ledger.get_mut(number)) else { return };
        known.unobserved = stretch.unobserved.to_duration();
        known.end = stretch.ended.map(|ended| Bounds {
            earliest: ended.plus(-ended.since(stretch.last)).utc,
            latest: ended.utc,
        });
    }
}
