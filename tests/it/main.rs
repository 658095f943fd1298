//! Integration tests.

mod cli;
mod dashboards;
mod documents;
mod rules;
mod scenarios;
mod testbed;
mod units;
