//! The path at the moment of a drop, from the first second of silence to the record.

use super::*;
use crate::probe::follow::PathQuestion;
use crate::vocabulary::{IpVersion, Observation, PathHop, PathMoment, PathRound};

/// What is asked now; each is answered by the gateway alone.
fn answer(life: &mut Life<'_>) -> Vec<PathMoment> {
    let questions: Vec<_> = std::iter::from_fn(|| life.daemon.path_question()).collect();
    for PathQuestion { moment, towards } in &questions {
        let (target, limits) = &towards[0];
        let by = |ttl: u8| (ttl == 1).then(|| WHO[0].2.parse().unwrap());
        let hop = |ttl: &u8| PathHop { ttl: *ttl, usual: None, by: by(*ttl), rtt: None };
        let round = PathRound {
            at: life.now().utc,
            family: IpVersion::V4,
            moment: *moment,
            towards: Some(*target),
            hops: limits.iter().map(hop).collect(),
            returns: Vec::new(),
            unsent: None,
        };
        life.daemon.on_batch(&[Observation::Path(Box::new(round))]);
    }
    questions.iter().map(|question| question.moment).collect()
}

#[test]
fn the_path_of_the_first_second_is_stored_before_the_drop_is_announced() {
    let mut machine = Machine::new();
    machine.start(0, |mut life| {
        life.lives(100, &mut up);
        assert_eq!(answer(&mut life), [PathMoment::Usual]);
        life.lives(2, &mut down);
        let at = life.now();
        life.daemon.on_batch(&[Observation::Silent { family: IpVersion::V4, at }]);
        assert_eq!(answer(&mut life), [PathMoment::FirstSecond]);
        life.lives(12, &mut down);
        assert_eq!(answer(&mut life), [PathMoment::Confirmed]);
        life.lives(50, &mut up);
        assert_eq!(answer(&mut life), [PathMoment::End]);
        life.stop();
    });
    assert_eq!(machine.heard.words(), ["began 1", "ended 1"]);
    assert_eq!(machine.heard.paths_at_events, [1, 3], "with the drop, before it is announced");
    let stored = machine.reader().paths(ALWAYS).unwrap();
    let moments: Vec<_> = stored.iter().map(|round| round.moment).collect();
    assert_eq!(moments.len(), 4, "{stored:#?}");
    for moment in
        [PathMoment::FirstSecond, PathMoment::Confirmed, PathMoment::Back, PathMoment::End]
    {
        assert!(moments.contains(&moment), "{moment:?}: {moments:?}");
    }
    machine.check_replay();
}

#[test]
fn a_silence_that_is_no_drop_leaves_no_path_behind() {
    let mut machine = Machine::new();
    machine.start(0, |mut life| {
        life.lives(100, &mut up);
        answer(&mut life);
        life.lives(1, &mut down);
        let at = life.now();
        life.daemon.on_batch(&[Observation::Silent { family: IpVersion::V4, at }]);
        assert_eq!(answer(&mut life), [PathMoment::FirstSecond]);
        life.lives(60, &mut up);
        life.stop();
    });
    assert_eq!(machine.reader().paths(ALWAYS).unwrap(), []);
}
