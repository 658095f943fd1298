//! `linkmon man` and `linkmon completions`: made from the same text as the help.

use std::io::Write as _;

use anyhow::Context as _;
use clap::CommandFactory as _;
use clap::builder::Resettable;

use super::args::{Arguments, CompletionsArgs, ManArgs};
use super::output;

mod sections;

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
    // `linkmon help` is no page of its own, and the exit codes have a section.
    let mut whole =
        Arguments::command().disable_help_subcommand(true).after_help(Resettable::Reset);
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
        text.write_all(sections::of(&name).as_bytes()).context("write a manual page")?;
        pages.push((format!("{name}.1"), text));
    }
    pages.sort_unstable();
    Ok(pages)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_has_a_double_quote_in_its_help_which_would_end_a_string_of_fish() {
        let mut waiting = vec![Arguments::command()];
        while let Some(command) = waiting.pop() {
            for argument in command.get_arguments() {
                for value in argument.get_possible_values() {
                    let help = value.get_help().map(ToString::to_string).unwrap_or_default();
                    assert!(
                        !help.contains('"'),
                        "{} {}: {help}",
                        command.get_name(),
                        argument.get_id()
                    );
                }
            }
            waiting.extend(command.get_subcommands().cloned());
        }
    }

    #[test]
    fn every_page_has_the_sections_that_a_reader_of_manuals_looks_for() {
        let pages = pages().unwrap();
        assert!(pages.len() > 20, "{}", pages.len());
        for (name, page) in pages {
            let text = String::from_utf8(page).unwrap();
            for section in ["EXAMPLES", "FILES", "EXIT STATUS", "SEE ALSO"] {
                assert_eq!(text.matches(&format!(".SH \"{section}\"\n")).count(), 1, "{name}");
            }
            // A line that begins with a dot or an apostrophe would be a request.
            let requests = text.lines().filter(|line| line.starts_with(['.', '\'']));
            for request in requests {
                let word = request[1..].split(' ').next().unwrap();
                let known = [
                    "IP", "TH", "SH", "SS", "TP", "PP", "RS", "RE", "br", "ie", "el", "nf", "fi",
                    "EX", "EE", "B", "I",
                ];
                assert!(known.contains(&word), "{name}: {request}");
            }
        }
    }
}
