//! Statistics with their sources: loss, quantiles, variation, availability. Pure.
//!
//! Absence is `None`: of no values there is no quantile, of no observed time no availability.

mod availability;
mod histogram;
mod loss;
pub mod pattern;
mod quantile;
mod variation;

pub use availability::{Availability, observed, total};
pub use histogram::{DecodeError, Histogram};
pub use loss::LossRatio;
pub use quantile::{Sorted, quantile};
pub use variation::{ipdv, mean_ipdv, pdv};
