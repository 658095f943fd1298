//! What a receiver's answer means for the cursor.
//!
//! A 400 is not to be repeated by the specification, and receivers say it of samples that they would take
//! with another setting. Such an answer is told by its text:
//!
//! - Prometheus (`storage/interface.go`, `storage/remote/write_handler.go`): `out of bounds`, `too old
//!   sample` (until 2.49 with status 500, since 2.50 with 400), `out of order sample`, `duplicate sample
//!   for timestamp`; since 2.46 `out of bounds` also says `too far in the future`.
//! - Mimir (`pkg/ingester/errors.go`): `err-mimir-sample-timestamp-too-old`,
//!   `err-mimir-sample-out-of-order`, `err-mimir-sample-duplicate-timestamp`, and for times in the future
//!   `err-mimir-too-far-in-future`. Cortex has the words of Prometheus.
//! - Thanos (`pkg/receive/writer.go`): those of Prometheus, with status 409.
//! - `VictoriaMetrics` takes everything, and leaves out what is older than its retention without a word.

use std::time::Duration;

use crate::net::client;

/// Characters of an answer that are looked at: what tells Mimir's is at the end of two sentences.
const HEEDED: usize = 2_000;
/// Characters of it that are shown.
const SHOWN: usize = 200;

/// What came of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WriteAnswer {
    /// An answer.
    Status {
        /// Its status.
        status: u16,
        /// The beginning of its body.
        body: String,
        /// When the receiver wants to be asked again, at the earliest.
        retry_after: Option<Duration>,
    },
    /// The receiver was not reached: nothing was taken.
    NotReached(String),
    /// The request may have been taken; nobody said so.
    Unclear(String),
}

impl WriteAnswer {
    /// That of an exchange.
    pub fn of(exchange: Result<client::HttpResponse, client::Error>) -> Self {
        match exchange {
            Ok(response) => Self::Status {
                status: response.status,
                body: line_of(&response.text(), HEEDED),
                retry_after: retry_after(response.field("retry-after"), response.field("date")),
            },
            Err(
                error @ (client::Error::Request(_)
                | client::Error::NoAddress(_)
                | client::Error::Refused(_)
                | client::Error::NoConnection(_)
                | client::Error::Tls(_)),
            ) => Self::NotReached(error.to_string()),
            Err(error) => Self::Unclear(error.to_string()),
        }
    }
}

/// What it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum WriteVerdict {
    /// All was taken.
    Taken,
    /// The samples are older than the receiver takes.
    TooOld(String),
    /// The receiver has newer samples of one of the series, or others of the same time.
    OutOfOrder(String),
    /// The request is larger than the receiver takes.
    TooLarge(String),
    /// The receiver will not take it as it is: wrong credentials, another address.
    Refused(String),
    /// To be tried again, after this at least.
    Later { why: String, after: Option<Duration>, taken: PerhapsTaken },
}

/// Whether the receiver may have what was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PerhapsTaken {
    /// It answered that it did not.
    Not,
    /// It was not reached: it has not, and may have been killed since it took something.
    Lost,
    /// Nobody knows.
    Perhaps,
}

/// What an answer means.
pub(super) fn verdict(answer: WriteAnswer) -> WriteVerdict {
    let (status, body, retry_after) = match answer {
        WriteAnswer::NotReached(why) => {
            return WriteVerdict::Later { why, after: None, taken: PerhapsTaken::Lost };
        }
        WriteAnswer::Unclear(why) => {
            return WriteVerdict::Later { why, after: None, taken: PerhapsTaken::Perhaps };
        }
        WriteAnswer::Status { status, body, retry_after } => (status, body, retry_after),
    };
    if (200..300).contains(&status) {
        return WriteVerdict::Taken;
    }
    let text = body.to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let shown = line_of(&body, SHOWN);
    let said =
        if body.is_empty() { format!("status {status}") } else { format!("{status}: {shown}") };
    let is_of_future = has(&["far in the future", "far-in-future", "far into the future"]);
    // A page of a proxy may say anything; these words are those of a receiver.
    let by_receiver = matches!(status, 400 | 409 | 422) || (status == 500 && !text.contains('<'));
    if by_receiver && !is_of_future {
        if has(&["too old", "too-old", "out of bounds", "out-of-bounds", "far in the past"]) {
            return WriteVerdict::TooOld(said);
        }
        if has(&[
            "out of order sample",
            "out-of-order",
            "duplicate sample for timestamp",
            "duplicate-timestamp",
        ]) {
            return WriteVerdict::OutOfOrder(said);
        }
    }
    match status {
        413 => WriteVerdict::TooLarge(said),
        408 | 425 | 429 | 500.. => {
            // What is too much for it was not taken.
            let taken = if status == 429 { PerhapsTaken::Not } else { PerhapsTaken::Perhaps };
            WriteVerdict::Later { why: said, after: retry_after, taken }
        }
        _ => WriteVerdict::Refused(said),
    }
}

/// Of `Retry-After` (RFC 9110, 10.2.3): seconds, or a time by the clock of the receiver, which `Date` shows.
fn retry_after(field: Option<&str>, date: Option<&str>) -> Option<Duration> {
    const MOST: u64 = 3_600;
    let field = field?.trim();
    let time = |text: &str| jiff::fmt::rfc2822::parse(text).ok().map(|t| t.timestamp().as_second());
    let seconds = field.parse().ok().or_else(|| {
        let until = time(field)?;
        u64::try_from(until.checked_sub(time(date?)?)?).ok()
    })?;
    Some(Duration::from_secs(seconds.min(MOST)))
}

/// The first line of a text that came from elsewhere, so many characters of it at most.
fn line_of(text: &str, most: usize) -> String {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    line.chars().filter(|c| !c.is_control()).take(most).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(status: u16, body: &str) -> WriteVerdict {
        verdict(WriteAnswer::Status { status, body: line_of(body, HEEDED), retry_after: None })
    }

    #[test]
    fn what_receivers_say_of_old_samples_is_told_from_other_refusals() {
        let old = |verdict| matches!(verdict, WriteVerdict::TooOld(_));
        assert!(old(of(400, "out of bounds\n")));
        assert!(old(of(500, "too old sample\n")), "Prometheus 2.42 with a window");
        assert!(old(of(400, "too old sample\n")));
        assert!(old(of(
            400,
            "failed pushing to ingester mimir-1: user=anonymous: the sample has been rejected because its \
             timestamp is too old (err-mimir-sample-timestamp-too-old). The affected sample has timestamp",
        )));
        // It says "more recent" as the one for order does.
        assert!(old(of(
            400,
            "the sample has been rejected because another sample with a more recent timestamp has already \
             been ingested and this sample is beyond the out-of-order time window of 6h \
             (err-mimir-sample-timestamp-too-old)",
        )));
        assert!(old(of(409, "add 26 samples: out of bounds")));
        assert!(!old(of(502, "<html>your browser is too old</html>")));
        assert!(!old(of(500, "<html>your browser is too old</html>")));
        assert!(!old(of(503, "too old sample")));

        let unordered = |verdict| matches!(verdict, WriteVerdict::OutOfOrder(_));
        assert!(unordered(of(400, "out of order sample\n")));
        assert!(unordered(of(400, "duplicate sample for timestamp\n")));
        assert!(unordered(of(
            400,
            "the sample has been rejected because another sample with a more recent timestamp has already \
             been ingested and out-of-order samples are not allowed (err-mimir-sample-out-of-order)",
        )));
        let refused = |verdict| matches!(verdict, WriteVerdict::Refused(_));
        assert!(refused(of(400, "out of bounds: timestamp is too far in the future")));
        assert!(refused(of(400, "label name is not valid")));
        assert!([301, 401, 403, 404, 405, 415].into_iter().all(|status| refused(of(status, ""))));
        assert!(matches!(of(413, ""), WriteVerdict::TooLarge(_)));
        assert_eq!([of(200, ""), of(204, "x")], [WriteVerdict::Taken, WriteVerdict::Taken]);
    }

    #[test]
    fn a_receiver_that_says_when_is_heeded_within_bounds() {
        const AT: &str = "Wed, 21 Oct 2026 07:28:00 GMT";
        let after = |field| retry_after(Some(field), Some("Wed, 21 Oct 2026 07:26:30 GMT"));
        assert_eq!(after("7"), Some(Duration::from_secs(7)));
        assert_eq!(after("99999999999"), Some(Duration::from_secs(3_600)));
        assert_eq!(after(AT), Some(Duration::from_secs(90)));
        assert_eq!(after("Fri, 21 Oct 2050 07:28:00 GMT"), Some(Duration::from_secs(3_600)));
        for wrong in ["", "-1", "soon", "Wed, 21 Oct 2026 07:26:29 GMT", "999999999999999999999999"]
        {
            assert_eq!(after(wrong), None, "{wrong}");
        }
        assert_eq!([retry_after(Some(AT), None), retry_after(None, Some(AT))], [None, None]);
    }

    #[test]
    fn what_a_receiver_says_is_shown_as_one_short_line() {
        let hostile = format!("\n\n\u{1b}[31m{}\nsecond", "x".repeat(100_000));
        let WriteVerdict::Refused(said) = of(400, &hostile) else { panic!() };
        assert!(said.chars().count() < 220 && !said.contains('\u{1b}') && !said.contains('\n'));
    }
}
