//! Runs that nobody answered: placed between their neighbours, or counted.

use super::*;

/// A run of ten probes from a second on, as a cron job writes it.
fn run(second: i64, answered: bool) -> String {
    let mut text = "PING 192.0.2.7 (192.0.2.7) 56(84) bytes of data.\n".to_owned();
    for n in (1..=10).filter(|_| answered) {
        let at = T / 1_000 + second + n - 1;
        writeln!(text, "[{at}.012000] 64 bytes from 192.0.2.7: icmp_seq={n} ttl=57 time=12.0 ms")
            .unwrap();
    }
    let received = if answered { "10 received, 0%" } else { "0 received, 100%" };
    text + &format!(
        "\n--- 192.0.2.7 ping statistics ---\n10 packets transmitted, {received} packet loss, time 9012ms\n\n"
    )
}

fn lost(series: &Series) -> Vec<i64> {
    picture(series).iter().filter(|(_, letter)| *letter == 'x').map(|(ms, _)| *ms).collect()
}

#[test]
fn a_dead_minute_of_a_cron_job_lies_between_the_others() {
    let seconds = [0, 60, 120, 180, 240, 300];
    let text: String = seconds.iter().map(|s| run(*s, !matches!(s, 120 | 180))).collect();
    let (series, notices) = import_with(text.as_bytes(), ImportOptions::default()).unwrap();
    assert_eq!(notices, Vec::<String>::new());
    assert_eq!(series[0].len(), 60);
    let lost = lost(&series[0]);
    assert_eq!(lost.len(), 20);
    assert_eq!((lost[0], lost[10]), (120_000, 180_000));
    assert!((128_900..129_100).contains(&lost[9]), "{lost:?}");
}

#[test]
fn a_silent_run_that_nothing_bounds_is_counted_and_told() {
    for seconds in [[-60, 60, 120], [0, 60, -60], [0, -60, 86_400]] {
        let text: String = seconds.iter().map(|s| run(*s, *s != -60)).collect();
        let (series, notices) = import_with(text.as_bytes(), ImportOptions::default()).unwrap();
        assert_eq!(lost(&series[0]), [0_i64; 0], "{seconds:?}");
        assert_eq!(notices.len(), 1, "{seconds:?}");
        assert!(
            notices[0].starts_with("1 run of ping without an answer (10 probes) was left out"),
            "{notices:?}"
        );
    }
}

#[test]
fn the_time_before_a_header_places_a_silent_run_exactly() {
    let stamped =
        |second: i64, answered| -> String {
            let at = T / 1_000 + second;
            run(second, answered)
                .lines()
                .filter(|line| !line.is_empty())
                .map(|line| {
                    if line.starts_with('[') {
                        format!("{line}\n")
                    } else {
                        format!("{at} {line}\n")
                    }
                })
                .collect()
        };
    let text = [stamped(0, false), stamped(60, true)].concat();
    let series = read(&text);
    assert_eq!(lost(&series).len(), 10);
    assert_eq!(lost(&series)[0], 0);
    assert!((8_900..9_100).contains(&lost(&series)[9]), "{:?}", lost(&series));
}
