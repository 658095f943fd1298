use super::*;
use crate::config::Lang;
use crate::language::of;
use crate::report::systems::tests::everything;

const HOSTILE: &str =
    "<script>alert(1)</script> \"quoted\" & 'single' \u{202e}turned\u{0}\u{1b}[31m</style>";

/// The text of a page, its tags as blanks.
fn text_of(page: &str) -> String {
    let body = &page[page.find("<body>").unwrap()..];
    let mut out = String::new();
    let mut inside = false;
    for c in body.chars() {
        match c {
            '<' => inside = true,
            '>' => inside = false,
            c if !inside => out.push(c),
            _ => out.push(' '),
        }
    }
    out
}

#[test]
fn texts_of_anybody_stay_texts() {
    for home in [PageHome::Served, PageHome::Published] {
        let page = status_page(&everything(Lang::En, HOSTILE), home);
        assert!(!page.contains("<script") && !page.contains("alert(1)</script>"), "{page}");
        assert_eq!(page.matches("</style>").count(), 1);
        assert!(!page.chars().any(|c| c != '\n' && super::super::is_unwritable(c)));
        assert!(page.matches("&lt;script&gt;alert(1)&lt;/script&gt;").count() >= 4, "{page}");
        for word in
            ["<script", "javascript:", " onclick", " onload", " style=", "http://", "https://"]
        {
            assert!(!page.contains(word), "{word}");
        }
    }
}

#[test]
fn the_policy_allows_the_one_style_and_nothing_else() {
    let page = status_page(&everything(Lang::En, ""), PageHome::Published);
    let style = page.split_once("<style>").unwrap().1.split_once("</style>").unwrap().0;
    let hash = STANDARD.encode(Sha256::digest(style.as_bytes()));
    let policy = status_page_policy();
    assert!(policy.contains(&hash) && policy.starts_with("default-src 'none'"), "{policy}");
    assert!(!policy.contains("unsafe") && !policy.contains("script"));
    assert!(page.contains(&policy), "{page}");
}

#[test]
fn no_share_is_without_how_much_was_watched_and_nothing_watched_is_a_dash() {
    for lang in Lang::ALL {
        let language = of(lang);
        let systems = everything(lang, "");
        let s = &language.phrases().systems;
        let page = status_page(&systems, PageHome::Served);
        let cells: Vec<_> = page.split("<td class=\"number\"").skip(1).collect();
        let watched = s.watched.split_once('}').unwrap().1;
        assert_eq!(cells.len(), systems.systems.len() * 4);
        for (nth, cell) in cells.iter().enumerate().filter(|(nth, _)| nth % 4 < 3) {
            let cell = cell.split("</td>").next().unwrap();
            let window = systems.systems[nth / 4].windows[nth % 4];
            assert_eq!(cell.contains('%'), window.ratio.is_some(), "{cell}");
            assert!(cell.contains(watched) || window.ratio.is_none(), "{cell}");
            assert_eq!(cell.contains('–'), window.ratio.is_none(), "{cell}");
        }
        assert!(systems.systems.iter().any(|entry| entry.windows[0].ratio.is_none()));
        // The state is there in words, not in colours alone.
        let text = text_of(&page);
        for entry in &systems.systems {
            assert!(text.contains(s.states.of(entry.state)), "{}", entry.id);
        }
        assert!(text.contains(s.headlines.down));
        assert!(!text.contains('{'), "{text}");
        assert!(page.contains(&format!("<html lang=\"{lang}\">")));
    }
}

#[test]
fn that_there_is_no_incident_is_said_only_where_it_is_known() {
    let mut systems = everything(Lang::En, "");
    systems.incidents.clear();
    let s = &of(Lang::En).phrases().systems;
    let said = |systems: &Systems| {
        let text = text_of(&status_page(systems, PageHome::Served));
        let current = text.split_once(s.current).unwrap().1.split_once(s.past).unwrap().0;
        current.trim().to_owned()
    };
    for (state, want) in [
        (SystemState::Up, s.none_now),
        (SystemState::Impaired, s.none_now),
        (SystemState::Unknown, s.undecided_now),
        (SystemState::Disputed, s.undecided_now),
    ] {
        systems.systems[0].state = state;
        assert_eq!(said(&systems), want, "{state:?}");
    }
    systems.is_measuring = false;
    assert_eq!(said(&systems), s.not_known_now);
}

#[test]
fn nothing_makes_the_page_anew_under_who_reads_it() {
    for lang in Lang::ALL {
        let page = status_page(&everything(lang, ""), PageHome::Published);
        assert!(!page.contains("http-equiv=\"refresh\""));
        let renew = of(lang).phrases().systems.renew;
        assert!(page.contains(&format!("<a href=\"?\">{renew}</a>")), "{page}");
    }
}

#[test]
fn a_time_of_day_has_no_article_in_french_and_seconds_are_as_everywhere() {
    let text = text_of(&status_page(&everything(Lang::Fr, ""), PageHome::Served));
    for wrong in ["le 0", "le 1", "le 2", "au 0", "au 1", "au 2"] {
        let shown = text.matches(&format!(" {wrong}")).count();
        assert_eq!(shown, 0, "{wrong}: {text}");
    }
    let language = of(Lang::En);
    let at = crate::time::Timestamp::from_micros(1_763_299_205_970_000);
    let zone = jiff::tz::TimeZone::UTC;
    assert!(language.moment(at, &zone).ends_with(":20:06"), "{}", language.moment(at, &zone));
}

/// Contrast of WCAG 2.2 of two colours as a style has them.
fn contrast(a: &str, b: &str) -> f64 {
    let luminance = |colour: &str| {
        let long = if colour.len() == 4 {
            colour.chars().skip(1).flat_map(|c| [c, c]).collect::<String>()
        } else {
            colour[1..].to_owned()
        };
        let part = |at: usize| {
            let part = f64::from(u8::from_str_radix(&long[at..at + 2], 16).unwrap()) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * part(0) + 0.7152 * part(2) + 0.0722 * part(4)
    };
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn letters_have_contrast_on_light_and_dark_pages_and_on_paper() {
    let palettes: Vec<_> = STYLE.split(":root {").skip(1).collect();
    assert_eq!(palettes.len(), 3);
    for palette in palettes {
        let colour = |name: &str| {
            let rest = palette.split(&format!("--{name}: ")).nth(1).unwrap();
            rest.split(';').next().unwrap()
        };
        for ground in ["page", "panel"] {
            for ink in ["ink", "soft", "link", "good", "warn", "bad", "none"] {
                let found = contrast(colour(ink), colour(ground));
                assert!(found >= 4.5, "{ink} on {ground}: {found:.2}");
            }
        }
        for tone in ["good", "warn", "bad", "none"] {
            let found = contrast(colour("on"), colour(tone));
            assert!(found >= 4.5, "sign on {tone}: {found:.2}");
        }
    }
}
