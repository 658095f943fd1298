//! `linkmon drops`.

use super::args::DropsArgs;
use super::context::Context;
use super::list::{List, ListedRecord, ended, was_observed};
use crate::report::{drops_of_other_ways as others, provisional_stretches};

pub(super) fn drops(args: &DropsArgs, context: &Context) -> anyhow::Result<()> {
    let (reader, period) = context.reader_and_period(&args.period)?;
    let drops = reader.drops(period)?;
    let line = context.config().site.line.as_deref();
    let list = List {
        language: context.language(),
        paint: context.paint(),
        others: others(&reader, period, &drops, line)?,
        ended: ended(&reader, &drops)?,
        drops,
        missing: None,
        record: ListedRecord::of(&reader)?,
        targets: &reader.targets()?,
        period,
        zone: &context.zone,
        parameters: &context.config().detect,
        was_observed: was_observed(&reader, period)?,
        about: provisional_stretches(&reader.runs(period)?, &reader.run_clocks()?),
    };
    list.print(&args.list)
}
