//! Asks the path when told to, on a thread of its own: nothing that is probed on the grid waits for it.

use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use super::path::{self, AskedOnce, Hop};
use crate::time::{Reading, Timestamp};
use crate::vocabulary::{
    IpVersion, NotSent, Observation, PathHop, PathMoment, PathObstacle, PathRound,
};

/// Wait this long for a router to answer.
const PATIENCE: Duration = Duration::from_secs(1);

/// What is to be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathQuestion {
    /// For which moment.
    pub moment: PathMoment,
    /// For each family in use an anchor, and the hop limits.
    pub towards: Vec<(IpAddr, Vec<u8>)>,
}

impl PathQuestion {
    /// How many packets it takes; three times as many at most to learn what is usual.
    pub fn packets(&self) -> usize {
        self.towards.iter().map(|(_, limits)| limits.len()).sum()
    }
}

/// The thread. It ends by itself once this is gone and what is being asked is answered, which nothing
/// has to wait for.
#[derive(Debug)]
pub struct PathFollower {
    questions: mpsc::Sender<PathQuestion>,
    is_over: Arc<AtomicBool>,
}

/// Starts the thread; rounds are reported to `out`.
///
/// # Errors
/// When there is no thread to be had.
pub fn spawn(out: mpsc::Sender<Vec<Observation>>) -> std::io::Result<PathFollower> {
    let (questions, asked) = mpsc::channel::<PathQuestion>();
    let is_over = Arc::new(AtomicBool::new(false));
    let must_end = Arc::clone(&is_over);
    std::thread::Builder::new().name("path".into()).spawn(move || {
        for question in asked {
            if must_end.load(Ordering::Relaxed) || out.send(answer(&question)).is_err() {
                return;
            }
        }
    })?;
    Ok(PathFollower { questions, is_over })
}

impl PathFollower {
    /// Asks this as soon as what was asked before is answered.
    pub fn ask(&self, question: PathQuestion) {
        // After the thread has ended there is no one to ask.
        let _ = self.questions.send(question);
    }
}

impl Drop for PathFollower {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
    }
}

/// Both families at the same time.
fn answer(question: &PathQuestion) -> Vec<Observation> {
    let PathQuestion { moment, towards } = question;
    std::thread::scope(|scope| {
        let asking: Vec<_> = towards
            .iter()
            .map(|(target, limits)| scope.spawn(move || ask(*moment, *target, limits)))
            .collect();
        let rounds = asking.into_iter().filter_map(|asking| asking.join().ok());
        rounds.map(|round| Observation::Path(Box::new(round))).collect()
    })
}

fn ask(moment: PathMoment, target: IpAddr, limits: &[u8]) -> PathRound {
    let at = Reading::now().utc;
    let asked = match moment {
        PathMoment::Usual => {
            let most = limits.iter().copied().max().unwrap_or_default();
            path::trace(target, most, PATIENCE).map(|hops| AskedOnce { hops, unsent: None })
        }
        _ => path::ask_once(target, limits, PATIENCE),
    };
    match asked {
        Ok(AskedOnce { hops, unsent }) => round(at, moment, target, &hops, unsent.map(obstacle)),
        Err(error) => {
            let forbidden = error.kind() == std::io::ErrorKind::PermissionDenied;
            let why = if forbidden { PathObstacle::Forbidden } else { PathObstacle::Other };
            round(at, moment, target, &[], Some(why))
        }
    }
}

fn round(
    at: Timestamp,
    moment: PathMoment,
    target: IpAddr,
    hops: &[Hop],
    unsent: Option<PathObstacle>,
) -> PathRound {
    let hops =
        hops.iter().map(|hop| PathHop { ttl: hop.ttl, usual: None, by: hop.address, rtt: hop.rtt });
    PathRound {
        at,
        family: IpVersion::of(target),
        moment,
        towards: Some(target),
        hops: hops.collect(),
        returns: Vec::new(),
        unsent,
    }
}

fn obstacle(reason: NotSent) -> PathObstacle {
    match reason {
        NotSent::NoRoute | NotSent::LinkDown => PathObstacle::NoRoute,
        NotSent::Forbidden => PathObstacle::Forbidden,
        _ => PathObstacle::Other,
    }
}
