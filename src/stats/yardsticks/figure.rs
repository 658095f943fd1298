//! What a yardstick says: its figure, and how that compares with a threshold.

use std::time::Duration;

/// One yardstick applied to a period.
#[derive(Debug, Clone, PartialEq)]
pub struct Yardstick {
    /// Its name in JSON.
    pub key: &'static str,
    /// The country whose rule it is, ISO 3166; `None`: of none.
    pub country: Option<&'static str>,
    /// Its name in a table.
    pub name: &'static str,
    /// What it measures.
    pub measures: &'static str,
    /// What it says; `None` where there is nothing to judge.
    pub figure: Option<Figure>,
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
    /// The threshold of a claim was reached.
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
