//! The report as a letter to the provider: date, addressee, request, the clearest drops, enclosures. What
//! only the sender knows is in brackets.

use super::text::wrap;
use super::ticket::{drop_line, one_line};
use crate::language::{self, fill, plain, words};
use crate::prose;
use crate::report::{Report, facts};

/// Drops listed.
const DROPS: usize = 10;

/// The letter, plain text.
pub fn letter(report: &Report) -> String {
    let language = language::of(report.language);
    let p = language.phrases();
    let w = &p.letter;
    let mut parts: Vec<String> = Vec::new();
    parts.extend(report.site.name.as_deref().map(one_line));
    parts.push(report.site.isp.as_deref().map_or_else(|| w.provider.to_owned(), one_line));
    parts.push(words::local(report.made, &report.zone, "%Y-%m-%d"));
    let number = |template: &str, number: &Option<String>| {
        let number = number.as_deref().map(one_line);
        number.map(|n| fill(template, &[("n", n.as_str())])).unwrap_or_default()
    };
    let customer = number(w.customer, &report.site.account);
    // A letter without it comes back with a question.
    let customer = if customer.is_empty() { fill(w.customer, &[("n", "[...]")]) } else { customer };
    let ticket = number(w.ticket, &report.site.ticket);
    let subject = fill(w.subject_of, &[("customer", customer.as_str()), ("ticket", &ticket)]);
    parts.push(format!("{}{}{subject}", w.subject, p.colon));
    parts.push(w.greeting.to_owned());
    let mut what = vec![prose::headline(report)];
    what.push(format!("{}{}{}.", p.period, p.colon, language.period_of(report)));
    if let Some(available) = language.available(report) {
        what.push(format!("{}{}{available}.", p.available, p.colon));
    }
    parts.push(what.join(" "));
    let shown = facts::clearest(report, DROPS);
    if !shown.is_empty() {
        let lines = shown.iter().map(|drop| format!("- {}\n", drop_line(report, language, drop)));
        parts.push(format!("{}{}\n{}", p.clearest, p.colon.trim_end(), lines.collect::<String>()));
    }
    let asked = language.asked(report);
    let please = w.please.iter().filter_map(|request| match asked {
        Some(check) => Some(fill(request, &[("check", check)])),
        None => (!request.contains("{check}")).then(|| (*request).to_owned()),
    });
    let please = (1..).zip(please).map(|(n, request)| format!("{n}. {request}\n"));
    parts.push(format!("{}\n{}", w.ask, please.collect::<String>()));
    parts.extend(language.line(report).map(|line| format!("{}{}{line}.", w.line, p.colon)));
    if let Some(modem) = &report.modem {
        let mut said = vec![language.modem_named(modem)];
        said.extend(language.modem_of_all(report));
        parts.push(format!("{}{}{}.", p.modem.name, p.colon, said.join("; ")));
    }
    let method = language.method_in_short(report);
    parts.push(format!(
        "{}{}{method}. {}{}{}.",
        p.method,
        p.colon,
        p.unclaimed,
        p.colon,
        language.unclaimed(report)
    ));
    parts.push(w.closing.to_owned());
    parts.push("[...]".to_owned());
    let enclosed = w.enclosures.iter().map(|what| format!("- {what}\n"));
    parts.push(format!("{}{}\n{}", w.enclosed, p.colon.trim_end(), enclosed.collect::<String>()));
    let mut out = String::new();
    for part in &parts {
        if !out.is_empty() {
            out.push('\n');
        }
        for line in part.trim_end().lines() {
            let rest = if line.starts_with("- ")
                || line.starts_with(|c: char| c.is_ascii_digit() && line[1..].starts_with(". "))
            {
                "   "
            } else {
                ""
            };
            out += &wrap(line, "", rest);
        }
    }
    plain(&out)
}
