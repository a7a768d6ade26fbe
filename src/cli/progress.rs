//! Progress of long reads, on a terminal only.

use std::io::{self, IsTerminal as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::ingest::Input;

/// How long a read may take before it is worth a bar.
const PATIENCE: Duration = Duration::from_millis(400);

/// How often the bar moves.
const TICK: Duration = Duration::from_millis(100);

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
        thread::park_timeout(PATIENCE);
        if flag.load(Ordering::Relaxed) {
            return;
        }
        let bar = ProgressBar::with_draw_target(Some(1), ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("{bar:24} {bytes}/{total_bytes} {bytes_per_sec} {eta} left") {
            bar.set_style(style);
        }
        while !flag.load(Ordering::Relaxed) {
            // How often an input is read shows on the way: large plain tables once, others twice.
            let add = |(read, whole): (u64, u64), more: (u64, u64)| (read.saturating_add(more.0), whole.saturating_add(more.1));
            let (read, whole) = sources.iter().map(crate::ingest::source::Source::progress).fold((0, 0), add);
            bar.set_length(whole.max(1));
            bar.set_position(read);
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
