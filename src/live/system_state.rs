//! The state of one system of the status page: the internet, a router, a service.

use crate::text::words::word_enum;

word_enum! {
    /// The state of a system, as seen from this computer.
    pub enum SystemState: "state of a system" {
        /// It works.
        Up = "up",
        /// It works, and something is wrong with it.
        Impaired = "impaired",
        /// It has not answered for a moment, which may be nothing.
        Checking = "checking",
        /// Its answers contradict each other: neither up nor down.
        Disputed = "disputed",
        /// It does not work.
        Down = "down",
        /// It is not watched now.
        Unknown = "unknown",
        /// It has not answered for as long as incidents are listed: it may be unable to, so that its silence
        /// says nothing.
        Silent = "silent",
    }
}
