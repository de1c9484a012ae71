//! Texts that are searched: an entry for each lexeme of a document, or of a query.

use super::{Question, Wanted, some};
use search::query::{Node, Operand};
use search::{Lexemes, Query};

/// The entries of a document.
pub(super) fn entries(bytes: &[u8]) -> Option<Vec<Vec<u8>>> {
    let document = Lexemes::from_bytes(bytes)?;
    Some(document.entries().iter().map(|lexeme| whole(&lexeme.text)).collect())
}

/// The entries of a query.
pub(super) fn entries_of_query(bytes: &[u8]) -> Option<Vec<Vec<u8>>> {
    Some(Query::from_bytes(bytes)?.operands().into_iter().map(|operand| whole(&operand.text)).collect())
}

/// The entry of a lexeme, with an end: others may begin so.
fn whole(text: &str) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    bytes.push(0);
    some(&bytes)
}

fn wanted_operand(operand: &Operand) -> Wanted {
    let entry = if operand.prefix { some(operand.text.as_bytes()) } else { whole(&operand.text) };
    Wanted::Beginning(entry)
}

/// Which entries a document must have to match a query.
pub(super) fn wanted(question: Question, with: &[u8]) -> Option<Wanted> {
    let query = Query::from_bytes(with)?;
    (question == Question::Matches).then(|| query.root.as_ref().map_or(Wanted::Nothing, of_node))
}

fn of_node(node: &Node) -> Wanted {
    match node {
        Node::Value(operand) => wanted_operand(operand),
        // Whoever lacks it may match, too.
        Node::Not(_) => Wanted::Any,
        Node::All(nodes) => Wanted::all(nodes.iter().map(of_node)),
        Node::Any(nodes) => Wanted::one(nodes.iter().map(of_node)),
        Node::Phrase(left, right, _) => Wanted::all([of_node(left), of_node(right)]),
    }
}

/// Which entries a query must have to contain another, or to be contained by it.
pub(super) fn wanted_of_query(question: Question, with: &[u8]) -> Option<Wanted> {
    let query = Query::from_bytes(with)?;
    let operands = query.operands().into_iter().map(|operand| Wanted::Beginning(whole(&operand.text)));
    Some(match question {
        Question::Contains => Wanted::all(operands),
        Question::ContainedBy => Wanted::one(operands.chain([Wanted::empty()])),
        _ => return None,
    })
}
