//! What leaves the daemon for people.
//!
//! A [`Message`] is stored with what it tells, and goes out by each [`Channel`] that is configured to
//! tell it, as a [`Parcel`]: at least once, in order, under a key that stays the same.
//!
//! [`Follower`] is pure: it turns the present, as the daemon shows it once a second, into events to
//! show, the same for the daemon itself and for `linkmon notify`, which follows one. [`Desktop`]
//! shows them from a thread of its own, for which no other waits. What is shown was stored before.

mod broker;
mod channel;
mod command;
#[cfg(feature = "desktop")]
mod desktop;
#[cfg(feature = "desktop")]
mod desktop_channel;
mod factory;
mod follower;
mod home;
mod mail;
mod message;
#[cfg(not(feature = "desktop"))]
mod no_desktop;
mod plan;
mod post;
pub mod remote_write;
mod scribe;
mod sendmail;
mod session;
mod trial;
mod webhook;
mod worker;

pub use broker::HomeReporter;
pub use channel::{Channel, ChannelSetup, DeliveryError, DropPicture};
#[cfg(feature = "desktop")]
pub use desktop::Desktop;
pub use factory::channel;
pub use follower::Follower;
pub use message::{Message, MessageEvent, MessageOrigin, Parcel};
#[cfg(not(feature = "desktop"))]
pub use no_desktop::NoDesktop as Desktop;
pub use post::{Courier, CourierError, Posted, scribe_of, told_lately};
pub use scribe::Scribe;
pub use session::{DropsOfDay, has_session};
pub use trial::try_channel;
#[cfg(test)]
pub(crate) use worker::tests::{FakePost, Receiver, setup};
