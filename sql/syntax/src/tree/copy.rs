//! `COPY`.

use super::option::Definition;
use super::select::Query;
use super::statement::Statement;
use super::{Expression, Name, QualifiedName};

/// `COPY …`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CopyStatement<'a> {
    /// What is copied.
    pub subject: CopySubject<'a>,
    /// `FROM`, not `TO`.
    pub from: bool,
    /// `PROGRAM`
    pub program: bool,
    /// The file or the program; `None` for `STDIN` and `STDOUT`.
    pub file: Option<&'a str>,
    /// Options, in their order; those of the older forms by their newer names.
    pub options: &'a [Definition<'a>],
    /// `WHERE …`
    pub condition: Option<Expression<'a>>,
}

/// What is copied.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum CopySubject<'a> {
    /// A table and perhaps columns of it.
    Table(QualifiedName<'a>, &'a [Name<'a>]),
    /// What a query gives.
    Query(&'a Query<'a>),
    /// What a change of rows returns.
    Change(&'a Statement<'a>),
}
