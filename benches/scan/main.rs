//! Times the scan, the fold and the whole command: `cargo bench --bench scan -- [MEGABYTES] [ROUNDS]`.
//!
//! Writes a table of campaigns of about that many megabytes (100 by default) to the folder for
//! temporary files, the same one each time, and removes it at the end. Prints medians. `scan` has one
//! group, `fold` a group for each of 5,000 campaigns and 24 months, `careful` reads the same table
//! cell by cell, and `command` is the binary with the question of `fold`, answer written to a file.
//!
//! Compressed tables are decompressed alone, by the same library into a buffer of the scan's size, and
//! then asked for their sums by the whole command; the two take turns, and the last column is the
//! median of the ratios within the rounds. `cargo bench --bench scan -- FILE… [ROUNDS]` does that with
//! files that are there already.
#![allow(clippy::print_stdout, missing_docs, reason = "a benchmark prints")]

use std::error::Error;
use std::io::{BufWriter, Read as _, Write as _};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use mak::ingest::layout::Told;
use mak::ingest::scan::Settings;
use mak::ingest::sheet::Overrides;
use mak::ingest::source::Source;
use mak::ingest::survey::Marks;
use mak::ingest::{Input, read};
use mak::kpi::Catalogue;
use mak::measures::{Dimension, Question};

/// Bytes of a row, roughly.
const ROW: usize = 85;

fn main() -> Result<(), Box<dyn Error>> {
    // Cargo passes --bench.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let (numbers, files): (Vec<_>, Vec<_>) = arguments.into_iter().partition(|argument| argument.parse::<usize>().is_ok());
    let number = |index: usize, otherwise: usize| numbers.get(index).and_then(|text| text.parse().ok()).unwrap_or(otherwise);
    if !files.is_empty() {
        let rounds = number(0, 5).max(1);
        return files.iter().try_for_each(|file| beside_decompression(Path::new(file), rounds));
    }
    let (megabytes, rounds) = (number(0, 100), number(1, 5).max(1));
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("campaigns.csv");
    write_table(&path, megabytes.saturating_mul(1_000_000) / ROW)?;
    let bytes = std::fs::metadata(&path)?.len();
    let fold = ["campaign", "month"];
    let never = Settings { least: u64::MAX, ..Settings::default() };
    let threads = |count: usize| Settings { threads: NonZeroUsize::new(count), ..Settings::default() };
    let ways = [
        ("scan, 1 thread", threads(1), &[][..]),
        ("scan, 2 threads", threads(2), &[][..]),
        ("fold, 1 thread", threads(1), &fold[..]),
        ("fold, 2 threads", threads(2), &fold[..]),
        ("careful", never, &[][..]),
    ];
    println!("{} MB, medians of {rounds}", bytes / 1_000_000);
    for (name, settings, by) in ways {
        report(name, bytes, median(rounds, || timed(|| ask(&path, settings, by)))?);
    }
    for compressed in [gzip(&path, folder.path())?, zstandard(&path, folder.path())?] {
        beside_decompression(&compressed, rounds)?;
    }
    report("command, 2 threads", bytes, median(rounds, || timed(|| command(&path, folder.path(), &["--by", "campaign,month"])))?);
    Ok(())
}

/// The binary, asked for sums.
fn command(path: &Path, folder: &Path, more: &[&str]) -> Result<(), Box<dyn Error>> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mak"));
    command.arg("compute").arg(path).args(more).args(["--kpi", "sent,opens,revenue", "--threads", "2"]);
    let done = command.args(["--format", "ndjson", "-o"]).arg(folder.join("answer.ndjson")).status()?;
    if done.success() { Ok(()) } else { Err("the command failed".into()) }
}

/// The whole command on a compressed table against its decompression alone.
fn beside_decompression(path: &Path, rounds: usize) -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let ending = path.extension().unwrap_or_default().to_string_lossy().into_owned();
    let mut bytes = 0;
    let (mut alone, mut whole, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    // One round more, which warms the page cache.
    for round in 0..=rounds {
        let decompression = timed(|| decompress(path).map(|length| bytes = length))?;
        let command = timed(|| command(path, folder.path(), &["--by", "channel"]))?;
        if round > 0 {
            alone.push(decompression);
            whole.push(command);
            ratios.push(command.as_micros().saturating_mul(1000) / decompression.as_micros().max(1));
        }
    }
    report(&format!("{ending}, decompressed alone"), bytes, middle(alone));
    report(&format!("{ending}, command, 2 threads"), bytes, middle(whole));
    let ratio = middle(ratios);
    println!("{ending}, command by alone      {}.{:03}", ratio / 1000, ratio % 1000);
    Ok(())
}

/// Decompresses a file as the scan does, and says how many bytes that gave.
fn decompress(path: &Path) -> Result<u64, Box<dyn Error>> {
    let source = Source::file(path).map_err(|finding| finding.to_string())?;
    let mut opened = source.open().map_err(|finding| finding.to_string())?;
    let mut buffer = vec![0; Settings::default().chunk];
    let mut length = 0_u64;
    loop {
        match opened.read(&mut buffer)? {
            0 => return Ok(length),
            read => length = length.saturating_add(read as u64),
        }
    }
}

fn gzip(path: &Path, folder: &Path) -> Result<PathBuf, Box<dyn Error>> {
    let compressed = folder.join("campaigns.csv.gz");
    let mut encoder = flate2::write::GzEncoder::new(std::fs::File::create(&compressed)?, flate2::Compression::fast());
    std::io::copy(&mut std::fs::File::open(path)?, &mut encoder)?;
    encoder.finish()?;
    Ok(compressed)
}

fn zstandard(path: &Path, folder: &Path) -> Result<PathBuf, Box<dyn Error>> {
    let compressed = folder.join("campaigns.csv.zst");
    zstd::stream::copy_encode(std::fs::File::open(path)?, std::fs::File::create(&compressed)?, 3)?;
    Ok(compressed)
}

/// A table of campaigns; one name in a hundred is quoted.
fn write_table(path: &Path, rows: usize) -> Result<(), Box<dyn Error>> {
    let mut file = BufWriter::new(std::fs::File::create(path)?);
    writeln!(file, "campaign,channel,date,sent,delivered,opens,clicks,bounces,unsubscribes,conversions,spend,revenue")?;
    let mut state = 20_261_123_u64;
    let mut random = |below: u64| {
        // The generator of Knuth's MMIX; its high bits are good enough here.
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    for _ in 0..rows {
        let (campaign, channel) = (random(5_000), ["email", "sms", "push", "social", "search", "display"]);
        let channel = channel.get(usize::try_from(random(6))?).copied().unwrap_or("email");
        let month = random(24);
        let sent = 1_000 + random(90_000);
        let bounces = sent / 50 + random(20);
        let delivered = sent - bounces;
        let opens = random(delivered);
        let clicks = random(opens + 1);
        let name = if campaign % 100 == 0 { format!("\"Spring {campaign}, part 2\"") } else { format!("Spring {campaign}") };
        let date = format!("{}-{:02}-{:02}", 2024 + month / 12, month % 12 + 1, 1 + random(28));
        let money = |cents: u64| format!("{}.{:02}", cents / 100, cents % 100);
        let (spend, revenue) = (money(random(1_000_000)), money(random(5_000_000)));
        writeln!(
            file,
            "{name},{channel},{date},{sent},{delivered},{opens},{clicks},{bounces},{},{},{spend},{revenue}",
            random(40),
            clicks / 9
        )?;
    }
    file.flush()?;
    Ok(())
}

fn ask(path: &Path, scan: Settings, by: &[&str]) -> Result<(), Box<dyn Error>> {
    let source = Source::file(path).map_err(|finding| finding.to_string())?;
    let input = Input { source, told: Told::default(), overrides: Overrides::default(), marks: Marks::default(), scan };
    let question = Question { by: by.iter().map(|name| Dimension::named(name)).collect(), ..Question::default() };
    let read = read(&[input], &question, &Catalogue::builtin());
    read.map(drop).map_err(|findings| findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n").into())
}

fn timed(work: impl FnOnce() -> Result<(), Box<dyn Error>>) -> Result<Duration, Box<dyn Error>> {
    let begin = Instant::now();
    work()?;
    Ok(begin.elapsed())
}

/// The median, after one run that warms the page cache.
fn median(rounds: usize, mut work: impl FnMut() -> Result<Duration, Box<dyn Error>>) -> Result<Duration, Box<dyn Error>> {
    work()?;
    Ok(middle((0..rounds).map(|_| work()).collect::<Result<Vec<_>, _>>()?))
}

fn middle<T: Ord + Copy + Default>(mut values: Vec<T>) -> T {
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or_default()
}

fn report(name: &str, bytes: u64, time: Duration) {
    let microseconds = u64::try_from(time.as_micros()).unwrap_or(u64::MAX).max(1);
    println!("{name:<26} {:>6} ms {:>6} MB/s", microseconds / 1000, bytes / microseconds);
}
