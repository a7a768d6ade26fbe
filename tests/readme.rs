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

/// The blocks of that language in a section of the README.
fn blocks(section: &str, language: &str) -> Vec<String> {
    let readme = readme();
    let (_, rest) = readme.split_once(&format!("\n## {section}\n")).expect("the section");
    let section = rest.split_once("\n## ").map_or(rest, |(section, _)| section);
    let opening = format!("\n```{language}\n");
    section.split(&opening).skip(1).map(|block| block.split_once("\n```").expect("an end").0.to_owned()).collect()
}

/// A repository as the section describes it: exports, and the `mak.toml` that init wrote.
fn repository() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let exports = folder.path().join("exports");
    std::fs::create_dir(&exports).expect("a folder");
    for name in ["campaigns.csv", "leads.csv", "revenue.csv"] {
        std::fs::copy(root().join("fixtures/demo").join(name), exports.join(name)).expect("a copy");
    }
    let mut init = mak();
    init.current_dir(folder.path()).args(["init", "exports", "-o", "mak.toml"]);
    Ran::from(init.output().expect("it runs")).answered();
    folder
}

/// The workflow is YAML as GitHub reads it, and its own commands do what they say.
#[test]
fn the_workflow_can_be_pasted() {
    let [workflow] = blocks("In CI", "yaml").try_into().expect("one workflow");
    let documents = yaml_rust2::YamlLoader::load_from_str(&workflow).expect("YAML");
    let [workflow] = documents.as_slice() else { panic!("one document") };
    assert!(workflow["on"]["schedule"][0]["cron"].as_str().is_some_and(|cron| cron.split(' ').count() == 5));
    let job = &workflow["jobs"]["kpis"];
    assert_eq!(job["runs-on"].as_str(), Some("ubuntu-latest"));
    let steps = job["steps"].as_vec().expect("steps");
    assert!(steps.iter().all(|step| step["uses"].as_str().is_some() != step["run"].as_str().is_some()), "{steps:?}");
    let folder = repository();
    let ours: Vec<&str> = steps.iter().filter_map(|step| step["run"].as_str()).filter(|line| line.starts_with("mak ")).collect();
    assert_eq!(ours.len(), 1);
    let mut command = mak();
    command.current_dir(folder.path()).env_remove("MAK_CONFIG").args(arguments(ours[0]).expect("ours"));
    Ran::from(command.output().expect("it runs")).answered();
    let uploaded = steps.iter().find_map(|step| step["with"]["name"].as_str().and(step["with"]["path"].as_str()));
    assert!(folder.path().join(uploaded.expect("an upload")).is_file());
}

/// This repository's own workflow is YAML, too, and runs what a developer runs.
#[test]
fn our_own_workflow_is_well_formed() {
    let text = std::fs::read_to_string(root().join(".github/workflows/ci.yml")).expect("the workflow");
    let documents = yaml_rust2::YamlLoader::load_from_str(&text).expect("YAML");
    let steps = documents[0]["jobs"]["check"]["steps"].as_vec().expect("steps");
    assert!(steps.iter().any(|step| step["run"].as_str() == Some(".ci/run")), "{steps:?}");
    let run = std::fs::read_to_string(root().join(".ci/run")).expect("the script");
    assert!(run.contains("check fixtures/demo --config fixtures/demo.mak.toml"));
}

/// The script does what it says for each exit code, also where a shell stops at the first failure.
#[cfg(unix)]
#[test]
fn the_script_reads_the_verdict() {
    use std::path::Path;
    use std::process::Command;
    if Command::new("jq").arg("--version").output().is_err() {
        eprintln!("skipped: there is no jq");
        return;
    }
    let scripts = blocks("In CI", "sh");
    let script = scripts.iter().find(|script| script.contains("mak check")).expect("a script");
    let folder = repository();
    let bin = Path::new(env!("CARGO_BIN_EXE_mak")).parent().expect("a folder").to_str().expect("UTF-8");
    let path = format!("{bin}:{}", std::env::var("PATH").unwrap_or_default());
    let shown = || {
        let mut shell = Command::new("sh");
        shell.args(["-e", "-c", script]).current_dir(folder.path()).env("PATH", &path).env_remove("MAK_CONFIG");
        let ran: Ran = shell.output().expect("a shell").into();
        (ran.code, ran.stdout)
    };
    let config = |text: &str| std::fs::write(folder.path().join("mak.toml"), text).expect("written");
    assert_eq!(shown(), (Some(0), "all is well\n".to_owned()));
    config("[[check]]\nrule = \"open_rate >= 90%\"\nowner = \"Ana\"\n");
    let (code, text) = shown();
    assert!(code == Some(1) && text.starts_with("Ana: open_rate >= 90%, found 0.2811"), "{code:?} {text}");
    config("[[check]]\nrule = \"nps >= 10\"\n");
    let (code, text) = shown();
    assert!(code == Some(2) && text.starts_with("nps >= 10: no file gives"), "{code:?} {text}");
    config("[[check]]\nrule = \"npx >= 10\"\n");
    let (code, text) = shown();
    assert!(code == Some(2) && text.starts_with("nothing was judged"), "{code:?} {text}");
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
