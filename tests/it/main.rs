//! Integration tests.

mod cli;
mod rules;
mod scenarios;
mod testbed;
