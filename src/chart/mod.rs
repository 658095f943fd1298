//! Drawings: a report as one PNG sheet.
