//! What the end-to-end tests share: the binary that was built, run in a known environment, and its JSON,
//! which is checked against the published schema whenever a test reads it.
#![allow(dead_code, unreachable_pub, reason = "each test file is a crate that uses a part of it")]

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use rust_decimal::Decimal;
use serde_json::Value;

/// The folder of the crate.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The binary, in the crate's folder, without anything of the environment that could change its output.
pub fn mak() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mak"));
    command.current_dir(root()).stdin(Stdio::null());
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("MAK_") || ["COLUMNS", "NO_COLOR", "LANG", "LC_ALL", "TZ"].contains(&&*name) {
            command.env_remove(&*name);
        }
    }
    // Nor anything of the folders above: whoever clones this below a mak.toml of their own.
    command.env("MAK_CONFIG", "");
    command
}

/// What a run came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ran {
    /// Exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Ran {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).expect("standard output is UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("standard error is UTF-8"),
        }
    }
}

impl Ran {
    /// The same, after checking that the question was answered.
    #[track_caller]
    pub fn answered(self) -> Self {
        assert_eq!(self.code, Some(0), "standard error: {}", self.stderr);
        self
    }

    /// The same, after checking that it was not, and that this is said in one clear message.
    #[track_caller]
    pub fn refused(self, code: &str) -> Self {
        assert_eq!(self.code, Some(2), "standard output: {}\nstandard error: {}", self.stdout, self.stderr);
        assert!(self.stderr.contains(&format!("error[{code}]")), "no error[{code}] in: {}", self.stderr);
        assert!(!self.stderr.contains("panicked"), "{}", self.stderr);
        self
    }

    /// Standard output as JSON that follows its schema.
    #[track_caller]
    pub fn json(&self) -> Value {
        let document = serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}\nstandard output: {}\nstandard error: {}", self.stdout, self.stderr));
        follows_its_schema(&document);
        document
    }
}

/// Runs the binary.
pub fn run(arguments: &[&str]) -> Ran {
    mak().args(arguments).output().expect("the binary starts").into()
}

/// Runs the binary with that on its standard input.
pub fn run_with_input(arguments: &[&str], input: &[u8]) -> Ran {
    let mut child = mak()
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    let input = input.to_vec();
    let writer = std::thread::spawn(move || {
        // The binary may end without reading everything.
        let _ = stdin.write_all(&input);
    });
    let output = child.wait_with_output().expect("the binary ends");
    writer.join().expect("the writer ends");
    output.into()
}

/// `mak compute … --format json`, answered.
#[track_caller]
pub fn compute(arguments: &[&str]) -> Value {
    run(&[&["compute"], arguments, &["--format", "json"]].concat()).answered().json()
}

/// Fails unless the document follows the schema that `mak schema` publishes under its name.
#[track_caller]
pub fn follows_its_schema(document: &Value) {
    let problems = schema_problems(document);
    assert!(problems.is_empty(), "not as its schema says:\n{}", problems.join("\n"));
}

/// Where the document breaks the schema that it names.
pub fn schema_problems(document: &Value) -> Vec<String> {
    static SCHEMAS: OnceLock<BTreeMap<String, jsonschema::Validator>> = OnceLock::new();
    let schemas = SCHEMAS.get_or_init(|| {
        let published: Value = serde_json::from_str(&run(&["schema"]).answered().stdout).expect("JSON");
        let published = published.as_object().expect("an object of schemas").iter();
        published.map(|(name, schema)| (name.clone(), jsonschema::validator_for(schema).expect("a JSON Schema"))).collect()
    });
    let Some(name) = document["schema"].as_str() else {
        return vec!["the document names no schema".to_owned()];
    };
    match schemas.get(name) {
        None => vec![format!("mak schema publishes no {name}")],
        Some(validator) => validator.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path())).collect(),
    }
}

/// A number of a document with all its digits.
pub fn decimal(value: &Value) -> Option<Decimal> {
    let text = match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.replace(',', ""),
        _ => return None,
    };
    Decimal::from_str_exact(&text).or_else(|_| Decimal::from_scientific(&text)).ok()
}

/// The group with those keys; `None` stands for rows without the dimension.
pub fn group<'a>(document: &'a Value, keys: &[(&str, Option<&str>)]) -> Option<&'a Value> {
    let fits =
        |group: &&Value| keys.iter().all(|(name, value)| group["by"].get(*name).is_some_and(|found| found.as_str() == *value));
    document["groups"].as_array()?.iter().find(fits)
}

/// Every file below a folder, sorted.
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    files
}

/// A file with that text in a folder that goes away with the test.
pub fn written(folder: &tempfile::TempDir, name: &str, bytes: impl AsRef<[u8]>) -> String {
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).expect("the file is written");
    path.to_str().expect("a UTF-8 path").to_owned()
}
