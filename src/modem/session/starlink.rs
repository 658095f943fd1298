//! A Starlink dish: gRPC-Web over HTTP/1.1, without a password, at port 9201, then 9200. One call at a
//! time, each with a limit of its own: some never end.

use std::time::Duration;

use super::ReadFailure;
use super::conversation::Conversation;
use crate::net::client::HttpRequest;

/// How long a call may take; a good one takes less than a second.
const PATIENCE: Duration = Duration::from_secs(8);
const PATH: &str = "/SpaceX.API.Device.Device/Handle";

/// What is asked: the empty message in field 1004 (`get_status`) or 1007 (`get_history`) of a request.
const CALLS: [(&str, [u8; 3]); 2] =
    [("SpaceX-get_status", [0xe2, 0x3e, 0]), ("SpaceX-get_history", [0xfa, 0x3e, 0])];

/// Fetches state and history.
pub(super) fn read(talk: &mut Conversation) -> Result<(), ReadFailure> {
    talk.patience = Some(PATIENCE);
    let [status, history] = CALLS;
    let first = call(talk, status);
    let first = match first {
        // A firmware of before mid-2026 may have it there.
        Err(ReadFailure::NoAnswer(_) | ReadFailure::Refused(_)) if talk.server.port == 9201 => {
            talk.server.port = 9200;
            call(talk, status)
        }
        // One call in twenty hangs.
        Err(ReadFailure::TimedOut(_)) => call(talk, status),
        other => other,
    };
    first?;
    let second = call(talk, history);
    match second {
        Err(failure) if failure.is_silence() => {
            talk.notes.push(format!("get_history: {failure}"));
            Ok(())
        }
        other => talk.go_on(other),
    }
}

fn call(talk: &mut Conversation, (name, message): (&str, [u8; 3])) -> Result<(), ReadFailure> {
    let frame = [&[0, 0, 0, 0, 3][..], &message].concat();
    let request =
        HttpRequest::post(PATH, "application/grpc-web+proto", frame).with("x-grpc-web", "1");
    let fetched = talk.ask(name, &request)?;
    // A refusal comes with status 200 and a field of its own.
    let refused = fetched.answer.field("grpc-status").filter(|status| *status != "0");
    if let (Some(status), true) = (refused, fetched.answer.body.is_empty()) {
        let why = format!("gRPC status {status}");
        return Err(ReadFailure::NotHttp { path: name.to_owned(), why });
    }
    talk.keep_good(name, fetched)
}
