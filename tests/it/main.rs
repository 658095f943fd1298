//! Integration tests.

mod cli;
mod dashboards;
mod rules;
mod scenarios;
mod testbed;
