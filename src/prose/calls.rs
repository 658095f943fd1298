//! What drops mean for a call, for all languages.

use crate::language::Language;
use crate::language::phrases::fill;
use crate::language::words;
use crate::report::Report;
use crate::stats::calls::{CallOutcomes, DayOfCalls, MINUTES};

/// The best that the estimate of voice quality can be.
const BEST: f64 = 4.5;

impl Language {
    /// Its lines; none where nothing was watched.
    pub(crate) fn calls(&self, report: &Report) -> Vec<String> {
        let (p, calls) = (&self.phrases().on_calls, &report.analyses.calls);
        let mut lines = Vec::new();
        if let Some(s) = calls.undisturbed {
            let values = [
                ("longest", self.about(s.longest)),
                ("median", self.about(s.median)),
                ("days", self.best_of_days(&calls.per_day)),
            ];
            lines.push(fill(p.undisturbed, &values));
        }
        let chance =
            |m: &u64, ratio: f64| self.figures(&format!("{m} min {}", words::percent(ratio)));
        let chances: Vec<_> = MINUTES
            .iter()
            .zip(&calls.waking)
            .filter_map(|(m, calls)| Some(chance(m, calls.ratio()?)))
            .collect();
        if !chances.is_empty() {
            let values = [("chances", chances.join(", ")), ("cut", self.calls_cut(calls))];
            lines.push(fill(p.lasting, &values));
        }
        if let Some(q) = calls.quality {
            let mos = |mos: f64| self.figures(&format!("{mos:.1}"));
            let worst = calls.worst_hour.map_or_else(String::new, |(from, q)| {
                let at = self.minute(from, &report.zone);
                fill(p.worst_hour, &[("mos", mos(q.mos)), ("at", at)])
            });
            let loss = q.loss.ratio().map_or_else(|| "-".to_owned(), |ratio| self.percent(ratio));
            let values =
                [("mos", mos(q.mos)), ("best", mos(BEST)), ("worst", worst), ("loss", loss)];
            lines.push(fill(p.quality, &values));
        }
        lines
    }

    /// How many half hours were cut; nothing where none was watched throughout.
    fn calls_cut(&self, calls: &CallOutcomes) -> String {
        let add = |(judged, cut), day: &DayOfCalls| (judged + day.judged, cut + day.cut);
        let (judged, cut) = calls.per_day.iter().fold((0, 0), add);
        if judged == 0 {
            return String::new();
        }
        let values = [("judged", self.number(judged)), ("cut", self.number(cut))];
        fill(self.phrases().on_calls.cut, &values)
    }

    /// What the longest stretch of a day from 7 to 23 h was; of one day the line says it already. A
    /// day that was watched and down throughout has one of 0 s.
    fn best_of_days(&self, days: &[DayOfCalls]) -> String {
        let watched = days.iter().filter(|day| !day.waking[0].watched.is_zero());
        let mut best: Vec<_> = watched
            .map(|day| (day.undisturbed.map(|s| s.longest).unwrap_or_default(), day.date))
            .collect();
        best.sort_unstable();
        let (Some((worst, date)), true) = (best.first(), best.len() > 1) else {
            return String::new();
        };
        let values = [
            ("median", self.about(best[(best.len() - 1) / 2].0)),
            ("n", self.number(best.len() as u64)),
            ("worst", self.about(*worst)),
            ("date", self.date(*date, "%a %F")),
        ];
        fill(self.phrases().on_calls.by_day, &values)
    }
}
