//! `mak compute`: every KPI that the files support.

use std::io::{self, Write as _};
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Result;

use super::args::{ComputeArguments, InputArguments, QuestionArguments};
use super::engine::{Client, EngineArguments};
use super::failure::Refused;
use super::session::{self, Session};
use super::{Outcome, ask, assemble, attribute, output, progress};
use crate::contract::{Compute, ComputeLine, MeasuresFile};
use crate::finding::{Code, Finding, Severity, escape};
use crate::ingest::{self, AskedOfEngine};
use crate::kpi::SCREENS;
use crate::measures::{self, GroupKey, Question, Source};
use crate::results::{Csv, Format, Ndjson, Render as _};
use crate::sql::filters_text;

pub(crate) fn run(arguments: &ComputeArguments) -> Result<Outcome> {
    let session = session(&arguments.input, &arguments.question)?;
    let catalogue = &session.catalogue;
    let format = Format::from(arguments.output.format);
    if arguments.emit.is_some() {
        let measures = Answers::open(&arguments.input, &session)?.measures(&arguments.question)?;
        let mut bytes = serde_json::to_vec(&measures)?;
        bytes.push(b'\n');
        output::write(&arguments.output, &bytes, &arguments.input.files)?;
        return Ok(Outcome::Answered);
    }
    if format == Format::Ndjson {
        return by_line(arguments, &session);
    }
    let answers = Answers::open_with(&arguments.input, &arguments.engine, &session)?;
    let (question, document) = answers.to(&arguments.question)?;
    let page = output::page(&arguments.output);
    let bytes = match format {
        Format::Csv if arguments.output.raw => Csv { raw: true }.render(&document, catalogue, &page)?,
        format => format.renderer().render(&document, catalogue, &page)?,
    };
    let inputs: Vec<String> = document.inputs.iter().map(|input| input.file.clone()).collect();
    output::write(&arguments.output, &bytes, &inputs)?;
    if format == Format::Csv {
        beside_csv(&document)?;
    }
    match assemble::nothing_computed(&question, &document) {
        Some(finding) => Err(Refused::from(finding).into()),
        None => Ok(Outcome::Answered),
    }
}

/// Groups whose lines are put together by one thread at a time.
const GROUPS_AT_ONCE: usize = 2048;

/// Writes a line as soon as its group is evaluated: there may be very many groups, and they are
/// never all in memory as text.
fn by_line(arguments: &ComputeArguments, session: &Session) -> Result<Outcome> {
    let answers = Answers::open_with(&arguments.input, &arguments.engine, session)?;
    let (question, sources) = answers.sources(&arguments.question)?;
    let joiner = measures::Joiner::new(&session.catalogue, &question, &sources);
    let document = assemble::compute(&question, &sources, &joiner.whole());
    let said = AtomicBool::new(assemble::says_something(&question, &document, &document.total));
    let lines = |keys: &&[&GroupKey]| -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        for &key in *keys {
            let group = assemble::one_group(&question, key, &joiner.group(key), &document.total);
            if !said.load(Ordering::Relaxed) && assemble::says_something(&question, &document, &group) {
                said.store(true, Ordering::Relaxed);
            }
            Ndjson::line(&ComputeLine::of(&document, group), &mut bytes)?;
        }
        Ok(bytes)
    };
    let keys = joiner.keys();
    let threads = arguments.input.threads.or_else(|| std::thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get);
    let inputs: Vec<String> = document.inputs.iter().map(|input| input.file.clone()).collect();
    output::write_with(arguments.output.output.as_deref(), &inputs, |out| {
        // The total's line is the only one of a document without groups.
        out.write_all(&Ndjson.render(&document, &session.catalogue, &output::page(&arguments.output))?)?;
        for several in keys.chunks(GROUPS_AT_ONCE.saturating_mul(threads)) {
            let parts: Vec<&[&GroupKey]> = several.chunks(several.len().div_ceil(threads).max(1)).collect();
            for bytes in in_parallel(&parts, &lines)? {
                out.write_all(&bytes)?;
            }
        }
        Ok(())
    })?;
    match assemble::nothing_computed(&question, &document).filter(|_| !said.load(Ordering::Relaxed)) {
        Some(finding) => Err(Refused::from(finding).into()),
        None => Ok(Outcome::Answered),
    }
}

/// What `work` makes of each part, in their order; one thread a part.
fn in_parallel<T: Sync, R: Send>(parts: &[T], work: &(impl Fn(&T) -> Result<R> + Sync)) -> Result<Vec<R>> {
    let Some((first, others)) = parts.split_first() else { return Ok(Vec::new()) };
    std::thread::scope(|scope| {
        let others: Vec<_> = others.iter().map(|part| scope.spawn(move || work(part))).collect();
        let mut done = vec![work(first)?];
        for other in others {
            done.push(other.join().map_err(|_| anyhow::anyhow!("a thread failed"))??);
        }
        Ok(done)
    })
}

/// What a table of values has no cell for: the account of the rows, and what the reader should know.
fn beside_csv(document: &Compute) -> io::Result<()> {
    let mut stderr = io::stderr().lock();
    for input in &document.inputs {
        writeln!(stderr, "{}", escape(&input.account()))?;
    }
    for warning in document.warnings.iter().filter(|warning| warning.severity != Severity::Note.word()) {
        writeln!(stderr, "{warning}")?;
    }
    Ok(())
}

/// What is in force for a question over files.
pub(crate) fn session(input: &InputArguments, asked: &QuestionArguments) -> Result<Session, Refused> {
    let mut session = Session::open(&input.config, &session::choices(input, Some(asked))?)?;
    if let Some(tool) = &asked.like {
        let known = || SCREENS.iter().map(|screen| screen.platform);
        session.catalogue = session
            .catalogue
            .like(&tool.to_lowercase())
            .ok_or_else(|| Refused::unknown("screen", tool, known(), &known().collect::<Vec<_>>().join(", ")))?;
    }
    Ok(session)
}

/// Reads the files and answers the question.
pub(crate) fn answer(
    input: &InputArguments,
    asked: &QuestionArguments,
    session: &Session,
) -> Result<(Question, Compute), Refused> {
    Answers::open(input, session)?.to(asked)
}

/// Files that are asked more than once. Standard input is kept, so that it can be read again.
pub(crate) struct Answers<'a> {
    inputs: Vec<ingest::Input>,
    client: Option<Client>,
    include: &'a [String],
    session: &'a Session,
}

impl<'a> Answers<'a> {
    /// Finds the files.
    pub(crate) fn open(input: &'a InputArguments, session: &'a Session) -> Result<Self, Refused> {
        Answers::open_with(input, &EngineArguments::default(), session)
    }

    /// Finds the files, if any are named, and the engine that adds up beside them.
    pub(crate) fn open_with(input: &'a InputArguments, engine: &EngineArguments, session: &'a Session) -> Result<Self, Refused> {
        let client = engine.engine.as_deref().map(|name| Client::of(name, session)).transpose()?;
        let no_files = client.is_some() && input.files.is_empty() && input.taken_as.is_empty();
        let inputs = if no_files { Vec::new() } else { ask::inputs(input, session)? };
        Ok(Answers { inputs, client, include: &input.include, session })
    }

    /// The answer in groups of these dimensions, whatever the question says of them.
    pub(crate) fn by(&self, asked: &QuestionArguments, by: &[String]) -> Result<Compute, Refused> {
        let asked = QuestionArguments { by: by.to_vec(), period: None, ..asked.clone() };
        self.to(&asked).map(|(_, document)| document)
    }

    fn to(&self, asked: &QuestionArguments) -> Result<(Question, Compute), Refused> {
        let (question, sources) = self.sources(asked)?;
        let answer = measures::answer(&self.session.catalogue, &question, &sources);
        let document = assemble::compute(&question, &sources, &answer);
        Ok((question, document))
    }

    /// The question and what the files have to say to it.
    fn sources(&self, asked: &QuestionArguments) -> Result<(Question, Vec<Source>), Refused> {
        let catalogue = &self.session.catalogue;
        let mut question = ask::question(asked, self.include, self.session)?;
        let (mut sources, files) = self.answers_of_engines(&mut question)?;
        let progress = progress::show(&files);
        sources.extend(ingest::read(&files, &question, catalogue)?);
        drop(progress);
        ask::refuse_unknown_dimensions(&question, &sources)?;
        attribute::add_attributed(&mut sources, &self.inputs, &question, self.session)?;
        ask::add_costs(&mut question, &sources, self.session)?;
        Ok((question, sources))
    }

    /// What was measured, to be added to other parts.
    fn measures(&self, asked: &QuestionArguments) -> Result<MeasuresFile, Refused> {
        let question = ask::question(asked, self.include, self.session)?;
        if question.dedupe {
            return Err(Refused::usage("--dedupe needs all rows at once; drop duplicates before the file is split"));
        }
        let progress = progress::show(&self.inputs);
        let measures = ingest::parts::emit(&self.inputs, &question, &self.session.catalogue)?;
        drop(progress);
        Ok(measures)
    }

    /// Inputs that an engine has added up already, and the others. What an engine was asked for holds
    /// for everything.
    fn answers_of_engines(&self, question: &mut Question) -> Result<(Vec<Source>, Vec<ingest::Input>), Refused> {
        let (mut sources, mut files) = (Vec::new(), Vec::new());
        let catalogue = &self.session.catalogue;
        if let Some(client) = &self.client {
            let printed = client.ask(question, self.session)?;
            let answer = ingest::engine_answer(&printed, question, catalogue)?.ok_or_else(|| no_answer(&printed))?;
            sources.extend(answer.sources);
        }
        let mut parts = Vec::new();
        for input in &self.inputs {
            if let Some(answer) = ingest::engine_answer(&input.source, question, catalogue)? {
                agree(question, &answer.asked)?;
                sources.extend(answer.sources);
            } else if let Some(file) = ingest::parts::measures_file(&input.source)? {
                agree_with_part(question, &input.source, &file)?;
                parts.push((input.source.clone(), file));
            } else {
                files.push(input.clone());
            }
        }
        sources.extend(ingest::parts::merge(&parts, question, catalogue)?);
        Ok((sources, files))
    }
}

/// A part must be in the groups that are asked for, of the same rows.
fn agree_with_part(question: &mut Question, input: &ingest::source::Source, file: &MeasuresFile) -> Result<(), Refused> {
    let by: Vec<&str> = question.by.iter().map(|dimension| dimension.name.as_str()).collect();
    if by != file.by {
        let listed =
            |names: &[&str]| if names.is_empty() { "in no groups".to_owned() } else { format!("by {}", names.join(",")) };
        let theirs: Vec<&str> = file.by.iter().map(String::as_str).collect();
        let message = format!("the part is {}, the question is {}", listed(&theirs), listed(&by));
        let finding = Finding::new(Code::BadAnswer, input.place(), message);
        return Err(finding.help("give --emit measures and the sum of the parts the same --by and --period").into());
    }
    let (from, to) = ingest::parts::asked_dates(file, &input.place())?;
    agree(question, &AskedOfEngine { from, to, filters: file.filters.clone() })
}

/// A client that ended well and printed something else.
fn no_answer(printed: &ingest::source::Source) -> Refused {
    let message = "the client printed no answer: its first line is not a header that begins with grain";
    Finding::new(Code::BadAnswer, printed.place(), message)
        .help("let it print CSV with a header: [engine.…] command = [\"duckdb\", \"shop.db\", \"-csv\"] in mak.toml")
        .into()
}

/// An answer must be of the rows that are asked for; what was said to the engine need not be said
/// again.
fn agree(question: &mut Question, answer: &AskedOfEngine) -> Result<(), Refused> {
    let filters = filters_text(&question.filters);
    if filters != answer.filters {
        let of = |text: &str| if text.is_empty() { "of all rows".to_owned() } else { format!("of rows where {text}") };
        let message = format!("the answer is {}, the question is {}", of(&answer.filters), of(&filters));
        return Err(Refused::usage(format!("{message}: give mak sql and mak compute the same --where")));
    }
    for (flag, ours, theirs) in [("--from", &mut question.from, answer.from), ("--to", &mut question.to, answer.to)] {
        match (*ours, theirs) {
            (None, theirs) => *ours = theirs,
            (Some(ours), Some(theirs)) if ours == theirs => {}
            (Some(ours), theirs) => {
                let theirs = theirs.map_or_else(|| "none".to_owned(), |date| date.to_string());
                let message = format!("{flag} is {ours}, and the engine was asked with {theirs}");
                return Err(Refused::usage(format!("{message}: give mak sql and mak compute the same dates")));
            }
        }
    }
    Ok(())
}
