//! Documents and queries made of texts by a configuration: the one that is named, or the session's.

use crate::error::{FunctionError, FunctionResult};
use crate::evaluate::{Arguments, Context, SessionFunction};
use crate::kernel::loops::{Give, argument, collect, collect_text, internal};
use diagnostic::{Diagnostic, SqlState};
use json::text::{Escapes, Event, Reader};
use json::{Jsonb, Value as Document};
use search::analyse::MadeQuery;
use search::dictionary::Normal;
use search::headline::{Options, headline};
use search::{Configuration, Lexemes, Query, SearchResult};
use std::borrow::Cow;
use std::sync::Arc;
use thiserror::Error;
use types::array::ArrayBuilder;
use types::catalog::oid;
use types::{Item, Kind, Value, Vector};

/// What is said besides a result.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum SearchNotice {
    #[error("word is too long to be indexed")]
    LongWord,
    #[error("text-search query contains only stop words or doesn't contain lexemes, ignored")]
    Emptied,
    #[error("text-search query doesn't contain lexemes: \"{0}\"")]
    Empty(String),
}

impl Diagnostic for SearchNotice {
    fn sqlstate(&self) -> SqlState {
        match self {
            SearchNotice::LongWord => SqlState::ProgramLimitExceeded,
            SearchNotice::Emptied | SearchNotice::Empty(_) => SqlState::SuccessfulCompletion,
        }
    }

    fn detail(&self) -> Option<String> {
        match self {
            SearchNotice::LongWord => Some("Words longer than 2047 characters are ignored.".to_owned()),
            SearchNotice::Emptied | SearchNotice::Empty(_) => None,
        }
    }
}

/// The session's.
fn current(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Arc<Configuration>> {
    let number = current_number(context, arguments)?;
    context.session.search_configuration(number)
}

/// Its number.
pub(super) fn current_number(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<u32> {
    match context.session.call(SessionFunction::CurrentSearchConfiguration, arguments.site, &[])? {
        Value::Int32(number) => Ok(number.cast_unsigned()),
        _ => Err(internal("no text search configuration")),
    }
}

/// A value for each row: `each` is given the configuration and the place of the argument behind it.
fn configured<R: Give>(
    context: &mut Context<'_>,
    arguments: &Arguments<'_>,
    mut each: impl FnMut(&mut Context<'_>, &Configuration, usize, usize) -> FunctionResult<R>,
) -> FunctionResult<Vector> {
    if arguments.type_of(0).oid == oid::REGCONFIG {
        let numbers = argument::<i32>(arguments, 0)?;
        let mut known: Option<(i32, Arc<Configuration>)> = None;
        return collect::<R>(arguments.rows, |row| {
            let number = numbers.at(row)?;
            let configuration = match known.take() {
                Some((last, configuration)) if last == number => configuration,
                Some(_) | None => context.session.search_configuration(number.cast_unsigned())?,
            };
            let made = each(context, &configuration, row, 1);
            known = Some((number, configuration));
            made
        });
    }
    let current = current(context, arguments)?;
    collect::<R>(arguments.rows, |row| each(context, &current, row, 0))
}

fn tell_long_words(context: &mut Context<'_>, count: usize) {
    for _ in 0..count {
        context.session.notice(Box::new(SearchNotice::LongWord));
    }
}

/// A text's document by the configuration with a number; words that are too long are told of.
pub(crate) fn long_words_told(
    context: &mut Context<'_>,
    number: i32,
    text: &str,
) -> FunctionResult<Lexemes<'static>> {
    let configuration = context.session.search_configuration(number.cast_unsigned())?;
    let (document, long) = configuration.document([text])?;
    tell_long_words(context, long);
    Ok(document)
}

pub(crate) fn to_tsvector(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    configured::<Lexemes<'_>>(context, arguments, |context, configuration, row, place| {
        let text = argument::<&str>(arguments, place)?.at(row)?;
        let (document, long) = configuration.document([text])?;
        tell_long_words(context, long);
        Ok(document)
    })
}

/// A query of each row's text.
fn queries(
    context: &mut Context<'_>,
    arguments: &Arguments<'_>,
    make: fn(&Configuration, &str) -> SearchResult<MadeQuery>,
) -> FunctionResult<Vector> {
    configured::<Query>(context, arguments, |context, configuration, row, place| {
        let text = argument::<&str>(arguments, place)?.at(row)?;
        let made = make(configuration, text)?;
        tell_long_words(context, made.long_words);
        if made.emptied {
            context.session.notice(Box::new(SearchNotice::Emptied));
        } else if made.query.root.is_none() {
            context.session.notice(Box::new(SearchNotice::Empty(text.to_owned())));
        }
        Ok(made.query)
    })
}

macro_rules! queries {
    ($($name:ident, $make:path;)*) => {
        $(pub(crate) fn $name(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
            queries(context, arguments, $make)
        })*
    };
}

// kernel: scalar
queries! {
    to_tsquery, Configuration::query;
    plainto_tsquery, Configuration::plain_query;
    phraseto_tsquery, Configuration::phrase_query;
    websearch_to_tsquery, Configuration::web_query;
}

/// `text @@ text`.
pub(crate) fn ts_match_tt(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    configured::<bool>(context, arguments, |_, configuration, row, place| {
        let texts = (argument::<&str>(arguments, place)?, argument::<&str>(arguments, place + 1)?);
        let query = configuration.plain_query(texts.1.at(row)?)?.query;
        Ok(configuration.document([texts.0.at(row)?])?.0.matches(&query))
    })
}

/// `text @@ tsquery`.
pub(crate) fn ts_match_tq(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    configured::<bool>(context, arguments, |_, configuration, row, place| {
        let text = argument::<&str>(arguments, place)?.at(row)?;
        let query = argument::<Query>(arguments, place + 1)?.at(row)?;
        Ok(configuration.document([text])?.0.matches(&query))
    })
}

/// What of a document in JSON is text to search.
#[derive(Debug, Clone, Copy, Default)]
struct Wanted {
    keys: bool,
    strings: bool,
    numbers: bool,
    truths: bool,
}

impl Wanted {
    const STRINGS: Wanted = Wanted { keys: false, strings: true, numbers: false, truths: false };

    /// Reads a flag or a list of such.
    fn read(flags: Document<'_>) -> FunctionResult<Wanted> {
        let mut wanted = Wanted::default();
        match flags {
            Document::Object(_) => Err(FunctionError::plain(
                SqlState::InvalidParameterValue,
                "wrong flag type, only arrays and scalars are allowed",
            )),
            Document::Array(flags) => flags.iter().try_for_each(|flag| wanted.add(flag)).map(|()| wanted),
            flag => wanted.add(flag).map(|()| wanted),
        }
    }

    fn add(&mut self, flag: Document<'_>) -> FunctionResult<()> {
        let refused = |message: String| {
            let hint = "Possible values are: \"string\", \"numeric\", \"boolean\", \"key\", and \"all\".";
            Err(FunctionError::hinted(SqlState::InvalidParameterValue, message, hint))
        };
        let Document::String(name) = flag else {
            return refused("flag array element is not a string".to_owned());
        };
        match name.to_ascii_lowercase().as_str() {
            "all" => *self = Wanted { keys: true, strings: true, numbers: true, truths: true },
            "key" => self.keys = true,
            "string" => self.strings = true,
            "numeric" => self.numbers = true,
            "boolean" => self.truths = true,
            _ => return refused(format!("wrong flag in flag array: \"{name}\"")),
        }
        Ok(())
    }

    fn of_binary<'a>(self, document: Document<'a>) -> Vec<Cow<'a, str>> {
        use json::jsonb::{Visit, Walk};
        let piece = |visit| match visit {
            Visit::Key(name) => self.keys.then_some(Cow::Borrowed(name)),
            Visit::Scalar(Document::String(text)) => self.strings.then_some(Cow::Borrowed(text)),
            Visit::Scalar(Document::Bool(truth)) => {
                self.truths.then_some(Cow::Borrowed(if truth { "true" } else { "false" }))
            }
            Visit::Scalar(Document::Number(number)) => self.numbers.then(|| Cow::Owned(number.text())),
            Visit::Scalar(Document::Null | Document::Array(_) | Document::Object(_))
            | Visit::ObjectStart(_)
            | Visit::ObjectEnd
            | Visit::ArrayStart(_)
            | Visit::ArrayEnd => None,
        };
        Walk::new(document).filter_map(piece).collect()
    }

    fn of_text(self, document: &str) -> FunctionResult<Vec<Cow<'_, str>>> {
        let mut reader = Reader::new(document, Escapes::Resolved);
        let mut pieces = Vec::new();
        while let Some(event) = reader.next_event()? {
            pieces.extend(match event {
                Event::Key(name) if self.keys => Some(name.decode()),
                Event::String(text) if self.strings => Some(text.decode()),
                Event::Number(number) if self.numbers => Some(Cow::Borrowed(number)),
                Event::Bool(truth) if self.truths => {
                    Some(Cow::Borrowed(if truth { "true" } else { "false" }))
                }
                Event::Key(_)
                | Event::String(_)
                | Event::Number(_)
                | Event::Bool(_)
                | Event::Null
                | Event::ObjectStart
                | Event::ObjectEnd
                | Event::ArrayStart
                | Event::ArrayEnd => None,
            });
        }
        Ok(pieces)
    }
}

/// The lexemes of each row's document in JSON.
fn documents(context: &mut Context<'_>, arguments: &Arguments<'_>, flags: bool) -> FunctionResult<Vector> {
    configured::<Lexemes<'_>>(context, arguments, |context, configuration, row, place| {
        let wanted = match flags {
            true => Wanted::read(argument::<Document<'_>>(arguments, place + 1)?.at(row)?)?,
            false => Wanted::STRINGS,
        };
        let pieces = match arguments.type_of(place).oid {
            oid::JSONB => wanted.of_binary(argument::<Document<'_>>(arguments, place)?.at(row)?),
            _ => wanted.of_text(argument::<&str>(arguments, place)?.at(row)?)?,
        };
        let (document, long) = configuration.document(pieces.iter().map(|piece| &**piece))?;
        tell_long_words(context, long);
        Ok(document)
    })
}

pub(crate) fn json_string_to_tsvector(
    context: &mut Context<'_>,
    arguments: &Arguments<'_>,
) -> FunctionResult<Vector> {
    documents(context, arguments, false)
}

pub(crate) fn json_to_tsvector(
    context: &mut Context<'_>,
    arguments: &Arguments<'_>,
) -> FunctionResult<Vector> {
    documents(context, arguments, true)
}

/// The query and the options of a headline, behind the text.
fn asked(arguments: &Arguments<'_>, place: usize, row: usize) -> FunctionResult<(Query, Options)> {
    let query = argument::<Query>(arguments, place + 1)?.at(row)?;
    let options = match arguments.vectors.len() > place + 2 {
        true => Options::parse(argument::<&str>(arguments, place + 2)?.at(row)?)?,
        false => Options::default(),
    };
    Ok((query, options))
}

pub(crate) fn ts_headline(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    configured::<String>(context, arguments, |_, configuration, row, place| {
        let (query, options) = asked(arguments, place, row)?;
        Ok(headline(configuration, argument::<&str>(arguments, place)?.at(row)?, &query, &options))
    })
}

/// The document with a headline in place of every string.
pub(crate) fn ts_headline_jsonb(
    context: &mut Context<'_>,
    arguments: &Arguments<'_>,
) -> FunctionResult<Vector> {
    use json::jsonb::{Builder, Visit, Walk};
    configured::<Jsonb>(context, arguments, |_, configuration, row, place| {
        let (query, options) = asked(arguments, place, row)?;
        let mut made = Builder::new();
        for visit in Walk::new(argument::<Document<'_>>(arguments, place)?.at(row)?) {
            match visit {
                Visit::ObjectStart(_) => made.begin_object()?,
                Visit::ArrayStart(_) => made.begin_array()?,
                Visit::ObjectEnd | Visit::ArrayEnd => made.end()?,
                Visit::Key(name) => made.key(name)?,
                Visit::Scalar(Document::String(text)) => {
                    made.string_copied(&headline(configuration, text, &query, &options))?;
                }
                Visit::Scalar(other) => made.value(other)?,
            }
        }
        Ok(made.finish()?)
    })
}

pub(crate) fn ts_headline_json(
    context: &mut Context<'_>,
    arguments: &Arguments<'_>,
) -> FunctionResult<Vector> {
    configured::<String>(context, arguments, |_, configuration, row, place| {
        let (query, options) = asked(arguments, place, row)?;
        let document = argument::<&str>(arguments, place)?.at(row)?;
        let mut reader = Reader::new(document, Escapes::Resolved);
        let mut made = String::new();
        // Whether a value or a name stands before, so that a comma comes first.
        let mut behind = false;
        while let Some(event) = reader.next_event()? {
            let opens = matches!(event, Event::ObjectStart | Event::ArrayStart);
            let closes = matches!(event, Event::ObjectEnd | Event::ArrayEnd);
            if behind && !closes {
                made.push(',');
            }
            match event {
                Event::ObjectStart => made.push('{'),
                Event::ObjectEnd => made.push('}'),
                Event::ArrayStart => made.push('['),
                Event::ArrayEnd => made.push(']'),
                Event::Key(name) => {
                    json::text::escape_into(&name.decode(), &mut made);
                    made.push(':');
                }
                Event::String(text) => {
                    let shown = headline(configuration, &text.decode(), &query, &options);
                    json::text::escape_into(&shown, &mut made);
                }
                Event::Number(number) => made.push_str(number),
                Event::Bool(truth) => made.push_str(if truth { "true" } else { "false" }),
                Event::Null => made.push_str("null"),
            }
            behind = !opens && !matches!(event, Event::Key(_));
        }
        Ok(made)
    })
}

/// The lexemes that a dictionary makes of a word: an empty list for one that says nothing, none for one that it does not know.
pub(crate) fn ts_lexize(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    let (numbers, words) = (argument::<i32>(arguments, 0)?, argument::<&str>(arguments, 1)?);
    collect::<Option<Vec<u8>>>(arguments.rows, |row| {
        let dictionary = context.session.search_dictionary(numbers.at(row)?.cast_unsigned())?;
        Ok(dictionary.lexemes(words.at(row)?).map(|lexemes| listed(&lexemes)))
    })
}

/// Texts as a dictionary has them that replaces parts of words: the one of a number, or the one of the extension.
pub(crate) fn unaccent(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    let (numbers, texts) = match arguments.vectors.len() {
        1 => (None, argument::<&str>(arguments, 0)?),
        _ => (Some(argument::<i32>(arguments, 0)?), argument::<&str>(arguments, 1)?),
    };
    collect_text(arguments.rows, |row, out| {
        let number = match &numbers {
            Some(numbers) => numbers.at(row)?.cast_unsigned(),
            None => context.session.search_dictionary_of("unaccent")?,
        };
        let text = texts.at(row)?;
        // One that knows nothing of it, or makes nothing of it, leaves it as it is.
        let lexemes = context.session.search_dictionary(number)?.lexemes(text);
        match lexemes.and_then(|lexemes| lexemes.into_iter().next()) {
            Some(made) => out.extend_from_slice(made.text.as_bytes()),
            None => out.extend_from_slice(text.as_bytes()),
        }
        Ok(())
    })
}

/// Lexemes as an array.
pub(super) fn listed(lexemes: &[Normal]) -> Vec<u8> {
    let mut array = ArrayBuilder::new(oid::TEXT, Kind::Bytes);
    lexemes.iter().for_each(|lexeme| array.push(&Item::Bytes(lexeme.text.as_bytes())));
    array.finish_list()
}
