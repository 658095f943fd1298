//! One document, many writers: a [`Report`](crate::report::Report) as text, ticket, Markdown, HTML,
//! JSON, CSV and the bundle of all of them.

pub mod bundle;
pub mod csv;
pub mod data;
mod document;
mod drops;
mod full;
mod html;
pub(crate) mod impairments;
mod json;
mod markdown;
mod patterns;
mod text;
mod ticket;
mod yardsticks;

#[cfg(test)]
mod tests;

pub use drops::drops_text;
pub use html::html;
pub use json::{drops_json, json};
pub use markdown::markdown;
pub use text::text;
pub use ticket::{LEAST_TICKET_CHARS, TICKET_CHARS, TICKET_LINES, TooFewChars, ticket};
