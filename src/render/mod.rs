//! One document, many writers: a [`Report`](crate::report::Report) as text, ticket, Markdown, HTML,
//! JSON, CSV and the bundle of all of them.

pub mod bundle;
pub mod csv;
pub mod data;
mod document;
mod drops;
mod html;
mod json;
mod markdown;
mod text;
mod ticket;

#[cfg(test)]
mod tests;

pub use drops::drops_text;
pub use html::html;
pub use json::{drops_json, json};
pub use markdown::markdown;
pub use text::text;
pub use ticket::{LEAST_TICKET_CHARS, TICKET_CHARS, TICKET_LINES, TooFewChars, ticket};
