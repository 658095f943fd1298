//! The session of a desktop, whether or not this linkmon can show anything on it.

use crate::time::Timestamp;

/// Counts the drops on the local day of an instant; `None` where that is not known.
pub type DropsOfDay = Box<dyn Fn(Timestamp) -> Option<usize> + Send>;

/// Whether this process belongs to a session with a bus, on which notifications are shown.
pub fn has_session() -> bool {
    let at = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    at("DBUS_SESSION_BUS_ADDRESS").is_some()
        || at("XDG_RUNTIME_DIR").is_some_and(|dir| std::path::Path::new(&dir).join("bus").exists())
}
