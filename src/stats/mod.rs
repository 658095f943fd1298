//! Statistics with their sources: loss, quantiles, variation, availability, growth. Pure.
//!
//! Absence is `None`: no values have no quantile, and no observed time has no availability.

mod anchor_hour;
mod availability;
pub mod calls;
pub mod compare;
mod growth;
mod histogram;
mod ledger;
mod observed;
pub mod pattern;
mod quantile;
pub mod seconds;
mod variation;
mod ways;
pub mod yardsticks;

pub use crate::vocabulary::LossRatio;
pub use anchor_hour::AnchorHour;
pub use availability::Availability;
pub use growth::growth_per_day;
pub use histogram::{Histogram, SummaryDecodeError};
pub use ledger::{DropTime, LedgerInputs, TimeLedger, down_at_most, proving_nothing};
pub use observed::observed;
pub use quantile::{Sorted, quantile};
pub use variation::{ipdv, mean_ipdv, pdv};
pub use ways::{LineWay, OtherWay, SiteWays, WaySpan, way_spans};
