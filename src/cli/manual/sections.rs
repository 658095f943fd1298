//! The sections of a manual page that no help has: examples, files, exit status, what else to read.

use std::fmt::Write as _;

/// What a command is called with, and what that does.
type Example = (&'static str, &'static str);

/// The sections, as troff reads them, of the page with this name: `linkmon-report`.
pub(super) fn of(page: &str) -> String {
    let command = page.strip_prefix("linkmon-").unwrap_or("");
    let mut text = String::new();
    section(&mut text, "EXAMPLES");
    for (typed, what) in examples(command) {
        let _ = writeln!(text, ".TP\n.B {}\n{}", escaped(typed), escaped(what));
    }
    section(&mut text, "FILES");
    for (path, what) in FILES {
        let _ = writeln!(text, ".TP\n.I {}\n{}", escaped(path), escaped(what));
    }
    section(&mut text, "EXIT STATUS");
    for (code, what) in codes(command) {
        let _ = writeln!(text, ".TP\n.B {code}\n{}", escaped(what));
    }
    section(&mut text, "SEE ALSO");
    let others: Vec<_> =
        see_also(command).iter().map(|name| format!("{}(1)", escaped(name))).collect();
    let _ = writeln!(text, "{}", others.join(", "));
    text += "The directory /usr/share/doc/linkmon, where a package put it: how linkmon decides, how a\n\
             report is read, and how to talk to the ISP.\n";
    text
}

fn section(text: &mut String, name: &str) {
    let _ = writeln!(text, ".SH \"{name}\"");
}

/// Hyphens stay hyphens to copy, and no line begins with what troff takes for a request.
fn escaped(text: &str) -> String {
    let text = text.replace('\\', "\\e").replace('-', "\\-");
    if text.starts_with(['.', '\'']) { format!("\\&{text}") } else { text }
}

const FILES: &[(&str, &str)] = &[
    (
        "~/.config/linkmon/linkmon.toml, /etc/linkmon/linkmon.toml",
        "The configuration: the first of these that exists. None is needed; linkmon config sample prints one.",
    ),
    ("~/.local/state/linkmon/linkmon.db", "The record of a linkmon started by a person."),
    ("/var/lib/linkmon/linkmon.db", "The record of the system service."),
];

fn codes(command: &str) -> &'static [(u8, &'static str)] {
    match command {
        "check" => &[
            (0, "OK."),
            (1, "WARNING."),
            (2, "CRITICAL."),
            (3, "UNKNOWN: there is no daemon, or it does not answer."),
        ],
        "doctor" => &[
            (0, "There is no problem; there may be warnings."),
            (1, "There is a problem."),
            (2, "Wrong usage."),
            (78, "Wrong configuration."),
        ],
        "verify" => &[
            (0, "Nothing was changed."),
            (1, "Something was changed, or could not be read."),
            (2, "Wrong usage."),
            (78, "Wrong configuration."),
        ],
        _ => &[(0, "Done."), (1, "Failed."), (2, "Wrong usage."), (78, "Wrong configuration.")],
    }
}

fn examples(command: &str) -> &'static [Example] {
    match command {
        "run" => {
            &[("linkmon run", "Measures until it is stopped, with a live line on a terminal.")]
        }
        "status" => &[
            ("linkmon status", "The present, for people."),
            ("linkmon status --format json", "The same for programs."),
        ],
        "watch" => &[
            ("linkmon watch", "The present as a picture, until q is pressed."),
            ("ssh -t router linkmon watch", "That of another computer."),
            ("linkmon watch --color never", "Without colours."),
        ],
        "drops" => &[
            ("linkmon drops --since today", "The drops of today."),
            ("linkmon drops --since 30d --min 1m", "Those of 30 days of a minute or more."),
        ],
        "report" => &[
            ("linkmon report --since 7d", "The text for a ticket, and a drawing next to it."),
            ("linkmon report --drop 12 -o drop-12.png", "Every probe around one drop."),
            ("linkmon report --lang de -o report.html", "A page in German, to send or to print."),
        ],
        "replay" => &[("linkmon replay --since 7d --drop-after 30s", "The drops of 30 s or more.")],
        "import" => &[("linkmon import ping.log", "Finds the drops in the output of ping -D.")],
        "config" | "config-check" => &[
            ("linkmon config check", "Says whether the configuration is right."),
            ("linkmon config check --try", "Tries the alerts, too, without telling anybody."),
        ],
        "config-show" => &[("linkmon config show", "Every key with its value.")],
        "config-sample" => &[(
            "linkmon config sample > ~/.config/linkmon/linkmon.toml",
            "A configuration to begin with.",
        )],
        "note" | "note-add" => &[
            ("linkmon note \"technician on site\" --at 14:30", "A note on what happened."),
            (
                "linkmon note \"they see nothing\" --ticket 4711",
                "A call to the ISP, with its number.",
            ),
        ],
        "note-list" => &[("linkmon note list", "All notes with their numbers.")],
        "note-edit" => {
            &[("linkmon note edit 3 --at \"yesterday 9:00\"", "Another time for note 3.")]
        }
        "note-remove" => &[("linkmon note remove 3", "Takes note 3 out of reports.")],
        "check" => &[("linkmon check -w 5 -c 50", "For Nagios and Icinga.")],
        "doctor" => {
            &[("linkmon doctor --quick", "What is wrong here, without reading the whole record.")]
        }
        "modem" => &[
            ("linkmon modem", "Levels, each judged, and the event log of the modem."),
            (
                "linkmon modem --from cmconnectionstatus.html cmeventlog.html",
                "The same of saved pages.",
            ),
        ],
        "alert" | "alert-test" => &[("linkmon alert test phone", "Sends a test by one channel.")],
        "alert-list" => &[("linkmon alert list", "What was sent, and what waits.")],
        "notify" => &[("linkmon notify", "Shows the drops of the service on the desktop.")],
        "man" => &[("linkmon man --out man1", "Writes this page and the others.")],
        "completions" => &[(
            "linkmon completions fish > ~/.config/fish/completions/linkmon.fish",
            "Completions for fish.",
        )],
        "demo" => &[("linkmon demo", "Six days of a bad line, and the report on them.")],
        "verify" => &[("linkmon verify report.zip", "Whether a bundle is as it was packed.")],
        "stamp" => {
            &[("linkmon stamp", "Has the chain stamped by the authority that is configured.")]
        }
        "sql" => &[("linkmon sql \"select * from v_drop\"", "Drops as rows.")],
        "export" => &[("linkmon export minutes --since 1d", "A row for each minute and target.")],
        "backup" => &[("linkmon backup /mnt/linkmon.db", "A copy, while the daemon is writing.")],
        "restore" => {
            &[("linkmon restore /mnt/linkmon.db", "Puts the copy in the database's place.")]
        }
        "merge" => &[("linkmon merge laptop.db", "Takes what was observed on the laptop alone.")],
        _ => &[
            ("linkmon run", "Measures; nothing needs to be configured."),
            ("linkmon report --since 7d", "A week for the ISP: text for a ticket, and a drawing."),
            ("linkmon demo", "Shows all of this on a simulated line."),
        ],
    }
}

fn see_also(command: &str) -> &'static [&'static str] {
    match command {
        "" => &["linkmon-run", "linkmon-report", "linkmon-config", "ping", "systemctl"],
        "run" => &["linkmon", "linkmon-status", "linkmon-notify", "linkmon-config", "systemctl"],
        "status" | "watch" => &["linkmon", "linkmon-run", "linkmon-status", "linkmon-watch"],
        "report" => &["linkmon", "linkmon-drops", "linkmon-verify", "linkmon-note"],
        "backup" | "restore" | "merge" => {
            &["linkmon", "linkmon-backup", "linkmon-restore", "linkmon-merge"]
        }
        "verify" | "stamp" => &["linkmon", "linkmon-report", "linkmon-stamp", "linkmon-verify"],
        _ => &["linkmon", "linkmon-run", "linkmon-report"],
    }
}
