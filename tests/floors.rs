//! The house stands: a module imports from lower floors only, the catalogue is pure, and only the command line
//! knows clap or prints. The rules are read off the source text, so that a new arrow is noticed in review.

mod common;

use common::{files_below, root};

/// Modules by floor. `lib.rs` and `main.rs` are the roof and see everything.
const FLOORS: &[&[&str]] = &[
    &["finding", "kpi"],
    &["measures", "config"],
    &["analysis", "sql", "contract"],
    &["gate", "ingest"],
    &["results"],
    &["cli"],
];

/// All that the catalogue may import.
const PURE: &[&str] = &["std", "core", "rust_decimal", "crate", "self", "super"];

/// Macros that write to the terminal.
const PRINTS: &[&str] = &["println!", "print!", "eprintln!", "eprint!", "dbg!"];

fn floor(module: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&module))
}

/// The top module that a file below `src` belongs to; `None` for the roof.
fn module_of(path: &str) -> Option<&str> {
    let (module, _) = path.split_once('/').or_else(|| path.split_once('.'))?;
    (!["lib", "main"].contains(&module)).then_some(module)
}

/// The text without comments, each line with its number.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().map(|(index, line)| (index + 1, line.split("//").next().unwrap_or_default()))
}

/// What a file imports from the crate: `crate::kpi::Measure`, or each of `crate::{kpi, finding}`.
fn crate_modules(line: &str) -> Vec<String> {
    let name = |text: &str| text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut found = Vec::new();
    for (at, path) in line.match_indices("crate::") {
        let rest = &line[at + path.len()..];
        match rest.strip_prefix('{') {
            Some(group) => found.extend(top_names(group).iter().map(|part| name(part))),
            None => found.push(name(rest)),
        }
    }
    found.retain(|name| name.chars().next().is_some_and(char::is_lowercase));
    found
}

/// The parts of a braced group up to its end, not looking into groups inside.
fn top_names(group: &str) -> Vec<&str> {
    let (mut depth, mut start, mut parts) = (0_usize, 0, Vec::new());
    for (at, character) in group.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                parts.push(&group[start..at]);
                start = at + 1;
                if character == '}' {
                    return parts;
                }
            }
            _ => {}
        }
    }
    parts.push(&group[start..]);
    parts
}

/// Rules that one file of `src` breaks.
fn violations(path: &str, text: &str) -> Vec<String> {
    let Some(module) = module_of(path) else { return Vec::new() };
    let Some(own) = floor(module) else {
        return vec![format!("{path}: module {module} has no floor; give it one in tests/floors.rs")];
    };
    let mut broken = Vec::new();
    let mut testing = path.ends_with("tests.rs");
    for (number, line) in code(text) {
        // Test modules stand last in a file.
        testing |= line.contains("#[cfg(test)]");
        for other in crate_modules(line) {
            match floor(&other) {
                _ if other == module => {}
                Some(floor) if floor < own => {}
                Some(_) => broken.push(format!("{path}:{number}: {module} imports {other}, which is not on a lower floor")),
                None => broken.push(format!("{path}:{number}: crate::{other} is no module of a floor")),
            }
        }
        if module != "cli" && line.contains("clap::") {
            broken.push(format!("{path}:{number}: only cli knows clap"));
        }
        if module != "cli" && !testing && PRINTS.iter().any(|print| line.contains(print)) {
            broken.push(format!("{path}:{number}: only cli prints"));
        }
        if module == "kpi" && !testing {
            let imported = line.trim_start().trim_start_matches("pub ").trim_start_matches("pub(crate) ").strip_prefix("use ");
            let package = imported.and_then(|path| path.split_once("::")).map(|(package, _)| package);
            // The first segment of a path is a package, or a module of kpi itself.
            let own_module = |name: &str| {
                root().join(format!("src/kpi/{name}.rs")).exists() || root().join(format!("src/kpi/{name}")).exists()
            };
            if let Some(package) = package.filter(|package| !PURE.contains(package) && !own_module(package)) {
                broken.push(format!("{path}:{number}: kpi imports {package}; it rests on std and rust_decimal alone"));
            }
            if ["std::fs", "std::env", "std::time", "std::net", "std::process", "SystemTime", "serde::"]
                .iter()
                .any(|impure| line.contains(impure))
            {
                broken.push(format!("{path}:{number}: kpi does no I/O, knows no clock, no environment, no serialisation"));
            }
        }
    }
    broken
}

#[test]
fn modules_import_from_lower_floors_only() {
    let src = root().join("src");
    let files = files_below(&src);
    assert!(files.len() > 50, "only {} files found below src", files.len());
    let broken: Vec<String> = files
        .iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .flat_map(|path| {
            let name = path.strip_prefix(&src).expect("below src").to_string_lossy().replace('\\', "/");
            violations(&name, &std::fs::read_to_string(path).expect("source text"))
        })
        .collect();
    assert!(broken.is_empty(), "\n{}\n", broken.join("\n"));
}

/// A snippet that breaks one rule is caught, and its lawful twin is not.
#[track_caller]
fn caught(path: &str, bad: &str, good: &str) {
    assert_eq!(violations(path, bad).len(), 1, "{bad} in {path}: {:?}", violations(path, bad));
    assert_eq!(violations(path, good), Vec::<String>::new(), "{good} in {path}");
}

#[test]
fn the_check_can_fail() {
    // Up, sideways, and inside a group of imports.
    caught("measures/sum.rs", "use crate::ingest::Record;", "use crate::kpi::Measure;");
    caught("kpi/row.rs", "use crate::finding::Code;", "use crate::kpi::Measure;");
    caught("results/csv.rs", "use crate::{contract::{Compute, Group}, cli};", "use crate::{contract::{Compute, Group}, kpi};");
    caught("ingest/read.rs", "fn f(x: &crate::results::Page) {}", "// crate::results::Page is not known here");
    // Packages, terminals, clocks.
    caught("ingest/read.rs", "use clap::Parser;", "use csv::Reader;");
    caught("results/csv.rs", "    println!(\"{x}\");", "    writeln!(out, \"{x}\")?;");
    caught("kpi/row.rs", "use serde_json::Value;", "use rust_decimal::Decimal;");
    caught("kpi/row.rs", "let now = std::time::Instant::now();", "use std::fmt;");
    // Tests may print; the roof may see everything.
    caught("kpi/row.rs", "println!();", "#[cfg(test)]\nmod tests { fn f() { println!(); } }");
    assert_eq!(violations("lib.rs", "use crate::cli::run;"), Vec::<String>::new());
    // A module that nobody gave a floor, and an import from one.
    assert_eq!(violations("shortcut/mod.rs", "").len(), 1);
    assert_eq!(violations("cli/mod.rs", "use crate::shortcut::Way;").len(), 1);
}
