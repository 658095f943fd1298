//! What was wrong apart from drops, as JSON.

use serde::Serialize;
use serde_json::{Value, json};

use super::seconds;
use crate::report::{ImpairmentEntry, Meanwhile};
use crate::time::Timestamp;
use crate::vocabulary::{Bounds, Figures, Place};

#[derive(Serialize)]
pub(super) struct ImpairmentJson<'a> {
    kind: &'static str,
    target: Option<&'a str>,
    places: &'a [Place],
    onset_earliest: Timestamp,
    onset_latest: Timestamp,
    end_earliest: Option<Timestamp>,
    end_latest: Option<Timestamp>,
    unobserved_s: f64,
    period_s: f64,
    starts_before_period: bool,
    ends_after_period: bool,
    figures: Value,
    own_traffic: Option<Meanwhile>,
}

impl<'a> ImpairmentJson<'a> {
    pub(super) fn new(entry: &'a ImpairmentEntry) -> Self {
        let i = &entry.impairment;
        let Bounds { earliest, latest } = i.onset;
        let name = |id| entry.targets.iter().find(|t| t.id == id).map(|t| t.name.as_str());
        Self {
            kind: i.figures.kind(),
            target: i.target.and_then(name),
            places: &i.places,
            onset_earliest: earliest,
            onset_latest: latest,
            end_earliest: i.end.map(|end| end.earliest),
            end_latest: i.end.map(|end| end.latest),
            unobserved_s: seconds(i.unobserved),
            period_s: seconds(entry.length),
            starts_before_period: entry.starts_before,
            ends_after_period: entry.ends_after,
            figures: figures(&i.figures, &name),
            own_traffic: entry.meanwhile,
        }
    }
}

/// Figures with delays in milliseconds and names of targets.
fn figures<'a>(
    figures: &Figures,
    name: &dyn Fn(crate::vocabulary::TargetId) -> Option<&'a str>,
) -> Value {
    let ms = |us: u32| f64::from(us) / 1_000.0;
    match figures {
        Figures::Loss(f) | Figures::Late(f) => json!({
            "lost": f.lost, "late": f.late, "sent": f.sent,
            "usual_lost": f.usual_lost, "usual_sent": f.usual_sent,
        }),
        Figures::Slow(f) => json!({
            "usual_ms": ms(f.usual_us), "median_ms": ms(f.median_us), "worst_ms": ms(f.worst_us),
            "own_queue_ms": f.own_queue_us.map(ms),
        }),
        Figures::RouteStep { before_us, after_us } => {
            json!({ "before_ms": ms(*before_us), "after_ms": ms(*after_us) })
        }
        Figures::Ipv6(c)
        | Figures::Ipv4(c)
        | Figures::Tcp(c)
        | Figures::CaptivePortal(c)
        | Figures::IcmpFiltered(c)
        | Figures::WebAlone(c)
        | Figures::SuspectVoice(c) => {
            json!({ "bearing": c.bearing, "sent": c.sent })
        }
        Figures::Dns(f) => json!({
            "bearing": f.bearing, "sent": f.sent, "server": f.server, "answering": f.answering,
        }),
        Figures::OtherWay => json!({}),
        Figures::Partial { silent, answering } => {
            let names = |ids: &[_]| ids.iter().filter_map(|id| name(*id)).collect::<Vec<_>>();
            json!({ "silent": names(silent), "answering": names(answering) })
        }
    }
}
