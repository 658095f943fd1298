//! Which form of the metrics a scraper asks for (RFC 9110, section 12.5.1). Pure.

/// A form of the metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::serve) enum MetricsForm {
    /// Prometheus text, exposition format 0.0.4: for whoever asks for nothing else.
    Classic,
    /// OpenMetrics 1.0.0: for those that name it.
    OpenMetrics,
}

impl MetricsForm {
    /// The type of the text, for the header.
    pub(in crate::serve) fn content_type(self) -> &'static str {
        match self {
            Self::Classic => "text/plain; version=0.0.4; charset=utf-8",
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }

    /// The form that the values of `Accept` ask for. OpenMetrics has to be named, and be wanted more
    /// than the text is, or as much where the text is only in a wildcard; all else gets the text,
    /// also who accepts neither, as ever.
    pub(in crate::serve) fn accepted<'a>(accept: impl IntoIterator<Item = &'a str>) -> Self {
        // How much each is wanted, in thousandths; the text by the narrowest range that covers it.
        let mut open: Option<u16> = None;
        let mut text: Option<(u8, u16)> = None;
        for value in accept {
            for range in split(value, ',') {
                let Some(range) = MediaRange::of(range) else { continue };
                let narrow = match range.essence.as_str() {
                    "application/openmetrics-text" if range.is_version("1.0.0") => {
                        open = open.max(Some(range.thousandths));
                        continue;
                    }
                    "text/plain" if range.is_version("0.0.4") => 2,
                    "text/*" => 1,
                    "*/*" => 0,
                    _ => continue,
                };
                text = text.max(Some((narrow, range.thousandths)));
            }
        }
        match (open, text) {
            (None | Some(0), _) => Self::Classic,
            (Some(open), Some((_, text))) if open < text => Self::Classic,
            (Some(open), Some((2, text))) if open == text => Self::Classic,
            _ => Self::OpenMetrics,
        }
    }
}

/// `text/plain;version=0.0.4;q=0.5`.
struct MediaRange {
    essence: String,
    version: Option<String>,
    /// How much it is wanted, of 1000.
    thousandths: u16,
}

impl MediaRange {
    /// `None` where it makes no sense.
    fn of(text: &str) -> Option<Self> {
        let mut parts = split(text, ';').map(str::trim);
        let essence = parts.next()?.to_ascii_lowercase();
        let mut range = Self { essence, version: None, thousandths: 1_000 };
        for parameter in parts.filter(|parameter| !parameter.is_empty()) {
            let (name, value) = parameter.split_once('=')?;
            let value = value.trim().trim_matches('"');
            match name.trim().to_ascii_lowercase().as_str() {
                "q" => range.thousandths = thousandths(value)?,
                "version" => range.version = Some(value.to_owned()),
                _ => {}
            }
        }
        Some(range)
    }

    /// Whether it is this version, or any.
    fn is_version(&self, version: &str) -> bool {
        self.version.as_deref().is_none_or(|wanted| wanted == version)
    }
}

/// A weight between 0 and 1 with up to three decimals.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let are_digits = decimals.len() <= 3 && decimals.bytes().all(|b| b.is_ascii_digit());
    let decimals = format!("{decimals:0<3}").parse::<u16>().ok().filter(|_| are_digits)?;
    match (whole, decimals) {
        ("0", decimals) => Some(decimals),
        ("1", 0) => Some(1_000),
        _ => None,
    }
}

/// The parts between separators that are not in quotes.
fn split(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut is_quoted = false;
    text.split(move |c: char| {
        is_quoted ^= c == '"';
        c == separator && !is_quoted
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(accept: &str, expected: MetricsForm) {
        assert_eq!(MetricsForm::accepted([accept]), expected, "{accept}");
    }

    #[test]
    fn who_names_openmetrics_and_wants_it_most_gets_it() {
        for accept in [
            "application/openmetrics-text; version=1.0.0",
            "application/openmetrics-text",
            "Application/OpenMetrics-Text;VERSION=\"1.0.0\";charset=utf-8",
            // Prometheus 2.42.
            "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;\
             q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
            // Prometheus 3.
            "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,\
             application/openmetrics-text;version=0.0.1;q=0.5,\
             text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,\
             */*;q=0.2",
            "*/*, application/openmetrics-text",
            "text/plain;q=0.899, application/openmetrics-text;q=0.9",
            "application/openmetrics-text;q=0.001, text/plain;q=0",
            // The narrower range has the say: the text is wanted at 0.1.
            "*/*, text/plain;q=0.1, application/openmetrics-text;q=0.5",
        ] {
            check(accept, MetricsForm::OpenMetrics);
        }
    }

    #[test]
    fn everyone_else_gets_the_text() {
        for accept in [
            "",
            "*/*",
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "application/*",
            "application/json",
            "text/plain;version=0.0.4",
            "text/plain, application/openmetrics-text",
            "application/openmetrics-text;q=0.5, text/plain",
            "application/openmetrics-text;q=0.5, text/*;q=0.6",
            "application/openmetrics-text;q=0, text/plain;q=0",
            "application/openmetrics-text;version=0.0.1",
            "application/openmetrics-text;version=2.0.0",
            // No weights.
            "application/openmetrics-text;q=2",
            "application/openmetrics-text;q=-1",
            "application/openmetrics-text;q=0.1234",
            "application/openmetrics-text;q=much",
            "application/openmetrics-text;q",
            // In a quoted value, not a range.
            "text/plain;note=\"a, application/openmetrics-text;q=1\"",
        ] {
            check(accept, MetricsForm::Classic);
        }
        assert_eq!(MetricsForm::accepted([]), MetricsForm::Classic);
    }

    #[test]
    fn several_headers_are_one_list() {
        let both = ["text/plain;version=0.0.4;q=0.5", "application/openmetrics-text"];
        assert_eq!(MetricsForm::accepted(both), MetricsForm::OpenMetrics);
    }

    proptest! {
        #[test]
        fn the_order_of_ranges_means_nothing_and_none_makes_it_panic(
            ranges in proptest::collection::vec(
                r"(application/openmetrics-text|text/plain|\*/\*|text/\*|\PC{0,5})(;version=(1|0)\.0\.[04])?(;q=(0|1)(\.[0-9]{0,4})?|;\PC{0,3})?",
                0..5
            )
        ) {
            // A quote without its partner takes what follows it.
            prop_assume!(ranges.iter().all(|range| !range.contains(['"', ','])));
            let forwards = ranges.join(",");
            let backwards: Vec<_> = ranges.iter().rev().map(String::as_str).collect();
            prop_assert_eq!(
                MetricsForm::accepted([forwards.as_str()]),
                MetricsForm::accepted([backwards.join(",").as_str()])
            );
        }
    }
}
