//! What a yardstick says: its figure, how that compares with a threshold, or why there is none.

use std::time::Duration;

/// One yardstick applied to a period.
#[derive(Debug, Clone, PartialEq)]
pub struct Yardstick {
    /// Its name in JSON.
    pub key: &'static str,
    /// Its name in a table.
    pub name: &'static str,
    /// What it measures.
    pub measures: &'static str,
    /// What it says; `None` where there is nothing to judge.
    pub figure: Option<Figure>,
    /// Why it has no figure though something was watched; `None` with a figure, and where nothing was watched.
    pub silent: Option<WhyNoFigure>,
    /// The minimum and the maximum of the figure, where drops have bounds.
    pub between: Option<(f64, f64)>,
    /// Its threshold in words; `None` where it has none.
    pub threshold: Option<&'static str>,
    /// How the figure compares with the threshold; `None` without figure or threshold.
    pub verdict: Option<ThresholdVerdict>,
    /// Where it is laid down.
    pub source: &'static str,
    /// What is uncertain about it.
    pub uncertain: &'static str,
}

/// Why a yardstick has no figure for a period in which something was watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhyNoFigure {
    /// It counts by the day, and no whole day was watched: an hour says nothing about a day.
    TooShort,
    /// The probes are too far apart to show what it counts.
    TooSparse,
}

impl WhyNoFigure {
    /// The word for it in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TooShort => "too-short",
            Self::TooSparse => "too-sparse",
        }
    }
}

/// A figure with its two counts and what was watched.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Figure {
    /// The figure itself.
    pub value: f64,
    /// What it is a figure of.
    pub unit: Unit,
    /// The part of the whole that counts.
    pub part: f64,
    /// The whole.
    pub whole: f64,
    /// What part and whole are.
    pub counted: &'static str,
    /// Watched of elapsed time that the yardstick looks at.
    pub coverage: FigureCoverage,
}

/// How much of the time that a yardstick looks at was watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FigureCoverage {
    /// Time watched.
    pub watched: Duration,
    /// Time elapsed.
    pub elapsed: Duration,
}

/// What a figure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A share, 0 to 1.
    Ratio,
    /// Events a day.
    PerDay,
    /// A number of days.
    Days,
    /// A length in seconds.
    Seconds,
}

/// How a figure compares with a threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ThresholdVerdict {
    /// A demand on the link is met.
    Met,
    /// A demand on the link is not met.
    Missed,
    /// The threshold of a claim or an incident was reached.
    Reached,
    /// It was not.
    NotReached,
    /// The best of the three classes of loss.
    Low,
    /// The middle class.
    Middle,
    /// The worst class.
    High,
}

impl ThresholdVerdict {
    /// The word for it in text and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Missed => "not met",
            Self::Reached => "reached",
            Self::NotReached => "not reached",
            Self::Low => "best of 3 classes",
            Self::Middle => "middle of 3 classes",
            Self::High => "worst of 3 classes",
        }
    }
}
