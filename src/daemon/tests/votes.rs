//! Who may vote, as the daemon stores it and shows it.

use super::*;
use crate::vocabulary::TargetId;

/// The gateway, and the first anchor alone.
fn alone(who: usize, ms: i64) -> Outcome {
    if who == 2 { up(who, ms) } else { down(who, ms) }
}

#[test]
fn a_false_witness_is_stored_shown_and_known_after_a_restart() {
    let mut machine = Machine::new();
    let end = machine.start(0, |mut life| {
        life.lives(120, &mut up);
        for _ in 0..3 {
            life.lives(30, &mut alone);
            life.lives(120, &mut up);
        }
        let end = life.s;
        life.stop();
        end
    });
    let one = machine.reader().targets().unwrap().iter().find(|t| t.name == "one").unwrap().id;
    let standing = |machine: &Machine| machine.reader().rosters().unwrap().last().standing(one);
    assert_eq!(standing(&machine), Some(Standing::FalseWitness));
    let shown = machine.heard.status.as_ref().unwrap().clone();
    let names: Vec<_> = shown.deciding_anchors().iter().map(|t| t.name.clone()).collect();
    assert_eq!(names, ["two", "three"]);
    let live = machine.drops().len();
    assert_eq!(live, 2, "the second time it is found out, the third time it does not vote");
    let suspects = machine.reader().impairments(ALWAYS).unwrap();
    let kinds: Vec<_> = suspects.iter().map(|i| (i.figures.kind(), i.target)).collect();
    assert_eq!(kinds, [("suspect-voice", Some(one)); 2]);
    machine.check_replay();

    machine.start(end + 10, |mut life| {
        life.lives(60, &mut up);
        life.lives(30, &mut alone);
        life.lives(60, &mut up);
        life.stop();
    });
    assert_eq!(standing(&machine), Some(Standing::FalseWitness));
    assert_eq!(machine.drops().len(), 3);
}

#[test]
fn the_roster_of_a_run_is_stored_once_and_again_when_it_changes() {
    let mut machine = Machine::new();
    machine.start(0, |mut life| {
        life.lives(30, &mut up);
        let now = life.now();
        let near = |mut w: WantedTarget| {
            if w.name == "one" {
                w.standing = Standing::Near;
            }
            w
        };
        let wanted: Vec<_> = wanted().into_iter().map(near).collect();
        assert_eq!(life.daemon.set_targets(wanted.clone(), now), Changed::No);
        assert_eq!(life.daemon.set_targets(wanted, now), Changed::No);
        life.lives(30, &mut up);
        life.lives(20, &mut alone);
        life.lives(60, &mut up);
        life.stop();
    });
    let rosters = machine.reader().rosters().unwrap();
    let all = rosters.of_run(1, crate::time::TimeRange::EVER);
    let deciding: Vec<Vec<TargetId>> = all.iter().map(|change| change.roster.deciding()).collect();
    assert_eq!(deciding.iter().map(Vec::len).collect::<Vec<_>>(), [3, 2]);
    assert_eq!(machine.drops().len(), 1);
    machine.check_replay();
}
