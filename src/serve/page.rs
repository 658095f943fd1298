//! The page: one file, built in, with its style and its script inline. The content security policy
//! names both by hash, so that nothing else can run, whatever gets into the page.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::header::{CONTENT_SECURITY_POLICY, HeaderValue};
use sha2::{Digest as _, Sha256};

use super::answer::{self, HttpAnswer};

const PAGE: &str = include_str!("../../dashboards/page.html");
const ICON: &str = include_str!("../../dashboards/icon.svg");

static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let policy = format!(
        "default-src 'none'; script-src {}; style-src {}; img-src 'self'; connect-src 'self'; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        source(inside("script")),
        source(inside("style")),
    );
    HeaderValue::from_str(&policy).expect("a policy is plain text")
});

/// The page.
pub(super) fn page() -> HttpAnswer {
    let mut answer = answer::ok("text/html; charset=utf-8", PAGE);
    answer.headers_mut().insert(CONTENT_SECURITY_POLICY, POLICY.clone());
    answer
}

/// Its icon.
pub(super) fn icon() -> HttpAnswer {
    answer::ok("image/svg+xml", ICON)
}

/// The text between the only `<name>` and the only `</name>`.
fn inside(name: &str) -> &'static str {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let rest = PAGE.split_once(&open).map_or("", |(_, rest)| rest);
    rest.split_once(&close).map_or("", |(inside, _)| inside)
}

fn source(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_has_the_hashes_of_the_one_script_and_the_one_style() {
        for name in ["script", "style"] {
            assert!(inside(name).len() > 100, "{name}");
            assert_eq!(PAGE.matches(&format!("<{name}")).count(), 1, "{name}");
            assert!(POLICY.to_str().unwrap().contains(&source(inside(name))), "{name}");
        }
        assert!(!POLICY.to_str().unwrap().contains("unsafe"));
        // The hash of nothing, from FIPS 180-4's examples.
        assert_eq!(source(""), "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='");
    }

    #[test]
    fn the_page_asks_no_other_host_and_makes_no_markup_of_data() {
        for word in ["http://", "https://", "//cdn", "@import", "url("] {
            assert!(!PAGE.contains(word), "{word}");
        }
        for word in [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "Function(",
            "style=\"",
            "onclick=",
            "onload=",
        ] {
            assert!(!PAGE.contains(word), "{word}");
        }
    }
}
