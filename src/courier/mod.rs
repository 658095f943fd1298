//! Telling people and the service manager: the present in, one desktop notification a drop out.
//!
//! [`Follower`] is pure: it turns the present, as the daemon shows it once a second, into what is
//! to be shown, the same for the daemon itself and for `linkmon notify`, which follows one.
//! [`Desktop`] shows it from a thread of its own, which nobody waits for; [`manager`] speaks to
//! systemd. What is told was stored before.

#[cfg(feature = "desktop")]
mod desktop;
#[cfg(not(feature = "desktop"))]
#[path = "no_desktop.rs"]
mod desktop;
mod follower;
mod session;

pub use desktop::Desktop;
pub use follower::{Follower, News};
pub use session::{Count, has_session};
