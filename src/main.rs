//! The `linkmon` command. See the library for everything.

use std::process::ExitCode;

fn main() -> ExitCode {
    linkmon::cli::main()
}
