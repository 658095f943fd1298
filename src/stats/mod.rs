//! Statistics with their sources: loss, quantiles, variation, availability, growth. Pure.
//!
//! Absence is `None`: of no values there is no quantile, of no observed time no availability.

mod anchor_hour;
mod availability;
pub mod calls;
pub mod compare;
mod growth;
mod histogram;
mod loss;
pub mod pattern;
mod quantile;
pub mod seconds;
mod variation;
pub mod yardsticks;

pub use anchor_hour::AnchorHour;
pub use availability::{Availability, likely, observed, total, union};
pub use growth::growth_per_day;
pub use histogram::{Histogram, SummaryDecodeError};
pub use loss::LossRatio;
pub use quantile::{Sorted, quantile};
pub use variation::{ipdv, mean_ipdv, pdv};
