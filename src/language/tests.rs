use std::collections::BTreeSet;

use super::*;
use crate::render::{html, markdown, ticket};
use crate::report::scenes::scenes;
use crate::report::{Coverage, Report};

const LANGUAGES: [Lang; 2] = [Lang::En, Lang::Fr];

#[test]
fn a_language_is_one_file() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/language");
    for language in LANGUAGES {
        let code = of(language).phrases().code;
        assert!(folder.join(format!("{code}.rs")).is_file(), "{code}");
        let neighbors = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name());
        let named: Vec<_> =
            neighbors.filter(|name| name.to_string_lossy().starts_with(code)).collect();
        assert_eq!(named, [format!("{code}.rs").as_str()]);
    }
    // Nobody else asks which language it is.
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_file() && !["mod.rs", "tests.rs", "dates.rs"].contains(&name.as_str()) {
            assert!(!std::fs::read_to_string(&path).unwrap().contains("Lang::"), "{name}");
        }
    }
}

/// Words of a rendering, without those that people and standards gave.
fn words_of(report: &Report) -> Vec<String> {
    let page = html(report, &[]);
    let body = &page[page.find("<body>").unwrap()..];
    let mut bare = String::new();
    let mut inside = false;
    for c in body.chars() {
        match c {
            '<' => inside = true,
            '>' => inside = false,
            c if !inside => bare.push(c),
            _ => bare.push(' '),
        }
    }
    let all = [bare.replace("&#39;", "'"), markdown(report), ticket(report, 3_000).unwrap()];
    all.join(" ")
        .split(|c: char| !c.is_alphabetic())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

#[test]
fn no_english_leaks_into_french() {
    const ENGLISH: [&str; 60] = [
        "the",
        "of",
        "and",
        "was",
        "were",
        "is",
        "are",
        "it",
        "not",
        "no",
        "from",
        "to",
        "in",
        "for",
        "with",
        "that",
        "this",
        "drop",
        "drops",
        "outage",
        "outages",
        "blip",
        "blips",
        "watched",
        "answered",
        "answer",
        "silent",
        "place",
        "period",
        "lost",
        "loss",
        "sent",
        "began",
        "ended",
        "lasted",
        "since",
        "about",
        "every",
        "hour",
        "hours",
        "day",
        "days",
        "line",
        "home",
        "router",
        "unknown",
        "access",
        "time",
        "found",
        "chance",
        "gap",
        "stopped",
        "slept",
        "computer",
        "available",
        "yardstick",
        "met",
        "reached",
        "mon",
        "sun",
    ];
    for report in scenes() {
        let mut report = Report { language: Lang::Fr, ..report };
        report.notes.clear();
        let found: Vec<_> =
            words_of(&report).into_iter().filter(|w| ENGLISH.contains(&w.as_str())).collect();
        assert_eq!(found, Vec::<String>::new());
        // The list finds English where there is some.
        report.language = Lang::En;
        assert!(words_of(&report).iter().filter(|w| ENGLISH.contains(&w.as_str())).count() > 5);
    }
}

#[test]
fn every_yardstick_has_a_name_in_every_language() {
    for report in scenes() {
        for stick in &report.analyses.yardsticks {
            assert_eq!(of(Lang::En).yardstick(stick), stick.name);
            assert_ne!(of(Lang::Fr).yardstick(stick), stick.name);
        }
    }
}

#[test]
fn every_template_is_filled() {
    for report in scenes() {
        for language in LANGUAGES {
            let report = Report { language, ..report.clone() };
            for text in [markdown(&report), ticket(&report, 3_000).unwrap()] {
                assert!(!text.contains(['{', '}']), "{text}");
            }
        }
    }
}

#[test]
fn french_has_its_own_marks() {
    let french = of(Lang::Fr);
    for (english, want) in [
        ("604,800", "604\u{202f}800"),
        ("83.65 %", "83,65\u{a0}%"),
        ("3 d 5 h", "3\u{a0}j\u{a0}5\u{a0}h"),
        ("5.8 days", "5,8\u{a0}days"),
        ("24 h +-3.3 s", "24\u{a0}h\u{a0}±\u{a0}3,3\u{a0}s"),
        ("114.7-121.3 s", "114,7-121,3\u{a0}s"),
        ("7 d", "7\u{a0}j"),
    ] {
        assert_eq!(french.figures(english), want);
    }
    for report in scenes() {
        let report = Report { language: Lang::Fr, ..report };
        let page = html(&report, &[]);
        let body = &page[page.find("<body>").unwrap()..];
        for (i, _) in body.match_indices('%') {
            assert!(body[..i].ends_with('\u{a0}'), "{}", &body[i.saturating_sub(40)..=i]);
        }
        for wrong in [" ;", " :", " »", "« ", " %"] {
            assert!(!body.contains(wrong), "{wrong:?}");
        }
    }
}

#[test]
fn a_plain_text_has_nothing_that_a_form_may_not_take() {
    assert_eq!(
        plain("«\u{a0}À\u{a0}» 5\u{202f}000\u{a0}s ±\u{a0}1, l’un – l’autre…"),
        "\"À\" 5 000 s +- 1, l'un - l'autre..."
    );
    for report in scenes() {
        for language in LANGUAGES {
            let report = Report { language, ..report.clone() };
            let text = ticket(&report, 3_000).unwrap();
            // Letters with accents are in Latin-1, which forms have taken for thirty years.
            let odd: String = text
                .chars()
                .filter(|c| {
                    !c.is_ascii() && (!c.is_alphabetic() || *c > 'ÿ') && *c != 'œ' && *c != '°'
                })
                .collect();
            assert_eq!(odd, "", "{text}");
            if language == Lang::En {
                assert!(text.is_ascii(), "{text}");
            }
        }
    }
}

#[test]
fn time_not_watched_is_never_written_as_zero() {
    let elapsed = Duration::from_secs(86_400);
    let english = of(Lang::En);
    let watched = |missed: u64| {
        let observed = elapsed.saturating_sub(Duration::from_millis(missed));
        english.watched_part(Coverage { observed, elapsed }, |d| english.length(d))
    };
    assert_eq!(watched(0), "all of 24 h");
    assert_eq!(watched(300), "all but 1 s of 24 h");
    assert_eq!(watched(90_000), "all but 1 min 30 s of 24 h");
}

/// Phrases that French fills with other values than English, for its grammar.
const FILLED_OTHERWISE: [&str; 3] = ["of_drops", "place", "queue"];

#[test]
fn a_phrase_takes_the_same_values_in_every_language() {
    let phrases = |language| -> Vec<(String, BTreeSet<String>)> {
        // A no-break space is `\u{a0}` there.
        let text = format!("{:#?}", of(language).phrases()).replace("\\u{", "");
        let lines = text.lines().map(|line| {
            let name = line.split(':').next().unwrap_or_default().trim().to_owned();
            let values = line.split('{').skip(1).filter_map(|rest| rest.split_once('}'));
            (name, values.map(|(value, _)| value.to_owned()).collect())
        });
        lines.collect()
    };
    let [english, french] = LANGUAGES.map(phrases);
    assert_eq!(english.len(), french.len());
    for ((name, values), (_, others)) in english.iter().zip(&french) {
        assert!(
            values == others || FILLED_OTHERWISE.contains(&name.as_str()),
            "{name}: {values:?} {others:?}"
        );
    }
}
