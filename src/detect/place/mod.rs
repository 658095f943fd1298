//! Where a fault lies: what every target did around a drop, and how likely each place makes it.

pub(crate) mod evidence;
pub(crate) mod hop;
pub(crate) mod likelihood;
