//! `linkmon drops`.

use super::args::DropsArgs;
use super::context::Context;
use super::list::{List, was_observed};
use crate::report::provisional_stretches;

pub(super) fn drops(args: &DropsArgs, context: &Context) -> anyhow::Result<()> {
    let reader = context.reader()?;
    let period = context.period(&args.period, &reader)?;
    let list = List {
        drops: reader.drops(period)?,
        targets: &reader.targets()?,
        period,
        zone: &context.zone,
        parameters: &context.config().detect,
        was_observed: was_observed(&reader, period)?,
        about: provisional_stretches(&reader.runs(period)?, &reader.run_clocks()?),
    };
    list.print(&args.list)
}
