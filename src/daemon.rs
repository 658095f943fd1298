//! The daemon: start-up, pipeline, shutdown, told from top to bottom.
