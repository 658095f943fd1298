//! A program that is given each parcel: as JSON on its standard input, and in its environment.
//!
//! No shell is between. It is the leader of a process group of its own, which is killed as a whole when
//! it takes too long. What it writes is read, bounded, and shown when it fails.

use std::fs::File;
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process_group, pidfd_open};
use rustix::time::Timespec;

use super::channel::{Channel, DeliveryError};
use super::message::Parcel;
use super::webhook::json;
use crate::config::AlertConfig;
use crate::time::{BootTime, Reading};

/// Octets of what it wrote that are shown.
const SHOWN: usize = 300;
/// An argument or variable of the environment has 128 KiB at most on Linux.
const LONGEST_VALUE: usize = 16_000;
/// Variables of this process that the program gets, too. Others may hold passwords of linkmon.
const PASSED_ON: [&str; 14] = [
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "LC_MESSAGES",
    "TZ",
    "TMPDIR",
    "XDG_RUNTIME_DIR",
    "DBUS_SESSION_BUS_ADDRESS",
    "DISPLAY",
];
/// Exit codes that say that this very message will never be taken (`sysexits.h`): `EX_DATAERR`,
/// `EX_NOUSER`, `EX_SOFTWARE`. Not 68 and 69, with which programs say that they reach nobody at present.
const NEVER: [i32; 3] = [65, 67, 70];

/// A channel that starts a program.
#[derive(Debug)]
pub(super) struct CommandChannel {
    argv: Vec<String>,
    limit: Duration,
}

impl CommandChannel {
    /// The channel of a configuration.
    ///
    /// # Errors
    /// If there is no program in it.
    pub(super) fn of(config: &AlertConfig) -> Result<Self, String> {
        let argv = config.program.command.clone();
        if argv.is_empty() {
            return Err("it has no command".to_owned());
        }
        Ok(Self { argv, limit: config.timeout })
    }

    fn program(&self) -> &str {
        self.argv.first().map_or("", String::as_str)
    }

    /// Whether there is such a program that may be started, without starting it.
    fn startable(&self) -> Result<String, String> {
        let program = self.program();
        let access = rustix::fs::access(program, rustix::fs::Access::EXEC_OK);
        access.map_err(|e| format!("{program}: {}", std::io::Error::from(e)))?;
        match std::fs::metadata(program) {
            Ok(found) if found.is_file() => Ok(format!("{program} can be started")),
            Ok(_) => Err(format!("{program} is not a program")),
            Err(e) => Err(format!("{program}: {e}")),
        }
    }
}

impl Channel for CommandChannel {
    fn try_out(&mut self) -> Result<String, String> {
        self.startable()
    }

    fn deliver(&mut self, parcel: &Parcel<'_>) -> Result<(), DeliveryError> {
        let program = self.program().to_owned();
        let mut command = Command::new(&program);
        command.args(&self.argv[1..]).env_clear().process_group(0);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.envs(PASSED_ON.iter().filter_map(|name| Some((*name, std::env::var_os(name)?))));
        command.envs(variables(parcel));
        let later = |e: std::io::Error| DeliveryError::later(format!("{program}: {e}"));
        let child = command.spawn().map_err(later)?;
        let (status, written) = Running::of(child, &json(parcel))
            .and_then(|running| running.wait(self.limit))
            .map_err(later)?;
        judged(&program, status, &written, self.limit)
    }
}

fn judged(
    program: &str,
    status: Option<ExitStatus>,
    written: &str,
    limit: Duration,
) -> Result<(), DeliveryError> {
    let said = if written.is_empty() { String::new() } else { format!(": {written}") };
    let Some(status) = status else {
        let seconds = limit.as_secs_f64();
        return Err(DeliveryError::later(format!(
            "{program} was not done within {seconds} s and was killed{said}"
        )));
    };
    match status.code() {
        Some(0) => Ok(()),
        Some(code) if NEVER.contains(&code) => {
            Err(DeliveryError::refused(format!("{program} refused it with exit code {code}{said}")))
        }
        Some(code) => {
            Err(DeliveryError::later(format!("{program} failed with exit code {code}{said}")))
        }
        None => {
            let signal = status.signal().unwrap_or_default();
            Err(DeliveryError::later(format!("{program} was ended by signal {signal}{said}")))
        }
    }
}

/// The fields of the plain JSON, as far as they are known; of several messages, what is of one alone is
/// on standard input only.
fn variables(parcel: &Parcel<'_>) -> Vec<(String, String)> {
    let Ok(serde_json::Value::Object(fields)) = serde_json::from_slice(&json(parcel)) else {
        return Vec::new();
    };
    let variable = |(name, value): (String, serde_json::Value)| {
        let value = match value {
            serde_json::Value::String(text) => text,
            serde_json::Value::Number(number) => number.to_string(),
            _ => return None,
        };
        // What cannot be in an environment is not in what linkmon writes, but may be in a name.
        let value: String = value.chars().filter(|c| *c != '\0').take(LONGEST_VALUE).collect();
        Some((format!("LINKMON_{}", name.to_ascii_uppercase()), value))
    };
    fields.into_iter().filter_map(variable).collect()
}

/// A program with its three pipes, none of which blocks.
struct Running {
    child: Child,
    pid: Pid,
    /// Readable once it has ended, before it is waited for: its number is then still its own.
    ended: OwnedFd,
    stdin: Option<File>,
    to_write: Vec<u8>,
    outputs: [Option<File>; 2],
    written: Vec<u8>,
}

impl Running {
    fn of(child: Child, input: &[u8]) -> std::io::Result<Self> {
        let mut child = child;
        let pid = Pid::from_child(&child);
        let opened = pidfd_open(pid, PidfdFlags::empty()).map_err(std::io::Error::from);
        let unblocked = |fd: Option<OwnedFd>| -> std::io::Result<Option<File>> {
            let Some(fd) = fd else { return Ok(None) };
            rustix::io::ioctl_fionbio(&fd, true)?;
            Ok(Some(File::from(fd)))
        };
        let pipes = opened.and_then(|ended| {
            let stdin = unblocked(child.stdin.take().map(OwnedFd::from))?;
            let stdout = unblocked(child.stdout.take().map(OwnedFd::from))?;
            let stderr = unblocked(child.stderr.take().map(OwnedFd::from))?;
            Ok((ended, stdin, [stdout, stderr]))
        });
        match pipes {
            Ok((ended, stdin, outputs)) => {
                let (to_write, written) = (input.to_vec(), Vec::new());
                Ok(Self { child, pid, ended, stdin, to_write, outputs, written })
            }
            Err(e) => {
                let _ = kill_process_group(pid, Signal::KILL);
                let _ = child.wait();
                Err(e)
            }
        }
    }

    /// Feeds it and reads it until it ends, or kills its group; what it wrote, as it is shown. Without
    /// a status it took too long.
    fn wait(mut self, limit: Duration) -> std::io::Result<(Option<ExitStatus>, String)> {
        let deadline = Reading::now().boot + limit;
        let ended_by_itself = loop {
            match self.step(deadline) {
                Ok(Some(ended)) => break Ok(ended),
                Ok(None) => {}
                Err(e) => break Err(e),
            }
        };
        if !matches!(ended_by_itself, Ok(true)) {
            // It has not been waited for, so that the number is still that of its group.
            let _ = kill_process_group(self.pid, Signal::KILL);
        }
        let status = self.child.wait()?;
        let ended_by_itself = ended_by_itself?;
        // What is in the pipes already. Whoever else holds them is not waited for.
        self.read();
        Ok((ended_by_itself.then_some(status), shown(&self.written)))
    }

    /// Waits for anything to happen. `Some`: it has ended, or its time has.
    fn step(&mut self, deadline: BootTime) -> std::io::Result<Option<bool>> {
        let left = deadline.since(Reading::now().boot).to_duration();
        if left.is_zero() {
            return Ok(Some(false));
        }
        let timeout = Timespec {
            tv_sec: i64::try_from(left.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: i64::from(left.subsec_nanos()),
        };
        let stdin = self.stdin.iter().map(|file| (file.as_fd(), PollFlags::OUT));
        let outputs = self.outputs.iter().flatten().map(|file| (file.as_fd(), PollFlags::IN));
        let all: Vec<(BorrowedFd<'_>, PollFlags)> =
            std::iter::once((self.ended.as_fd(), PollFlags::IN))
                .chain(stdin)
                .chain(outputs)
                .collect();
        let mut fds: Vec<PollFd<'_>> =
            all.iter().map(|(fd, flags)| PollFd::from_borrowed_fd(*fd, *flags)).collect();
        match poll(&mut fds, Some(&timeout)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(e) => return Err(e.into()),
        }
        let has_ended = fds.first().is_some_and(|fd| !fd.revents().is_empty());
        self.write();
        self.read();
        Ok(has_ended.then_some(true))
    }

    /// As much of its input as it takes now. It need not read it.
    fn write(&mut self) {
        let Some(stdin) = &mut self.stdin else { return };
        while !self.to_write.is_empty() {
            match stdin.write(&self.to_write) {
                Ok(n) if n > 0 => {
                    self.to_write.drain(..n);
                }
                Err(e) if e.kind() == ErrorKind::WouldBlock => return,
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                _ => break,
            }
        }
        self.stdin = None;
    }

    /// What it has written by now; of more than is shown, nothing is kept.
    fn read(&mut self) {
        // One that never stops writing is read again at the next step.
        const AT_ONCE: usize = 64;
        for output in &mut self.outputs {
            let Some(file) = output else { continue };
            let mut buffer = [0; 4096];
            for _ in 0..AT_ONCE {
                match file.read(&mut buffer) {
                    Ok(n) if n > 0 => {
                        let room = (4 * SHOWN).saturating_sub(self.written.len());
                        self.written.extend_from_slice(&buffer[..n.min(room)]);
                    }
                    Err(e) if e.kind() == ErrorKind::WouldBlock => break,
                    Err(e) if e.kind() == ErrorKind::Interrupted => {}
                    _ => {
                        *output = None;
                        break;
                    }
                }
            }
        }
    }
}

/// In one line, escaped and short.
fn shown(written: &[u8]) -> String {
    let text = String::from_utf8_lossy(written);
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut shown: String =
        line.chars().take(SHOWN).map(|c| if c.is_control() { '?' } else { c }).collect();
    if line.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests;
