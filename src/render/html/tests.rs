use proptest::prelude::*;

use super::*;
use crate::config::Lang;
use crate::report::scenes::{everything, scenes};
use crate::vocabulary::{Endpoint, Note};

#[test]
fn a_day_with_everything_in_it_as_html() {
    let picture = "<?xml version=\"1.0\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\"></svg>";
    let page = html(&everything(), &[picture.to_owned()]).replace(&chart::page_fonts(), "");
    insta::assert_snapshot!("html_en", page);
    insta::assert_snapshot!("html_fr", html(&Report { language: Lang::Fr, ..everything() }, &[]));
}

#[test]
fn figures_stay_with_their_units_and_dates_in_one_piece() {
    assert_eq!(prose("1 min 40 s to 3 h, 5 days"), "1\u{a0}min 40\u{a0}s to 3\u{a0}h, 5 days");
    assert_eq!(
        prose("on 2026-11-16 at <b>"),
        "on <span class=\"nb\">2026-11-16</span> at &lt;b&gt;"
    );
}

/// Elements that are closed where they are opened, in order.
fn check_nesting(html: &str) {
    const EMPTY: [&str; 2] = ["meta", "!DOCTYPE"];
    let mut open = Vec::new();
    let mut rest = html;
    while let Some((_, rest_of_tag)) = rest.split_once('<') {
        let (tag, after) = rest_of_tag.split_once('>').expect("a tag ends");
        let name = tag.split_whitespace().next().unwrap();
        match name.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name.to_owned()), "{tag}"),
            None if EMPTY.contains(&name) || tag.ends_with('/') => {}
            None => open.push(name.to_owned()),
        }
        rest = after;
    }
    assert_eq!(open, Vec::<String>::new());
}

#[test]
fn nothing_is_requested_and_nothing_runs() {
    for report in scenes() {
        let sheets = crate::chart::page_sheets(&report, crate::chart::Theme::Light).unwrap();
        let pictures: Vec<_> = sheets.iter().map(|sheet| sheet.svg_for_pages().unwrap()).collect();
        let html = html(&report, &pictures);
        check_nesting(&html);
        let headline = crate::prose::headline(&report);
        let first = escape(headline.split(['.', ',']).next().unwrap());
        let bare = html.replace('\u{a0}', " ").replace("<span class=\"nb\">", "");
        assert!(bare.replace("</span>", "").matches(&first).count() == 1, "{first}");
        // A pattern of the picture's own may be named, and the font is in the page.
        let html = html
            .replace("url(#", "")
            .replace("url(data:font", "")
            .replace("http://www.w3.org/2000/svg", "");
        for word in ["<script", "src=", "url(", "@import", "<link", "<iframe", "<img", "href=\"h"] {
            assert!(!html.contains(word), "{word}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(80))]

    #[test]
    fn hostile_names_stay_text(evil in "[<>&\"'/=a-z \u{202e}\u{7}]{0,60}", language in 0..Lang::ALL.len()) {
        let mut report = everything();
        report.language = Lang::ALL[language];
        let named = format!("{evil}<script>alert(1)</script>\" onload=\"x");
        report.site.name = Some(named.clone());
        report.site.account = Some(named.clone());
        report.notes.push(Note { text: named.clone(), ..report.notes[0].clone() });
        for entry in &mut report.targets {
            entry.target.name.clone_from(&named);
            entry.target.endpoint = Endpoint::new(entry.target.kind, named.as_str());
        }
        report.troubles[0].target.name.clone_from(&named);
        let html = html(&report, &[]);
        check_nesting(&html);
        prop_assert!(!html.contains("<script"));
        prop_assert!(!html.contains("\" onload=\""));
        prop_assert!(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot; onload=&quot;x"));
        let odd = ['\u{202e}', '\u{7}'];
        prop_assert!(!html.contains(odd));
    }
}
