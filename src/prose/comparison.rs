//! Before and after in words, for all languages.

use std::time::Duration;

use crate::language::Language;
use crate::language::phrases::{Comparing, fill};
use crate::report::Report;
use crate::report::compare::Comparison;
use crate::stats::compare::{ChangeVerdict, Compared, MeasuredChange, SideFigures};
use crate::time::Timestamp;

/// A comparison in words.
pub(crate) struct Told {
    /// The border.
    pub(crate) at: Timestamp,
    /// The border, and how much of both sides was watched.
    pub(crate) border: String,
    /// Name, before, after, change: of availability, drops, loss, median delay and its 95th percentile.
    pub(crate) rows: [[String; 4]; 5],
}

impl Language {
    /// The comparison in words; `None` where none was asked for.
    pub(crate) fn compared(&self, report: &Report) -> Option<Told> {
        let comparison = report.analyses.compare.as_ref()?;
        let Compared { before, after, drops, overdispersion, loss, median, p95 } =
            &comparison.compared;
        let c = self.comparing();
        let is_comparable = !before.is_mostly_down() && !after.is_mostly_down();
        let mut fewer = self.verdict(*drops, c.drops_less_more, |change| self.ratio(change));
        if drops.is_some() && *overdispersion >= 1.5 {
            let factor = self.figures(&short(overdispersion.sqrt()));
            fewer += &fill(c.spells, &[("factor", &factor)]);
        }
        if !is_comparable {
            // A line that is hardly ever up has few drops.
            c.mostly_down.clone_into(&mut fewer);
        }
        let lower = |change: &Option<MeasuredChange>, scale, unit| {
            self.verdict(*change, c.less_more, |change| self.difference(change, scale, unit))
        };
        let row = |name: usize, figure: &dyn Fn(&SideFigures) -> String, change: String| {
            [c.names[name].to_owned(), figure(before), figure(after), change]
        };
        Some(Told {
            at: comparison.border,
            border: self.border(comparison, report),
            rows: [
                row(0, &|side| self.side_available(side), self.more_available(before, after)),
                row(1, &|side| self.drop_rate(side), fewer),
                row(2, &|side| self.share(side), lower(loss, 100.0, c.points)),
                row(3, &|side| self.delay(side.median), lower(median, 1e-3, "ms")),
                row(4, &|side| self.delay(side.p95), lower(p95, 1e-3, "ms")),
            ],
        })
    }

    /// A row of a comparison as a sentence.
    pub(crate) fn compared_line(&self, row: &[String; 4]) -> String {
        let [name, before, after, change] = row.each_ref().map(String::as_str);
        let values = [("name", name), ("before", before), ("after", after), ("change", change)];
        fill(self.comparing().line, &values)
    }

    fn comparing(&self) -> &Comparing {
        &self.phrases().comparing
    }

    fn border(&self, comparison: &Comparison, report: &Report) -> String {
        let what = comparison.note.as_ref();
        let what = what.map_or_else(String::new, |note| format!(" ({})", self.note(note)));
        let watched = |side: &SideFigures| {
            let ratio = side.watched.as_secs_f64() / side.elapsed.as_secs_f64().max(1e-9);
            let [part, whole] = [self.percent(ratio), self.period_length(side.elapsed)];
            format!("{part} {} {whole}", self.comparing().of_time)
        };
        let Compared { before, after, .. } = &comparison.compared;
        let values = [
            ("border", self.minute(comparison.border, &report.zone)),
            ("what", what),
            ("before", watched(before)),
            ("after", watched(after)),
        ];
        fill(self.comparing().border, &values)
    }

    /// `99.4 % (down 43 min of 5 d watched)`.
    pub(crate) fn side_available(&self, side: &SideFigures) -> String {
        let c = self.comparing();
        let Some(share) = side.availability() else { return c.not_watched.to_owned() };
        let [down, watched] = [side.down(), side.watched].map(|d| self.length(d));
        let values = [("ratio", self.percent(share)), ("down", down), ("watched", watched)];
        fill(c.available, &values)
    }

    fn more_available(&self, before: &SideFigures, after: &SideFigures) -> String {
        let c = self.comparing();
        let Some((before, after)) = before.availability().zip(after.availability()) else {
            return c.nothing.to_owned();
        };
        let points = short((after - before) * 100.0);
        if points == "0" {
            return c.unchanged.to_owned();
        }
        let [less, more] = c.less_more;
        let is_more = after > before;
        let signed = if is_more { format!("+{points}") } else { points };
        let word = if is_more { more } else { less };
        format!("{word}, {} {}", self.figures(&signed), c.points)
    }

    fn drop_rate(&self, side: &SideFigures) -> String {
        let c = self.comparing();
        let Some(rate) = side.drops_per_day() else { return c.not_watched.to_owned() };
        let up = Duration::try_from_secs_f64(side.up_s).unwrap_or_default();
        let [rate, drops] = [self.figures(&short(rate)), self.number(side.drops)];
        if side.up_s < 86_400.0 {
            let values = [("drops", drops), ("up", self.length(up))];
            return fill(self.phrases().patterns.short_rate, &values);
        }
        fill(c.rate, &[("rate", &rate), ("drops", &drops), ("up", &self.length(up))])
    }

    fn share(&self, side: &SideFigures) -> String {
        let c = self.comparing();
        let Some(ratio) = side.loss.ratio() else { return c.nothing_sent.to_owned() };
        let [lost, sent] = [side.loss.lost, side.loss.sent].map(|n| self.number(n));
        fill(c.share, &[("ratio", &self.percent(ratio)), ("lost", &lost), ("sent", &sent)])
    }

    fn delay(&self, d: Option<Duration>) -> String {
        let none = || self.comparing().no_answer.to_owned();
        d.map_or_else(none, |d| self.figures(&format!("{} ms", short(d.as_secs_f64() * 1e3))))
    }

    fn verdict(
        &self,
        change: Option<MeasuredChange>,
        words: [&str; 2],
        figure: impl Fn(MeasuredChange) -> String,
    ) -> String {
        let c = self.comparing();
        let Some(change) = change else { return c.nothing.to_owned() };
        let verdict = match change.verdict {
            ChangeVerdict::Less => words[0],
            ChangeVerdict::More => words[1],
            ChangeVerdict::Same => c.same,
            ChangeVerdict::TooEarly => c.too_early,
        };
        format!("{verdict}, {}", figure(change))
    }

    /// `0.12 times the rate (0.05 to 0.24)`.
    fn ratio(&self, change: MeasuredChange) -> String {
        let c = self.comparing();
        let figure = |value: f64| self.figures(&short(value));
        let upper = change.upper.map_or_else(|| c.any_multiple.to_owned(), figure);
        let lower = figure(change.lower);
        let value = change.value.map(figure);
        let template = if value.is_some() { c.ratio } else { c.no_ratio };
        let value = value.unwrap_or_default();
        fill(template, &[("value", &value), ("lower", &lower), ("upper", &upper)])
    }

    /// `-0.52 ms (-0.9 to -0.13)`.
    fn difference(&self, change: MeasuredChange, scale: f64, unit: &str) -> String {
        let signed = |v: f64| {
            let text = short(v * scale);
            self.figures(&if v > 0.0 && text != "0" { format!("+{text}") } else { text })
        };
        let value = change.value.map(signed).unwrap_or_default();
        let upper = change.upper.map(signed).unwrap_or_default();
        let values = [
            ("value", value.as_str()),
            ("unit", unit),
            ("lower", &signed(change.lower)),
            ("upper", &upper),
        ];
        fill(self.comparing().difference, &values)
    }
}

/// With about three figures: `0.042`, `1.3`, `25`.
fn short(value: f64) -> String {
    let decimals = match value.abs() {
        v if v >= 100.0 => 0,
        v if v >= 10.0 => 1,
        v if v >= 0.1 || v == 0.0 => 2,
        v if v >= 0.01 => 3,
        _ => 4,
    };
    let text = format!("{value:.decimals$}");
    let text =
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_short_and_never_minus_nothing() {
        let texts = [0.0, 0.012_34, 1.304, 25.04, 123.4, -0.000_01, -2.5].map(short);
        assert_eq!(texts, ["0", "0.012", "1.3", "25", "123", "0", "-2.5"]);
    }
}
