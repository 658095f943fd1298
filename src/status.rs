//! The present as one value, for the live line, `linkmon status`, and later the web and metrics.
