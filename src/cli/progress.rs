//! Progress of long reads, on a terminal only.

use std::io::{self, IsTerminal as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::ingest::Input;
use crate::ingest::source::Source;

/// How long a read may take before it is worth a bar.
const PATIENCE: Duration = Duration::from_millis(400);

/// How often the bar moves.
const TICK: Duration = Duration::from_millis(100);

/// What is shown of inputs whose length is known, and of a stream that goes on.
const ENDED: &str = "{bar:24} {bytes}/{total_bytes} {bytes_per_sec} {eta} left";
const UNENDED: &str = "{bytes} {bytes_per_sec}";

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// Bytes of two inputs, read and in all.
fn add((read, whole): (u64, Option<u64>), (more, rest): (u64, Option<u64>)) -> (u64, Option<u64>) {
    (read.saturating_add(more), whole.zip(rest).map(|(whole, rest)| whole.saturating_add(rest)))
}

/// A bar that goes away when this is dropped.
pub(crate) struct Progress {
    done: Arc<AtomicBool>,
    thread: Option<thread::JoinHandle<()>>,
}

/// Shows a bar on standard error while the inputs are read, if it takes long enough to be missed.
pub(crate) fn show(inputs: &[Input]) -> Progress {
    let done = Arc::new(AtomicBool::new(false));
    if !io::stderr().is_terminal() {
        return Progress { done, thread: None };
    }
    let sources: Vec<_> = inputs.iter().map(|input| input.source.clone()).collect();
    let flag = Arc::clone(&done);
    let thread = thread::spawn(move || {
        // It counts from the beginning, because rate and time left follow from how it went.
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        bar.set_style(style(UNENDED));
        let begin = Instant::now();
        let (mut shown, mut ended) = (false, false);
        while !flag.load(Ordering::Relaxed) {
            let (read, whole) = sources.iter().map(Source::progress).fold((0, Some(0)), add);
            if let Some(whole) = whole {
                // How often an input is read shows on the way: large plain tables once, others twice.
                bar.set_length(whole.max(1));
                if !ended {
                    bar.set_style(style(ENDED));
                    ended = true;
                }
            }
            bar.set_position(read);
            if !shown && begin.elapsed() >= PATIENCE {
                bar.set_draw_target(ProgressDrawTarget::stderr());
                shown = true;
            }
            thread::park_timeout(TICK);
        }
        bar.finish_and_clear();
    });
    Progress { done, thread: Some(thread) }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.done.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // The bar's thread cannot fail in a way that matters here.
            let _ = thread.join();
        }
    }
}
