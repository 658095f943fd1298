//! SIGTERM, SIGINT and SIGHUP: all ask for a clean end. Where that does not come, because a disk does not
//! answer, the process ends all the same.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::vocabulary::Observation;

/// A clean end takes no longer, unless something blocks. Service managers wait 90 s.
const PATIENCE: Duration = Duration::from_secs(20);

/// Whom a signal wakes, so that it looks at once.
type Wake = Arc<Mutex<Option<Sender<Vec<Observation>>>>>;

/// The thread that waits for signals. It lives as long as the process.
#[derive(Debug, Clone)]
pub(super) struct Signals {
    must_stop: Arc<AtomicBool>,
    wake: Wake,
}

impl Signals {
    /// Waits for signals from now on: none finds the default action any more. `leave` ends the process
    /// when a second one comes, or the end takes too long.
    pub(super) fn watch(leave: fn(&str) -> !) -> std::io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let mut signals = {
            let _inside = runtime.enter();
            [SignalKind::terminate(), SignalKind::interrupt(), SignalKind::hangup()]
                .map(signal)
                .into_iter()
                .collect::<std::io::Result<Vec<_>>>()?
        };
        let watch = Self { must_stop: Arc::default(), wake: Arc::default() };
        let told = watch.clone();
        std::thread::Builder::new().name("signals".into()).spawn(move || {
            runtime.block_on(async {
                next(&mut signals).await;
                told.must_stop.store(true, Ordering::Relaxed);
                let wake = told.wake.lock().unwrap_or_else(PoisonError::into_inner).clone();
                if let Some(wake) = wake {
                    let _ = wake.send(Vec::new());
                }
                tokio::select! {
                    () = next(&mut signals) => leave("ended by a second signal; what was not stored is lost"),
                    () = tokio::time::sleep(PATIENCE) => {
                        leave("storing does not come to an end; what was not stored is lost");
                    }
                }
            });
        })?;
        Ok(watch)
    }

    /// From now on a signal is followed by an empty batch.
    pub(super) fn wake(&self, pipeline: Sender<Vec<Observation>>) {
        *self.wake.lock().unwrap_or_else(PoisonError::into_inner) = Some(pipeline);
    }

    /// Whether a signal has come.
    pub(super) fn must_stop(&self) -> bool {
        self.must_stop.load(Ordering::Relaxed)
    }
}

async fn next(signals: &mut [Signal]) {
    let [term, int, hup] = signals else { return std::future::pending().await };
    tokio::select! {
        _ = term.recv() => {}
        _ = int.recv() => {}
        _ = hup.recv() => {}
    }
}
