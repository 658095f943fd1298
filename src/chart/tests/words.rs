//! The words of drawings: each in the language of its report, none cut.

use std::collections::BTreeSet;

use super::scenes::{details, in_language};
use super::*;

/// What is the same word in two languages, and what is no word.
const SAME: [&str; 16] = [
    "Modem", "modem", "Internet", "UTC", "Notes", "ICMP", "min", "s", "h", "ms", "max", "services",
    "Median", "Router", "in", "was",
];

/// Words that only English has.
const ENGLISH: [&str; 24] = [
    "the", "of", "and", "was", "were", "is", "not", "from", "to", "in", "with", "drop", "drops",
    "lost", "sent", "since", "about", "every", "hour", "time", "down", "watched", "answered", "so",
];

fn texts(pen: &Pen) -> BTreeSet<String> {
    let text = |s: &Shape| if let Shape::Text { text, .. } = s { Some(text.clone()) } else { None };
    pen.shapes.iter().filter_map(text).collect()
}

/// The words of a text but those that people, standards and the machine gave.
fn own_words(text: &str, given: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphabetic())
        .filter(|word| !word.is_empty() && !SAME.contains(word))
        .filter(|word| !given.split(|c: char| !c.is_alphabetic()).any(|g| g == *word))
        .map(str::to_owned)
        .collect()
}

fn given(report: &Report) -> String {
    let targets = report.targets.iter().map(|t| format!("{} {}", t.target.name, t.target.endpoint));
    let notes = report.notes.iter().map(|n| n.text.clone());
    let site = &report.site;
    let site =
        [&site.name, &site.isp, &site.account, &site.ticket].map(|s| s.clone().unwrap_or_default());
    let zone = report.zone.iana_name().unwrap_or_default().to_owned();
    targets
        .chain(notes)
        .chain(site)
        .chain([zone, "linkmon".to_owned()])
        .collect::<Vec<_>>()
        .join(" ")
}

/// No text of the one that has a word of linkmon's own is in the other.
fn check(name: &str, english: &Pen, other: &Pen, given: &str) {
    let (english, other) = (texts(english), texts(other));
    let same: Vec<_> =
        other.intersection(&english).filter(|text| !own_words(text, given).is_empty()).collect();
    assert_eq!(same, Vec::<&String>::new(), "{name}");
    // Lines are broken elsewhere, so words that only English has are looked for, too.
    let words = other.iter().flat_map(|text| own_words(text, given));
    let left: Vec<_> = words.filter(|word| ENGLISH.contains(&word.as_str())).collect();
    assert_eq!(left, Vec::<String>::new(), "{name}");
}

#[test]
fn a_drawing_in_another_language_has_no_english_text() {
    for (name, report) in reports() {
        let [english, others @ ..] =
            LANGUAGES.map(|language| sheet::draw(&Report { language, ..report.clone() }));
        for other in others {
            check(name, &english, &other, &given(&report));
        }
    }
    for (name, detail) in details() {
        let [english, others @ ..] =
            LANGUAGES.map(|language| detail::draw(&in_language(detail.clone(), language)));
        for other in others {
            check(name, &english, &other, &given(&detail.report));
        }
    }
}

#[test]
fn no_text_of_linkmon_is_cut_in_any_language() {
    for (name, report) in in_all_languages() {
        let cut: Vec<_> =
            texts(&sheet::draw(&report)).into_iter().filter(|text| text.contains('…')).collect();
        assert_eq!(cut, Vec::<String>::new(), "{name}, {:?}", report.language);
    }
    for (name, detail) in details() {
        for language in LANGUAGES {
            let pen = detail::draw(&in_language(detail.clone(), language));
            assert!(!texts(&pen).iter().any(|text| text.contains('…')), "{name}, {language:?}");
        }
    }
}

#[test]
fn each_flag_has_its_note_with_kind_and_text_below_and_a_long_one_takes_three_lines() {
    use crate::vocabulary::NoteKind;
    let mut report = scenes::day().report();
    let long = "a very long story of what the technician said and did ".repeat(9);
    let mut second = report.notes[0].clone();
    second.at = second.at.plus_micros(3_600_000_000);
    second.kind = NoteKind::Visit;
    second.text = long;
    report.notes.push(second);
    for (language, kind) in LANGUAGES.into_iter().zip([
        "technician's visit: ",
        "visite d’un technicien\u{a0}: ",
        "Technikerbesuch: ",
    ]) {
        let pen = sheet::draw(&Report { language, ..report.clone() });
        let all: Vec<_> = pen
            .shapes
            .iter()
            .filter_map(
                |s| if let Shape::Text { text, .. } = s { Some(text.as_str()) } else { None },
            )
            .collect();
        // One at the flag, one before the note.
        let is_flag = |s: &&Shape| matches!(s, Shape::Text { text, set, .. } if text == "2" && set.colour == Tone::Paper);
        assert_eq!(pen.shapes.iter().filter(is_flag).count(), 2);
        let note = all.iter().find(|text| text.starts_with(kind)).unwrap();
        assert!(note.contains("technician said") && !note.ends_with('…'), "{note}");
        assert_eq!(all.iter().filter(|text| text.contains("of what the")).count(), 3);
        assert!(all.contains(&"technician on site, new splitter"));
    }
}
