//! A login page that stands in the way of the web while pings pass: the checks of two owners or more
//! get another page than their own, again and again. Then the link is not up for anyone who uses it.

use std::time::Duration;

use super::ledger::Ledger;
use super::web::WebAsked;
use crate::detect::monotonic::Moment;
use crate::time::{Micros, Timestamp};
use crate::vocabulary::{BearingCounts, Bounds, Figures, Impairment, Outcome};

/// Pages in a row that a check must get.
const PAGES: u32 = 2;
/// Right answers in a row, of any, that end it.
const RIGHT: u32 = 2;

/// What one check gets.
#[derive(Debug, Clone, Copy)]
struct PageRun {
    target: u8,
    owner: u8,
    /// Pages in a row.
    pages: u32,
    first: Moment,
    /// The last right answer before.
    before: Option<Moment>,
}

/// One that was declared and still lasts.
#[derive(Debug, Clone, Copy)]
struct OpenLogin {
    number: u64,
    since: Moment,
    counts: BearingCounts,
    last: Moment,
    /// The first of the right answers in a row, and their number.
    right: Option<(Moment, u32)>,
}

/// Looks for a login page while the anchors answer.
#[derive(Debug, Clone, Default)]
pub(crate) struct LoginObserver {
    runs: Vec<PageRun>,
    open: Option<OpenLogin>,
}

impl LoginObserver {
    /// Since when a login page stands in the way.
    pub(crate) fn since(&self) -> Option<Timestamp> {
        self.open.map(|open| open.since.utc)
    }

    /// The anchors are silent, or not asked: what a page means then is for others to say.
    pub(crate) fn on_silence(&mut self, ledger: &mut Ledger) {
        self.runs.clear();
        if let Some(open) = self.open {
            self.end(open.last, open.last, ledger);
        }
    }

    /// What became of a check while the anchors answer.
    pub(crate) fn on_check(
        &mut self,
        asked: WebAsked,
        at: Moment,
        outcome: &Outcome,
        ledger: &mut Ledger,
    ) {
        match outcome {
            Outcome::Failed(failed) if failed.reason.is_page() => {
                self.on_page(asked, at);
                self.look(at, ledger);
            }
            Outcome::Reply(reply) => self.on_right(asked, at, at.plus(reply.rtt.into()), ledger),
            _ => {}
        }
    }

    fn on_page(&mut self, asked: WebAsked, at: Moment) {
        let fresh =
            PageRun { target: asked.target, owner: asked.owner, pages: 0, first: at, before: None };
        let known = self.runs.iter().position(|run| run.target == asked.target);
        let place = known.unwrap_or_else(|| {
            self.runs.push(fresh);
            self.runs.len() - 1
        });
        let run = &mut self.runs[place];
        if run.pages == 0 {
            run.first = at;
        }
        run.pages += 1;
        if let Some(open) = &mut self.open {
            open.counts.bearing += 1;
            open.counts.sent += 1;
            (open.last, open.right) = (at, None);
        }
    }

    fn look(&mut self, at: Moment, ledger: &mut Ledger) {
        if let Some(open) = self.open {
            if let Some(known) = ledger.get_mut(open.number) {
                known.figures = Figures::CaptivePortal(open.counts);
            }
            return;
        }
        let shown = || self.runs.iter().filter(|run| run.pages >= PAGES);
        let one = shown().next().map(|run| run.owner);
        if shown().all(|run| Some(run.owner) == one) {
            return;
        }
        let Some(first) = shown().map(|run| run.first).min_by_key(|first| first.mono) else {
            return;
        };
        let before = self.runs.iter().filter_map(|run| run.before);
        let before = before.filter(|b| first.since(*b) > Micros::ZERO).max_by_key(|b| b.mono);
        let pages = shown().map(|run| run.pages).sum();
        let counts = BearingCounts { bearing: pages, sent: pages };
        let number = ledger.declare(Impairment {
            key: first.utc,
            target: None,
            onset: Bounds { earliest: before.unwrap_or(first).utc, latest: first.utc },
            end: None,
            unobserved: Duration::ZERO,
            places: Vec::new(),
            figures: Figures::CaptivePortal(counts),
        });
        self.open = Some(OpenLogin { number, since: first, counts, last: at, right: None });
    }

    fn on_right(&mut self, asked: WebAsked, at: Moment, known: Moment, ledger: &mut Ledger) {
        match self.runs.iter_mut().find(|run| run.target == asked.target) {
            Some(run) => (run.pages, run.before) = (0, Some(at)),
            None => self.runs.push(PageRun {
                target: asked.target,
                owner: asked.owner,
                pages: 0,
                first: at,
                before: Some(at),
            }),
        }
        let Some(open) = &mut self.open else { return };
        open.counts.sent += 1;
        let (first, before) = open.right.unwrap_or((known, 0));
        open.right = Some((first, before + 1));
        if before + 1 >= RIGHT {
            let last = open.last;
            self.end(last, first, ledger);
        }
    }

    /// It ended between these.
    fn end(&mut self, earliest: Moment, latest: Moment, ledger: &mut Ledger) {
        let Some(open) = self.open.take() else { return };
        if let Some(known) = ledger.get_mut(open.number) {
            known.end =
                Some(Bounds { earliest: earliest.utc, latest: latest.utc.max(earliest.utc) });
        }
    }
}
