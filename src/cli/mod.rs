//! The commands; the only module that prints or chooses an exit code.
