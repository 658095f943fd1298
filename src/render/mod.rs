//! One document, many writers: a [`Report`](crate::report::Report) as text, ticket, Markdown, HTML,
//! JSON, CSV and the bundle of all of them.

mod atom;
pub mod bundle;
pub mod csv;
pub mod data;
mod document;
mod drops;
mod html;
mod json;
mod letter;
mod markdown;
mod status_page;
mod text;
mod ticket;

use crate::language::words;

#[cfg(test)]
mod tests;

pub use atom::{MOST_ENTRIES, atom};
pub(crate) use drops::drops_text;
pub use html::html;
pub use json::{
    DropsContext, days_json, drop_record_json, drops_json, history_json, json, systems_json,
};
pub use letter::letter;
pub use markdown::markdown;
pub use status_page::{ICON, PageHome, status_page, status_page_policy};
pub use text::{answers, text};
pub use ticket::{LEAST_TICKET_CHARS, TICKET_CHARS, TICKET_LINES, TooFewChars, ticket};

/// Whether a character has no place in a page or a feed: neither XML nor a reader could take it.
fn is_unwritable(c: char) -> bool {
    words::is_unprintable(c) || matches!(c, '\u{fffe}' | '\u{ffff}')
}

/// For text and for attributes in quotes, of HTML and XML. What `has_no_place` there is a blank.
fn escape(text: &str, has_no_place: impl Fn(char) -> bool) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\'' => out += "&#39;",
            c if has_no_place(c) => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// A text that somebody wrote, in one line: what has no place in a page or a feed is a blank.
fn clean(text: &str) -> String {
    text.chars().map(|c| if is_unwritable(c) { ' ' } else { c }).collect()
}
