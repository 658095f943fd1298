//! Arguments of the commands about this machine: check, doctor, notify, man, completions.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::TextOrJson;
use crate::time::parse_duration;

/// Arguments of `linkmon check`.
#[derive(Debug, Clone, Args)]
pub struct CheckArgs {
    /// Loss of the anchors, in percent, from which it is a warning
    #[arg(short = 'w', long, value_name = "PERCENT", default_value = "5", value_parser = percent)]
    pub warning_loss: Option<f64>,
    /// Loss of the anchors, in percent, from which it is critical
    #[arg(short = 'c', long, value_name = "PERCENT", default_value = "50", value_parser = percent)]
    pub critical_loss: Option<f64>,
    /// Median RTT of the anchors from which it is a warning (150ms)
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    pub warning_rtt: Option<Duration>,
    /// Median RTT of the anchors from which it is critical
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    pub critical_rtt: Option<Duration>,
    /// Number of drops in the last 24 h from which it is a warning
    #[arg(long, value_name = "NUMBER")]
    pub warning_drops: Option<u32>,
    /// Number of drops in the last 24 h from which it is critical
    #[arg(long, value_name = "NUMBER")]
    pub critical_drops: Option<u32>,
}

fn percent(text: &str) -> Result<f64, String> {
    let number = text.trim_end_matches('%').trim_end();
    match number.parse::<f64>() {
        Ok(percent) if (0.0..=100.0).contains(&percent) => Ok(percent),
        _ => Err("expected a number from 0 to 100, as in 2.5".to_owned()),
    }
}

/// Arguments of `linkmon doctor`.
#[derive(Debug, Clone, Args)]
pub struct DoctorArgs {
    /// Output format
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    pub format: TextOrJson,
    /// Do not check the whole record: with a year of data on an SD card that takes minutes
    #[arg(long)]
    pub quick: bool,
}

/// Arguments of `linkmon notify`.
#[derive(Debug, Clone, Args)]
pub struct NotifyArgs {}

/// Arguments of `linkmon watch`.
#[derive(Debug, Clone, Args)]
pub struct WatchArgs {}

/// Arguments of `linkmon man`.
#[derive(Debug, Clone, Args)]
pub struct ManArgs {
    /// The directory for the pages
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
}

/// Arguments of `linkmon completions`.
#[derive(Debug, Clone, Args)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum, value_name = "SHELL")]
    pub shell: clap_complete::Shell,
}
