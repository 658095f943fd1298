//! Integration tests.

mod cli;
mod dashboards;
mod documents;
mod merge;
mod rules;
mod scenarios;
mod testbed;
mod units;
