//! URLs of the configuration and of redirections.

use super::*;
use crate::fuzz::Fuzz;

#[test]
fn a_url_that_is_taken_reads_back_as_itself() {
    let valid = [
        "https://example.com/",
        "http://connectivitycheck.gstatic.com/generate_204",
        "https://Example.com:8443/a?b=c",
        "http://[2606:4700::1111]:81/x",
    ];
    let words = ["://", "[", "]", ":", "@", "%00", "%", "#", "?", "..", "http", ":65536", "::"];
    let valid = valid.map(|url| url.as_bytes().to_vec());
    Fuzz::new("url", valid).words(&words).text(|text| match text.parse::<Url>() {
        Ok(url) => {
            assert!(!url.host.is_empty() && url.path.starts_with('/'), "{url:?}");
            assert_eq!(url.to_string().parse::<Url>().as_ref(), Ok(&url), "{url}");
            true
        }
        Err(error) => {
            assert!(error.to_string().contains("is no URL for an HTTP target"), "{error}");
            false
        }
    });
}
