//! `linkmon stamp`: a time-stamping authority says that the head of the chain existed.

use std::fmt::Write as _;

use anyhow::{Context as _, bail};

use super::args::StampArgs;
use super::context::Context;
use super::output;
use super::usage::Usage;
use crate::daemon::stamp_head;
use crate::language::words;
use crate::store::{HeadStamp, Reader};
use crate::vocabulary::Url;

pub(super) fn stamp(args: &StampArgs, context: &Context) -> anyhow::Result<()> {
    if args.list {
        return listed(context);
    }
    let configured = context.config().evidence.timestamp.clone();
    let Some(url) = args.url.clone().or(configured) else {
        return Err(Usage::new("no time-stamping authority is named")
            .hint("`--url URL`, or `timestamp` in [evidence] of the configuration")
            .into());
    };
    let url: Url = url.parse()?;
    let stamp = stamp_head(context.existing_db(), &url, context.now)?;
    if let Some(path) = &args.output {
        std::fs::write(path, &stamp.token).with_context(|| format!("write {}", path.display()))?;
    }
    Ok(output::write(line(&stamp, context).as_bytes())?)
}

fn listed(context: &Context) -> anyhow::Result<()> {
    let stamps = Reader::open(context.existing_db())?.stamps()?;
    if stamps.is_empty() {
        bail!("{} has no time stamp", context.existing_db().display());
    }
    let mut text = String::new();
    for stamp in &stamps {
        let _ = write!(text, "{}", line(stamp, context));
    }
    Ok(output::write(text.as_bytes())?)
}

/// `entry 71, head 3f5a…, stamped 2026-11-30 07:21:22 +00:00 by http://tsa.example/`
pub(super) fn line(stamp: &HeadStamp, context: &Context) -> String {
    let seq = words::number(stamp.seq.unsigned_abs());
    let at = match stamp.at {
        Some(at) => words::local_second(at, &context.zone),
        None => "at a time that could not be read".to_owned(),
    };
    format!("entry {seq}, head {}, stamped {at} by {}\n", stamp.head, stamp.url)
}
