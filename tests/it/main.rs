//! Integration tests.

mod browser;
mod cli;
mod dashboards;
mod documents;
mod feed;
mod merge;
mod remote_write;
mod rules;
mod scenarios;
mod testbed;
mod units;

/// Whether simulated days are played to their end: where the code is optimized, which the checks
/// say with `LINKMON_WHOLE_LENGTHS`; else they take minutes.
fn whole_lengths() -> bool {
    !cfg!(debug_assertions) || std::env::var_os("LINKMON_WHOLE_LENGTHS").is_some()
}
