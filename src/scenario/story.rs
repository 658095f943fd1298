//! The story that started linkmon, for `linkmon demo`.

use super::file::Scenario;
use super::plan::ScenarioPlan;

const TEXT: &str = include_str!("story.toml");

/// The founding story: five days of drops about every hour, then a day without a connection.
///
/// # Panics
/// Never: the scenario is in the binary.
pub fn founding_story() -> ScenarioPlan {
    let scenario = Scenario::parse(TEXT, "story.toml").expect("a test parses it");
    scenario.plan(scenario.seeds[0])
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_story_has_its_days() {
        let plan = founding_story();
        let drops = plan.true_drops();
        let (outage, flaps) = drops.split_last().unwrap();
        assert_eq!(outage.from.to_string(), "2023-02-07T16:00:00.000Z");
        assert_eq!(outage.to.to_string(), "2023-02-08T16:00:00.000Z");
        assert!((110..=125).contains(&flaps.len()), "{}", flaps.len());
        let minutes = |n: u64| Duration::from_secs(60 * n);
        assert!(flaps.iter().all(|f| (minutes(1)..=minutes(2)).contains(&f.watched)));
        assert_eq!(plan.label(plan.length).to_string(), "2023-02-09T00:00:00.000Z");
        assert_eq!(plan.notes.len(), 4);
    }
}
