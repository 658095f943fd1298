//! Availability and coverage, counted minute by minute.

use proptest::prelude::*;

use super::*;

fn seconds(n: u64) -> f64 {
    Duration::from_secs(n).as_secs_f64()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// Every minute of a day is asked on its own whether the target was watched in it and down.
    #[test]
    fn availability_and_coverage_are_what_a_count_of_every_minute_gives(
        lives in prop::collection::vec((1_i64..1_440, 0_i64..400), 1..4),
        gaps in prop::collection::vec((1_i64..1_440, 1_i64..200), 0..3),
        apart in prop::collection::vec((1_i64..1_440, 1_i64..200), 0..2),
        drops in prop::collection::vec((1_i64..1_440, 1_i64..90, 0_u8..3), 0..6),
        troubles in prop::collection::vec((1_i64..1_440, 1_i64..200), 0..4),
    ) {
        let mut rows = calm();
        let mut lives = lives;
        lives.sort_unstable_by_key(|(from, _)| std::cmp::Reverse(*from));
        rows.runs = (1..).zip(&lives).map(|(id, &(from, length))| run(id, from, (from - length).max(0))).collect();
        rows.gaps = gaps
            .iter()
            .map(|&(from, length)| Gap { range: minutes(from, length), reason: GapReason::Asleep })
            .collect();
        rows.apart = crate::time::spans::union(apart.iter().map(|&(f, l)| minutes(f, l)).collect());
        // The drops of a record do not overlap.
        let mut until = i64::MAX;
        let mut known = Vec::new();
        let mut sorted = drops;
        sorted.sort_unstable_by_key(|(from, ..)| std::cmp::Reverse(*from));
        for (from, length, fate) in sorted {
            let to = (from - length).max(0);
            if from < until {
                until = to;
                let silent: &[u8] = if fate == 0 { &[4, 5, 6, 7] } else { &[4, 5, 6] };
                let mut stored = dropped(i64::try_from(known.len()).unwrap(), from, Some(to), silent);
                if fate == 1 {
                    stored.drop.answered.push(TargetId(7));
                }
                known.push((minutes(from, length), fate));
                rows.drops.push(stored);
            }
        }
        rows.troubles = troubles
            .iter()
            .map(|&(from, length)| {
                let range = minutes(from, length);
                TargetTrouble { target: TargetId(7), from: range.from, to: Some(range.to), lost: 9, sent: 9 }
            })
            .collect();
        let kept = |stored: &&StoredDrop| !crate::report::ways::is_apart(&stored.drop, &rows.apart, NOW);
        let kept: Vec<i64> = rows.drops.iter().filter(kept).map(|stored| stored.id).collect();

        let (mut watched, mut down) = ([0_u64; 2], [0_u64; 2]);
        for minute in 0..1_440 {
            let at = ago(1_440 - minute);
            let lives = rows.runs.iter().any(|run| run.started <= at && at < run.last_seen);
            let gap = rows.gaps.iter().any(|gap| gap.range.contains(at));
            let other = rows.apart.iter().any(|range| range.contains(at));
            let in_drop = (0_i64..).zip(&known).find(|(id, (range, _))| kept.contains(id) && range.contains(at));
            let fate = in_drop.map(|(_, (_, fate))| *fate);
            let trouble = rows.troubles.iter().any(|t| t.from <= at && at < t.to.unwrap());
            if !lives || gap || other {
                continue;
            }
            watched[0] += 60;
            down[0] += 60 * u64::from(fate.is_some());
            if fate == Some(2) && !trouble {
                continue;
            }
            watched[1] += 60;
            down[1] += 60 * u64::from(fate == Some(0) || trouble);
        }
        let systems = built(&rows);
        for (nth, id) in [INTERNET, "mail"].into_iter().enumerate() {
            let day = system(&systems, id).windows[0];
            prop_assert_eq!(day.watched.as_secs(), watched[nth], "{} watched", id);
            prop_assert_eq!(day.down.as_secs(), down[nth], "{} down", id);
            prop_assert_eq!(day.ratio.is_some(), watched[nth] > 0, "{}", id);
            if let Some(ratio) = day.ratio {
                let exact = 1.0 - seconds(down[nth]) / seconds(watched[nth]);
                prop_assert!((ratio - exact).abs() < 1e-9, "{}: {} {}", id, ratio, exact);
            }
            prop_assert!((day.coverage() - seconds(watched[nth]) / 86_400.0).abs() < 1e-9);
        }
    }
}
