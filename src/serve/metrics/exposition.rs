//! Families of metrics as text, in either of two forms: Prometheus text (exposition format 0.0.4) and
//! OpenMetrics 1.0.0. Names, labels and values of all samples are the same in both, so that a
//! scraper that asks for the other one goes on with the same series; OpenMetrics has units and times of
//! creation in addition.

use std::fmt::{Display, Write as _};

use super::decimal::seconds_of;
use super::negotiation::MetricsForm;
use crate::time::Timestamp;

/// Label names with their values.
pub(super) type Labels<'a> = &'a [(&'a str, &'a str)];

/// The units that names end in; the base unit of each kind of figure, but for levels of signals, which
/// nobody gives in anything else.
const UNITS: [&str; 4] = ["seconds", "bytes", "dbmv", "db"];

/// What the samples of a family are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FamilyKind {
    Gauge,
    /// The name of its samples ends in `_total`.
    Counter,
    Histogram,
    Summary,
    /// Labels about something, with the value 1; the name of its samples ends in `_info`.
    Info,
}

/// The text so far.
#[derive(Debug)]
pub(super) struct Exposition {
    form: MetricsForm,
    text: String,
    /// What describes the family, until its first sample: one without any is left out.
    head: String,
}

impl Exposition {
    pub(super) fn new(form: MetricsForm) -> Self {
        Self { form, text: String::new(), head: String::new() }
    }

    /// The whole text.
    pub(super) fn finish(mut self) -> String {
        if self.form == MetricsForm::OpenMetrics {
            self.text.push_str("# EOF\n");
        }
        self.text
    }

    /// A family begins: all its samples follow. `name` is that of a sample, but for histograms and
    /// summaries.
    pub(super) fn family(&mut self, name: &str, kind: FamilyKind, help: &str) {
        self.head.clear();
        match self.form {
            MetricsForm::Classic => {
                let word = match kind {
                    FamilyKind::Gauge | FamilyKind::Info => "gauge",
                    FamilyKind::Counter => "counter",
                    FamilyKind::Histogram => "histogram",
                    FamilyKind::Summary => "summary",
                };
                let help = help.replace('\\', "\\\\").replace('\n', "\\n");
                let _ = writeln!(self.head, "# HELP {name} {help}\n# TYPE {name} {word}");
            }
            MetricsForm::OpenMetrics => {
                let (end, word) = match kind {
                    FamilyKind::Gauge => ("", "gauge"),
                    FamilyKind::Counter => ("_total", "counter"),
                    FamilyKind::Histogram => ("", "histogram"),
                    FamilyKind::Summary => ("", "summary"),
                    FamilyKind::Info => ("_info", "info"),
                };
                let family = name.strip_suffix(end).unwrap_or(name);
                let _ = writeln!(self.head, "# TYPE {family} {word}");
                if let Some(unit) = unit(family) {
                    let _ = writeln!(self.head, "# UNIT {family} {unit}");
                }
                let _ = writeln!(self.head, "# HELP {family} {}", escaped(help));
            }
        }
    }

    pub(super) fn sample(&mut self, name: &str, labels: Labels<'_>, value: impl Display) {
        self.text.push_str(&std::mem::take(&mut self.head));
        self.text.push_str(name);
        let mut before = '{';
        for (label, value) in labels {
            let _ = write!(self.text, "{before}{label}=\"{}\"", escaped(value));
            before = ',';
        }
        if !labels.is_empty() {
            self.text.push('}');
        }
        let _ = writeln!(self.text, " {value}");
    }

    /// A sample of a counter, and since when it counts, where that is known.
    pub(super) fn count(
        &mut self,
        name: &str,
        labels: Labels<'_>,
        value: impl Display,
        since: Option<Timestamp>,
    ) {
        self.sample(name, labels, value);
        self.created(name.strip_suffix("_total").unwrap_or(name), labels, since);
    }

    /// Since when the counter, histogram or summary with these labels counts. Prometheus text has no
    /// word for it.
    pub(super) fn created(&mut self, family: &str, labels: Labels<'_>, since: Option<Timestamp>) {
        if let (MetricsForm::OpenMetrics, Some(since)) = (self.form, since) {
            self.sample(&format!("{family}_created"), labels, seconds_of(since));
        }
    }

    /// A gauge without labels.
    pub(super) fn gauge(&mut self, name: &str, help: &str, value: impl Display) {
        self.family(name, FamilyKind::Gauge, help);
        self.sample(name, &[], value);
    }
}

/// The unit in the name of a family.
fn unit(family: &str) -> Option<&'static str> {
    let last = family.rsplit('_').next()?;
    UNITS.into_iter().find(|unit| *unit == last)
}

/// As both formats have the values of labels, and OpenMetrics every text: backslash, quote, line feed.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(form: MetricsForm, make: impl FnOnce(&mut Exposition)) -> String {
        let mut text = Exposition::new(form);
        make(&mut text);
        text.finish()
    }

    #[test]
    fn every_text_is_escaped_as_its_format_wants() {
        let make = |text: &mut Exposition| {
            text.family("x", FamilyKind::Gauge, "a \"word\"\nand C:\\");
            text.sample("x", &[("l", "\"\\\n")], 1);
        };
        assert_eq!(
            shown(MetricsForm::Classic, make),
            "# HELP x a \"word\"\\nand C:\\\\\n# TYPE x gauge\nx{l=\"\\\"\\\\\\n\"} 1\n"
        );
        assert_eq!(
            shown(MetricsForm::OpenMetrics, make),
            "# TYPE x gauge\n# HELP x a \\\"word\\\"\\nand C:\\\\\nx{l=\"\\\"\\\\\\n\"} 1\n# EOF\n"
        );
    }

    #[test]
    fn a_counter_has_its_family_unit_and_creation_in_openmetrics_alone() {
        let make = |text: &mut Exposition| {
            text.family("x_seconds_total", FamilyKind::Counter, "X.");
            let since = Timestamp::from_millis(1_500);
            text.count("x_seconds_total", &[("l", "a")], 3, Some(since));
            text.count("x_seconds_total", &[("l", "b")], 4, None);
            text.family("y_info", FamilyKind::Info, "Y.");
            text.sample("y_info", &[("v", "2")], 1);
        };
        assert_eq!(
            shown(MetricsForm::OpenMetrics, make),
            "# TYPE x_seconds counter\n# UNIT x_seconds seconds\n# HELP x_seconds X.\n\
             x_seconds_total{l=\"a\"} 3\nx_seconds_created{l=\"a\"} 1.5\nx_seconds_total{l=\"b\"} 4\n\
             # TYPE y info\n# HELP y Y.\ny_info{v=\"2\"} 1\n# EOF\n"
        );
        assert_eq!(
            shown(MetricsForm::Classic, make),
            "# HELP x_seconds_total X.\n# TYPE x_seconds_total counter\n\
             x_seconds_total{l=\"a\"} 3\nx_seconds_total{l=\"b\"} 4\n\
             # HELP y_info Y.\n# TYPE y_info gauge\ny_info{v=\"2\"} 1\n"
        );
    }
}
