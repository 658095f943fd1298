//! When something happens, and how often: at given times, every hour or so, at random, every
//! night; or from start to end.

use std::time::Duration;

use jiff::civil;
use jiff::tz::TimeZone;
use serde::{Deserialize, Deserializer};

use crate::time::duration::text;
use crate::time::{Timestamp, parse_duration};

/// A duration, or two between which it lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DurationRange {
    /// At least.
    pub least: Duration,
    /// At most.
    pub most: Duration,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl OneOrMany {
    fn durations<E: serde::de::Error>(self) -> Result<Vec<Duration>, E> {
        let texts = match self {
            Self::One(text) => vec![text],
            Self::Many(texts) => texts,
        };
        texts.iter().map(|text| parse_duration(text).map_err(E::custom)).collect()
    }
}

impl<'de> Deserialize<'de> for DurationRange {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let all = OneOrMany::deserialize(d)?.durations()?;
        let (least, most) = match all.as_slice() {
            [one] => (*one, *one),
            [least, most] if least <= most => (*least, *most),
            _ => {
                let wrong = "expected a duration, or two of which the second is not shorter";
                return Err(serde::de::Error::custom(wrong));
            }
        };
        Ok(Self { least, most })
    }
}

/// When something happens.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(try_from = "WhenLine")]
pub struct When {
    how_often: Recurring,
    lasts: Option<DurationRange>,
    spread: Duration,
    from: Duration,
    until: Option<Duration>,
    /// At most this many.
    count: Option<usize>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
enum Recurring {
    /// From start to end.
    #[default]
    Always,
    /// At these times.
    At(Vec<Duration>),
    /// At this distance from start to start.
    Every(Duration),
    /// At random, this far apart on average (a Poisson process).
    Random(Duration),
    /// Every day at this time of day.
    Daily(civil::Time),
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct WhenLine {
    at: Option<OneOrMany>,
    #[serde(default, with = "crate::time::duration::optional")]
    every: Option<Duration>,
    #[serde(default, with = "crate::time::duration::optional")]
    random: Option<Duration>,
    daily: Option<String>,
    #[serde(default, with = "crate::time::duration::optional")]
    spread: Option<Duration>,
    #[serde(default, with = "crate::time::duration::optional")]
    from: Option<Duration>,
    #[serde(default, with = "crate::time::duration::optional")]
    until: Option<Duration>,
    count: Option<usize>,
    lasts: Option<DurationRange>,
}

impl TryFrom<WhenLine> for When {
    type Error = String;

    fn try_from(line: WhenLine) -> Result<Self, String> {
        let WhenLine { at, every, random, daily, spread, from, until, count, lasts } = line;
        let at = at.map(OneOrMany::durations::<toml::de::Error>).transpose();
        let at = at.map_err(|e| e.message().to_owned())?;
        let daily = daily
            .map(|text| text.parse::<civil::Time>().map_err(|_| wrong_time(&text)))
            .transpose()?;
        let how_often = match (at, every, random, daily) {
            (None, None, None, None) => Recurring::Always,
            (Some(at), None, None, None) => Recurring::At(at),
            (None, Some(every), None, None) => Recurring::Every(every),
            (None, None, Some(random), None) => Recurring::Random(random),
            (None, None, None, Some(daily)) => Recurring::Daily(daily),
            _ => return Err("only one of at, every, random and daily may be given".to_owned()),
        };
        let distance = match &how_often {
            Recurring::Every(distance) | Recurring::Random(distance) => Some(*distance),
            _ => None,
        };
        if let Some(short) = distance.filter(|distance| *distance < Duration::from_secs(1)) {
            return Err(format!("\"{}\" is too often: at least a second", text(short)));
        }
        let spread = spread.unwrap_or_default();
        if matches!(how_often, Recurring::Random(_) | Recurring::Always) && spread > Duration::ZERO
        {
            return Err("spread goes with at, every or daily".to_owned());
        }
        if let Recurring::Every(every) = how_often
            && spread > every / 2
        {
            return Err(format!("spread = \"{}\" is more than half of every", text(spread)));
        }
        Ok(Self { how_often, lasts, spread, from: from.unwrap_or_default(), until, count })
    }
}

fn wrong_time(text: &str) -> String {
    format!("daily = \"{text}\" is not a time of day (such as \"03:00\")")
}

/// A stretch in milliseconds from the start of the scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlanSpan {
    /// First.
    pub from: i64,
    /// First after it.
    pub to: i64,
}

/// Turns times of a file into times of a scenario.
#[derive(Debug, Clone)]
pub struct TimeFrame<'a> {
    /// When the scenario starts.
    pub start: Timestamp,
    /// Zone of its times of day.
    pub zone: &'a TimeZone,
    /// Its length in milliseconds.
    pub length: i64,
}

impl When {
    /// Whether nothing limits it.
    pub fn is_always(&self) -> bool {
        self.how_often == Recurring::Always && self.lasts.is_none() && self.until.is_none()
    }

    /// The stretches in a scenario, in order; those that start after its end are left out.
    pub fn stretches(&self, frame: &TimeFrame<'_>, rng: &mut fastrand::Rng) -> Vec<PlanSpan> {
        let until = self.until.map_or(frame.length, millis).min(frame.length);
        let from = millis(self.from);
        let mut starts = self.starts(frame, from, until, rng);
        starts.sort_unstable();
        starts.truncate(self.count.unwrap_or(usize::MAX));
        starts
            .into_iter()
            .filter(|start| (0..frame.length).contains(start))
            .map(|start| {
                let to = match self.lasts {
                    Some(DurationRange { least, most }) => {
                        start + between(rng, millis(least), millis(most))
                    }
                    None => until.max(start),
                };
                PlanSpan { from: start, to }
            })
            .collect()
    }

    fn starts(
        &self,
        frame: &TimeFrame<'_>,
        from: i64,
        until: i64,
        rng: &mut fastrand::Rng,
    ) -> Vec<i64> {
        let spread = millis(self.spread);
        let mut near = |at: i64| at + between(rng, -spread, spread);
        match &self.how_often {
            Recurring::Always => vec![from],
            Recurring::At(times) => times.iter().map(|at| near(millis(*at))).collect(),
            Recurring::Every(every) => {
                let every = millis(*every);
                let mut starts = Vec::new();
                let mut at = from;
                // From one to the next, so that spread events do not follow a clock.
                loop {
                    at += near(every);
                    if at >= until {
                        return starts;
                    }
                    starts.push(at);
                }
            }
            Recurring::Random(mean) => {
                let mean = millis(*mean);
                let mut starts = Vec::new();
                let mut at = from;
                loop {
                    at += exponential(rng, mean);
                    if at >= until {
                        return starts;
                    }
                    starts.push(at);
                }
            }
            Recurring::Daily(time) => days(frame)
                .filter_map(|day| local(frame, day, *time))
                .map(near)
                .filter(|at| (from..until).contains(at))
                .collect(),
        }
    }
}

/// The local days that a scenario touches.
fn days(frame: &TimeFrame<'_>) -> impl Iterator<Item = civil::Date> {
    let first = jiff::Timestamp::from_microsecond(frame.start.as_micros())
        .map_or(civil::Date::MIN, |at| at.to_zoned_datetime(frame.zone.clone()).date());
    let count = usize::try_from(frame.length / 86_400_000 + 2).unwrap_or(0);
    first.series(jiff::Span::new().days(1)).take(count)
}

/// That time of that day in milliseconds from the start.
fn local(frame: &TimeFrame<'_>, day: civil::Date, time: civil::Time) -> Option<i64> {
    let at = frame.zone.to_timestamp(day.to_datetime(time)).ok()?;
    Some((at.as_microsecond() - frame.start.as_micros()) / 1_000)
}

/// Whole milliseconds.
pub(super) fn millis(d: Duration) -> i64 {
    i64::try_from(d.as_millis()).unwrap_or(i64::MAX)
}

fn between(rng: &mut fastrand::Rng, least: i64, most: i64) -> i64 {
    if least >= most { least } else { rng.i64(least..=most) }
}

/// The time until the next random event when they are `mean` apart; at least 1.
pub(super) fn exponential(rng: &mut fastrand::Rng, mean: i64) -> i64 {
    #[allow(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "years at most"
    )]
    let wait = (-(1.0 - rng.f64()).ln() * mean as f64) as i64;
    wait.max(1)
}
