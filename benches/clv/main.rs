//! Times the fit of BG/NBD as a library: `cargo bench --bench clv -- TABLE.csv [FITS]`.
//!
//! The table has the columns customer, frequency, recency, T. Reading it is not timed; sorting and
//! merging the customers is. Every fit starts from the same unsorted customers. The first one is that of
//! a cold process. Prints one line of JSON for `compare.py`.
#![allow(clippy::float_arithmetic, clippy::print_stdout, missing_docs, reason = "a benchmark prints seconds")]

use std::process::ExitCode;
use std::time::Instant;

use mak::analysis::clv::bg_nbd::BgNbd;
use mak::analysis::clv::data::{History, Purchases};
use mak::analysis::clv::{Fit, Model, TimeUnit};

fn main() -> ExitCode {
    // Cargo passes --bench.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let Some(path) = arguments.first() else {
        println!("skipped: no table of customers was given");
        return ExitCode::SUCCESS;
    };
    let fits = arguments.get(1).and_then(|count| count.parse().ok()).unwrap_or(5);
    match run(path, fits) {
        Ok(line) => {
            println!("{line}");
            ExitCode::SUCCESS
        }
        Err(why) => {
            println!("{why}");
            ExitCode::FAILURE
        }
    }
}

fn run(path: &str, fits: usize) -> Result<String, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
    let histories = text.lines().skip(1).map(history).collect::<Result<Vec<_>, _>>()?;
    let mut seconds = Vec::new();
    let mut last: Option<Fit<BgNbd>> = None;
    for _ in 0..fits.max(1) {
        let started = Instant::now();
        let data = Purchases::new(Some(TimeUnit::Week), histories.iter().copied());
        let fit = BgNbd::fit(&data).map_err(|error| error.to_string())?;
        seconds.push(started.elapsed().as_secs_f64());
        last = Some(fit);
    }
    let fit = last.filter(Fit::converged).ok_or("the fit has not converged")?;
    let parameters: Vec<String> = fit.parameters.iter().map(|one| format!("\"{}\": {}", one.name, one.value)).collect();
    Ok(format!(
        "{{\"seconds\": {seconds:?}, \"customers\": {}, \"log_likelihood\": {}, \"parameters\": {{{}}}}}",
        fit.customers,
        fit.log_likelihood,
        parameters.join(", ")
    ))
}

fn history(line: &str) -> Result<History, String> {
    let cells: Vec<&str> = line.split(',').collect();
    let &[_, frequency, recency, age] = cells.as_slice() else { return Err(format!("{line}: four cells are expected")) };
    let wrong = |what: &str| format!("{line}: {what} is no number");
    History::new(
        frequency.parse().map_err(|_| wrong("frequency"))?,
        recency.parse().map_err(|_| wrong("recency"))?,
        age.parse().map_err(|_| wrong("T"))?,
    )
    .map_err(|error| error.to_string())
}
