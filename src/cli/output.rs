//! Writing results: to standard output, or to a file that is whole or absent.

use std::fs::{self, OpenOptions};
use std::io::{self, IsTerminal as _, Write as _};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Condvar, Mutex, Once, PoisonError};
use std::thread::JoinHandle;

use anyhow::{Context, Result};
use tempfile::NamedTempFile;

use super::args::{ColorWord, FormatWord, OutputArguments};
use crate::results::{Format, Page};

impl From<FormatWord> for Format {
    fn from(word: FormatWord) -> Self {
        match word {
            FormatWord::Table => Format::Table,
            FormatWord::Json => Format::Json,
            FormatWord::Ndjson => Format::Ndjson,
            FormatWord::Csv => Format::Csv,
            FormatWord::Markdown => Format::Markdown,
        }
    }
}

/// The page that a table is laid out for.
pub(crate) fn page(arguments: &OutputArguments) -> Page {
    let to_terminal = arguments.output.is_none() && io::stdout().is_terminal();
    let color = match arguments.color {
        ColorWord::Always => true,
        ColorWord::Never => false,
        ColorWord::Auto => to_terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
    };
    Page { width: width(to_terminal), color, verbose: arguments.verbose }
}

/// `COLUMNS` wins, so that scripts and tests can choose; then the terminal; then 80.
fn width(to_terminal: bool) -> usize {
    let asked = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let seen = || terminal_width().filter(|_| to_terminal);
    asked.or_else(seen).unwrap_or(80)
}

/// The width that errors are wrapped at: that of a terminal. In a pipe or a file an error is one
/// line, whatever its length, so that programs can read it.
pub(crate) fn error_width() -> Option<usize> {
    if !io::stderr().is_terminal() {
        return None;
    }
    let (terminal_size::Width(columns), _) = terminal_size::terminal_size_of(io::stderr())?;
    Some(usize::from(columns)).filter(|columns| *columns > 0)
}

fn terminal_width() -> Option<usize> {
    let (terminal_size::Width(columns), _) = terminal_size::terminal_size()?;
    (columns > 0).then_some(usize::from(columns))
}

/// Writes the result where it was asked for.
///
/// # Errors
/// The file cannot be written. A closed pipe is an error of kind `BrokenPipe`, which `main`
/// takes for a quiet end.
pub(crate) fn write(arguments: &OutputArguments, bytes: &[u8], inputs: &[String]) -> Result<()> {
    write_with(arguments.output.as_deref(), inputs, |output| Ok(output.write_all(bytes)?))
}

/// Where results go.
pub(crate) type Output<'a> = dyn io::Write + Send + 'a;

/// Writes what `produce` produces, piece by piece, to the file or else to standard output.
///
/// # Errors
/// As for [`write`], and those of `produce`: no file is left behind then.
pub(crate) fn write_with(
    path: Option<&Path>,
    inputs: &[String],
    produce: impl FnOnce(&mut Output<'_>) -> Result<()>,
) -> Result<()> {
    match path {
        None => {
            let mut stdout = io::stdout();
            produce(&mut stdout).and_then(|()| Ok(stdout.flush()?)).context("standard output cannot be written")
        }
        Some(path) => to_file(path, inputs, produce).with_context(|| format!("{} cannot be written", path.display())),
    }
}

/// Writes stretches of output in order. Each thread makes one after the other with a worker of its
/// own and writes it when its turn comes, so that no more than one a thread is ever in memory.
///
/// # Errors
/// The first error of `make` or of writing, after which no further stretch is made.
pub(crate) fn in_turn<W>(
    out: &mut Output<'_>,
    stretches: usize,
    threads: NonZeroUsize,
    worker: impl Fn() -> W + Sync,
    make: impl Fn(&mut W, usize, &mut Vec<u8>) -> Result<()> + Sync,
) -> Result<()> {
    let next = AtomicUsize::new(0);
    let turn = Mutex::new(Turn { out, written: 0, failed: None });
    let moved_on = Condvar::new();
    let work = || {
        let (mut worker, mut bytes) = (worker(), Vec::new());
        loop {
            let stretch = next.fetch_add(1, Ordering::Relaxed);
            if stretch >= stretches {
                return;
            }
            bytes.clear();
            let outcome = make(&mut worker, stretch, &mut bytes);
            let turn = turn.lock().unwrap_or_else(PoisonError::into_inner);
            let waiting = moved_on.wait_while(turn, |turn| turn.failed.is_none() && turn.written != stretch);
            let mut turn = waiting.unwrap_or_else(PoisonError::into_inner);
            if turn.failed.is_some() {
                return;
            }
            turn.failed = outcome.and_then(|()| Ok(turn.out.write_all(&bytes)?)).err();
            turn.written = stretch.saturating_add(1);
            moved_on.notify_all();
        }
    };
    let others = threads.get().min(stretches).saturating_sub(1);
    std::thread::scope(|scope| {
        let others: Vec<_> = (0..others).map(|_| scope.spawn(work)).collect();
        work();
        others.into_iter().try_for_each(|other| other.join().map_err(|_| anyhow::anyhow!("a thread failed")))
    })?;
    turn.into_inner().unwrap_or_else(PoisonError::into_inner).failed.map_or(Ok(()), Err)
}

/// Whose turn it is to write.
struct Turn<'a, 'o> {
    out: &'a mut Output<'o>,
    /// Stretches that are written: the number of the next one.
    written: usize,
    failed: Option<anyhow::Error>,
}

fn to_file(path: &Path, inputs: &[String], produce: impl FnOnce(&mut Output<'_>) -> Result<()>) -> Result<()> {
    if let Ok(target) = path.canonicalize() {
        let same = |input: &String| Path::new(input).canonicalize().is_ok_and(|input| input == target);
        anyhow::ensure!(!inputs.iter().any(same), "it is one of the files being read");
    }
    let special = fs::metadata(path).is_ok_and(|metadata| !metadata.is_file());
    if special {
        // A device or a pipe cannot be renamed over.
        let mut file = OpenOptions::new().write(true).open(path)?;
        produce(&mut file)?;
        file.flush()?;
        return Ok(());
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let (mut file, unfinished) = Unfinished::begin(|| temporary(path).tempfile_in(folder))?;
    let mut settling = Settling { file: &mut file, unsettled: 0, settler: None };
    produce(&mut settling)?;
    settling.finish()?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    drop(unfinished);
    Ok(())
}

/// A file whose bytes go to the disk while others are still made, so that at the end few are left to wait for.
struct Settling<'f> {
    file: &'f mut NamedTempFile,
    /// Bytes written since the disk was last asked to take them.
    unsettled: usize,
    /// Who asks it and waits, once there is much to wait for.
    settler: Option<Settler>,
}

struct Settler {
    more: SyncSender<()>,
    thread: JoinHandle<io::Result<()>>,
}

/// Bytes for which the disk is asked.
const UNSETTLED: usize = 4 * 1024 * 1024;

impl Settling<'_> {
    fn settle(&mut self) -> io::Result<()> {
        self.unsettled = 0;
        if self.settler.is_none() {
            let (more, asked) = sync_channel::<()>(1);
            let file = self.file.as_file().try_clone()?;
            // A fault of the disk is told but once, and so not to whoever asks at the end.
            let thread = std::thread::spawn(move || asked.into_iter().try_for_each(|()| file.sync_data()));
            self.settler = Some(Settler { more, thread });
        }
        // It may still be at it, or have failed.
        if let Some(settler) = &self.settler {
            let _ = settler.more.try_send(());
        }
        Ok(())
    }

    /// Waits for what the disk was asked for.
    fn finish(mut self) -> io::Result<()> {
        let Some(Settler { more, thread }) = self.settler.take() else { return Ok(()) };
        drop(more);
        thread.join().unwrap_or_else(|_| Err(io::Error::other("a thread failed")))
    }
}

impl io::Write for Settling<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.unsettled = self.unsettled.saturating_add(written);
        if self.unsettled >= UNSETTLED {
            self.settle()?;
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// The file that is being written, for whoever stops the run.
static UNFINISHED: Mutex<Option<PathBuf>> = Mutex::new(None);

/// While this lives, Ctrl-C removes the file and ends the run. Before that nothing is on disk, and
/// Ctrl-C ends it as it does any program.
struct Unfinished;

impl Unfinished {
    /// Has the file made, so that there is no moment in which Ctrl-C would leave it.
    fn begin(make: impl FnOnce() -> io::Result<NamedTempFile>) -> io::Result<(NamedTempFile, Unfinished)> {
        static HANDLER: Once = Once::new();
        // Where no handler can be set, Ctrl-C leaves the temporary file, and never a partial result.
        HANDLER.call_once(|| drop(ctrlc::set_handler(remove_and_exit)));
        // Whoever stops the run waits for this.
        let mut unfinished = UNFINISHED.lock().map_err(|_| io::Error::other("a thread failed"))?;
        let file = make()?;
        *unfinished = Some(file.path().to_path_buf());
        Ok((file, Unfinished))
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if let Ok(mut unfinished) = UNFINISHED.lock() {
            *unfinished = None;
        }
    }
}

/// Exit code of a program that Ctrl-C has ended.
const INTERRUPTED: i32 = 130;

fn remove_and_exit() {
    if let Ok(unfinished) = UNFINISHED.lock()
        && let Some(path) = unfinished.as_deref()
    {
        // It may have become the result in this moment, which is whole then.
        drop(fs::remove_file(path));
    }
    std::process::exit(INTERRUPTED);
}

/// A temporary file is private by itself; the result has the permissions of the file that it
/// replaces, or those of any new file.
fn temporary(path: &Path) -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".mak-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(path).map_or(0o666, |metadata| metadata.permissions().mode());
        builder.permissions(fs::Permissions::from_mode(mode));
    }
    #[cfg(not(unix))]
    let _ = path;
    builder
}
