//! Server-sent events: the whole present first, then what each second brings.

use std::cell::RefCell;
use std::rc::Rc;

use hyper::StatusCode;
use hyper::body::Bytes;
use tokio::sync::mpsc;
use tokio::task::spawn_local;

use super::answer::{self, Answer};
use super::present::Present;

/// So many pages at once. Each holds one second of marks, and at its begin ten minutes of them.
const MOST: usize = 12;

/// Opens a stream for one browser. One that is slow misses no mark: what was not sent is in the
/// next event that it takes.
pub(super) fn open(present: &Rc<RefCell<Present>>) -> Answer {
    if present.borrow().watching() >= MOST {
        let sentence = "as many pages are open as can be served";
        return answer::said(StatusCode::SERVICE_UNAVAILABLE, sentence);
    }
    let (pieces, taken) = mpsc::channel(1);
    spawn_local(feed(Rc::clone(present), pieces));
    answer::stream(taken)
}

async fn feed(present: Rc<RefCell<Present>>, pieces: mpsc::Sender<Bytes>) {
    let _watcher = present.borrow().watcher();
    let mut seconds = present.borrow().seconds();
    let mut seen = 0;
    loop {
        // Room first, so that what is sent is of now and not of when the browser last slept.
        let Ok(room) = pieces.reserve().await else { return };
        let news = present.borrow().since(seen);
        if let Some((text, up_to)) = news {
            seen = up_to;
            room.send(Bytes::from(format!("data: {text}\n\n")));
        }
        tokio::select! {
            changed = seconds.changed() => if changed.is_err() { return },
            () = pieces.closed() => return,
        }
    }
}
