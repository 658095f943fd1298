//! `linkmon alert test|list`.

use std::fmt::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use super::args::{AlertArgs, AlertCommand};
use super::context::Context;
use super::output;
use super::usage::{Hinted, Usage};
use crate::config::AlertConfig;
use crate::courier::{ChannelSetup, MessageOrigin, try_channel};
use crate::language::words::{columns, local_second};
use crate::language::{fill, plain};
use crate::store::Reader;
use crate::text::words::alternatives;
use crate::time::TimeRange;
use crate::vocabulary::{ChannelProgress, StoredMessage};

/// How far back messages are listed.
const LISTED: Duration = Duration::from_secs(7 * 86_400);

pub(super) fn alert(args: &AlertArgs, context: &Context) -> anyhow::Result<ExitCode> {
    let alerts = &context.config().alerts;
    if alerts.is_empty() {
        let sentence = plain(context.language().alerts().none_configured);
        return Err(Usage::new(sentence).into());
    }
    match &args.command {
        AlertCommand::Test(args) => test(alerts, args.channel.as_deref(), context),
        AlertCommand::List(_) => list(alerts, context),
    }
}

fn test(
    alerts: &[AlertConfig],
    channel: Option<&str>,
    context: &Context,
) -> anyhow::Result<ExitCode> {
    let is_asked = |alert: &&AlertConfig| channel.is_none_or(|name| alert.name() == name);
    let asked: Vec<&AlertConfig> = alerts.iter().filter(is_asked).collect();
    if asked.is_empty() {
        let names: Vec<&str> = alerts.iter().map(AlertConfig::name).collect();
        return Err(Hinted {
            sentence: format!("no alert is called \"{}\"", channel.unwrap_or_default()),
            hint: format!("the configuration has {}", alternatives(&names)),
        }
        .into());
    }
    let (language, zone) = (context.language(), context.zone.clone());
    let setup = ChannelSetup { language, zone, picture: None, document: None };
    let origin = MessageOrigin::of(context.config());
    let mut all_taken = true;
    for alert in asked {
        let taken = try_channel(alert, &setup, &origin, context.now);
        let name = alert.name().to_owned();
        let p = language.alerts();
        let said = match &taken {
            Ok(()) => fill(p.taken, &[("name", name)]),
            Err(why) => fill(p.not_taken, &[("name", name), ("why", why.clone())]),
        };
        all_taken &= taken.is_ok();
        output::write(format!("{}\n", plain(&said)).as_bytes())?;
    }
    Ok(if all_taken { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn list(alerts: &[AlertConfig], context: &Context) -> anyhow::Result<ExitCode> {
    let reader = Reader::open(context.existing_db())?;
    let channels = reader.channels()?;
    let week = TimeRange { from: context.now - LISTED, ..TimeRange::EVER };
    let messages = reader.messages(week)?;
    let text = listed(alerts, &channels, &messages, context);
    output::write(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

fn listed(
    alerts: &[AlertConfig],
    channels: &[ChannelProgress],
    messages: &[StoredMessage],
    context: &Context,
) -> String {
    let p = context.language().alerts();
    let zone = &context.zone;
    let mut cells = vec![p.columns.map(str::to_owned)];
    for alert in alerts {
        let unknown = ChannelProgress::begin(alert.name(), i64::MAX);
        let known = channels.iter().find(|known| known.channel == alert.name());
        let progress = known.unwrap_or(&unknown);
        let waits = |m: &&StoredMessage| m.id > progress.settled && alert.tells(m.message.event);
        let waiting = messages.iter().filter(waits).count();
        let counts = progress.counts;
        let last = progress.delivered_at.map(|at| local_second(at, zone));
        cells.push([
            alert.name().to_owned(),
            alert.kind().to_string(),
            waiting.to_string(),
            counts.delivered.to_string(),
            counts.failed.to_string(),
            counts.expired.to_string(),
            counts.set_aside.to_string(),
            last.unwrap_or_else(|| p.never.to_owned()),
        ]);
    }
    let right = [false, false, true, true, true, true, true, false];
    let mut text = columns(&cells, right, "");
    let of = |name: &str| channels.iter().find(|known| known.channel == name);
    for progress in alerts.iter().filter_map(|alert| of(alert.name())) {
        if let Some(why) = &progress.trouble {
            let values = [("name", progress.channel.clone()), ("why", why.clone())];
            let _ = writeln!(text, "{}", fill(p.not_taken, &values));
        }
        for aside in &progress.aside {
            let values = [
                ("name", progress.channel.clone()),
                ("n", "1".to_owned()),
                ("why", format!("{} ({})", aside.why, aside.key)),
            ];
            let _ = writeln!(text, "{}", fill(p.aside[0], &values));
        }
    }
    if !messages.is_empty() {
        let _ = writeln!(text, "\n{}", p.messages);
        for StoredMessage { message, .. } in messages {
            let at = local_second(message.at, zone);
            let _ = writeln!(text, "{at}  {}", message.title);
        }
    }
    plain(&text)
}
