//! `mak compute`: every KPI that the files support.

use std::convert::Infallible;
use std::io::{self, Write as _};
use std::num::NonZeroUsize;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Result;

use super::args::{ComputeArguments, InputArguments, QuestionArguments};
use super::assemble::{Assembler, OneGroup};
use super::engine::{Client, EngineArguments};
use super::failure::Refused;
use super::output::Output;
use super::session::{self, Session};
use super::{Outcome, ask, assemble, attribute, output, progress};
use crate::contract::{Compute, Groups, MeasuresFile};
use crate::finding::{Code, Finding, Severity, escape};
use crate::ingest::{self, AskedOfEngine};
use crate::kpi::SCREENS;
use crate::measures::{Evaluator, JoinedGroups, Joiner, Question, Source};
use crate::results::{ByGroup, Csv, Format, Json, Markdown, Ndjson, Table};
use crate::sql::filters_text;

pub(crate) fn run(arguments: &ComputeArguments) -> Result<Outcome> {
    let session = session(&arguments.input, &arguments.question)?;
    let format = Format::from(arguments.output.format);
    if arguments.emit.is_some() {
        let measures = Answers::open(&arguments.input, &session)?.measures(&arguments.question)?;
        let mut bytes = serde_json::to_vec(&measures)?;
        bytes.push(b'\n');
        output::write(&arguments.output, &bytes, &arguments.input.files)?;
        return Ok(Outcome::Answered);
    }
    let answers = Answers::open_with(&arguments.input, &arguments.engine, &session)?;
    let (question, sources) = answers.sources(&arguments.question)?;
    let answer = AnswerByGroup::new(&session, &question, &sources);
    let inputs: Vec<String> = answer.document.inputs.iter().map(|input| input.file.clone()).collect();
    let threads = arguments.input.threads.or_else(|| std::thread::available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN);
    let write = |produce: &dyn Fn(&mut Output<'_>) -> Result<bool>| {
        let mut says_something = false;
        output::write_with(arguments.output.output.as_deref(), &inputs, |out| {
            says_something = produce(out)?;
            Ok(())
        })?;
        Ok::<bool, anyhow::Error>(says_something)
    };
    let catalogue = &session.catalogue;
    let says_something = match format {
        Format::Ndjson => write(&|out| answer.write(&Ndjson.by_group(&answer.document), threads, out))?,
        Format::Json => {
            let format = Json.by_group(&answer.document, !answer.joined.is_empty())?;
            write(&|out| answer.write(&format, threads, out))?
        }
        Format::Csv => {
            let format = Csv { raw: arguments.output.raw }.by_group(&answer.document, &answer, catalogue);
            write(&|out| answer.write(&format, threads, out))?
        }
        Format::Table | Format::Markdown => {
            let bytes = match format {
                Format::Table => Table.page(&answer.document, &answer, catalogue, &output::page(&arguments.output)),
                _ => Markdown.page(&answer.document, &answer, catalogue),
            };
            output::write(&arguments.output, &bytes, &inputs)?;
            answer.says_something()
        }
    };
    if format == Format::Csv {
        beside_csv(&answer.document)?;
    }
    match assemble::nothing_computed(&question, &answer.document).filter(|_| !says_something) {
        Some(finding) => Err(Refused::from(finding).into()),
        None => Ok(Outcome::Answered),
    }
}

/// An answer of which the groups are made one after the other: there may be very many, and they are
/// never all in memory as text.
struct AnswerByGroup<'a> {
    question: &'a Question,
    joiner: Joiner<'a>,
    joined: JoinedGroups<'a>,
    /// Everything but the groups.
    document: Compute,
}

/// Groups that a thread puts together before it writes them.
const GROUPS_AT_ONCE: usize = 256;

impl<'a> AnswerByGroup<'a> {
    fn new(session: &'a Session, question: &'a Question, sources: &'a [Source]) -> Self {
        let joiner = Joiner::new(&session.catalogue, question, sources);
        let document = assemble::compute(question, sources, &joiner.whole());
        AnswerByGroup { question, joined: joiner.groups(), joiner, document }
    }

    /// The document with its groups.
    fn whole(&self) -> Compute {
        let mut document = self.document.clone();
        document.groups.reserve_exact(self.joined.len());
        Groups::each(self, |group| document.groups.push(group.to_group()));
        document
    }

    fn workers(&self) -> (Evaluator<'_>, Assembler<'_>) {
        (self.joiner.evaluator(), Assembler::new(self.question, Some(&self.document.total)))
    }

    fn each_of<E>(
        &self,
        groups: Range<usize>,
        (evaluator, assembler): &mut (Evaluator<'_>, Assembler<'_>),
        mut visit: impl FnMut(usize, &OneGroup<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        for number in groups {
            let evaluation = evaluator.group(&self.joined, number);
            visit(number, &assembler.group(self.joined.key(number), evaluation))?;
        }
        Ok(())
    }

    /// Whether anything came out that was asked for.
    fn says_something(&self) -> bool {
        let mut says = assemble::says_something(self.question, &self.document, &self.document.total);
        if !says {
            Groups::each(self, |group| says |= assemble::says_something(self.question, &self.document, group));
        }
        says
    }

    /// Writes the total and then every group in this format; says whether anything came out that
    /// was asked for. Threads put stretches of groups together, and write them in order.
    fn write(&self, format: &impl ByGroup, threads: NonZeroUsize, out: &mut Output<'_>) -> Result<bool> {
        let says = |group: &dyn Fn() -> bool, said: &AtomicBool| {
            if !said.load(Ordering::Relaxed) && group() {
                said.store(true, Ordering::Relaxed);
            }
        };
        let said = AtomicBool::new(assemble::says_something(self.question, &self.document, &self.document.total));
        let mut bytes = Vec::new();
        format.begin(&mut bytes)?;
        out.write_all(&bytes)?;
        let stretches = self.joined.len().div_ceil(GROUPS_AT_ONCE);
        let make = |workers: &mut _, stretch: usize, bytes: &mut Vec<u8>| {
            let start = stretch.saturating_mul(GROUPS_AT_ONCE);
            let groups = start..start.saturating_add(GROUPS_AT_ONCE).min(self.joined.len());
            self.each_of(groups, workers, |number, group| {
                says(&|| assemble::says_something(self.question, &self.document, group), &said);
                Ok(format.group(group, number == 0, bytes)?)
            })
        };
        output::in_turn(out, stretches, threads, || self.workers(), make)?;
        bytes.clear();
        format.end(&mut bytes)?;
        out.write_all(&bytes)?;
        Ok(said.into_inner())
    }
}

impl Groups for AnswerByGroup<'_> {
    type View<'g> = OneGroup<'g>;

    fn each(&self, mut visit: impl FnMut(&OneGroup<'_>)) {
        let all = 0..self.joined.len();
        let Ok(()) = self.each_of::<Infallible>(all, &mut self.workers(), |_, group| {
            visit(group);
            Ok(())
        });
    }
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
        let document = AnswerByGroup::new(self.session, &question, &sources).whole();
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
