//! Recognition: which export a table is, on which line its header stands, and what each column
//! means.

use std::sync::Arc;

use super::header::{Header, normal};
use super::profile::{Column, Profile, Profiles, Role, plain};
use super::record::Record;
use crate::finding::{Code, Finding, Place, nearest};
use crate::kpi::{Catalogue, Measure};
use crate::measures::{Kind, Stage};

/// How many records from the start are searched for a header.
pub const HEAD: usize = 60;

/// What a table was taken for.
#[derive(Clone, Debug)]
pub struct Layout {
    /// The profile by which it is read; for a plain table, with the kind that its measures imply.
    pub profile: Profile,
    /// Its header.
    pub header: Header,
    /// Records up to and with the header: data begin after them.
    pub before_data: usize,
    /// Lines before the header, with their text.
    pub preamble: Vec<(u64, String)>,
    /// What each column of the header means.
    pub columns: Vec<Use>,
    /// What the recognition rests on, for people.
    pub evidence: String,
    /// Measures to which each row adds one.
    pub rows: Vec<Measure>,
    /// Columns that count rows by what they say, beside their own use.
    pub counts: Vec<(usize, Role)>,
    /// Currency of the amounts, where nothing in the file names one.
    pub currency: Option<Arc<str>>,
    constants: Vec<(String, &'static str)>,
}

/// What becomes of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Use {
    /// It has this role; the currency is the one captured from its header.
    Role(Role, Option<Arc<str>>),
    /// Another column of the same meaning is preferred: its number.
    Alternative(usize),
    /// Nothing is known of it: a dimension of its own name.
    Other,
    /// It has no name.
    Unnamed,
}

/// What the user said about the table, which overrules recognition.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// `--as`: a kind, a platform or the id of a profile.
    pub kind: Option<String>,
    /// Columns by header: what they mean. A header may stand several times, once a meaning.
    pub columns: Vec<(String, Role)>,
    /// Measures to which each row adds one.
    pub rows: Vec<Measure>,
    /// Dimensions with the same value on every row.
    pub constants: Vec<(String, &'static str)>,
    /// Names of the columns, where the file has no header.
    pub names: Option<Vec<String>>,
    /// Currency of its amounts, where the file names none.
    pub currency: Option<String>,
}

impl Layout {
    /// Finds the header among the first records and the one of the profiles that fits it best.
    ///
    /// # Errors
    /// No line is a header, or two platforms fit equally well.
    pub fn recognise(
        profiles: Profiles,
        head: &[Record],
        told: &Told,
        catalogue: &Catalogue,
        place: &Place,
    ) -> Result<Layout, Finding> {
        let next = |index: usize| head.get(index.saturating_add(1));
        let headers: Vec<Header> = head.iter().enumerate().map(|(index, record)| mended(profiles, record, next(index))).collect();
        if let Some(names) = &told.names {
            return Layout::without_header(names, told, catalogue, place);
        }
        let candidates = headers.iter().enumerate().filter(|(_, header)| header.names.iter().any(|name| !name.is_empty()));
        let chosen = candidates
            .clone()
            .find_map(|(index, header)| platform_of(profiles, header, told, place).transpose().map(|fit| (index, header, fit)));
        let chosen = match chosen {
            Some((index, header, fit)) => Some((index, header, fit?)),
            None => headline(candidates, told)
                .into_iter()
                .find_map(|(index, header)| Some((index, header, plain_of(header, told, catalogue)?))),
        };
        let Some((index, header, fit)) = chosen else { return Err(unrecognised(&headers, told, catalogue, place)) };
        let preamble =
            head.iter().take(index).filter(|record| !record.is_blank()).map(|record| (record.line(), joined(record))).collect();
        let layout = Layout::with(header.clone(), fit, told, catalogue, place)?;
        Ok(Layout { before_data: index.saturating_add(1), preamble, ..layout })
    }

    /// The layout of a file whose columns were named by the user.
    fn without_header(names: &[String], told: &Told, catalogue: &Catalogue, place: &Place) -> Result<Layout, Finding> {
        let header = Header::new(0, names.iter().map(String::as_str));
        let fit = plain_of(&header, told, catalogue)
            .ok_or_else(|| unrecognised(std::slice::from_ref(&header), told, catalogue, place))?;
        Layout::with(header, fit, told, catalogue, place)
    }

    fn with(header: Header, fit: Fit, told: &Told, catalogue: &Catalogue, place: &Place) -> Result<Layout, Finding> {
        let columns = assign(&header, &fit.profile, told, catalogue, place)?;
        let counted = |(name, role): &(String, Role)| match role {
            Role::CountWhen { .. } => Some((header.find(name).first()?.index, *role)),
            _ => None,
        };
        Ok(Layout {
            counts: told.columns.iter().filter_map(counted).collect(),
            profile: fit.profile,
            before_data: 0,
            preamble: Vec::new(),
            columns,
            evidence: fit.evidence,
            rows: told.rows.clone(),
            currency: told.currency.as_deref().map(Into::into),
            constants: told.constants.clone(),
            header,
        })
    }

    /// Where a column is blank throughout and another of the same meaning is not, that one takes
    /// its place. Says whether anything changed.
    pub fn prefer_filled(&mut self, filled: &[bool]) -> bool {
        let is_filled = |index: usize| filled.get(index).copied().unwrap_or(false);
        let mut changed = false;
        for index in 0..self.columns.len() {
            let Some(Use::Alternative(of)) = self.columns.get(index).cloned() else { continue };
            if is_filled(index) && !is_filled(of) {
                self.columns.swap(index, of);
                for column in &mut self.columns {
                    if *column == Use::Alternative(of) {
                        *column = Use::Alternative(index);
                    }
                }
                changed = true;
            }
        }
        changed
    }

    /// Numbers of the columns whose role passes.
    pub fn with_role(&self, passes: impl Fn(&Role) -> bool) -> impl Iterator<Item = usize> {
        let roles = self.columns.iter().enumerate();
        roles
            .filter_map(move |(index, column)| matches!(column, Use::Role(role, _) if passes(role)).then_some(index))
            .collect::<Vec<_>>()
            .into_iter()
    }

    /// The first column with that role.
    pub fn column_of(&self, role: Role) -> Option<usize> {
        self.with_role(|other| *other == role).next()
    }

    /// The role of a column.
    pub fn role(&self, index: usize) -> Option<Role> {
        match self.columns.get(index) {
            Some(Use::Role(role, _)) => Some(*role),
            _ => None,
        }
    }

    /// The header of a column.
    pub fn name(&self, index: usize) -> Arc<str> {
        self.header.names.get(index).cloned().unwrap_or_else(|| Arc::from(""))
    }

    /// The column that a dimension of the question is read from: by its canonical name, else by
    /// its header.
    pub fn dimension(&self, name: &str) -> Option<usize> {
        let wanted = normal(name);
        let canonical = self.with_role(|role| matches!(role, Role::Dimension(dimension) if *dimension == name)).next();
        canonical
            .or_else(|| (0..self.header.len()).find(|index| !wanted.is_empty() && self.header.normal(*index) == wanted))
            .or_else(|| match name {
                "currency" => self.column_of(Role::Currency),
                _ => None,
            })
    }

    /// Names by which rows can be grouped: canonical ones, headers of text, and constants.
    pub fn dimensions(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for (index, column) in self.columns.iter().enumerate() {
            match column {
                Use::Role(Role::Dimension(name), _) => names.push((*name).to_owned()),
                Use::Role(Role::Date | Role::DateRange | Role::StageDate(Stage::Lead), _) => {
                    names.extend(["date", "week", "month", "quarter", "year"].map(str::to_owned));
                }
                Use::Other => names.push(self.header.normal(index).to_owned()),
                _ => {}
            }
        }
        names.extend(self.profile.constants.iter().map(|(name, _)| (*name).to_owned()));
        names.extend(self.constants.iter().map(|(name, _)| name.clone()));
        names
    }

    /// Takes the dimensions that the name of the file gives, where this export is named so.
    pub(super) fn take_from_name(&mut self, path: &str) {
        let name = path.rsplit(['/', '\\']).next().unwrap_or(path).to_lowercase();
        for (beginning, dimension, value) in self.profile.file_names {
            if name.starts_with(beginning) && self.constant(dimension).is_none() {
                self.constants.push(((*dimension).to_owned(), value));
                self.evidence = format!("{}; {dimension} {value} by the file's name", self.evidence);
            }
        }
    }

    /// The value of a dimension that is the same on every row.
    pub fn constant(&self, name: &str) -> Option<&'static str> {
        if let Some((_, value)) = self.constants.iter().find(|(dimension, _)| dimension == name) {
            return Some(value);
        }
        let constant = self.profile.constants.iter().find(|(dimension, _)| *dimension == name).map(|(_, value)| *value);
        constant.or((name == "platform" && self.profile.platform != "plain").then_some(self.profile.platform))
    }
}

/// The header that a record makes up. Where the next row is narrower, names that were cut by a
/// separator inside them (`CPM (cost per 1,000 impressions)`) are put together again, provided
/// that only the whole is a name that is known.
fn mended(profiles: Profiles, record: &Record, next: Option<&Record>) -> Header {
    let header = Header::new(record.line(), record.iter());
    let surplus = next.filter(|next| !next.is_blank()).map_or(0, |next| header.len().saturating_sub(next.len()));
    if surplus == 0 || header.len() < 3 {
        return header;
    }
    let known = |name: &str| {
        let header = Header::new(0, std::iter::once(name));
        profiles
            .iter()
            .copied()
            .flatten()
            .flat_map(|profile| profile.columns)
            .any(|column| !header.find_column(column).is_empty())
    };
    let mut names: Vec<String> = header.names.iter().map(ToString::to_string).collect();
    let mut left = surplus;
    let mut index = 0_usize;
    while left > 0 && index.saturating_add(1) < names.len() {
        let (Some(first), Some(second)) = (names.get(index), names.get(index.saturating_add(1))) else { break };
        let whole = format!("{first},{second}");
        if !known(first) && !known(second) && known(&whole) {
            names.splice(index..=index.saturating_add(1), [whole]);
            left = left.saturating_sub(1);
        }
        index = index.saturating_add(1);
    }
    if left == 0 { Header::new(record.line(), names.iter().map(String::as_str)) } else { header }
}

/// The rows that may be the header of a plain table: each has more names than all rows before it,
/// so that a row of data in which a known word stands as a value is none. Columns that the user
/// named may be anywhere.
fn headline<'a>(candidates: impl Iterator<Item = (usize, &'a Header)>, told: &Told) -> Vec<(usize, &'a Header)> {
    let mut widest = 0;
    let mut kept = Vec::new();
    for (index, header) in candidates {
        let names = header.names.iter().filter(|name| !name.is_empty()).count();
        if names > widest || told.columns.iter().any(|(name, _)| header.has(name)) {
            kept.push((index, header));
        }
        widest = widest.max(names);
    }
    kept
}

struct Fit {
    profile: Profile,
    evidence: String,
    matched: usize,
}

/// The platform whose profile fits the header best.
fn platform_of(profiles: Profiles, header: &Header, told: &Told, place: &Place) -> Result<Option<Fit>, Finding> {
    let wanted = told.kind.as_deref();
    let mut fits: Vec<Fit> = Vec::new();
    for profile in profiles.iter().copied().flatten() {
        let named = wanted.is_some_and(|word| word == profile.id || word == profile.platform);
        if wanted.is_some_and(|word| !named && word != profile.kind.word()) {
            continue;
        }
        // Told which profile it is, the header is the first row that has a column of it.
        if wanted == Some(profile.id) && !profile.columns.iter().any(|column| !header.find_column(column).is_empty()) {
            continue;
        }
        if wanted != Some(profile.id) && !signature_fits(profile, header) {
            continue;
        }
        let matched = profile.columns.iter().filter(|column| !header.find_column(column).is_empty()).count();
        let evidence = format!("has {}; {}", quoted(profile.signature), profile.evidence.words());
        fits.push(Fit { profile: *profile, evidence, matched });
    }
    fits.sort_by_key(|fit| (std::cmp::Reverse(fit.profile.signature.len()), std::cmp::Reverse(fit.matched)));
    let mut fits = fits.into_iter();
    let Some(best) = fits.next() else { return Ok(None) };
    if let Some(rival) = fits.next()
        && rival.profile.signature.len() == best.profile.signature.len()
        && rival.matched == best.matched
        && rival.profile.platform != best.profile.platform
    {
        let message = format!("fits {} and {} equally well", best.profile.id, rival.profile.id);
        let help = format!("say which with --as {}:FILE", best.profile.id);
        return Err(Finding::new(Code::AmbiguousProfile, place.clone().at_line(header.line), message).help(help));
    }
    Ok(Some(best))
}

/// A platform's export all but one or two of whose distinctive columns are here: it may have been
/// edited, and a plain reading would mean something else.
pub(super) fn nearly_a_platform(header: &Header) -> Option<(&'static Profile, Vec<&'static str>)> {
    let missing = |profile: &'static Profile| {
        let lacks = |wanted: &&'static str| {
            let column = profile.columns.iter().find(|column| column.names.contains(wanted));
            column.map_or_else(|| !header.has(wanted), |column| header.find_column(column).is_empty())
        };
        let missing: Vec<&'static str> = profile.signature.iter().copied().filter(lacks).collect();
        let known = profile.columns.iter().filter(|column| !header.find_column(column).is_empty()).count();
        let mostly = known >= 4 && known.saturating_mul(2) > header.len();
        let near = missing.len() == 1 && profile.signature.len() > 1 && mostly;
        near.then_some((profile, missing, known))
    };
    super::profile::all().filter_map(missing).max_by_key(|(_, _, known)| *known).map(|(profile, missing, _)| (profile, missing))
}

/// Letters by which a slip of the pen, or a lost byte, changes a name.
const SLIP: usize = 2;

/// Whether `name` is `known` with a slip: a letter or two anywhere, or something recognisable in each
/// word. A name with a word of its own is another column (`Latest Source` beside `Original Source`).
fn is_slip(name: &str, known: &str) -> bool {
    let (name, known) = (normal(name), normal(known));
    let words = |text: &'_ str| text.split([' ', '_', '-', '.']).map(str::to_owned).collect::<Vec<_>>();
    let (words, known_words) = (words(&name), words(&known));
    let alike = || words.iter().zip(&known_words).all(|(word, known)| nearest(word, [known.as_str()]).is_some());
    strsim::damerau_levenshtein(&name, &known) <= SLIP || (words.len() == known_words.len() && alike())
}

/// Columns of nobody's whose names are nearly those of columns that the profile knows and the
/// file lacks.
pub(super) fn nearly_columns(layout: &Layout) -> Vec<(usize, &'static str)> {
    let lacking: Vec<&'static str> = layout
        .profile
        .columns
        .iter()
        .filter(|column| layout.header.find_column(column).is_empty())
        .flat_map(|column| column.names.iter().copied())
        .collect();
    let other = layout.columns.iter().enumerate().filter(|(_, column)| **column == Use::Other).map(|(index, _)| index);
    let slip = |index: usize| {
        let name = layout.name(index);
        let near = nearest(&name, lacking.iter().copied())?;
        is_slip(&name, near).then_some((index, near))
    };
    other.filter_map(slip).collect()
}

/// Whether the header has every column of the signature, by any spelling.
pub(super) fn signature_fits(profile: &Profile, header: &Header) -> bool {
    let named = header.names.iter().filter(|name| !name.is_empty()).count();
    !profile.signature.is_empty()
        && (!profile.exact || named == profile.signature.len())
        && profile.signature.iter().all(|wanted| {
            let spellings = profile.columns.iter().find(|column| column.names.contains(wanted));
            spellings.map_or_else(|| header.has(wanted), |column| !header.find_column(column).is_empty())
        })
}

/// A plain table: an event table by its signature, or any table with a known measure.
fn plain_of(header: &Header, told: &Told, catalogue: &Catalogue) -> Option<Fit> {
    let wanted = match told.kind.as_deref() {
        None => None,
        // A platform or a profile was named: a plain table is not what was meant.
        Some(word) => Some(Kind::from_word(word)?),
    };
    let event = plain::EVENTS.iter().find(|profile| match wanted {
        Some(kind) => profile.kind == kind,
        None => signature_fits(profile, header),
    });
    if let Some(profile) = event {
        let matched = profile.columns.iter().filter(|column| !header.find_column(column).is_empty()).count();
        let told_so = told.columns.iter().any(|(name, _)| header.has(name));
        if matched > 0 || told_so {
            return Some(Fit { profile: *profile, evidence: format!("a plain table of {}", profile.export), matched });
        }
    }
    let table = &plain::TABLE;
    let mut measures: Vec<Measure> =
        (0..header.len()).filter_map(|index| plain_measure(header, index, told, catalogue)).collect();
    let told_columns: Vec<Role> = told.columns.iter().filter(|(name, _)| header.has(name)).map(|(_, role)| *role).collect();
    if let Some(event) = kind_of_roles(&told_columns).filter(|_| wanted.is_none()) {
        let profile = plain::EVENTS.iter().find(|profile| profile.kind == event)?;
        return Some(Fit { profile: *profile, evidence: "columns as told".to_owned(), matched: told_columns.len() });
    }
    let counts = told_columns.iter().filter_map(|role| match role {
        Role::CountWhen { measure, .. } => Some(*measure),
        _ => None,
    });
    measures.extend(counts);
    // Where each row counts, any row of text may be the header.
    if !told.rows.is_empty() && header.names.iter().any(|name| !name.is_empty()) {
        measures.extend(&told.rows);
    }
    if measures.is_empty() {
        return None;
    }
    let kind = wanted.unwrap_or_else(|| kind_of(&measures));
    let names: Vec<_> = measures.iter().map(|measure| measure.id()).collect();
    Some(Fit {
        profile: Profile { kind, ..*table },
        evidence: format!("plain columns: {}", names.join(", ")),
        matched: names.len(),
    })
}

/// The kind of event that told columns make of rows.
fn kind_of_roles(roles: &[Role]) -> Option<Kind> {
    let has = |wanted: fn(&Role) -> bool| roles.iter().any(wanted);
    if has(|role| matches!(role, Role::Path)) {
        Some(Kind::Paths)
    } else if has(|role| matches!(role, Role::PersonId)) && has(|role| matches!(role, Role::ConversionFlag)) {
        Some(Kind::Touches)
    } else if has(|role| matches!(role, Role::OrderId | Role::SignedAmount | Role::UnitPrice)) {
        Some(Kind::Orders)
    } else if has(|role| matches!(role, Role::LeadId | Role::StageDate(_) | Role::StageName)) {
        Some(Kind::Leads)
    } else if has(|role| matches!(role, Role::SatisfactionScore | Role::RecommendationScore)) {
        Some(Kind::Answers)
    } else {
        None
    }
}

/// The measure that a column of a plain table holds.
fn plain_measure(header: &Header, index: usize, told: &Told, catalogue: &Catalogue) -> Option<Measure> {
    match plain_role(header, index, told, catalogue)? {
        Role::Measures([measure, ..]) => Some(*measure),
        _ => None,
    }
}

fn plain_role(header: &Header, index: usize, told: &Told, catalogue: &Catalogue) -> Option<Role> {
    let name = header.normal(index);
    if let Some((_, role)) = told.columns.iter().find(|(column, _)| normal(column) == name) {
        return Some(*role);
    }
    // "clicks" beside spend or impressions, with nothing sent, means clicks on ads.
    if name == "clicks" && ["spend", "cost", "amount spent", "impressions", "impr."].iter().any(|ads| header.has(ads)) {
        let messages = ["sent", "delivered", "opens", "unique opens", "sends", "recipients"];
        if !messages.iter().any(|message| header.has(message)) {
            return Some(Role::Measures(&[Measure::AdClicks]));
        }
    }
    let spelled = plain::TABLE
        .columns
        .iter()
        .find(|column| column.names.iter().any(|spelling| normal(spelling) == name))
        .map(|column| column.role);
    spelled.or_else(|| {
        let measure = catalogue.measures().find(|measure| normal(measure.id()) == name)?;
        Some(Role::Measures(one(measure)))
    })
}

/// A slice of that one measure for a role.
fn one(measure: Measure) -> &'static [Measure] {
    match Measure::ALL.iter().position(|known| *known == measure) {
        Some(index) => Measure::ALL.get(index..=index).unwrap_or(&[]),
        // A measure of the user's own: declared once at start-up, so leaking its slice is bounded.
        None => Box::leak(Box::new([measure])),
    }
}

/// The kind of a plain table, by the family of its measures that names most.
fn kind_of(measures: &[Measure]) -> Kind {
    let families = [("messages", Kind::Campaigns), ("ads", Kind::Ads), ("web", Kind::Web), ("social", Kind::Social)];
    let count = |group: &str| measures.iter().filter(|measure| measure.def().group == group).count();
    let most = families.into_iter().rev().max_by_key(|(group, _)| count(group));
    most.filter(|(group, _)| count(group) > 0).map_or(Kind::Measures, |(_, kind)| kind)
}

/// Gives every column its use.
fn assign(header: &Header, profile: &Profile, told: &Told, catalogue: &Catalogue, place: &Place) -> Result<Vec<Use>, Finding> {
    let mut uses = vec![None; header.len()];
    let plainly = told.columns.iter().filter(|(_, role)| !matches!(role, Role::CountWhen { .. }));
    let counting = told.columns.iter().filter(|(_, role)| matches!(role, Role::CountWhen { .. }));
    for (name, role) in plainly.chain(counting) {
        for found in header.find(name) {
            set(&mut uses, found.index, Use::Role(*role, found.currency.map(Into::into)));
        }
    }
    if profile.id == plain::TABLE.id {
        for index in 0..header.len() {
            if let Some(role) = plain_role(header, index, told, catalogue) {
                refuse_twice(header, index, place, &uses, role)?;
                set(&mut uses, index, Use::Role(role, None));
            }
        }
    }
    for column in profile.columns.iter().filter(|_| profile.id != plain::TABLE.id) {
        let found = header.find_column(column);
        let Some(first) = found.first() else { continue };
        if !matches!(column.role, Role::Ignored | Role::Id | Role::PrintedRate(_)) {
            refuse_duplicate(header, first.index, place)?;
        }
        for other in &found {
            let same = other.index == first.index || matches!(column.role, Role::Ignored | Role::PrintedRate(_));
            let becomes = if same {
                Use::Role(column.role, other.currency.as_deref().map(Into::into))
            } else {
                Use::Alternative(first.index)
            };
            set(&mut uses, other.index, becomes);
        }
    }
    let rest = |(index, used): (usize, Option<Use>)| {
        used.unwrap_or(if header.normal(index).is_empty() { Use::Unnamed } else { Use::Other })
    };
    Ok(uses.into_iter().enumerate().map(rest).collect())
}

/// The first use that is set stands: what the user said comes first.
fn set(uses: &mut [Option<Use>], index: usize, becomes: Use) {
    if let Some(used) = uses.get_mut(index) {
        used.get_or_insert(becomes);
    }
}

fn refuse_duplicate(header: &Header, index: usize, place: &Place) -> Result<(), Finding> {
    let name = header.normal(index);
    let twin = (index.saturating_add(1)..header.len()).find(|other| header.normal(*other) == name);
    match twin {
        None => Ok(()),
        Some(twin) => Err(duplicate(header, index, twin, place)),
    }
}

/// In a plain table two columns with the same meaning contradict each other.
fn refuse_twice(header: &Header, index: usize, place: &Place, uses: &[Option<Use>], role: Role) -> Result<(), Finding> {
    let Role::Measures(_) = role else { return Ok(()) };
    let earlier = uses.iter().position(|used| matches!(used, Some(Use::Role(known, _)) if *known == role));
    earlier.filter(|earlier| *earlier != index).map_or(Ok(()), |earlier| Err(duplicate(header, earlier, index, place)))
}

fn duplicate(header: &Header, first: usize, second: usize, place: &Place) -> Finding {
    let name = header.names.get(second).cloned().unwrap_or_default();
    let message = format!("columns {} and {} mean the same", first.saturating_add(1), second.saturating_add(1));
    Finding::new(Code::DuplicateColumn, place.clone().at_line(header.line).in_column(second, name), message)
        .help("remove one of them, or say in [columns] of mak.toml which one counts")
}

fn unrecognised(headers: &[Header], told: &Told, catalogue: &Catalogue, place: &Place) -> Finding {
    let widest = headers.iter().rev().max_by_key(|header| header.names.iter().filter(|name| !name.is_empty()).count());
    let Some(header) =
        widest.filter(|header| header.len() > 1 || header.names.iter().any(|name| name.chars().any(char::is_alphabetic)))
    else {
        return Finding::new(Code::NoHeader, place.clone(), "no line has the column names of an export");
    };
    let names: Vec<_> = header.names.iter().take(6).map(ToString::to_string).collect();
    let near = header.names.iter().filter_map(|name| Some(format!("\"{name}\" may be {}", nearest_measure(name, catalogue)?)));
    let near: Vec<_> = near.take(4).collect();
    let help = match &told.kind {
        Some(kind) => format!("no column fits {kind}; run mak inspect without --as to see what the file looks like"),
        None if near.is_empty() => {
            "say what the columns mean in [columns] of mak.toml; mak list --measures shows the names".to_owned()
        }
        None => {
            format!("{}: say so in [columns] of mak.toml; mak list --measures shows all names", near.join(", "))
        }
    };
    Finding::new(Code::NoKnownColumn, place.clone().at_line(header.line), "no column of this table is known")
        .saw(names.join(","))
        .help(help)
}

/// The measure that a name which is not known may mean: one whose spelling stands in the name word
/// for word (`EmailOpens`), else one that is spelled nearly so. An id or a rate is none.
pub fn nearest_measure(name: &str, catalogue: &Catalogue) -> Option<&'static str> {
    const NO_COUNT: [&str; 12] =
        ["id", "rate", "ratio", "percent", "pct", "average", "avg", "per", "score", "date", "name", "type"];
    let words = words(name);
    if words.iter().any(|word| NO_COUNT.contains(&word.as_str())) {
        return None;
    }
    let stands = |spelling: &str| {
        let spelled: Vec<String> = self::words(spelling);
        (!spelled.is_empty() && words.windows(spelled.len()).any(|some| some == spelled)).then_some(spelled.len())
    };
    let of_column = |column: &'static Column| match column.role {
        Role::Measures([measure, ..]) => Some((column.names.iter().filter_map(|name| stands(name)).max()?, measure.id())),
        _ => None,
    };
    let spelled = plain::TABLE.columns.iter().filter_map(of_column);
    let by_id = catalogue.measures().filter_map(|measure| Some((stands(measure.id())?, measure.id())));
    let longest = by_id.chain(spelled).reduce(|best, next| if next.0 > best.0 { next } else { best });
    longest.map(|(_, id)| id).or_else(|| nearest(&words.join("_"), catalogue.measures().map(Measure::id)))
}

/// The words of a name in lower case: parted by blanks, marks, or a capital after a small letter.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut small_before = false;
    for c in name.chars() {
        if !c.is_alphanumeric() || (c.is_uppercase() && small_before) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c.is_alphanumeric()) {
            word.extend(c.to_lowercase());
        }
        small_before = c.is_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}

fn joined(record: &Record) -> String {
    record.iter().filter(|cell| !cell.trim().is_empty()).collect::<Vec<_>>().join(" | ")
}

fn quoted(names: &[&str]) -> String {
    names.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_beside_another_is_no_slip_of_its_name() {
        for (name, known) in [("Cliks", "Clicks"), ("UniqueOpens", "Unique Opens"), ("Spam Complaint", "Spam Complaints")] {
            assert!(is_slip(name, known), "{name}");
        }
        for (name, known) in [("Latest Source", "Original Source"), ("total_conversion_value", "conversion_value")] {
            assert!(!is_slip(name, known), "{name}");
        }
    }

    fn head(lines: &[&str]) -> Vec<Record> {
        let record = |(index, line): (usize, &&str)| {
            let mut record = Record::at(index as u64 + 1);
            line.split(',').for_each(|cell| record.push(cell));
            record
        };
        lines.iter().enumerate().map(record).collect()
    }

    fn recognise(lines: &[&str]) -> Result<Layout, Finding> {
        Layout::recognise(
            crate::ingest::profile::ALL,
            &head(lines),
            &Told::default(),
            &Catalogue::builtin(),
            &Place::file("x.csv"),
        )
    }

    #[test]
    fn plain_tables_are_known_by_the_ids_of_the_measures() {
        let layout = recognise(&["My report", "", "campaign,date,sent,delivered,opens"]).expect("plain");
        assert_eq!((layout.profile.kind, layout.header.line), (Kind::Campaigns, 3));
        assert_eq!(layout.preamble, [(1, "My report".to_owned())]);
        assert_eq!(layout.role(4), Some(Role::Measures(&[Measure::Opens])));
    }

    #[test]
    fn clicks_beside_spend_are_clicks_on_ads() {
        let ads = recognise(&["campaign,spend,clicks"]).expect("plain");
        assert_eq!((ads.role(2), ads.profile.kind), (Some(Role::Measures(&[Measure::AdClicks])), Kind::Ads));
        let messages = recognise(&["campaign,spend,sent,clicks"]).expect("plain");
        assert_eq!(messages.role(3), Some(Role::Measures(&[Measure::Clicks])));
    }

    #[test]
    fn a_table_without_a_known_column_names_the_nearest_measure() {
        let finding = recognise(&["who,delivred", "a,1"]).expect_err("unknown");
        assert_eq!(finding.code(), Code::NoKnownColumn);
        assert!(finding.to_string().contains("delivered"), "{finding}");
    }

    #[test]
    fn a_known_word_among_the_values_makes_no_header() {
        let lines = ["order_id,status,bought_on", "e481,delivered,2017-10-02", "53cd,delivered,2018-07-24"];
        let finding = recognise(&lines).expect_err("no measure");
        assert!(finding.to_string().starts_with("x.csv:1: error[no-known-column]"), "{finding}");
    }

    #[test]
    fn the_nearest_measure_is_found_by_word_then_by_spelling() {
        let near = |name| nearest_measure(name, &Catalogue::builtin());
        assert_eq!(near("EmailOpens"), Some("opens"));
        assert_eq!(near("AdSpend"), Some("spend"));
        assert_eq!(near("delivred"), Some("delivered"));
        assert_eq!(near("CustomerID"), None);
        assert_eq!(near("Conversion_Rate"), None);
        assert_eq!(near("Gender"), None);
    }

    #[test]
    fn a_column_that_stands_twice_is_refused_with_both_positions() {
        let finding = recognise(&["campaign,opens,unique_opens"]).expect_err("twice");
        assert_eq!(finding.code(), Code::DuplicateColumn);
        assert!(finding.to_string().contains("columns 2 and 3"), "{finding}");
    }
}
