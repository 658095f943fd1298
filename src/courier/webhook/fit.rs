//! Texts as services take them: of a length that they allow, with nothing in them that they would take
//! for formatting, a mention or a link.

use std::fmt::Write as _;

/// What a service counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LengthIn {
    /// Octets of UTF-8.
    Octets,
    /// Units of UTF-16, as programs in JavaScript count.
    Utf16,
}

impl LengthIn {
    fn length(self, text: &str) -> usize {
        match self {
            Self::Octets => text.len(),
            Self::Utf16 => text.encode_utf16().count(),
        }
    }
}

/// How a character that means something is written.
pub(super) type Escape = fn(char, &mut String);

/// The text as it is.
pub(super) fn verbatim(c: char, out: &mut String) {
    out.push(c);
}

/// Markdown as Discord reads it: a backslash takes its meaning from a sign.
pub(super) fn markdown(c: char, out: &mut String) {
    if r"\*_~`|<>#[]".contains(c) {
        out.push('\\');
    }
    out.push(c);
}

/// Slack: three signs; and no mention, for those who read the same form in another way.
pub(super) fn mrkdwn(c: char, out: &mut String) {
    match c {
        '&' => out.push_str("&amp;"),
        '<' => out.push_str("&lt;"),
        '>' => out.push_str("&gt;"),
        // A word joiner: `@all` is none any more.
        '@' => out.push_str("@\u{2060}"),
        c => out.push(c),
    }
}

/// HTML, with line breaks.
pub(super) fn html(c: char, out: &mut String) {
    match c {
        '&' => out.push_str("&amp;"),
        '<' => out.push_str("&lt;"),
        '>' => out.push_str("&gt;"),
        '"' => out.push_str("&quot;"),
        '\'' => out.push_str("&#39;"),
        '\n' => out.push_str("<br>"),
        c => out.push(c),
    }
}

/// Inside the quotes of a string of JSON (RFC 8259, section 7).
pub(super) fn json(c: char, out: &mut String) {
    match c {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        // Fails only if memory does.
        c if c.is_control() => {
            let _ = write!(out, "\\u{:04x}", u32::from(c));
        }
        c => out.push(c),
    }
}

/// A value of a form (WHATWG URL, application/x-www-form-urlencoded).
pub(super) fn form(c: char, out: &mut String) {
    let mut octets = [0; 4];
    for octet in c.encode_utf8(&mut octets).bytes() {
        match octet {
            b' ' => out.push('+'),
            b if b.is_ascii_alphanumeric() || b"*-._".contains(&b) => out.push(char::from(b)),
            b => {
                let _ = write!(out, "%{b:02X}");
            }
        }
    }
}

/// One part of a path (RFC 3986, 3.3).
pub(super) fn segment(text: &str) -> String {
    let mut out = String::new();
    for octet in text.bytes() {
        if octet.is_ascii_alphanumeric() || b"-._~".contains(&octet) {
            out.push(char::from(octet));
        } else {
            let _ = write!(out, "%{octet:02X}");
        }
    }
    out
}

/// The text, escaped; where that is longer than `most`, as much of it as fits and an ellipsis. It ends
/// between characters, and never within one that was escaped.
pub(super) fn fit(text: &str, most: usize, counted: LengthIn, escape: Escape) -> String {
    const MORE: char = '…';
    let room_for_more = most.saturating_sub(counted.length(MORE.encode_utf8(&mut [0; 4])));
    let mut out = String::new();
    let mut length = 0;
    // As long as it has to be cut, here.
    let mut end = 0;
    let mut one = String::new();
    for c in text.chars().filter_map(shown) {
        one.clear();
        escape(c, &mut one);
        length += counted.length(&one);
        if length > most {
            out.truncate(end);
            out.push(MORE);
            return out;
        }
        out.push_str(&one);
        if length <= room_for_more {
            end = out.len();
        }
    }
    out
}

/// What of a text is shown: control characters are blanks, and nothing turns the direction of what
/// follows around.
fn shown(c: char) -> Option<char> {
    match c {
        '\n' => Some(c),
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => None,
        c if c.is_control() => Some(' '),
        c => Some(c),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_text_is_cut_between_characters_and_never_within_an_escaped_one() {
        assert_eq!(fit("abcd", 4, LengthIn::Octets, verbatim), "abcd");
        assert_eq!(fit("abcde", 4, LengthIn::Octets, verbatim), "a…");
        assert_eq!(fit("äöü", 5, LengthIn::Octets, verbatim), "ä…");
        assert_eq!(fit("a😀b😀", 5, LengthIn::Utf16, verbatim), "a😀b…");
        assert_eq!(fit("a&b&c", 9, LengthIn::Utf16, html), "a&amp;b…");
        assert_eq!(fit("&&", 3, LengthIn::Utf16, html), "…");
    }

    #[test]
    fn what_services_would_format_or_mention_is_text() {
        let name = "*b* `c` <!channel> @all [x](http://y) & \"q\"\n\u{202e}\u{7}";
        let all = |escape| fit(name, 1_000, LengthIn::Utf16, escape);
        assert_eq!(
            all(markdown),
            "\\*b\\* \\`c\\` \\<!channel\\> @all \\[x\\](http://y) & \"q\"\n "
        );
        assert!(all(mrkdwn).contains("&lt;!channel&gt; @\u{2060}all"));
        assert!(all(html).contains("&amp; &quot;q&quot;<br>"));
        assert_eq!(all(form).len(), all(form).trim().len());
        let json: String = serde_json::from_str(&format!("\"{}\"", all(json))).unwrap();
        assert_eq!(json, all(verbatim));
        assert_eq!(segment("!a:b.example/ä"), "%21a%3Ab.example%2F%C3%A4");
    }

    proptest! {
        #[test]
        fn nothing_is_longer_than_allowed(text in ".{0,60}", most in 3_usize..40) {
            for counted in [LengthIn::Octets, LengthIn::Utf16] {
                for escape in [verbatim as Escape, markdown, mrkdwn, html, json, form] {
                    prop_assert!(counted.length(&fit(&text, most, counted, escape)) <= most);
                }
            }
        }
    }
}
