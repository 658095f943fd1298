//! What leaves the daemon for people: so far notifications on the desktop, one for each drop.
//!
//! [`Follower`] is pure: it turns the present, as the daemon shows it once a second, into events to
//! show, the same for the daemon itself and for `linkmon notify`, which follows one. [`Desktop`]
//! shows them from a thread of its own, for which no other waits. What is shown was stored before.

#[cfg(feature = "desktop")]
mod desktop;
mod follower;
#[cfg(not(feature = "desktop"))]
mod no_desktop;
mod session;

#[cfg(feature = "desktop")]
pub use desktop::Desktop;
pub use follower::Follower;
#[cfg(not(feature = "desktop"))]
pub use no_desktop::NoDesktop as Desktop;
pub use session::{DropsOfDay, has_session};
