//! The text of an isolation script.
//!
//! * `setup { … }` any number of times, `teardown { … }`;
//! * `session NAME`, each with `setup { … }`, `step NAME { … }` any number of times, `teardown { … }`;
//! * `permutation STEP STEP(*) STEP(OTHER) STEP(OTHER notices 2) …`.

use std::collections::BTreeMap;
use thiserror::Error;

/// A script.
#[derive(Debug, Clone, Default)]
pub struct Spec {
    /// What is run before every permutation, each as one message.
    pub setup: Vec<String>,
    /// What is run after it.
    pub teardown: Option<String>,
    /// The sessions.
    pub sessions: Vec<Part>,
    permutations: Vec<Vec<(String, Vec<Blocker>)>>,
}

/// A session's part.
#[derive(Debug, Clone, Default)]
pub struct Part {
    /// Its name.
    pub name: String,
    /// What it runs before every permutation.
    pub setup: Option<String>,
    /// What it runs after it.
    pub teardown: Option<String>,
    /// Its steps: names and texts.
    pub steps: Vec<(String, String)>,
}

/// What keeps a step from being told as complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Blocker {
    /// It is told as waiting once, whether it waits or not.
    Once,
    /// A step of another session, as long as it is not complete.
    Step(String),
    /// So many notices that another step's session must have got since this step began.
    Notices(String, usize),
}

/// A step in its turn.
#[derive(Debug, Clone)]
pub struct Turn {
    /// The number of its session.
    pub session: usize,
    /// Its name.
    pub name: String,
    /// What it runs.
    pub text: String,
    /// What keeps it.
    pub blockers: Vec<Blocker>,
}

/// Why a text is no script.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("line {line}: expected {expected}, found {found}")]
pub struct SpecError {
    /// Where, from 1.
    pub line: usize,
    expected: &'static str,
    found: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Word(String),
    Text(String),
    Sign(char),
    End,
}

impl Token {
    fn shown(&self) -> String {
        match self {
            Token::Word(word) => format!("{word:?}"),
            Token::Text(_) => "a text in braces".to_owned(),
            Token::Sign(sign) => format!("{sign:?}"),
            Token::End => "the end".to_owned(),
        }
    }
}

struct Reader<'t> {
    rest: &'t str,
    whole: &'t str,
    token: Token,
}

impl<'t> Reader<'t> {
    fn new(whole: &'t str) -> Result<Reader<'t>, SpecError> {
        let mut reader = Reader { rest: whole, whole, token: Token::End };
        reader.advance()?;
        Ok(reader)
    }

    fn wrong(&self, expected: &'static str, found: String) -> SpecError {
        let line = self.whole[..self.whole.len() - self.rest.len()].matches('\n').count() + 1;
        SpecError { line, expected, found }
    }

    fn advance(&mut self) -> Result<Token, SpecError> {
        let next = self.next()?;
        Ok(std::mem::replace(&mut self.token, next))
    }

    fn next(&mut self) -> Result<Token, SpecError> {
        loop {
            self.rest = self.rest.trim_start();
            match self.rest.strip_prefix('#') {
                Some(comment) => self.rest = comment.find('\n').map_or("", |end| &comment[end..]),
                None => break,
            }
        }
        let Some(first) = self.rest.chars().next() else { return Ok(Token::End) };
        let until = |reader: &mut Self, end: char| {
            let inner = &reader.rest[1..];
            match inner.find(end) {
                Some(length) => {
                    reader.rest = &inner[length + 1..];
                    Ok(inner[..length].to_owned())
                }
                None => Err(reader.wrong("an end of what begins here", "the end".to_owned())),
            }
        };
        match first {
            '{' => {
                let text = until(self, '}')?;
                // Blanks at either end do not belong to it; a new line does.
                let blank = |letter: char| matches!(letter, ' ' | '\t' | '\r' | '\x0c');
                Ok(Token::Text(text.trim_start_matches(blank).trim_end_matches(blank).to_owned()))
            }
            '"' => Ok(Token::Word(until(self, '"')?)),
            letter if letter.is_alphanumeric() || letter == '_' => {
                let is_part = |letter: char| letter.is_alphanumeric() || "_$-".contains(letter);
                let length = self.rest.find(|letter| !is_part(letter)).unwrap_or(self.rest.len());
                let (word, rest) = self.rest.split_at(length);
                self.rest = rest;
                Ok(Token::Word(word.to_owned()))
            }
            sign => {
                self.rest = &self.rest[sign.len_utf8()..];
                Ok(Token::Sign(sign))
            }
        }
    }

    fn is_word(&self, word: &str) -> bool {
        self.token == Token::Word(word.to_owned())
    }

    fn takes(&mut self, word: &str) -> Result<bool, SpecError> {
        let there = self.is_word(word);
        if there {
            self.advance()?;
        }
        Ok(there)
    }

    fn word(&mut self, expected: &'static str) -> Result<String, SpecError> {
        match self.advance()? {
            Token::Word(word) => Ok(word),
            other => Err(self.wrong(expected, other.shown())),
        }
    }

    fn text(&mut self) -> Result<String, SpecError> {
        match self.advance()? {
            Token::Text(text) => Ok(text),
            other => Err(self.wrong("a text in braces", other.shown())),
        }
    }

    fn optional(&mut self, word: &str) -> Result<Option<String>, SpecError> {
        if self.takes(word)? { self.text().map(Some) } else { Ok(None) }
    }

    fn session(&mut self) -> Result<Part, SpecError> {
        let name = self.word("a session's name")?;
        let setup = self.optional("setup")?;
        let mut steps = Vec::new();
        while self.takes("step")? {
            steps.push((self.word("a step's name")?, self.text()?));
        }
        let teardown = self.optional("teardown")?;
        Ok(Part { name, setup, teardown, steps })
    }

    fn permutation(&mut self) -> Result<Vec<(String, Vec<Blocker>)>, SpecError> {
        let mut turns = Vec::new();
        while matches!(self.token, Token::Word(_)) && !self.is_word("permutation") {
            let name = self.word("a step's name")?;
            turns.push((name, self.blockers()?));
        }
        Ok(turns)
    }

    fn blockers(&mut self) -> Result<Vec<Blocker>, SpecError> {
        let mut blockers = Vec::new();
        if self.token != Token::Sign('(') {
            return Ok(blockers);
        }
        self.advance()?;
        loop {
            blockers.push(match self.advance()? {
                Token::Sign('*') => Blocker::Once,
                Token::Word(step) if self.takes("notices")? => {
                    let count = self.word("a number")?;
                    let count = count.parse().map_err(|_| self.wrong("a number", count))?;
                    Blocker::Notices(step, count)
                }
                Token::Word(step) => Blocker::Step(step),
                other => return Err(self.wrong("a step or *", other.shown())),
            });
            match self.advance()? {
                Token::Sign(',') => {}
                Token::Sign(')') => return Ok(blockers),
                other => return Err(self.wrong("a comma or a parenthesis", other.shown())),
            }
        }
    }
}

impl Spec {
    /// Reads a script.
    ///
    /// # Errors
    /// When it is none, or names steps that there are not.
    pub fn parse(text: &str) -> Result<Spec, SpecError> {
        let mut reader = Reader::new(text)?;
        let mut spec = Spec::default();
        while let Some(setup) = reader.optional("setup")? {
            spec.setup.push(setup);
        }
        spec.teardown = reader.optional("teardown")?;
        while reader.takes("session")? {
            spec.sessions.push(reader.session()?);
        }
        while reader.takes("permutation")? {
            spec.permutations.push(reader.permutation()?);
        }
        if reader.token != Token::End {
            let found = reader.token.shown();
            return Err(reader.wrong("setup, teardown, session or permutation", found));
        }
        let known = spec.places();
        let named = spec.permutations.iter().flatten().flat_map(|(name, blockers)| {
            let others = blockers.iter().filter_map(|blocker| match blocker {
                Blocker::Once => None,
                Blocker::Step(step) | Blocker::Notices(step, _) => Some(step),
            });
            others.chain([name])
        });
        let unknown = named.into_iter().find(|name| !known.contains_key(name.as_str())).cloned();
        match unknown {
            Some(unknown) => Err(reader.wrong("the name of a step", format!("{unknown:?}"))),
            None => Ok(spec),
        }
    }

    /// Sessions and places of steps by their names.
    pub fn places(&self) -> BTreeMap<&str, (usize, usize)> {
        let steps = self.sessions.iter().enumerate().flat_map(|(session, part)| {
            part.steps.iter().enumerate().map(move |(place, (name, _))| (name.as_str(), (session, place)))
        });
        steps.collect()
    }

    /// The orders in which the steps are begun: those that the script names, or else all.
    pub fn orders(&self) -> Vec<Vec<Turn>> {
        if self.permutations.is_empty() {
            return self.interleavings();
        }
        let places = self.places();
        let named = |(name, blockers): &(String, Vec<Blocker>)| self.turn(places[name.as_str()], blockers);
        self.permutations.iter().map(|order| order.iter().map(named).collect()).collect()
    }

    /// All orders in which the steps can be begun, each session's in its own order.
    pub fn interleavings(&self) -> Vec<Vec<Turn>> {
        let mut all = Vec::new();
        self.interleave(&mut vec![0; self.sessions.len()], &mut Vec::new(), &mut all);
        all.into_iter().map(|order| order.into_iter().map(|at| self.turn(at, &[])).collect()).collect()
    }

    fn turn(&self, (session, place): (usize, usize), blockers: &[Blocker]) -> Turn {
        let (name, text) = &self.sessions[session].steps[place];
        Turn { session, name: name.clone(), text: text.clone(), blockers: blockers.to_vec() }
    }

    fn interleave(
        &self,
        begun: &mut Vec<usize>,
        order: &mut Vec<(usize, usize)>,
        all: &mut Vec<Vec<(usize, usize)>>,
    ) {
        let mut over = true;
        for (session, part) in self.sessions.iter().enumerate() {
            if begun[session] < part.steps.len() {
                over = false;
                order.push((session, begun[session]));
                begun[session] += 1;
                self.interleave(begun, order, all);
                begun[session] -= 1;
                order.pop();
            }
        }
        if over {
            all.push(order.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCRIPT: &str = "# two\nsetup { CREATE TABLE t (a int); }\nsetup{\n x }\nteardown { DROP TABLE t; }\n\
        session s1\nsetup { BEGIN; }\nstep a { SELECT 1; }\nstep \"b c\" { COMMIT; }\nteardown { ROLLBACK; }\n\
        session s2\nstep d { SELECT 2; }\n";

    #[test]
    fn without_orders_all_are_meant() {
        let spec = Spec::parse(SCRIPT).unwrap();
        assert_eq!(spec.setup, ["CREATE TABLE t (a int);", "\n x"]);
        let names = |order: Vec<Turn>| order.into_iter().map(|turn| turn.name).collect::<Vec<_>>().join(" ");
        let orders: Vec<String> = spec.orders().into_iter().map(names).collect();
        assert_eq!(orders, ["a b c d", "a d b c", "d a b c"]);
    }

    #[test]
    fn orders_name_steps_and_what_keeps_them() {
        let spec = Spec::parse(&format!("{SCRIPT}permutation a d(a, *) \"b c\"(d notices 2)\npermutation d"))
            .unwrap();
        let orders = spec.orders();
        assert_eq!((orders.len(), orders[0].len(), orders[1].len()), (2, 3, 1));
        assert_eq!(orders[0][1].blockers, [Blocker::Step("a".into()), Blocker::Once]);
        assert_eq!(orders[0][2].blockers, [Blocker::Notices("d".into(), 2)]);
    }

    #[test]
    fn what_is_no_script_is_told_with_its_line() {
        let told = |text: &str| Spec::parse(text).unwrap_err().to_string();
        assert_eq!(told("setup {"), "line 1: expected an end of what begins here, found the end");
        assert_eq!(told("\nsetup setup"), "line 2: expected a text in braces, found \"setup\"");
        assert_eq!(
            told("session s step a {} permutation b"),
            "line 1: expected the name of a step, found \"b\""
        );
        assert_eq!(told("session s step a {} permutation a(+)"), "line 1: expected a step or *, found '+'");
    }
}
