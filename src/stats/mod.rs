//! Statistics with their sources. Pure.
