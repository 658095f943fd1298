use std::collections::BTreeSet;

use super::*;
use crate::render::{html, markdown, ticket};
use crate::report::scenes::scenes;
use crate::report::{Coverage, Report};

const LANGUAGES: [Lang; 3] = Lang::ALL;

#[test]
fn a_language_is_one_directory_with_the_files_that_all_have() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/language");
    let files = |code: &str| -> BTreeSet<String> {
        let entries = std::fs::read_dir(folder.join(code)).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    };
    for language in LANGUAGES {
        let code = of(language).phrases().code;
        assert_eq!(files(code), files("en"), "{code}");
        assert!(!folder.join(format!("{code}.rs")).exists(), "{code}");
    }
    // Nobody else asks which language it is.
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_file() && !["mod.rs", "tests.rs", "dates.rs"].contains(&name.as_str()) {
            let text = std::fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap();
            assert!(!code.contains("Lang::"), "{name}");
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
fn no_english_leaks_into_another_language() {
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
        let mut report = report;
        report.notes.clear();
        for (language, its_own) in [(Lang::Fr, &[][..]), (Lang::De, &["in", "was", "router"])] {
            report.language = language;
            let is_english = |w: &str| ENGLISH.contains(&w) && !its_own.contains(&w);
            let found: Vec<_> = words_of(&report).into_iter().filter(|w| is_english(w)).collect();
            assert_eq!(found, Vec::<String>::new(), "{language}");
        }
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
            for language in [Lang::Fr, Lang::De] {
                assert_ne!(of(language).yardstick(stick), stick.name);
            }
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
fn german_has_its_own_marks() {
    let german = of(Lang::De);
    for (english, want) in [
        ("604,800", "604\u{202f}800"),
        ("83.65 %", "83,65\u{a0}%"),
        ("3 d 5 h", "3\u{a0}d\u{a0}5\u{a0}h"),
        ("24 h +-3.3 s", "24\u{a0}h\u{a0}±\u{a0}3,3\u{a0}s"),
    ] {
        assert_eq!(german.figures(english), want);
    }
    for report in scenes() {
        let report = Report { language: Lang::De, ..report };
        let page = html(&report, &[]);
        let body = &page[page.find("<body>").unwrap()..];
        // No plain space before a percent sign, and no quotation marks of other languages.
        for wrong in [" %", "”", "»", "«"] {
            assert!(!body.contains(wrong), "{wrong:?}");
        }
        assert_eq!(body.matches('„').count(), body.matches('“').count());
    }
}

#[test]
fn every_phrase_of_another_language_is_its_own() {
    // What is the same in two languages is a name, a unit or a word that both have.
    let phrases = |language| -> Vec<(String, String)> {
        let text = format!("{:#?}", of(language).phrases());
        let lines = text.lines().filter_map(|line| {
            let (before, rest) = line.split_once('"')?;
            let name = before.trim().trim_end_matches(':').to_owned();
            // Those of the page are by their English; its test asks for them.
            (!name.is_empty()).then(|| (name, rest.trim_end_matches(['"', ',']).to_owned()))
        });
        lines.collect()
    };
    let [english, others @ ..] = LANGUAGES.map(phrases);
    for other in others {
        for ((name, text), (_, translated)) in english.iter().zip(&other) {
            let words = text.split(|c: char| !c.is_alphabetic()).filter(|word| word.len() > 2);
            // A sentence of three words and more is never the same.
            let several = words.filter(|word| !text.contains(&format!("{{{word}}}"))).count() > 2;
            assert!(!several || text != translated, "{name}: {text}");
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

/// Phrases that another language fills with other values than English, for its grammar.
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
    let [english, others @ ..] = LANGUAGES.map(phrases);
    for other in others {
        assert_eq!(english.len(), other.len());
        for ((name, values), (_, others)) in english.iter().zip(&other) {
            assert!(
                values == others || FILLED_OTHERWISE.contains(&name.as_str()),
                "{name}: {values:?} {others:?}"
            );
        }
    }
}

#[test]
fn the_time_of_a_trouble_stands_by_what_fails() {
    use crate::vocabulary::{BearingCounts, Figures, NameServerFigures, NameServerPlace};
    let counts = BearingCounts { bearing: 3, sent: 3 };
    let answering = Some("1.1.1.1".parse().unwrap());
    let server = NameServerPlace::Home;
    let dns = NameServerFigures { server, answering, ..counts.into() };
    let said = |lang, figures: &Figures| of(lang).wrong_in(figures, &[], None, "<11:36>");
    let ipv6 = Figures::Ipv6(counts);
    assert_eq!(said(Lang::En, &ipv6), "no IPv6 <11:36>; IPv4 works");
    assert_eq!(said(Lang::Fr, &ipv6), "pas d’IPv6 <11:36>; l’IPv4 marche");
    assert_eq!(said(Lang::De, &ipv6), "kein IPv6 <11:36>; IPv4 funktioniert");
    for lang in Lang::ALL {
        for figures in [
            ipv6.clone(),
            Figures::Ipv4(counts),
            Figures::Tcp(counts),
            Figures::Dns(dns),
            Figures::Dns(counts.into()),
            Figures::IcmpFiltered(counts),
            Figures::WebAlone(counts),
            Figures::SuspectVoice(counts),
            Figures::OtherWay,
        ] {
            let said = said(lang, &figures);
            let first = said.find([';', ',', ':']).unwrap();
            assert!(said.find(" <11:36>").is_some_and(|at| at < first), "{said}");
            assert!(!of(lang).wrong(&figures, &[], None).contains(['<', '{']), "{figures:?}");
        }
    }
}

#[test]
fn nothing_is_advised_about_what_is_over() {
    use crate::vocabulary::{BearingCounts, Figures, NameServerFigures, NameServerPlace};
    let counts = BearingCounts { bearing: 3, sent: 3 };
    let answering = Some("1.1.1.1".parse().unwrap());
    let dns = |server, answering| NameServerFigures { server, answering, ..counts.into() };
    for lang in Lang::ALL {
        for figures in [
            Figures::Tcp(counts),
            Figures::Dns(dns(NameServerPlace::Home, None)),
            Figures::Dns(dns(NameServerPlace::Home, answering)),
            Figures::Dns(dns(NameServerPlace::Beyond, answering)),
        ] {
            let now = of(lang).wrong_in(&figures, &[], None, "<11:36>");
            let over = of(lang).wrong_over(&figures, &[], None, "<11:36>");
            let advice = now.strip_prefix(&over).unwrap_or_default();
            assert!(plain(advice).starts_with([':', ' ']), "{now} / {over}");
        }
    }
    let home = Figures::Dns(dns(NameServerPlace::Home, answering));
    assert_eq!(
        of(Lang::En).wrong_over(&home, &[], None, "from 11:36 to 11:50"),
        "no answer from the name server in your home (usually the router) from 11:36 to 11:50, \
         1.1.1.1 answers"
    );
}
