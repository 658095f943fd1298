//! What may be answered to what support desks are known to say: for each reply the numbers of this
//! record that answer it, or the statement that it does not, or that the desk is right. Facts
//! alone; the sentences are the languages'.

use std::time::Duration;

use super::{DropEntry, Report, Witness};
use crate::stats::LossRatio;
use crate::stats::pattern::DailyDrops;
use crate::time::spans::Spans;
use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::{NoteKind, Role};

/// What a desk says, with the facts of this record.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Answer {
    /// "ICMP has low priority."
    LowPriority(OtherProtocols),
    /// "8.8.8.8 is not a test target."
    NotATestTarget(Ends),
    /// "It is your Wi-Fi."
    Wifi(Home),
    /// "It is your modem."
    Modem(Home),
    /// "We see nothing."
    NothingSeen(Seen),
    /// "It works now."
    WorksNow(Works),
    /// "Loss at a hop means nothing."
    HopLoss(Ends),
    /// "A reboot fixed it."
    Rebooted(Option<Rebooted>),
    /// "It reconnects once a day." Only where drops come once a day.
    Scheduled(DailyDrops),
}

/// How far the record answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stand {
    /// It does.
    Answered,
    /// It does not say.
    Open,
    /// It bears the desk out.
    Conceded,
}

/// Probes other than ICMP during the drops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OtherProtocols {
    /// All drops.
    pub(crate) drops: usize,
    /// Drops in which web, DNS or TCP probes beyond the home failed and none was answered.
    pub(crate) failed: usize,
    /// Drops in which one was answered.
    pub(crate) answered: usize,
    /// ICMP loss outside drops; `None` where it was not counted.
    pub(crate) calm: Option<LossRatio>,
}

/// The far ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ends {
    /// All drops.
    pub(crate) drops: usize,
    /// Anchors that decide.
    pub(crate) anchors: usize,
    /// Their loss, drops included.
    pub(crate) loss: LossRatio,
    /// Drops in which the ISP's first hop was silent too.
    pub(crate) isp_silent: usize,
    /// Drops in which it answered.
    pub(crate) isp_answered: usize,
}

/// A box at home during the drops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Home {
    /// All drops.
    pub(crate) drops: usize,
    /// Drops in which it answered.
    pub(crate) answered: usize,
    /// Drops in which it was silent.
    pub(crate) silent: usize,
    /// Its own loss over the whole period; `None` where it was not probed.
    pub(crate) loss: Option<LossRatio>,
}

/// Whether someone who polls can have seen it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seen {
    /// All drops.
    pub(crate) drops: usize,
    /// The median length.
    pub(crate) median: Duration,
}

/// The end of the period.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Works {
    /// All drops.
    pub(crate) drops: usize,
    /// Onset of an open drop.
    pub(crate) open_since: Option<Timestamp>,
    /// End of the last drop.
    pub(crate) last_end: Option<Timestamp>,
    /// Share of the time watched in which a test finds the link up.
    pub(crate) up: Option<f64>,
    /// The longest stretch without a drop.
    pub(crate) longest_clear: Option<Duration>,
}

/// Drops before and after the first restart that a note mentions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rebooted {
    /// When.
    pub(crate) at: Timestamp,
    /// Drops before it, and time watched.
    pub(crate) before: (usize, Duration),
    /// Drops since, and time watched.
    pub(crate) after: (usize, Duration),
}

/// All of them, in the order in which desks say them.
pub(crate) fn answers(report: &Report) -> Vec<Answer> {
    let ends = ends(report);
    let mut answers = vec![
        Answer::LowPriority(others(report)),
        Answer::NotATestTarget(ends),
        Answer::Wifi(home(report, Role::Gateway)),
        Answer::Modem(home(report, Role::Modem)),
        Answer::NothingSeen(seen(report)),
        Answer::WorksNow(works(report)),
        Answer::HopLoss(ends),
        Answer::Rebooted(rebooted(report)),
    ];
    answers.extend(report.analyses.pattern.daily.map(Answer::Scheduled));
    answers
}

impl Answer {
    /// How far the record answers.
    pub(crate) fn stand(&self) -> Stand {
        let when = |answered: bool| if answered { Stand::Answered } else { Stand::Open };
        match self {
            Self::LowPriority(o) if o.answered > 0 && o.answered >= o.failed => Stand::Conceded,
            Self::LowPriority(o) => when(o.failed > 0 || (o.drops > 0 && o.calm.is_some())),
            Self::NotATestTarget(e) => when(e.drops > 0 && e.anchors > 1),
            Self::HopLoss(e) => when(e.drops > 0 && e.anchors > 0),
            Self::Wifi(h) if h.silent > h.answered => Stand::Conceded,
            Self::Wifi(h) => when(h.answered > 0),
            Self::Modem(h) if h.silent > h.answered => Stand::Conceded,
            Self::NothingSeen(s) => when(s.drops > 0),
            Self::WorksNow(w) => when(w.drops > 0),
            Self::Scheduled(daily) if daily.others == 0 => Stand::Conceded,
            Self::Scheduled(_) => Stand::Answered,
            // A modem that answers may still have lost its line.
            Self::Modem(_) | Self::Rebooted(None) => Stand::Open,
            Self::Rebooted(Some(r)) if r.after.0 == 0 && r.before.0 > 0 => Stand::Conceded,
            Self::Rebooted(Some(r)) => when(r.after.0 > 0),
        }
    }
}

fn others(report: &Report) -> OtherProtocols {
    let of = |what: &dyn Fn(LossRatio) -> bool| {
        report.counted_drops().filter(|d| d.others.is_some_and(what)).count()
    };
    OtherProtocols {
        drops: report.summary.counted(),
        failed: of(&|others| others.lost == others.sent),
        answered: of(&|others| others.lost < others.sent),
        calm: report.analyses.calls.quality.map(|q| q.loss).filter(|loss| loss.sent > 0),
    }
}

fn ends(report: &Report) -> Ends {
    let deciders = || report.targets.iter().filter(|t| t.decides);
    let isp = report.summary.witnesses.iter().find(|w| w.role == Role::Isp);
    Ends {
        drops: report.summary.counted(),
        anchors: deciders().count(),
        loss: deciders().map(|t| t.total.loss()).sum(),
        isp_silent: isp.map_or(0, |w| w.silent),
        isp_answered: isp.map_or(0, |w| w.answered),
    }
}

fn home(report: &Report, role: Role) -> Home {
    let of = |what: Witness| report.counted_drops().filter(|d| d.witness(role) == what).count();
    let probed = || report.targets.iter().filter(|t| t.target.role == role);
    Home {
        drops: report.summary.counted(),
        answered: of(Witness::Answered),
        silent: of(Witness::Silent),
        loss: (probed().count() > 0).then(|| probed().map(|t| t.total.loss()).sum()),
    }
}

fn seen(report: &Report) -> Seen {
    let mut lengths: Vec<_> = report.counted_drops().map(DropEntry::likely_length).collect();
    lengths.sort_unstable();
    let median = lengths.get(lengths.len().saturating_sub(1) / 2).copied().unwrap_or_default();
    Seen { drops: lengths.len(), median }
}

fn works(report: &Report) -> Works {
    let counted = || report.counted_drops();
    Works {
        drops: report.summary.counted(),
        open_since: counted().find(|d| d.end.is_none()).map(|d| d.onset.midpoint()),
        last_end: counted().filter_map(|d| Some(d.end?.midpoint())).max(),
        up: report.availability.map(|a| a.ratio),
        longest_clear: report.analyses.calls.clear.map(|c| c.longest),
    }
}

/// Beginnings of words for a restart, in the languages of reports.
const RESTARTS: [&str; 6] = ["reboot", "restart", "reset", "power cycl", "redémarr", "réinitialis"];

fn rebooted(report: &Report) -> Option<Rebooted> {
    let restart = |text: &str| {
        let text = text.to_lowercase();
        RESTARTS.iter().any(|word| text.contains(word))
    };
    let of_kind = report.notes.iter().find(|note| note.kind == NoteKind::Reset);
    let at = of_kind.or_else(|| report.notes.iter().find(|note| restart(&note.text)))?.at;
    let to = report.period.to.min(report.made);
    let gaps = Spans::union(report.gaps.iter().map(|gap| gap.range));
    let side = |from: Timestamp, to: Timestamp| {
        let range = TimeRange { from, to: to.max(from) };
        let began = report.counted_drops().filter(|d| range.contains(d.onset.midpoint())).count();
        (began, range.length().saturating_sub(gaps.length_within(range)))
    };
    Some(Rebooted { at, before: side(report.period.from, at), after: side(at, to) })
}

#[cfg(test)]
mod tests;
