//! Series and their samples: names and labels as `/metrics` has them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::config::Site;
use crate::live::family_of;
use crate::vocabulary::Target;

/// What ends a series in Prometheus: a NaN of its own, told from others by its bits
/// (`model/value/value.go`).
pub(super) const STALE: f64 = f64::from_bits(0x7ff0_0000_0000_0002);

/// A series: a name, and what tells it from others of the name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct SeriesKey {
    pub(super) name: &'static str,
    pub(super) of: SeriesOf,
    pub(super) origin: SampleOrigin,
}

/// Of what a series is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum SeriesOf {
    /// The link.
    Link,
    /// A state of the link.
    State(&'static str),
    /// Drops at a place.
    Place(String),
    /// A target, by [`identity`].
    Target(String),
    /// Delays of a target up to an edge, in seconds as text.
    Delays(String, String),
}

/// Name, role, kind and family of a target: its labels. Two numbers of the record may share them, one
/// after the other, and are one series then.
pub(super) fn identity(target: &Target) -> String {
    // None of them has a blank.
    format!("{} {} {} {}", target.name, target.role, target.kind, family_of(target))
}

/// Whether anything was measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub(super) enum SampleOrigin {
    /// Of the line.
    #[default]
    Measured,
    /// Of a simulation; the series say so.
    Simulated,
}

/// Samples on their way: milliseconds since 1970 and value, strictly rising in each series.
#[derive(Debug, Clone, Default)]
pub(super) struct SampleBatch {
    series: BTreeMap<SeriesKey, Vec<(i64, f64)>>,
    samples: usize,
}

impl SampleBatch {
    /// Adds a sample. One that is not after the last of its series is left out: receivers refuse the
    /// whole batch because of one.
    pub(super) fn push(&mut self, key: SeriesKey, at_ms: i64, value: f64) {
        let samples = self.series.entry(key).or_default();
        if samples.last().is_none_or(|(last, _)| *last < at_ms) {
            samples.push((at_ms, value));
            self.samples += 1;
        }
    }

    /// Every series with its samples.
    pub(super) fn series(&self) -> impl Iterator<Item = (&SeriesKey, &[(i64, f64)])> {
        self.series.iter().map(|(key, samples)| (key, samples.as_slice()))
    }

    /// How many samples there are.
    pub(super) fn len(&self) -> usize {
        self.samples
    }
}

/// The labels that all series of a receiver share.
#[derive(Debug, Clone, Default)]
pub(super) struct SeriesLabels(Vec<(&'static str, String)>);

impl SeriesLabels {
    /// Those of a site whose `instance` is named so.
    pub(super) fn new(instance: &str, site: &Site) -> Self {
        let of = |value: &Option<String>| value.clone().unwrap_or_default();
        Self(vec![
            ("job", "linkmon".to_owned()),
            ("instance", instance.to_owned()),
            ("site", of(&site.name)),
            ("isp", of(&site.isp)),
            ("line", of(&site.line)),
        ])
    }

    /// The labels of a series with its name, by name; one without a value is none.
    pub(super) fn of(&self, key: &SeriesKey) -> Vec<(String, String)> {
        let mut labels = self.0.clone();
        labels.push(("__name__", key.name.to_owned()));
        let mut of_target = |identity: &str| {
            let names = ["target", "role", "kind", "family"];
            labels.extend(names.into_iter().zip(identity.split(' ').map(str::to_owned)));
        };
        match &key.of {
            SeriesOf::Link => {}
            SeriesOf::State(state) => labels.push(("state", (*state).to_owned())),
            SeriesOf::Place(place) => labels.push(("place", place.clone())),
            SeriesOf::Target(identity) => of_target(identity),
            SeriesOf::Delays(identity, edge) => {
                of_target(identity);
                labels.push(("le", edge.clone()));
            }
        }
        if key.origin == SampleOrigin::Simulated {
            labels.push(("simulated", "true".to_owned()));
        }
        labels.retain(|(_, value)| !value.is_empty());
        labels.sort_unstable_by(|a, b| a.0.cmp(b.0));
        labels.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}
