//! The README says what happens: its console sessions are run and compared byte by byte, and its table of KPIs
//! is the one that `mak list` prints. `MAK_BLESS=1 cargo test --test readme` writes both anew; review the change.

mod common;

use common::{Ran, mak, root, run};
use serde_json::Value;

const TABLE_START: &str = "<!-- mak list --kpis --format markdown -->\n";
const TABLE_END: &str = "<!-- end of the list -->\n";

fn readme() -> String {
    std::fs::read_to_string(root().join("README.md")).expect("the README").replace("\r\n", "\n")
}

/// The words of a command line, with single and double quotes as a shell has them.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote, mut started) = (Vec::new(), String::new(), None, false);
    for character in line.chars() {
        match (quote, character) {
            (None, '\'' | '"') => (quote, started) = (Some(character), true),
            (Some(open), _) if open == character => quote = None,
            (None, ' ') => {
                if started {
                    words.push(std::mem::take(&mut word));
                }
                started = false;
            }
            _ => {
                word.push(character);
                started = true;
            }
        }
    }
    if started {
        words.push(word);
    }
    words
}

/// Arguments of a command of ours; `None` for any other command.
fn arguments(command: &str) -> Option<Vec<String>> {
    let ours = ["cargo run --release -- ", "mak "].iter().find_map(|start| command.strip_prefix(start))?;
    Some(words(ours))
}

/// What a terminal shows for a command: its output, then what went to standard error.
/// A path at the end, `| jq .a.b`, is followed here, so that the test needs no jq; `; echo $?` shows the exit code.
fn shown(command: &str) -> Option<String> {
    let (command, code) = command.strip_suffix("; echo $?").map_or((command, false), |command| (command, true));
    let (command, path) = command.split_once(" | jq ").map_or((command, None), |(command, path)| (command, Some(path)));
    let ran: Ran = mak().args(arguments(command)?).output().expect("the binary starts").into();
    let mut text = match path {
        None => ran.stdout,
        Some(path) => {
            let pointer = path.trim().trim_matches('\'').replace('.', "/");
            let document: Value =
                serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{command}: {error}: {}", ran.stderr));
            let value = document.pointer(&pointer).unwrap_or_else(|| panic!("{command}: nothing at {path}"));
            format!("{}\n", serde_json::to_string_pretty(value).expect("JSON"))
        }
    };
    text += &ran.stderr;
    if code {
        text += &ran.code.expect("an exit code").to_string();
        text.push('\n');
    }
    Some(text)
}

/// The README with every console session replaced by what its commands print now.
fn as_run(readme: &str) -> String {
    let mut result = String::new();
    let mut lines = readme.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        result += line;
        if line != "```console\n" {
            continue;
        }
        let mut unknown = true;
        while let Some(line) = lines.next_if(|line| *line != "```\n") {
            match line.strip_prefix("$ ") {
                Some(command) => {
                    let output = shown(command.trim_end());
                    unknown = output.is_none();
                    if result.ends_with('\n') && !result.ends_with("```console\n") && !result.ends_with("\n\n") {
                        result.push('\n');
                    }
                    result += line;
                    result += &output.unwrap_or_default();
                }
                // The output of a command that is not ours stays as it is.
                None if unknown => result += line,
                None => {}
            }
        }
    }
    result
}

/// The README with the table of KPIs as `mak list` prints it.
fn with_table(readme: &str) -> String {
    let (before, rest) = readme.split_once(TABLE_START).expect("the table's start");
    let (_, after) = rest.split_once(TABLE_END).expect("the table's end");
    let table = run(&["list", "--kpis", "--format", "markdown"]).answered().stdout;
    format!("{before}{TABLE_START}\n{table}\n{TABLE_END}{after}")
}

fn blessing() -> bool {
    std::env::var_os("MAK_BLESS").is_some()
}

#[test]
fn the_readme_says_what_happens() {
    let readme = readme();
    let now = with_table(&as_run(&readme));
    if blessing() {
        std::fs::write(root().join("README.md"), now).expect("the README is written");
        return;
    }
    for (index, (written, run)) in readme.lines().zip(now.lines()).enumerate() {
        assert_eq!(written, run, "README.md:{}: the left is written, the right is what happens", index + 1);
    }
    assert_eq!(readme.lines().count(), now.lines().count());
}

/// Every console session has a command of ours, and the two that a newcomer needs are there.
#[test]
fn the_readme_has_its_commands() {
    let readme = readme();
    let commands: Vec<&str> = readme.lines().filter_map(|line| line.strip_prefix("$ ")).collect();
    assert!(commands.len() >= 8, "{commands:?}");
    assert!(commands.contains(&"cargo run --release -- compute fixtures/demo"));
    assert!(readme.contains("cargo test") && readme.contains("cargo install --path ."));
    for command in commands {
        assert!(arguments(command).is_some(), "{command} is not run; show it in a block of sh");
    }
}

/// A session that says something else is noticed.
#[test]
fn the_comparison_can_fail() {
    let wrong = "a\n```console\n$ mak --version\nmak 0.0.0\n```\nb\n";
    let right = as_run(wrong);
    assert_ne!(right, wrong);
    assert_eq!(right, format!("a\n```console\n$ mak --version\nmak {}\n```\nb\n", env!("CARGO_PKG_VERSION")));
    assert_eq!(as_run(&right), right);
    assert_eq!(words("a 'b c' --d=\"e f\"  g"), ["a", "b c", "--d=e f", "g"]);
}
