//! An engine's own command-line client: it gets the query, and hands back its answer as CSV.
//!
//! No driver and no credentials of our own: the client reads its usual configuration. What its
//! command holds is never shown, neither by us nor in what the client says of it.

use std::ffi::OsString;
use std::io::{Read as _, Write as _};
use std::process::{Command, ExitStatus, Stdio};
use std::thread;

use clap::Args;

use super::failure::Refused;
use super::session::Session;
use super::sql;
use crate::finding::{Code, Finding, Place};
use crate::ingest::source::Source as InputSource;
use crate::measures::Question;
use crate::sql::{Engine, Plan};

/// The argument that stands for a file with the query, for clients that do not read it from
/// standard input.
const QUERY_FILE: &str = "{file}";

/// Lines of the client's own words that are shown when it fails.
const SHOWN_LINES: usize = 12;

/// Arguments shorter than this are words of the client, not secrets.
const SHORTEST_SECRET: usize = 4;

/// Which engine adds up.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct EngineArguments {
    /// Let this engine add up the tables of mak.toml: duckdb, postgres, clickhouse, spark, or one of [engine.NAME]
    #[arg(long, value_name = "NAME")]
    pub(crate) engine: Option<String>,
}

/// A client that can be asked.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    engine: Engine,
    command: Vec<String>,
}

impl Client {
    /// The client of that engine: what `mak.toml` names, or the engine's own.
    ///
    /// # Errors
    /// There is no such engine, or none of its clients is known.
    pub(crate) fn of(name: &str, session: &Session) -> Result<Client, Refused> {
        let engine = sql::engine(name)?;
        if let Some(told) = session.config.engines.iter().find(|told| told.name == name) {
            return Ok(Client { engine, command: told.command.clone() });
        }
        let command: &[&str] = match engine {
            Engine::DuckDb => &["duckdb", "-csv", "-bail"],
            Engine::Postgres => &["psql", "--no-psqlrc", "--quiet", "--csv", "--set=ON_ERROR_STOP=1"],
            Engine::ClickHouse => &["clickhouse", "client", "--format", "CSVWithNames"],
            Engine::Spark => &["spark-sql", "-S", "-f", QUERY_FILE],
            _ => {
                let finding = Finding::new(Code::NotInSql, Place::default(), format!("no client of {name} is known"));
                let help =
                    format!("write [engine.{name}] with command = [\"…\"] in mak.toml: it gets the query as standard input");
                return Err(finding.help(help).into());
            }
        };
        Ok(Client { engine, command: command.iter().map(|word| (*word).to_owned()).collect() })
    }

    /// Asks the question, and returns what the client printed.
    ///
    /// # Errors
    /// The question cannot be put, the client cannot be started, or it fails.
    pub(crate) fn ask(&self, question: &Question, session: &Session) -> Result<InputSource, Refused> {
        let plan = sql::plan(question, session)?;
        let (header, query) = query(&plan, self.engine)?;
        self.run(&header, &query)
    }

    /// The program, which may be shown; its arguments may not.
    fn program(&self) -> &str {
        self.command.first().map_or("", String::as_str)
    }

    fn failed(&self, what: impl Into<String>) -> Refused {
        let message = format!("{}: {}", self.program(), what.into());
        Finding::new(Code::BadAnswer, Place::default(), message)
            .help(format!("mak sql --dialect {} prints the query; run it by hand to see more", self.engine.word()))
            .into()
    }

    fn run(&self, header: &str, query: &str) -> Result<InputSource, Refused> {
        let mut file = None;
        let mut words: Vec<OsString> = Vec::new();
        for word in self.command.iter().skip(1) {
            if !word.contains(QUERY_FILE) {
                words.push(word.into());
                continue;
            }
            let mut kept =
                tempfile::Builder::new().prefix("mak-").suffix(".sql").tempfile().map_err(|why| self.failed(why.to_string()))?;
            kept.write_all(query.as_bytes()).map_err(|why| self.failed(why.to_string()))?;
            words.push(word.replace(QUERY_FILE, &kept.path().to_string_lossy()).into());
            file = Some(kept);
        }
        let mut child = Command::new(self.program())
            .args(words)
            .stdin(if file.is_some() { Stdio::null() } else { Stdio::piped() })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|why| self.failed(format!("cannot be started: {why}")))?;
        // Each pipe has a thread of its own: a client may write before it has read everything.
        let query = query.to_owned();
        let writer = child.stdin.take().map(|mut pipe| {
            // A client that ends early says why itself.
            thread::spawn(move || drop(pipe.write_all(query.as_bytes())))
        });
        let words = child.stderr.take().map(|mut pipe| {
            thread::spawn(move || {
                let mut said = Vec::new();
                drop(pipe.read_to_end(&mut said));
                String::from_utf8_lossy(&said).into_owned()
            })
        });
        let answer = match child.stdout.take() {
            Some(pipe) => InputSource::spool(self.engine.word(), header.as_bytes().chain(pipe)),
            None => InputSource::spool(self.engine.word(), header.as_bytes()),
        };
        writer.into_iter().for_each(|thread| drop(thread.join()));
        let said = words.and_then(|thread| thread.join().ok()).unwrap_or_default();
        let status = child.wait().map_err(|why| self.failed(why.to_string()))?;
        drop(file);
        if !status.success() {
            return Err(self.failed(self.ending(status, &said)));
        }
        Ok(answer?)
    }

    /// How the client ended, with the last of what it said.
    fn ending(&self, status: ExitStatus, said: &str) -> String {
        let code = status.code().map_or_else(|| "a signal".to_owned(), |code| format!("exit code {code}"));
        let said = self.without_secrets(said);
        let lines: Vec<&str> = said.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
        let last = lines.get(lines.len().saturating_sub(SHOWN_LINES)..).unwrap_or_default();
        if last.is_empty() { format!("ended with {code}") } else { format!("ended with {code}: {}", last.join(" | ")) }
    }

    /// The client's words without the arguments of its command and without what the environment
    /// calls a secret.
    fn without_secrets(&self, said: &str) -> String {
        let arguments = self.command.iter().skip(1).flat_map(|word| {
            // `--set=password=…` has a value within its value.
            let values = word.match_indices('=').filter_map(|(at, sign)| word.get(at.saturating_add(sign.len())..));
            let values: Vec<String> = values.map(str::to_owned).collect();
            let password =
                word.split_once("://").and_then(|(_, rest)| Some(rest.split_once('@')?.0.split_once(':')?.1.to_owned()));
            let alone = (!word.starts_with('-')).then(|| word.clone());
            values.into_iter().chain(password).chain(alone)
        });
        let is_secret = |name: &str| {
            let name = name.to_uppercase();
            ["PASS", "SECRET", "TOKEN", "CREDENTIAL", "KEY"].iter().any(|word| name.contains(word))
        };
        let environment = std::env::vars().filter(|(name, _)| is_secret(name)).map(|(_, value)| value);
        let mut secrets: Vec<String> =
            arguments.chain(environment).filter(|secret| secret.chars().count() >= SHORTEST_SECRET).collect();
        // The longest first, so that no part of one is left.
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        secrets.iter().fold(said.to_owned(), |said, secret| said.replace(secret.as_str(), "…"))
    }
}

/// The header that stands before what the client prints, and the query for it. A client that
/// prints bare lines gets a query whose rows are lines of CSV.
fn query(plan: &Plan, engine: Engine) -> Result<(String, String), Vec<Finding>> {
    if engine != Engine::Spark {
        return Ok((String::new(), plan.query(engine)?));
    }
    let lines = plan.query_of_lines(engine)?;
    Ok((format!("{}\n", lines.header), lines.query))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(command: &[&str]) -> Client {
        Client { engine: Engine::DuckDb, command: command.iter().map(|word| (*word).to_owned()).collect() }
    }

    #[test]
    fn nothing_of_a_command_but_its_program_is_said() {
        let client = client(&["psql", "postgresql://ann:hunter22@db.example/shop", "--set=password=s3cr3t-1", "-q"]);
        let said = "cannot reach postgresql://ann:hunter22@db.example/shop: hunter22 or password=s3cr3t-1 is wrong, s3cr3t-1 -q";
        let shown = client.without_secrets(said);
        assert!(!shown.contains("hunter22") && !shown.contains("s3cr3t"), "{shown}");
        assert!(shown.starts_with("cannot reach …: … or "), "{shown}");
    }

    #[cfg(unix)]
    #[test]
    fn what_a_client_says_when_it_fails_is_passed_on() {
        let failing = client(&["sh", "-c", "echo no such table: orders >&2; exit 3"]);
        let said = failing.run("", "SELECT 1").expect_err("it fails").to_string();
        assert!(said.contains("sh: ended with exit code 3: no such table: orders"), "{said}");
        let absent = client(&["no-such-client-of-any-engine"]).run("", "SELECT 1").expect_err("absent").to_string();
        assert!(absent.contains("no-such-client-of-any-engine: cannot be started"), "{absent}");
    }

    #[cfg(unix)]
    #[test]
    fn a_client_gets_the_query_from_standard_input_or_a_file() {
        for command in [vec!["cat"], vec!["cat", QUERY_FILE]] {
            let answer = client(&command).run("header\n", "SELECT 1\n").expect("cat prints");
            let mut text = String::new();
            answer.open().expect("kept").read_to_string(&mut text).expect("text");
            assert_eq!(text, "header\nSELECT 1\n");
        }
        // More than a pipe holds, both ways.
        let long = "x".repeat(1 << 20);
        assert_eq!(client(&["cat"]).run("", &long).expect("cat prints").byte_len(), 1 << 20);
    }
}
