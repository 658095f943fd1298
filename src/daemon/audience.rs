//! Who hears the daemon: the terminal, the journal, the service manager, the desktop.

use crate::live::{Event, Status};

/// Hears everything the daemon announces.
pub trait Audience {
    /// Something happened.
    fn on_event(&mut self, event: &Event);
    /// A second has passed; this is the present.
    fn on_second(&mut self, status: &Status);
}
