use super::*;
use crate::config::Lang;
use crate::report::scenes::{everything, scenes};

#[test]
fn a_day_with_everything_in_it_as_full_text() {
    insta::assert_snapshot!("full_fr", text(&Report { language: Lang::Fr, ..everything() }));
    insta::assert_snapshot!("full_de", text(&Report { language: Lang::De, ..everything() }));
    insta::assert_snapshot!("full_en", text(&everything()));
}

#[test]
fn what_a_desk_may_be_answered_is_a_text_of_its_own() {
    for report in scenes() {
        let asked = report.summary.counted() > 0;
        assert!(!text(&report).contains("What you can answer"));
        let is_said = answers(&report).contains("\"We see no drops.\"");
        assert_eq!(is_said, asked);
        let french = answers(&Report { language: Lang::Fr, ..report });
        assert!(french.contains("Ce que vous pouvez répondre"));
        assert!(!french.contains(['\u{a0}', '\u{202f}', '{']), "{french}");
    }
}
