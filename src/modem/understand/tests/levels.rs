//! Levels by the profiles, and against what is usual.

use super::*;

fn qam(order: u16, power: f64, mer: f64) -> Downstream {
    Downstream {
        id: Some(3),
        kind: Some(ChannelKind::ScQam),
        modulation: Some(Modulation::Qam(order)),
        power_dbmv: Some(power),
        mer_db: Some(mer),
        ..Downstream::default()
    }
}

#[test]
fn the_german_sheet_is_met_at_its_limits() {
    use LevelWord::{Bad, Fair, Good, Poor};
    let power = |order, level| judge_downstream(LevelProfile::Germany, &qam(order, level, 40.0)).0;
    let of_256 = [-8.0, -7.9, -6.0, -5.9, -4.0, -3.9, 13.0, 13.1, 18.0, 18.1, 20.0, 20.1];
    let words = [Bad, Poor, Poor, Fair, Fair, Good, Good, Fair, Fair, Poor, Poor, Bad];
    assert_eq!(of_256.map(|level| power(256, level)), words.map(Some));
    let of_64 = [-14.0, -13.9, -12.0, -11.9, -10.0, -9.9, 7.0, 7.1, 12.0, 12.1, 14.0, 14.1];
    assert_eq!(of_64.map(|level| power(64, level)), words.map(Some));
    let mer = |order, level| judge_downstream(LevelProfile::Germany, &qam(order, 0.0, level)).1;
    let words = [Bad, Poor, Poor, Fair, Fair, Good].map(Some);
    assert_eq!([30.0, 30.1, 32.0, 32.1, 33.0, 33.1].map(|level| mer(256, level)), words);
    assert_eq!([24.0, 24.1, 26.0, 26.1, 27.0, 27.1].map(|level| mer(64, level)), words);
    let up = |level| {
        let channel = Upstream { power_dbmv: Some(level), ..Upstream::default() };
        judge_upstream(LevelProfile::Germany, &channel, 4)
    };
    let levels = [35.0, 35.1, 37.0, 37.1, 41.0, 41.1, 47.0, 47.1, 51.0, 51.1, 53.0, 53.1];
    let words = [Bad, Poor, Poor, Fair, Fair, Good, Good, Fair, Fair, Poor, Poor, Bad];
    assert_eq!(levels.map(up), words.map(Some));
}

#[test]
fn a_channel_under_minus_6_dbmv_needs_more_mer() {
    use LevelWord::{Bad, Fair, Good, Poor};
    let mer = |power, level| judge_downstream(LevelProfile::Docsis, &qam(256, power, level)).1;
    let words = [Bad, Poor, Poor, Fair, Fair, Good].map(Some);
    assert_eq!([26.9, 27.0, 29.9, 30.0, 32.9, 33.0].map(|level| mer(-6.0, level)), words);
    assert_eq!([26.9, 27.0, 32.9, 33.0, 35.9, 36.0].map(|level| mer(-6.1, level)), words);
}

#[test]
fn limits_of_one_kind_of_channel_are_not_those_of_another() {
    let ofdm = Downstream {
        kind: Some(ChannelKind::Ofdm),
        modulation: Some(Modulation::Other("0, 1, 2".into())),
        ..qam(256, 0.0, 20.0)
    };
    assert_eq!(judge_downstream(LevelProfile::Germany, &ofdm), (Some(LevelWord::Good), None));
    assert_eq!(carries_at_most(29.5), Some(256));
    assert_eq!(carries_at_most(41.0), Some(4096));
    assert_eq!(carries_at_most(14.9), None);
    let unlocked = Downstream { locked: Some(false), ..qam(256, -60.0, 0.0) };
    assert_eq!(judge_downstream(LevelProfile::Docsis, &unlocked), (None, None));
    let none = Downstream { power_dbmv: Some(f64::NAN), mer_db: None, ..qam(256, 0.0, 0.0) };
    assert_eq!(judge_downstream(LevelProfile::Docsis, &none), (None, None));
    let ofdma =
        Upstream { kind: Some(ChannelKind::Ofdma), power_dbmv: Some(20.0), ..Upstream::default() };
    assert_eq!(judge_upstream(LevelProfile::Docsis, &ofdma, 1), None);
    // Levels and MER are not to be mistaken for each other.
    let swapped = judge_downstream(LevelProfile::Docsis, &qam(256, 38.0, 1.0));
    assert_eq!(swapped, (Some(LevelWord::Bad), Some(LevelWord::Bad)));
    let right = judge_downstream(LevelProfile::Docsis, &qam(256, 1.0, 38.0));
    assert_eq!(right, (Some(LevelWord::Good), Some(LevelWord::Good)));
}

#[test]
fn change_is_against_the_median_of_a_week_of_scheduled_readings() {
    let mut modem = Modem::new();
    let mut readings = modem.read_each(0, 9);
    modem.transmits = 60.0;
    readings.push(modem.read(8_200.0, 20.0, 0.5, ModemReadCause::Drop));
    modem.transmits = 46.9;
    let usual = usual_levels(&readings, at(9_000.0));
    let now = |modem: &Modem| usual.changes(&modem.read(9_000.0, 2.0, 0.5, ModemReadCause::Drop));
    assert_eq!(now(&modem), []);
    modem.transmits = 47.0;
    let [change] = now(&modem)[..] else { panic!("{:?}", now(&modem)) };
    assert_eq!((change.level, change.usual, change.now), (LevelOf::Transmitted, 44.0, 47.0));
    // Too few readings, or none of the week before.
    let late = usual_levels(&readings, at(700_000.0));
    let [few, none] = [usual_levels(&readings[..5], at(9_000.0)), late];
    let reading = modem.read(9_000.0, 2.0, 0.5, ModemReadCause::Drop);
    assert_eq!((few.changes(&reading), none.changes(&reading)), (vec![], vec![]));
}
