//! Integration tests.

mod rules;
mod testbed;
