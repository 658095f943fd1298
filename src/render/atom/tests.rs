use proptest::prelude::*;
use roxmltree::{Document, Node};

use super::*;
use crate::config::Lang;
use crate::report::systems::tests::everything;

const ATOM: &str = "http://www.w3.org/2005/Atom";

fn child<'a>(node: Node<'a, 'a>, name: &str) -> &'a str {
    let found = node.children().find(|child| child.has_tag_name((ATOM, name)));
    found.and_then(|child| child.text()).unwrap_or_default()
}

fn entries<'a>(document: &'a Document<'a>) -> Vec<Node<'a, 'a>> {
    let root = document.root_element();
    root.children().filter(|child| child.has_tag_name((ATOM, "entry"))).collect()
}

#[test]
fn a_feed_has_what_the_standard_asks_of_it_in_every_language() {
    for lang in Lang::ALL {
        let systems = everything(lang, "a note");
        let feed = atom(&systems, Some("https://status.example.org/us"));
        let document = Document::parse(&feed).unwrap();
        let root = document.root_element();
        assert!(root.has_tag_name((ATOM, "feed")));
        assert_eq!(child(root, "id"), systems.record);
        assert!(root.children().any(|node| node.has_tag_name((ATOM, "author"))));
        let all = entries(&document);
        assert_eq!(all.len(), systems.incidents.len());
        let newest = systems.incidents.iter().map(|incident| incident.updated).max().unwrap();
        assert_eq!(child(root, "updated"), newest.to_string());
        for (entry, incident) in all.iter().zip(&systems.incidents) {
            assert_eq!(child(*entry, "id"), incident.id);
            assert!(!child(*entry, "title").is_empty() && !child(*entry, "content").is_empty());
            for date in ["published", "updated"] {
                child(*entry, date).parse::<jiff::Timestamp>().unwrap();
            }
            let link = entry.children().find(|node| node.has_tag_name((ATOM, "link"))).unwrap();
            let href = link.attribute("href").unwrap();
            let anchor = incident.id.trim_start_matches("urn:uuid:");
            assert_eq!(href, format!("https://status.example.org/us/#i-{anchor}"));
        }
        assert!(!feed.contains(['{', '}']), "{feed}");
    }
}

#[test]
fn a_drop_that_lasts_is_the_same_entry_while_nothing_happens() {
    let mut systems = everything(Lang::En, "");
    let before = atom(&systems, None);
    systems.made = systems.made.plus_micros(30_000_000);
    for incident in systems.incidents.iter_mut().filter(|incident| incident.lasts()) {
        incident.length.max += std::time::Duration::from_secs(30);
    }
    assert_eq!(atom(&systems, None), before);
    systems.incidents.clear();
    let empty = atom(&systems, None);
    let document = Document::parse(&empty).unwrap();
    assert_eq!(child(document.root_element(), "updated"), systems.begins.unwrap().to_string());
}

#[test]
fn a_drop_has_an_entry_once_late_answers_cannot_withdraw_it() {
    let mut systems = everything(Lang::En, "");
    let onset = systems.incidents[0].onset.latest;
    let has_entry = |systems: &Systems| {
        let feed = atom(systems, None);
        feed.contains(&systems.incidents[0].id)
    };
    systems.made = onset.plus_micros(60_000_000);
    assert!(!has_entry(&systems));
    systems.made = onset.plus_micros(70_000_000);
    assert!(has_entry(&systems));
}

#[test]
fn what_was_simulated_is_said_of_the_feed_and_of_each_entry() {
    let mut systems = everything(Lang::En, "");
    assert!(!atom(&systems, None).contains("imulated"));
    systems.simulated = crate::vocabulary::SimulatedShare::Part;
    let feed = atom(&systems, None);
    let document = Document::parse(&feed).unwrap();
    let said = "Partly simulated, not measured.";
    assert_eq!(child(document.root_element(), "subtitle"), said);
    for entry in entries(&document) {
        assert!(child(entry, "content").starts_with(said));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_somebody_wrote_the_feed_is_xml(
        text in prop::collection::vec(prop_oneof![any::<char>(), prop::char::range('\0', '\u{9f}'),
            Just('\u{fffe}'), Just('\u{ffff}'), Just('\u{2028}'), Just('<'), Just('&'), Just('"')], 0..40),
    ) {
        let text: String = text.into_iter().chain("]]><b>&amp;".chars()).collect();
        let systems = everything(Lang::En, &text);
        let feed = atom(&systems, Some("https://example.org/?a=1&b=\"2\""));
        let document = Document::parse(&feed);
        prop_assert!(document.is_ok(), "{:?}", document.err());
        let document = document.unwrap();
        let shown = crate::render::clean(systems.site.as_deref().unwrap());
        let title = child(document.root_element(), "title").to_owned();
        // The reader of XML makes one end of line of all kinds of them; none is left.
        prop_assert!(title.starts_with(&shown), "{:?} {:?}", title, shown);
        let noted = systems.incidents.iter().find(|incident| !incident.notes.is_empty()).unwrap();
        let written = crate::render::clean(&noted.notes[0].text);
        let entry = entries(&document).into_iter().find(|e| child(*e, "id") == noted.id).unwrap();
        prop_assert!(child(entry, "content").contains(&written));
    }
}
