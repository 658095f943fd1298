//! The vocabulary: what every room speaks of. Values without clock, file or socket.

mod address;
mod calendar;
mod clock;
mod deciding;
mod endpoint;
mod forecast;
mod gap;
mod impairment;
mod ip_version;
mod kind;
mod lengths;
mod link_drop;
mod loss;
mod measurement;
mod message;
mod modem;
mod note;
mod observation;
mod path_round;
mod place;
mod probe_counts;
mod removed;
mod roster;
mod run;
mod station;
mod stored;
mod target;
mod trouble;
mod url;
mod way;
pub mod well_known;

pub use address::{are_numbered_alike, is_isps_gateway, is_link_local_v6, is_of_home, is_private};
pub use calendar::{CalendarPeriod, CalendarUnit};
pub use clock::{ClockCheck, ClockOffset, ClockState, RunClock, ServerClock};
pub use deciding::{AbleAnchors, AnchorCandidate, AnchorCounts, DecidingFamily, deciding_anchors};
pub use endpoint::{Destination, Endpoint};
pub use forecast::{Alarm, Filling, Forecast, Health, Outlook};
pub use gap::{Gap, GapReason};
pub use impairment::{
    BearingCounts, Figures, Impairment, LossFigures, NameServerFigures, NameServerPlace,
    SlowFigures,
};
pub use ip_version::IpVersion;
pub use kind::Kind;
pub use lengths::Lengths;
pub use link_drop::{Bounds, DropKind, DropStretch, LinkDrop, LinkState, MOST_STRETCHES};
pub use loss::LossRatio;
pub use measurement::{
    Failed, FailedReason, Measurement, NotSent, Outcome, Phase, Phases, Reply, Unreachable,
    recorded_time,
};
pub use message::{
    ChannelProgress, DeliveryCounts, Message, MessageEvent, SetAside, StoredMessage, UnderWay,
};
pub use modem::{
    Bonding, ChannelKind, DishState, Downstream, DslLine, LogClass, LogEntry, LogStamp,
    ModemAccount, ModemClock, ModemKind, ModemLevels, ModemPageKept, ModemReadCause, ModemSilence,
    ModemSilenceKind, ModemSnapshot, ModemWords, Modulation, Secret, Upstream,
};
pub use note::{Note, NoteChange, NoteDraft, NoteKind, NoteWas, note_text, ticket_number};
pub use observation::{HostChange, HostEvent, Observation, StrayKind, Waiting};
pub use path_round::{HopReturn, PathHop, PathMoment, PathObstacle, PathRound};
pub use place::Place;
pub use probe_counts::ProbeCounts;
pub use removed::{RemovedSamples, SumsLeft};
pub use roster::{PrivateAnchors, Roster, RosterChange, RosterEntry, RosterHistory, Standing};
pub use run::{Run, RunEnd, SimulatedShare};
pub use station::{AccessPoint, StationSeen};
pub use stored::{StoredDrop, StoredEvent, Traffic};
pub use target::{Role, Target, TargetId};
pub use trouble::TargetTrouble;
pub use url::{Url, UrlError};
pub use way::{Medium, Way, WayChange};
