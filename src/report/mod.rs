//! The `Report` value, computed once from rows, and its renderings.
