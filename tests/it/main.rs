//! Integration tests.

mod cli;
mod rules;
mod testbed;
