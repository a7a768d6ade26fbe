//! Ctrl-C in the middle of a long run: it ends at once, and what is on disk is what was there before.
#![cfg(unix)]

mod common;

use std::io::Write as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use common::{mak, written};

/// What a shell makes of a program that SIGINT has ended, and SIGINT itself.
const INTERRUPTED: i32 = 130;
const SIGINT: i32 = 2;

/// Long enough for a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(120);

const AT_ONCE: Duration = Duration::from_secs(1);

const HEADER: &str = "campaign,date,sent,delivered,opens,clicks,spend,revenue\n";

fn rows(from: u64, count: u64) -> String {
    let row = |row: u64| {
        format!(
            "Spring {row},2026-{:02}-{:02},{row},900,{},{},7.{:02},9.50\n",
            row % 12 + 1,
            row % 28 + 1,
            row % 700,
            row % 90,
            row % 100
        )
    };
    (from..from + count).map(row).collect()
}

#[track_caller]
fn wait_until(what: &str, mut done: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !done() {
        assert!(begin.elapsed() < PATIENCE, "{what} did not happen");
        thread::sleep(Duration::from_millis(1));
    }
}

/// Sends SIGINT, as Ctrl-C does; says how the program ended, and how long that took.
fn interrupt(child: &mut Child) -> (ExitStatus, Duration) {
    assert_eq!(child.try_wait().expect("a program"), None, "it has ended by itself");
    let begin = Instant::now();
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill is there");
    assert!(sent.success());
    wait_until("the end", || child.try_wait().expect("a program").is_some());
    (child.wait().expect("a program"), begin.elapsed())
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = std::fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// A folder with or without an answer from before.
fn folder_with(older: Option<&str>) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let answer = folder.path().join("answer.ndjson");
    if let Some(older) = older {
        std::fs::write(&answer, older).expect("a file");
    }
    (folder, answer.display().to_string())
}

#[test]
fn while_reading_nothing_is_on_disk() {
    for older in [None, Some("the answer of yesterday\n")] {
        let (folder, answer) = folder_with(older);
        let mut child = mak()
            .args(["compute", "-", "--no-config", "--by", "month", "--format", "ndjson", "-o", &answer])
            .stdin(Stdio::piped())
            .env("TMPDIR", folder.path())
            .spawn()
            .expect("the binary starts");
        let mut pipe = child.stdin.take().expect("a pipe");
        let fed = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&fed);
        // It never ends by itself, and is far beyond what is kept in memory.
        let feeder = thread::spawn(move || {
            let mut text = HEADER.to_owned();
            for from in (0..).step_by(1000) {
                text.push_str(&rows(from, 1000));
                if pipe.write_all(text.as_bytes()).is_err() {
                    return;
                }
                count.fetch_add(text.len() as u64, Ordering::Relaxed);
                text.clear();
            }
        });
        wait_until("reading", || fed.load(Ordering::Relaxed) > 30_000_000);
        let (status, took) = interrupt(&mut child);
        feeder.join().expect("the feeder ends");
        assert!(status.signal() == Some(SIGINT) || status.code() == Some(INTERRUPTED), "{status:?}");
        assert!(took < AT_ONCE, "{took:?}");
        // Nor is anything left of what was kept of the pipe.
        assert_eq!(names(folder.path()).len(), usize::from(older.is_some()), "{:?}", names(folder.path()));
        assert_eq!(std::fs::read_to_string(&answer).ok().as_deref(), older);
    }
}

#[test]
fn while_writing_the_unfinished_file_is_removed() {
    let inputs = tempfile::tempdir().expect("a folder");
    // A group a row, and some kilobytes an answer.
    let file = written(&inputs, "campaigns.csv", format!("{HEADER}{}", rows(0, 60_000)));
    for older in [None, Some("the answer of yesterday\n")] {
        let (folder, answer) = folder_with(older);
        let mut child = mak()
            .args(["compute", &file, "--no-config", "--by", "campaign,date", "--format", "ndjson", "-o", &answer])
            .spawn()
            .expect("the binary starts");
        wait_until("writing", || names(folder.path()).iter().any(|name| name.starts_with(".mak-")));
        let (status, took) = interrupt(&mut child);
        assert_eq!(status.code(), Some(INTERRUPTED), "{status:?}");
        assert!(took < AT_ONCE, "{took:?}");
        assert_eq!(names(folder.path()).len(), usize::from(older.is_some()), "{:?}", names(folder.path()));
        assert_eq!(std::fs::read_to_string(&answer).ok().as_deref(), older);
    }
}
