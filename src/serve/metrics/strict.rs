//! OpenMetrics read by its rules: what the specification demands of a text, and what it says to do.

use std::collections::{BTreeMap, BTreeSet};

/// A line of a text: `x_total{a="b"} 3`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ReadSample {
    pub(super) name: String,
    pub(super) labels: Vec<(String, String)>,
    pub(super) value: f64,
}

#[derive(Debug, Default)]
struct ReadFamily {
    name: String,
    kind: String,
    has_help: bool,
    samples: Vec<ReadSample>,
}

/// The samples of a text of OpenMetrics 1.0.0.
///
/// # Errors
/// The first rule that it breaks.
pub(super) fn read(text: &str) -> Result<Vec<ReadSample>, String> {
    let body = text.strip_suffix("# EOF\n").ok_or("it does not end in # EOF")?;
    let (mut families, mut names) = (Vec::<ReadFamily>::new(), BTreeSet::new());
    for line in body.lines() {
        if let Some(rest) = line.strip_prefix("# ") {
            let mut words = rest.splitn(3, ' ');
            let (Some(what), Some(name), Some(said)) = (words.next(), words.next(), words.next())
            else {
                return Err(format!("half a line: {line}"));
            };
            if families.last().is_none_or(|family| family.name != name) {
                if !names.insert(name.to_owned()) {
                    return Err(format!("{name} is there twice"));
                }
                families.push(ReadFamily { name: name.to_owned(), ..ReadFamily::default() });
            }
            let family = families.last_mut().expect("it was pushed");
            if !family.samples.is_empty() {
                return Err(format!("{line} comes after samples"));
            }
            match what {
                "TYPE" if family.kind.is_empty() => said.clone_into(&mut family.kind),
                "UNIT" if name.ends_with(&format!("_{said}")) => {}
                "HELP" if !family.has_help => family.has_help = unescaped(said).is_some(),
                _ => return Err(format!("out of place: {line}")),
            }
        } else {
            let sample = sample(line).ok_or_else(|| format!("no sample: {line}"))?;
            let family = families.last_mut().ok_or("a sample without a family")?;
            family.samples.push(sample);
        }
    }
    no_name_is_of_two(&families)?;
    families.iter().try_for_each(checked)?;
    Ok(families.into_iter().flat_map(|family| family.samples).collect())
}

/// The ends of the names of the samples of a kind of family.
fn ends(kind: &str) -> Option<&'static [&'static str]> {
    Some(match kind {
        "gauge" => &[""],
        "counter" => &["_total", "_created"],
        "histogram" => &["_bucket", "_sum", "_count", "_created"],
        "summary" => &["", "_sum", "_count", "_created"],
        "info" => &["_info"],
        _ => return None,
    })
}

fn no_name_is_of_two(families: &[ReadFamily]) -> Result<(), String> {
    let mut taken = BTreeMap::new();
    for family in families {
        let ends = ends(&family.kind).ok_or_else(|| format!("{}: what kind?", family.name))?;
        for name in ends.iter().chain([&""]).map(|end| format!("{}{end}", family.name)) {
            match taken.insert(name.clone(), &family.name) {
                Some(other) if *other != family.name => {
                    return Err(format!("{name} is of {other} and of {}", family.name));
                }
                _ => {}
            }
        }
    }
    Ok(())
}

fn checked(family: &ReadFamily) -> Result<(), String> {
    let ReadFamily { name, kind, has_help, samples } = family;
    let wrong = |what: &str, sample: &ReadSample| Err(format!("{what}: {sample:?}"));
    if !has_help || samples.is_empty() {
        return Err(format!("{name} has no help or no samples"));
    }
    let ends = ends(kind).ok_or("no kind")?;
    let (mut series, mut metrics) = (BTreeSet::new(), BTreeSet::new());
    let mut last: Option<BTreeSet<(String, String)>> = None;
    let mut buckets: Vec<(f64, f64)> = Vec::new();
    for sample in samples {
        let Some(end) = sample.name.strip_prefix(name.as_str()).filter(|end| ends.contains(end))
        else {
            return wrong("not of its family", sample);
        };
        let all: BTreeSet<_> = sample.labels.iter().cloned().collect();
        let different: BTreeSet<_> = sample.labels.iter().map(|(label, _)| label).collect();
        if different.len() != sample.labels.len() || !series.insert((end, all.clone())) {
            return wrong("there twice", sample);
        }
        let metric: BTreeSet<_> = all.iter().filter(|(label, _)| label != "le").cloned().collect();
        if last.as_ref() != Some(&metric) {
            if !metrics.insert(metric.clone()) {
                return wrong("metrics are mixed", sample);
            }
            buckets.clear();
        }
        last = Some(metric);
        let is_count = matches!(end, "_total" | "_bucket" | "_count" | "_sum" | "_created");
        if sample.value.is_nan() || (is_count && sample.value < 0.0) {
            return wrong("no count", sample);
        }
        if kind == "info" && (sample.value - 1.0).abs() > 0.0 {
            return wrong("information is 1", sample);
        }
        if end == "_bucket" {
            let edge = sample.labels.iter().find(|(label, _)| label == "le");
            let edge = edge.and_then(|(_, edge)| canonical(edge));
            let Some(edge) = edge else { return wrong("no edge", sample) };
            if buckets.last().is_some_and(|(e, count)| *e >= edge || *count > sample.value) {
                return wrong("buckets fall", sample);
            }
            buckets.push((edge, sample.value));
        }
        if kind == "histogram" && end == "_count" {
            match buckets.last() {
                Some((edge, count)) if edge.is_infinite() && (count - sample.value).abs() < 0.5 => {
                }
                _ => return wrong("the last bucket has not all", sample),
            }
        }
    }
    Ok(())
}

/// A number as it has to be in a label: `1.0`, `0.005`, `+Inf`.
fn canonical(text: &str) -> Option<f64> {
    let value = text.parse().ok()?;
    (text == "+Inf" || format!("{value:?}") == text).then_some(value)
}

fn sample(line: &str) -> Option<ReadSample> {
    let at = line.find(['{', ' '])?;
    let (name, mut rest) = line.split_at(at);
    let mut labels = Vec::new();
    if let Some(inside) = rest.strip_prefix('{') {
        rest = inside;
        loop {
            let (label, after) = rest.split_once("=\"")?;
            is_name(label).then_some(())?;
            let is_end = |(at, c): &(usize, char)| *c == '"' && !is_escaped(&after[..*at]);
            let end = after.char_indices().find(is_end)?.0;
            labels.push((label.to_owned(), unescaped(&after[..end])?));
            rest = &after[end + 1..];
            match rest.strip_prefix(',') {
                Some(more) => rest = more,
                None => break,
            }
        }
        rest = rest.strip_prefix('}')?;
    }
    let value = rest.strip_prefix(' ')?;
    let is_number = value.bytes().all(|b| b.is_ascii_digit() || b"+-.e".contains(&b));
    let value = value.parse().ok().filter(|_| is_number)?;
    is_name(name).then(|| ReadSample { name: name.to_owned(), labels, value })
}

/// Whether a quote after this text is not the end of a label's value.
fn is_escaped(before: &str) -> bool {
    before.bytes().rev().take_while(|b| *b == b'\\').count() % 2 == 1
}

fn is_name(text: &str) -> bool {
    !text.starts_with(|c: char| c.is_ascii_digit())
        && !text.is_empty()
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// `None` for an escape that is none, or a quote without one.
fn unescaped(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        out.push(match c {
            '\\' => match rest.next()? {
                'n' => '\n',
                c @ ('\\' | '"') => c,
                _ => return None,
            },
            '"' => return None,
            c => c,
        });
    }
    Some(out)
}

#[test]
fn every_broken_rule_is_found() {
    let good = "# TYPE a_seconds counter\n# UNIT a_seconds seconds\n# HELP a_seconds A.\n\
                a_seconds_total{l=\"x\"} 1\na_seconds_created{l=\"x\"} 5\na_seconds_total{l=\"y\"} 2\n\
                # TYPE h histogram\n# HELP h H.\n\
                h_bucket{le=\"1.0\"} 1\nh_bucket{le=\"+Inf\"} 2\nh_sum 3.5\nh_count 2\n\
                # TYPE b info\n# HELP b B.\nb_info{v=\"a\\\"\\\\\\n\"} 1\n# EOF\n";
    let samples = read(good).unwrap();
    assert_eq!(samples.len(), 8);
    assert_eq!(samples[7].labels, [("v".to_owned(), "a\"\\\n".to_owned())]);
    for (from, to) in [
        ("# EOF\n", ""),
        ("# EOF\n", "# EOF\n\n"),
        ("# UNIT a_seconds seconds", "# UNIT a_seconds bytes"),
        ("a_seconds_total{l=\"x\"} 1", "a_seconds{l=\"x\"} 1"),
        ("a_seconds_total{l=\"x\"} 1", "a_seconds_total{l=\"x\"} -1"),
        ("a_seconds_total{l=\"x\"} 1", "a_seconds_total{l=\"x\"} NaN"),
        ("a_seconds_total{l=\"y\"} 2", "a_seconds_total{l=\"x\"} 2"),
        ("a_seconds_total{l=\"y\"} 2", "a_seconds_total{l=\"y\",l=\"y\"} 2"),
        ("a_seconds_total{l=\"y\"} 2", "a_seconds_total{l=\"y\"} 2\na_seconds_created{l=\"x\"} 5"),
        ("# TYPE h histogram", "# TYPE a_seconds_total gauge"),
        ("# TYPE h histogram", "# TYPE a_seconds gauge"),
        ("# TYPE h histogram", "# TYPE h bars"),
        ("# HELP h H.\n", ""),
        ("# HELP h H.\n", "# HELP h \"H\".\n"),
        ("h_sum 3.5", "h_sum 3.5\n# HELP h H."),
        ("le=\"1.0\"", "le=\"1\""),
        ("h_bucket{le=\"1.0\"} 1", "h_bucket{le=\"1.0\"} 3"),
        ("h_bucket{le=\"+Inf\"} 2", "h_bucket{le=\"2.0\"} 2"),
        ("h_count 2", "h_count 3"),
        ("b_info{", "b{"),
        ("} 1\n# EOF", "} 2\n# EOF"),
        ("\\n", "\\t"),
        ("\\\"", "\""),
    ] {
        let bad = good.replacen(from, to, 1);
        assert_ne!(bad, good, "{from}");
        let why = read(&bad).expect_err(to);
        assert!(!why.is_empty());
    }
}
