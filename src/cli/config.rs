//! `linkmon config show|check|sample`.

use anyhow::Context as _;

use super::args::{ConfigArgs, ConfigCommand};
use super::context::Context;
use super::output;

pub(super) fn config(args: &ConfigArgs, context: &Context) -> anyhow::Result<()> {
    let text = match args.what {
        ConfigCommand::Show => shown(context)?,
        ConfigCommand::Sample => crate::config::sample(),
        ConfigCommand::Check => match &context.loaded.file {
            Some(file) => format!("{}: ok\n", file.display()),
            None => "no configuration file: built-in defaults are in effect\n".to_owned(),
        },
    };
    Ok(output::write(text.as_bytes())?)
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
