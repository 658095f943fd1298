//! System calls that have no safe wrapper elsewhere; the only module with `unsafe`. Each block
//! says why it is sound.
#![allow(unsafe_code, reason = "the one place for calls without a safe wrapper")]

pub(crate) mod icmp_filter;
