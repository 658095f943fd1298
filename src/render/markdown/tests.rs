use proptest::prelude::*;

use super::*;
use crate::config::Lang;
use crate::report::scenes::everything;

#[test]
fn a_day_with_everything_in_it_as_markdown() {
    insta::assert_snapshot!("markdown_en", markdown(&everything()));
    insta::assert_snapshot!(
        "markdown_fr",
        markdown(&Report { language: Lang::Fr, ..everything() })
    );
}

#[test]
fn texts_of_people_mark_nothing_up() {
    assert_eq!(escape("a|b\n<b>*x*</b>"), "a\\|b \\<b\\>\\*x\\*\\</b\\>");
    assert_eq!(escape("@bob, see #12"), "@\u{2060}bob, see \\#\u{2060}12");
    assert_eq!(escape("example.com@1.1.1.1"), "example.com@1.1.1.1");
    assert_eq!(escape("1. no list"), "1\\. no list");
    assert_eq!(escape("- no list"), "\\- no list");
}

proptest! {
    #[test]
    fn no_text_leaves_its_cell(text in ".{0,80}") {
        let escaped = escape(&text);
        prop_assert!(!escaped.contains(char::is_control));
        let mut bare = escaped.replace("\\\\", "");
        for mark in ["\\|", "\\<", "\\`", "\\["] {
            bare = bare.replace(mark, "");
        }
        prop_assert!(!bare.contains(['|', '<', '`', '[']), "{escaped}");
    }
}
