//! The `linkmon` command. See the library for everything.

fn main() {}
