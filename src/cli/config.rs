//! `linkmon config show|check|sample`.

use anyhow::Context as _;

use super::args::{ConfigArgs, ConfigCommand};
use super::context::Context;
use super::failure;
use super::output;
use crate::courier::{self, ChannelSetup};

pub(super) fn config(args: &ConfigArgs, context: &Context) -> anyhow::Result<()> {
    let text = match args.what {
        ConfigCommand::Show => shown(context)?,
        ConfigCommand::Sample => crate::config::sample(),
        ConfigCommand::Check { .. } => match &context.loaded.file {
            Some(file) => {
                warn_of_page(context);
                format!("{}: ok\n", file.display())
            }
            None => "no configuration file: built-in defaults are in effect\n".to_owned(),
        },
    };
    output::write(text.as_bytes())?;
    match args.what {
        ConfigCommand::Check { tries_alerts: true } => try_alerts(context),
        _ => Ok(()),
    }
}

/// Tries each alert, one after the other: what works on standard output, what does not on standard error.
fn try_alerts(context: &Context) -> anyhow::Result<()> {
    let alerts = &context.config().alerts;
    if alerts.is_empty() {
        return Ok(output::write(b"no alerts are configured\n")?);
    }
    let (language, zone) = (context.language(), context.zone.clone());
    let setup = ChannelSetup { language, zone, picture: None, document: None };
    let mut wrong = 0;
    for alert in alerts {
        let name = alert.name();
        match courier::channel(alert, &setup).and_then(|mut channel| channel.try_out()) {
            Ok(found) => output::write(format!("alert {name}: {found}\n").as_bytes())?,
            Err(why) => {
                wrong += 1;
                failure::say(&format!("alert {name}: {why}"));
            }
        }
    }
    match wrong {
        0 => Ok(()),
        wrong => anyhow::bail!("{wrong} of {} alerts would not work at present", alerts.len()),
    }
}

/// Says on standard error that the page will not be served. It is no error: measuring goes on.
fn warn_of_page(context: &Context) {
    let web = &context.config().web;
    if web.enabled && web.is_unguarded() {
        failure::say(&format!(
            "the page will not be served on {}: anyone who reaches that address could read the \
             record (set `token` or `token-file` in [web])",
            web.listen
        ));
    }
    if !web.enabled {
        return;
    }
    match web.clone().with_token_of_file() {
        Ok(web) => web.trouble_of_token().into_iter().for_each(failure::say),
        // It may be for the user alone who runs the daemon.
        Err(problem) => failure::say(&format!("{problem} (`token-file` in [web])")),
    }
}

fn shown(context: &Context) -> anyhow::Result<String> {
    let source = match &context.loaded.file {
        Some(file) => format!("from {}", file.display()),
        None => "built-in defaults: there is no configuration file".to_owned(),
    };
    let body = toml::to_string_pretty(context.config()).context("write the configuration")?;
    let db = context.existing_db().display();
    Ok(format!("# linkmon configuration in effect, {source}\n# database: {db}\n\n{body}"))
}
