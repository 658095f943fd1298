//! `linkmon man` and `linkmon completions`: made from the same text as the help.

use anyhow::Context as _;
use clap::CommandFactory as _;

use super::args::{Arguments, CompletionsArgs, ManArgs};
use super::output;

/// Writes `linkmon.1` and a page for each command into the directory, which is made if need be.
pub(super) fn man(args: &ManArgs) -> anyhow::Result<()> {
    let folder = &args.out;
    std::fs::create_dir_all(folder).with_context(|| format!("make {}", folder.display()))?;
    for (name, page) in pages()? {
        output::write_file(&folder.join(name), &page)?;
    }
    Ok(())
}

/// Prints the completions for one shell.
pub(super) fn completions(args: &CompletionsArgs) -> anyhow::Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Arguments::command(), "linkmon", &mut script);
    Ok(output::write(&script)?)
}

/// Names and texts of all pages.
fn pages() -> anyhow::Result<Vec<(String, Vec<u8>)>> {
    let mut whole = Arguments::command();
    whole.build();
    let mut pages = Vec::new();
    let mut waiting = vec![whole];
    while let Some(command) = waiting.pop() {
        waiting.extend(command.get_subcommands().filter(|c| !c.is_hide_set()).cloned());
        // "linkmon-report", as `man linkmon report` looks for it.
        let name = command.get_display_name().unwrap_or_else(|| command.get_name()).to_owned();
        let page = clap_mangen::Man::new(command).title(name.to_uppercase()).manual("linkmon");
        let mut text = Vec::new();
        page.render(&mut text).context("write a manual page")?;
        pages.push((format!("{name}.1"), text));
    }
    pages.sort();
    Ok(pages)
}
