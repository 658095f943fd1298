//! The page and all that it is made of, built in: its markup, its style, its scripts, and uPlot. The
//! content security policy lets in nothing but files of this server, so that whatever gets into the
//! page cannot run.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use axum::http::header::{CONTENT_SECURITY_POLICY, HeaderValue};

use super::answer::{AlreadyHeld, HttpAnswer, TaggedBytes};
use crate::language::Language;

const PAGE: &str = include_str!("../../dashboards/page.html");

/// Scripts, styles and pictures of this server alone, none inline; requests to it alone.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

macro_rules! files {
    ($($path:literal: $file:literal,)*) => {
        /// The built-in files apart from the page, by the paths at which they are served.
        const FILES: &[(&str, &str)] =
            &[$(($path, include_str!(concat!("../../dashboards/", $file))),)*];
    };
}

// A new one is a line here.
files! {
    "/icon.svg": "icon.svg",
    "/page/page.css": "page.css",
    "/page/page.calendar.js": "page.calendar.js",
    "/page/page.charts.js": "page.charts.js",
    "/page/page.drops.js": "page.drops.js",
    "/page/page.history.js": "page.history.js",
    "/page/page.main.js": "page.main.js",
    "/page/page.notes.js": "page.notes.js",
    "/page/page.report.js": "page.report.js",
    "/page/page.route.js": "page.route.js",
    "/page/page.series.js": "page.series.js",
    "/page/page.session.js": "page.session.js",
    "/page/page.state.js": "page.state.js",
    "/page/page.strips.js": "page.strips.js",
    "/page/page.words.js": "page.words.js",
    "/page/uPlot.iife.min.js": "uplot/uPlot.iife.min.js",
    "/page/uPlot.min.css": "uplot/uPlot.min.css",
}

/// What the page offers of logging in and out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PageSession {
    /// Nothing: there is no token.
    Impossible,
    /// To log in.
    Out,
    /// To log out.
    In,
}

/// The page for each of them.
#[derive(Debug)]
pub(super) struct PageTexts {
    alone: TaggedBytes,
    out: TaggedBytes,
    inside: TaggedBytes,
}

impl PageTexts {
    pub(super) fn new(language: &Language) -> Self {
        let text = |session| TaggedBytes::new(in_language(language, session));
        Self {
            alone: text(PageSession::Impossible),
            out: text(PageSession::Out),
            inside: text(PageSession::In),
        }
    }

    /// The page.
    pub(super) fn answer(&self, session: PageSession) -> HttpAnswer {
        page(match session {
            PageSession::Impossible => &self.alone,
            PageSession::Out => &self.out,
            PageSession::In => &self.inside,
        })
    }
}

/// The page in a language: its English, with the words of the language as data, which its script puts
/// in their places.
fn in_language(language: &Language, session: PageSession) -> String {
    let p = language.phrases();
    let differing = p.page.iter().filter(|(english, word)| english != word);
    let words: BTreeMap<&str, &str> = differing.copied().collect();
    let words = serde_json::to_string(&words).expect("words are plain data");
    let escaped = words.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;");
    let session = match session {
        PageSession::Impossible => "",
        PageSession::Out => "out",
        PageSession::In => "in",
    };
    PAGE.replacen("<html lang=\"en\">", &format!("<html lang=\"{}\">", p.code), 1).replacen(
        "<body>",
        &format!("<body data-words=\"{escaped}\" data-session=\"{session}\">"),
        1,
    )
}

fn page(text: &TaggedBytes) -> HttpAnswer {
    let mut answer = held(text.answer("text/html; charset=utf-8"));
    answer.headers_mut().insert(CONTENT_SECURITY_POLICY, POLICY);
    answer
}

/// A file that is built in.
#[derive(Debug)]
pub(super) struct PageAsset {
    /// Where it is served.
    pub(super) path: &'static str,
    content_type: &'static str,
    bytes: TaggedBytes,
}

static ASSETS: LazyLock<Vec<PageAsset>> = LazyLock::new(|| {
    let asset = |&(path, text): &(&'static str, &'static str)| PageAsset {
        path,
        content_type: match path.rsplit_once('.') {
            Some((_, "js")) => "text/javascript; charset=utf-8",
            Some((_, "svg")) => "image/svg+xml",
            _ => "text/css; charset=utf-8",
        },
        bytes: TaggedBytes::new(text),
    };
    FILES.iter().map(asset).collect()
});

/// The built-in files apart from the page.
pub(super) fn assets() -> &'static [PageAsset] {
    &ASSETS
}

impl PageAsset {
    pub(super) fn answer(&self) -> HttpAnswer {
        held(self.bytes.answer(self.content_type))
    }
}

fn held(mut answer: HttpAnswer) -> HttpAnswer {
    answer.extensions_mut().insert(AlreadyHeld);
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIRECTORY: &str = "/page/";

    fn named(start: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
        let files =
            FILES.iter().filter_map(|&(path, text)| Some((path.strip_prefix(DIRECTORY)?, text)));
        files.filter(move |(name, _)| name.starts_with(start))
    }

    /// The files written here, which are not uPlot's.
    fn own() -> impl Iterator<Item = (&'static str, &'static str)> {
        named("page.")
    }

    fn scripts() -> impl Iterator<Item = (&'static str, &'static str)> {
        own().filter(|(name, _)| name.rsplit_once('.').is_some_and(|(_, end)| end == "js"))
    }

    #[test]
    fn the_page_asks_for_built_in_files_alone_and_for_each_of_them() {
        let quoted = |text: &'static str| text.split('"').skip(1).step_by(2);
        let mut asked: Vec<&str> = quoted(PAGE).filter_map(|p| p.strip_prefix(DIRECTORY)).collect();
        for (name, text) in scripts() {
            assert!(text.lines().count() <= 500, "{name}");
            let lines = text.lines().filter(|line| line.starts_with("import "));
            asked.extend(lines.flat_map(quoted).map(|path| path.strip_prefix("./").unwrap()));
        }
        asked.sort_unstable();
        asked.dedup();
        let mut names: Vec<&str> = named("").map(|(name, _)| name).collect();
        names.sort_unstable();
        assert_eq!(asked, names);
        let typed = |end: &str, content_type: &str| {
            let mut those = assets().iter().filter(|asset| asset.path.ends_with(end)).peekable();
            assert!(those.peek().is_some());
            assert!(those.all(|asset| asset.content_type.starts_with(content_type)), "{end}");
        };
        typed(".js", "text/javascript");
        typed(".css", "text/css");
        typed(".svg", "image/svg+xml");
    }

    #[test]
    fn nothing_is_inline_and_the_policy_allows_nothing_that_is() {
        let policy = POLICY.to_str().unwrap().to_owned();
        assert!(!policy.contains("unsafe") && !policy.contains("data:"), "{policy}");
        assert!(!PAGE.contains("<style") && !PAGE.contains("style=\""));
        assert_eq!(PAGE.matches("<script").count(), PAGE.matches("></script>").count());
    }

    #[test]
    fn uplot_is_the_one_that_its_readme_names() {
        use std::fmt::Write as _;

        use sha2::{Digest as _, Sha256};
        let readme = include_str!("../../dashboards/uplot/README.md");
        for (name, text) in named("uPlot") {
            let mut sum = String::new();
            for byte in Sha256::digest(text.as_bytes()) {
                write!(sum, "{byte:02x}").unwrap();
            }
            assert!(readme.contains(&format!("{sum}  {name}")), "{name}: {sum}");
        }
    }

    /// Contrast of WCAG 2.2 of two colours of 8 bits a part.
    fn contrast(a: [u8; 3], b: [u8; 3]) -> f64 {
        let luminance = |parts: [u8; 3]| {
            let [r, g, b] = parts.map(|part| {
                let part = f64::from(part) / 255.0;
                if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
            });
            0.2126 * r + 0.7152 * g + 0.0722 * b
        };
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn a_healthy_strip_stands_out_from_its_ground_on_light_and_dark_pages() {
        let values = |name: &str| -> Vec<&'static str> {
            let name = format!("{name}: ");
            let style = named("page.css").next().unwrap().1;
            let lines = style.split(&name).skip(1);
            lines.map(|rest| rest.split(';').next().unwrap()).collect()
        };
        let (fast, strip) = (values("--fast"), values("--strip"));
        assert_eq!((fast.len(), strip.len()), (2, 2), "light and dark");
        for (fast, strip) in fast.iter().zip(strip) {
            let parts: Vec<u8> = fast.split(',').map(|part| part.parse().unwrap()).collect();
            let hex = |at: usize| u8::from_str_radix(&strip[at..at + 2], 16).unwrap();
            let contrast = contrast(parts.try_into().unwrap(), [hex(1), hex(3), hex(5)]);
            assert!(contrast >= 3.0, "{fast} on {strip}: {contrast:.2}");
        }
    }

    #[test]
    fn every_language_has_the_words_of_the_page() {
        use crate::config::Lang;
        use crate::language::of;
        // Texts between tags, outside of style and script.
        let body = &PAGE[PAGE.find("<body>").unwrap()..PAGE.find("<noscript>").unwrap()];
        let texts = body.split('<').filter_map(|part| Some(part.split_once('>')?.1.trim()));
        let texts: Vec<_> = texts.filter(|text| text.chars().any(char::is_lowercase)).collect();
        assert!(texts.len() > 20, "{texts:?}");
        let english: Vec<&str> =
            of(Lang::En).phrases().page.iter().map(|(english, _)| *english).collect();
        for lang in Lang::ALL {
            let page = in_language(of(lang), PageSession::Out);
            assert!(page.contains(&format!("<html lang=\"{lang}\">")));
            // Nothing but the language and its words differs.
            assert!(page.ends_with(&PAGE[PAGE.find("<main>").unwrap()..]));
            let words = of(lang).phrases().page;
            assert!(
                words.iter().map(|(english, _)| *english).eq(english.iter().copied()),
                "{lang}"
            );
            for (english, word) in words {
                let values = |text: &str| {
                    let values = text.split('{').skip(1).filter_map(|rest| rest.split_once('}'));
                    let mut values: Vec<_> = values.map(|(name, _)| name.to_owned()).collect();
                    values.sort();
                    values
                };
                assert_eq!(values(english), values(word), "{english}");
                let several = english.split(' ').count() > 2;
                assert!(lang == Lang::En || !several || english != word, "{lang}: {english}");
            }
        }
        // What screen readers read out, and what stands in empty fields.
        let attributes = ["aria-label=\"", "alt=\"", "placeholder=\""]
            .into_iter()
            .flat_map(|name| body.split(name).skip(1).filter_map(|rest| rest.split('"').next()));
        for text in texts.into_iter().chain(attributes) {
            assert!(english.contains(&text), "no language has {text:?}");
        }
        // The sentences of the scripts: what stands between quotation marks and has blanks, and
        // whatever is looked up.
        let script: String = scripts().map(|(_, text)| text).collect();
        let script = script.replace("\\u2019", "\u{2019}").replace("\\u2026", "\u{2026}");
        let quoted = script.lines().flat_map(|line| line.split('"').skip(1).step_by(2));
        let sentences = quoted.filter(|text| {
            text.split_whitespace().filter(|word| word.chars().all(char::is_alphabetic)).count() > 1
        });
        let after = |mark: &str| -> Vec<&str> {
            let rest = script.match_indices(mark).map(|(at, _)| &script[at + mark.len()..]);
            rest.filter_map(|rest| rest.split('"').next()).collect()
        };
        let sentences: Vec<&str> = sentences.chain(after(" t(\"")).chain(after("(t(\"")).collect();
        assert!(sentences.len() > 150, "{sentences:?}");
        for sentence in sentences {
            assert!(english.contains(&sentence), "no language has {sentence:?}");
        }
    }

    #[test]
    fn the_page_asks_no_other_host_and_makes_no_markup_of_data() {
        for (name, text) in own().chain([("page.html", PAGE)]) {
            for word in [
                "http://",
                "https://",
                "//cdn",
                "@import",
                "url(",
                "innerHTML",
                "outerHTML",
                "insertAdjacentHTML",
                "document.write",
                "eval(",
                "Function(",
                "style=\"",
                "cssText",
                "onclick=",
                "onload=",
            ] {
                assert!(!text.contains(word), "{name}: {word}");
            }
        }
    }
}
