//! The thread that keeps an MQTT broker informed. It moves by the daemon's seconds alone: if these stay
//! away, it is silent, and the broker says that linkmon is not there.

use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use jiff::tz::TimeZone;

use super::home::{HomeDevice, HomeLevels, HomeState, OFFLINE, ONLINE, configurations};
use crate::config::{Config, MqttConfig, shown_zone};
use crate::language::{self, Language};
use crate::live::{Event, Present, Status};
use crate::net::client::{HttpClient, HttpServer, Trust};
use crate::net::mqtt::{MqttBroker, MqttConnection, MqttError, MqttHello};
use crate::store::Reader;
use crate::sys::panics::expendable;
use crate::text::describe;
use crate::time::{BootTime, Micros, Reading, TimeRange, Timestamp, day_of};

/// Each step of an exchange.
const LIMIT: Duration = Duration::from_secs(10);
/// A broker takes a connection for broken after one and a half times this.
const KEEP_ALIVE_S: u16 = 30;
/// At the latest after the last packet.
const PING_AFTER: Micros = Micros::from_seconds(12);
/// Figures that are no news.
const STATE_EVERY: Micros = Micros::from_seconds(60);
/// After the first failure, then twice as long after each.
const FIRST_RETRY: Duration = Duration::from_secs(2);
const LONGEST_RETRY: Duration = Duration::from_secs(120);
/// A broker that restarts is gone for moments.
const TOLD_AFTER: u32 = 3;
/// The end of the daemon waits for the last word this long at most.
const AT_THE_END: Duration = Duration::from_secs(2);

/// What the thread is given each second.
#[derive(Debug, Clone)]
struct HomeSecond {
    now: Reading,
    status: Arc<Status>,
    levels: HomeLevels,
}

/// Keeps a broker informed.
#[derive(Debug)]
pub struct HomeReporter {
    latest: Arc<Mutex<Option<HomeSecond>>>,
    wake: Option<Sender<()>>,
    events: Receiver<Event>,
    ended: Receiver<()>,
    thread: Option<JoinHandle<()>>,
}

impl HomeReporter {
    /// Starts the thread; `None` where no broker is configured.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn start(
        config: &Config,
        database: PathBuf,
        version: &str,
    ) -> std::io::Result<Option<Self>> {
        let Some((host, port)) = config.mqtt.host() else { return Ok(None) };
        let server = HttpServer { https: config.mqtt.tls, host, port };
        let (wake, woken) = mpsc::channel();
        let (tell, events) = mpsc::channel();
        let (end, ended) = mpsc::channel();
        let latest: Arc<Mutex<Option<HomeSecond>>> = Arc::default();
        let link = HomeLink {
            config: config.mqtt.clone(),
            site: config.site.name.clone(),
            language: language::of(config.report.language),
            zone: shown_zone(config.site.zone.as_deref()),
            broker: MqttBroker::new(server, HttpClient::new(Trust::KnownAuthorities, 0)),
            database,
            version: version.to_owned(),
            device: None,
            connection: None,
            retry_at: None,
            failures: 0,
            was_told: false,
            last_packet: BootTime::from_micros(0),
            said: None,
            counted: None,
        };
        let seconds = Arc::clone(&latest);
        let thread = std::thread::Builder::new()
            .name("mqtt".into())
            .spawn(move || expendable(|| work(link, &woken, &seconds, &tell, &end)))?;
        let (wake, thread) = (Some(wake), Some(thread));
        Ok(Some(Self { latest, wake, events, ended, thread }))
    }

    /// A second has passed; gives the event to announce.
    pub fn second(&self, now: Reading, present: &Present) -> Option<Event> {
        let status = Arc::clone(present.status()?);
        let levels = HomeLevels::of(present.modem().snapshot.as_ref());
        let second = HomeSecond { now, status, levels };
        *self.latest.lock().unwrap_or_else(PoisonError::into_inner) = Some(second);
        if let Some(wake) = &self.wake {
            // The thread is gone only if it panicked, which was printed.
            let _ = wake.send(());
        }
        self.events.try_recv().ok()
    }

    /// Says that linkmon is not there any more, if that can be said soon.
    pub fn stop(mut self) {
        self.wake = None;
        if self.ended.recv_timeout(AT_THE_END).is_ok()
            && let Some(thread) = self.thread.take()
        {
            let _ = thread.join();
        }
    }
}

fn work(
    mut link: HomeLink,
    woken: &Receiver<()>,
    seconds: &Mutex<Option<HomeSecond>>,
    tell: &Sender<Event>,
    end: &Sender<()>,
) {
    while woken.recv().is_ok() {
        // One look for all seconds that came while a broker was slow.
        while woken.try_recv().is_ok() {}
        let second = seconds.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(event) = second.and_then(|second| link.second(&second)) {
            let _ = tell.send(event);
        }
    }
    link.say_offline();
    let _ = end.send(());
}

/// The drops of a day, and as of what they were counted.
#[derive(Debug, Clone, PartialEq, Eq)]
struct DropsCounted {
    day: TimeRange,
    /// The last and the open drop, each with its end.
    drops: Vec<(i64, Option<i64>)>,
    count: Option<u32>,
}

/// The connection to the broker, and what was last said over it.
struct HomeLink {
    config: MqttConfig,
    site: Option<String>,
    language: &'static Language,
    zone: TimeZone,
    broker: MqttBroker,
    database: PathBuf,
    version: String,
    device: Option<HomeDevice>,
    connection: Option<MqttConnection>,
    retry_at: Option<BootTime>,
    failures: u32,
    was_told: bool,
    last_packet: BootTime,
    /// The last state, with its time, and whether entities of the modem were configured.
    said: Option<(HomeState, BootTime)>,
    counted: Option<DropsCounted>,
}

impl HomeLink {
    fn second(&mut self, second: &HomeSecond) -> Option<Event> {
        let now = second.now.boot;
        if self.connection.is_none() && self.retry_at.is_some_and(|at| now < at) {
            return None;
        }
        match self.step(second) {
            Ok(()) => {
                self.failures = 0;
                let was_told = std::mem::take(&mut self.was_told);
                was_told.then_some(Event::HomeWorks)
            }
            Err(why) => {
                (self.connection, self.said) = (None, None);
                let pause = (FIRST_RETRY * 2_u32.pow(self.failures.min(10))).min(LONGEST_RETRY);
                // Many lines return at once.
                self.retry_at = Some(now + pause.mul_f64(0.75 + 0.5 * fastrand::f64()));
                self.failures = self.failures.saturating_add(1);
                let is_news = self.failures >= TOLD_AFTER && !self.was_told;
                self.was_told |= is_news;
                is_news.then_some(Event::HomeFails(why))
            }
        }
    }

    fn step(&mut self, second: &HomeSecond) -> Result<(), String> {
        let now = second.now.boot;
        let drops = self.drops_today(second);
        let state = HomeState::of(&second.status, second.levels, drops);
        if self.connection.is_none() {
            self.connect(second, &state)?;
        }
        let is_due = match &self.said {
            None => true,
            Some((before, at)) => state.is_news_after(before) || now.since(*at) >= STATE_EVERY,
        };
        let needs_modem = self
            .said
            .as_ref()
            .is_some_and(|(before, _)| state.knows_the_modem() && !before.knows_the_modem());
        let device = self.device.clone().ok_or("no device")?;
        if needs_modem {
            self.configure(&device, &state, now)?;
        }
        if is_due {
            self.publish(&device.state_topic(), &state.to_json(), now)?;
            self.said = Some((state, now));
        } else if now.since(self.last_packet) >= PING_AFTER {
            self.connection.as_mut().map_or(Ok(()), MqttConnection::ping).map_err(said)?;
            self.last_packet = now;
        }
        Ok(())
    }

    fn connect(&mut self, second: &HomeSecond, state: &HomeState) -> Result<(), String> {
        let now = second.now.boot;
        if self.device.is_none() {
            let reader = Reader::open(&self.database).map_err(|e| describe(&e))?;
            // The same record is the same device, on whatever computer it goes on.
            let id = format!("linkmon_{:016x}", reader.identity().cast_unsigned());
            self.device = Some(HomeDevice {
                id,
                name: self.site.clone().unwrap_or_else(|| "linkmon".to_owned()),
                version: self.version.clone(),
                discovery: self.config.discovery.clone(),
                topic: self.config.topic.clone(),
            });
        }
        let device = self.device.clone().ok_or("no device")?;
        let password = self.config.password().map_err(|e| describe(&e))?;
        let login = self.config.user.clone().map(|user| {
            let password = password.as_ref().map(|password| password.reveal().to_owned());
            (user, password.unwrap_or_default())
        });
        let hello = MqttHello {
            client: device.id.replace('_', "-"),
            login,
            will: (device.availability_topic(), OFFLINE.to_owned()),
            keep_alive_s: KEEP_ALIVE_S,
        };
        self.connection = Some(MqttConnection::open(&self.broker, &hello, LIMIT).map_err(said)?);
        self.configure(&device, state, now)?;
        self.publish(&device.availability_topic(), ONLINE, now)
    }

    fn configure(
        &mut self,
        device: &HomeDevice,
        state: &HomeState,
        now: BootTime,
    ) -> Result<(), String> {
        let words = &self.language.phrases().home;
        for (topic, text) in configurations(device, words, state.knows_the_modem()) {
            self.publish(&topic, &text, now)?;
        }
        Ok(())
    }

    fn publish(&mut self, topic: &str, text: &str, now: BootTime) -> Result<(), String> {
        let connection = self.connection.as_mut().ok_or("no connection")?;
        connection.publish(topic, text).map_err(said)?;
        self.last_packet = now;
        Ok(())
    }

    /// Counted again when a drop began, ended or was withdrawn, and on another day.
    fn drops_today(&mut self, second: &HomeSecond) -> Option<u32> {
        let day = day_of(second.now.utc, &self.zone)?;
        let status = &second.status;
        let of = |drop: &crate::live::DropStatus| (drop.id, drop.end.map(Timestamp::as_micros));
        let drops = status.open_drop.iter().chain(&status.last_drop).map(of).collect();
        if let Some(counted) = &self.counted
            && (counted.day, &counted.drops) == (day, &drops)
        {
            return counted.count;
        }
        let count = Reader::open(&self.database).and_then(|reader| reader.drops(day)).ok();
        let count = count.map(|found| {
            let began = |s: &&crate::vocabulary::StoredDrop| {
                s.drop.kind.is_down() && day.contains(s.drop.onset.midpoint())
            };
            u32::try_from(found.iter().filter(began).count()).unwrap_or(u32::MAX)
        });
        self.counted = count.map(|count| DropsCounted { day, drops, count: Some(count) });
        count
    }

    fn say_offline(&mut self) {
        let Some(topic) = self.device.as_ref().map(HomeDevice::availability_topic) else { return };
        if let Some(mut connection) = self.connection.take()
            && connection.publish(&topic, OFFLINE).is_ok()
        {
            connection.close();
        }
    }
}

#[allow(clippy::needless_pass_by_value, reason = "a function for map_err")]
fn said(error: MqttError) -> String {
    describe(&error)
}

#[cfg(test)]
mod tests;
