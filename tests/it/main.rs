//! Integration tests.

mod cli;
mod dashboards;
mod rules;
mod testbed;
