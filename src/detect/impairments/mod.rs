//! What is wrong while the link is up, or with a part of what it carries. Each rule is an observer
//! of its own.

pub(crate) mod calm;
pub(in crate::detect) mod chance;
mod family;
mod ledger;
mod login;
mod loss;
pub(crate) mod observers;
mod partial;
mod slow;
mod trouble;
mod usual;
pub(crate) mod voice;
pub(crate) mod web;
