//! `linkmon config show|check|sample`.

use anyhow::Context as _;

use super::args::{ConfigArgs, ConfigCommand};
use super::context::Context;
use super::failure;
use super::output;

pub(super) fn config(args: &ConfigArgs, context: &Context) -> anyhow::Result<()> {
    let text = match args.what {
        ConfigCommand::Show => shown(context)?,
        ConfigCommand::Sample => crate::config::sample(),
        ConfigCommand::Check => match &context.loaded.file {
            Some(file) => {
                warn_of_page(context);
                format!("{}: ok\n", file.display())
            }
            None => "no configuration file: built-in defaults are in effect\n".to_owned(),
        },
    };
    Ok(output::write(text.as_bytes())?)
}

/// Says on standard error that the page will not be served. It is no error: measuring goes on.
fn warn_of_page(context: &Context) {
    let web = &context.config().web;
    if web.enabled && web.is_unguarded() {
        failure::say(&format!(
            "the page will not be served on {}: anyone who reaches that address could read the \
             record (set `token` in [web])",
            web.listen
        ));
    }
    if let Some(trouble) = web.trouble_of_token().filter(|_| web.enabled) {
        failure::say(trouble);
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
