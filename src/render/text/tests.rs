use super::*;
use crate::config::Lang;
use crate::report::scenes::{everything, scenes};

#[test]
fn a_day_with_everything_in_it_as_full_text() {
    insta::assert_snapshot!("full_fr", text(&Report { language: Lang::Fr, ..everything() }));
    insta::assert_snapshot!("full_en", text(&everything()));
}

#[test]
fn the_full_text_says_what_a_desk_may_be_answered() {
    for report in scenes() {
        let asked = report.summary.counted() > 0;
        assert_eq!(text(&report).contains("What you can answer"), asked);
        let french = text(&Report { language: Lang::Fr, ..report });
        assert_eq!(french.contains("Ce que vous pouvez répondre"), asked);
        assert!(!french.contains(['\u{a0}', '\u{202f}', '{']), "{french}");
    }
}
