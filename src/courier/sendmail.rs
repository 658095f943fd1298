//! Mail by the program of a mail server on this computer, which queues it.

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use lettre::address::Envelope;

use super::channel::DeliveryError;

/// From one look at the program to the next.
const STEP: Duration = Duration::from_millis(20);
/// Of what it says.
const MOST_SAID: u64 = 300;
/// `EX_USAGE`, `EX_DATAERR`, `EX_NOUSER` and `EX_NOHOST` of sysexits.h: another attempt is no better.
const FINAL: [i32; 4] = [64, 65, 67, 68];

/// Gives it a mail, and waits for its end for `limit` at most.
pub(super) fn hand_over(
    program: &Path,
    envelope: &Envelope,
    mail: &[u8],
    limit: Duration,
) -> Result<(), DeliveryError> {
    let shown = program.display();
    let later = |why: &dyn std::fmt::Display| DeliveryError::later(format!("{shown}: {why}"));
    let mut command = Command::new(program);
    command.arg("-i");
    if let Some(from) = envelope.from() {
        command.arg("-f").arg(AsRef::<str>::as_ref(from));
    }
    command.arg("--").args(envelope.to().iter().map(ToString::to_string));
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = piped.spawn().map_err(|e| later(&e))?;
    // From threads of their own: a program that reads or says nothing must not hold up this one.
    if let Some(mut stdin) = child.stdin.take() {
        let mail = mail.to_vec();
        let writer = std::thread::Builder::new().name("sendmail".into());
        // What it does not read, it fails for by its exit code.
        writer.spawn(move || drop(stdin.write_all(&mail))).map_err(|e| later(&e))?;
    }
    let (tell, told) = std::sync::mpsc::channel();
    if let Some(stderr) = child.stderr.take() {
        let reader = std::thread::Builder::new().name("sendmail".into());
        let read = move || {
            let mut said = Vec::new();
            let _ = stderr.take(MOST_SAID).read_to_end(&mut said);
            let _ = tell.send(String::from_utf8_lossy(&said).into_owned());
        };
        reader.spawn(read).map_err(|e| later(&e))?;
    }
    let Some(status) = wait(&mut child, limit).map_err(|e| later(&e))? else {
        return Err(later(&format_args!("not done within {} s", limit.as_secs())));
    };
    if status.success() {
        return Ok(());
    }
    let said = told.recv_timeout(10 * STEP).unwrap_or_default();
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    let why = format!("{shown}: {status}{}{said}", if said.is_empty() { "" } else { ": " });
    let is_final = status.code().is_some_and(|code| FINAL.contains(&code));
    Err(if is_final { DeliveryError::refused(why) } else { DeliveryError::later(why) })
}

/// Its end; one that takes longer is ended (`None`).
fn wait(child: &mut Child, limit: Duration) -> std::io::Result<Option<std::process::ExitStatus>> {
    let mut left = limit;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if left.is_zero() {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        std::thread::sleep(STEP);
        left = left.saturating_sub(STEP);
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn program(folder: &tempfile::TempDir, script: &str) -> std::path::PathBuf {
        let path = folder.path().join("sendmail");
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    #[test]
    fn a_program_is_given_the_mail_and_tells_by_its_exit_code_whether_it_took_it() {
        let folder = tempfile::tempdir().unwrap();
        let to = ["a@example.net", "b@example.net"].map(|to| to.parse().unwrap());
        let from = "linkmon@example.net".parse().ok();
        let envelope = Envelope::new(from, to.to_vec()).unwrap();
        let mail = "Subject: x\r\n\r\n".repeat(20_000);
        let second = Duration::from_secs(1);
        let run = |script: &str, limit| {
            let path = program(&folder, script);
            hand_over(&path, &envelope, mail.as_bytes(), limit)
        };
        let keeps = format!("cd {}; echo \"$@\" > arguments; cat > mail", folder.path().display());
        assert_eq!(run(&keeps, 30 * second), Ok(()));
        let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
        assert_eq!(read("mail"), mail);
        assert_eq!(read("arguments"), "-i -f linkmon@example.net -- a@example.net b@example.net\n");
        let busy = run("echo no room >&2; exit 75", 30 * second).unwrap_err();
        assert!(matches!(&busy, DeliveryError::Later { why, .. } if why.ends_with("75: no room")));
        let unknown = run("exit 67", 30 * second).unwrap_err();
        assert!(matches!(unknown, DeliveryError::Refused { .. }));
        let hung = run("sleep 60 >&2 2>&-", 2 * STEP).unwrap_err();
        assert!(matches!(hung, DeliveryError::Later { .. }), "{hung}");
        let none = hand_over(Path::new("/nowhere/sendmail"), &envelope, b"", second).unwrap_err();
        assert!(matches!(none, DeliveryError::Later { .. }));
    }
}
