//! Columns as they are made, and the constraints of columns and tables.

use super::Parser;
use crate::error::{Rule, SyntaxResult};
use crate::keyword::Keyword;
use crate::lexer::TokenKind;
use crate::tree::table::{
    ColumnConstraint, ColumnConstraintKind, ColumnSpecification, ConstraintAttribute, Exclusion,
    IndexParameters, Reference, ReferenceAction, TableConstraint, TableConstraintKind,
};
use crate::tree::{Name, QualifiedName};

/// How a constraint is checked: bits that may be said in any order.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Attributes {
    pub(super) deferrable: bool,
    not_deferrable: bool,
    pub(super) initially_deferred: bool,
    initially_immediate: bool,
    not_valid: bool,
    no_inherit: bool,
}

/// Which of them a constraint may have.
#[derive(Debug, Clone, Copy)]
pub(super) struct Allowed {
    pub(super) kind: &'static str,
    pub(super) deferrable: bool,
    pub(super) not_valid: bool,
    pub(super) no_inherit: bool,
}

impl<'a> Parser<'a> {
    /// `name type …` (`columnDef`).
    pub(super) fn column_specification(&mut self) -> SyntaxResult<ColumnSpecification<'a>> {
        let name = self.name()?;
        let type_name = Some(self.type_name()?);
        let compression = match self.at_keyword(Keyword::Compression) {
            true => Some(self.compression()?),
            false => None,
        };
        let foreign_options = self.foreign_options()?;
        let (constraints, collation) = self.column_constraints()?;
        Ok(ColumnSpecification { name, type_name, compression, foreign_options, collation, constraints })
    }

    /// `COMPRESSION method`, `COMPRESSION DEFAULT`
    pub(super) fn compression(&mut self) -> SyntaxResult<Name<'a>> {
        self.expect_keyword(Keyword::Compression)?;
        match self.at_keyword(Keyword::Default) {
            true => self.label(),
            false => self.name(),
        }
    }

    /// `COLLATE …`, if it stands here; the name is where the clause begins, where PostgreSQL points.
    pub(super) fn collation_clause(&mut self) -> SyntaxResult<Option<QualifiedName<'a>>> {
        let position = self.position();
        if !self.eat_keyword(Keyword::Collate)? {
            return Ok(None);
        }
        let mut parts = self.list();
        for part in self.qualified_name()?.parts {
            parts.push(Name { position, ..*part });
        }
        Ok(Some(QualifiedName { parts: parts.into_bump_slice() }))
    }

    /// Constraints and a collation behind a column or a domain, in any order (`ColQualList`).
    pub(super) fn column_constraints(
        &mut self,
    ) -> SyntaxResult<(&'a [ColumnConstraint<'a>], Option<QualifiedName<'a>>)> {
        let mut constraints = self.list();
        let mut collation = None;
        let mut second = None;
        loop {
            let position = self.position();
            if let Some(written) = self.collation_clause()? {
                if collation.replace(written).is_some() {
                    second = second.or(Some(position));
                }
                continue;
            }
            let name = self.name_after(Keyword::Constraint)?;
            let attribute = match name {
                None => self.column_attribute()?,
                Some(_) => None,
            };
            let kind = match attribute {
                Some(attribute) => Some(ColumnConstraintKind::Attribute(attribute)),
                None => self.column_constraint()?,
            };
            match kind {
                Some(kind) => constraints.push(ColumnConstraint { name, kind, position }),
                None if name.is_some() => return Err(self.unexpected()),
                None => break,
            }
        }
        match second {
            Some(position) => Err(self.refused(Rule::TwoCollations, position)),
            None => Ok((constraints.into_bump_slice(), collation)),
        }
    }

    fn column_attribute(&mut self) -> SyntaxResult<Option<ConstraintAttribute>> {
        if self.eat_keyword(Keyword::Deferrable)? {
            return Ok(Some(ConstraintAttribute::Deferrable));
        }
        if self.eat_keywords(Keyword::Not, Keyword::Deferrable)? {
            return Ok(Some(ConstraintAttribute::NotDeferrable));
        }
        if !self.eat_keyword(Keyword::Initially)? {
            return Ok(None);
        }
        if self.eat_keyword(Keyword::Deferred)? {
            return Ok(Some(ConstraintAttribute::InitiallyDeferred));
        }
        self.expect_keyword(Keyword::Immediate)?;
        Ok(Some(ConstraintAttribute::InitiallyImmediate))
    }

    fn column_constraint(&mut self) -> SyntaxResult<Option<ColumnConstraintKind<'a>>> {
        let TokenKind::Keyword(keyword) = self.kind() else { return Ok(None) };
        Ok(Some(match keyword {
            Keyword::Not => {
                self.take()?;
                self.expect_keyword(Keyword::Null)?;
                ColumnConstraintKind::NotNull
            }
            Keyword::Null => {
                self.take()?;
                ColumnConstraintKind::Null
            }
            Keyword::Default => {
                self.take()?;
                ColumnConstraintKind::Default(self.restricted_expression()?)
            }
            Keyword::Check => {
                self.take()?;
                let condition = self.expression_in_parentheses()?;
                let no_inherit = self.eat_keyword(Keyword::No)?;
                if no_inherit {
                    self.expect_keyword(Keyword::Inherit)?;
                }
                ColumnConstraintKind::Check { condition, no_inherit }
            }
            Keyword::Unique => {
                self.take()?;
                let nulls_distinct = self.nulls_distinct()?;
                ColumnConstraintKind::Unique(self.index_parameters(nulls_distinct)?)
            }
            Keyword::Primary => {
                self.take()?;
                self.expect_keyword(Keyword::Key)?;
                ColumnConstraintKind::PrimaryKey(self.index_parameters(true)?)
            }
            Keyword::References => {
                self.take()?;
                ColumnConstraintKind::References(self.reference()?)
            }
            Keyword::Generated => self.generated()?,
            _ => return Ok(None),
        }))
    }

    fn generated(&mut self) -> SyntaxResult<ColumnConstraintKind<'a>> {
        self.take()?;
        let position = self.position();
        let always = self.generated_when()?;
        self.expect_keyword(Keyword::As)?;
        if self.eat_keyword(Keyword::Identity)? {
            let options = self.optional_sequence_options()?;
            return Ok(ColumnConstraintKind::Identity { always, options });
        }
        let expression = self.expression_in_parentheses()?;
        self.expect_keyword(Keyword::Stored)?;
        if !always {
            return Err(self.refused(Rule::GeneratedByDefault, position));
        }
        Ok(ColumnConstraintKind::Generated(expression))
    }

    /// `ALWAYS`, or `BY DEFAULT`.
    pub(super) fn generated_when(&mut self) -> SyntaxResult<bool> {
        let always = self.eat_keyword(Keyword::Always)?;
        if !always {
            self.expect_keyword(Keyword::By)?;
            self.expect_keyword(Keyword::Default)?;
        }
        Ok(always)
    }

    fn index_parameters(&mut self, nulls_distinct: bool) -> SyntaxResult<IndexParameters<'a>> {
        let options = self.with_definitions()?;
        let tablespace = match self.eat_keyword(Keyword::Using)? {
            true => {
                self.expect_keyword(Keyword::Index)?;
                self.expect_keyword(Keyword::Tablespace)?;
                Some(self.name()?)
            }
            false => None,
        };
        Ok(IndexParameters { nulls_distinct, options, tablespace })
    }

    /// What stands behind `REFERENCES`.
    fn reference(&mut self) -> SyntaxResult<Reference<'a>> {
        let table = self.relation_name()?;
        let columns = self.optional_names()?;
        let match_full = self.match_kind()?;
        let mut on_delete = None;
        let mut on_update = None;
        while self.at_keyword(Keyword::On) {
            let next = self.next()?.kind;
            let is_delete = next == TokenKind::Keyword(Keyword::Delete);
            if is_delete && on_delete.is_some() {
                self.take()?;
                return Err(self.unexpected());
            }
            let position = self.take()?.start;
            if !is_delete && (on_update.is_some() || !self.at_keyword(Keyword::Update)) {
                return Err(self.unexpected());
            }
            self.take()?;
            let action = self.reference_action()?;
            if is_delete {
                on_delete = Some(action);
                continue;
            }
            let word = match action {
                ReferenceAction::SetNull([_, ..]) => Some("SET NULL"),
                ReferenceAction::SetDefault([_, ..]) => Some("SET DEFAULT"),
                ReferenceAction::SetNull([])
                | ReferenceAction::SetDefault([])
                | ReferenceAction::NoAction
                | ReferenceAction::Restrict
                | ReferenceAction::Cascade => None,
            };
            if let Some(word) = word {
                return Err(self.refused(Rule::ColumnsOfUpdateAction(word), position));
            }
            on_update = Some(action);
        }
        let on_delete = on_delete.unwrap_or(ReferenceAction::NoAction);
        let on_update = on_update.unwrap_or(ReferenceAction::NoAction);
        Ok(Reference { table, columns, match_full, on_delete, on_update })
    }

    fn match_kind(&mut self) -> SyntaxResult<bool> {
        let position = self.position();
        if !self.eat_keyword(Keyword::Match)? {
            return Ok(false);
        }
        if self.eat_keyword(Keyword::Full)? {
            return Ok(true);
        }
        if self.eat_keyword(Keyword::Partial)? {
            return Err(self.refused(Rule::MatchPartial, position));
        }
        self.expect_keyword(Keyword::Simple)?;
        Ok(false)
    }

    fn reference_action(&mut self) -> SyntaxResult<ReferenceAction<'a>> {
        let action = match self.kind() {
            TokenKind::Keyword(Keyword::Restrict) => ReferenceAction::Restrict,
            TokenKind::Keyword(Keyword::Cascade) => ReferenceAction::Cascade,
            TokenKind::Keyword(Keyword::No) => {
                self.take()?;
                self.expect_keyword(Keyword::Action)?;
                return Ok(ReferenceAction::NoAction);
            }
            _ => {
                self.expect_keyword(Keyword::Set)?;
                if self.eat_keyword(Keyword::Null)? {
                    return Ok(ReferenceAction::SetNull(self.optional_names()?));
                }
                self.expect_keyword(Keyword::Default)?;
                return Ok(ReferenceAction::SetDefault(self.optional_names()?));
            }
        };
        self.take()?;
        Ok(action)
    }

    /// Whether a constraint of a table begins here, not a column: a column may be called `exclude`.
    pub(super) fn at_table_constraint(&mut self) -> SyntaxResult<bool> {
        Ok(match self.kind() {
            TokenKind::Keyword(
                Keyword::Constraint | Keyword::Check | Keyword::Unique | Keyword::Primary | Keyword::Foreign,
            ) => true,
            TokenKind::Keyword(Keyword::Exclude) => {
                matches!(self.next()?.kind, TokenKind::LeftParenthesis | TokenKind::Keyword(Keyword::Using))
            }
            _ => false,
        })
    }

    /// `[CONSTRAINT name] …` of a table or a domain.
    pub(super) fn table_constraint(&mut self) -> SyntaxResult<TableConstraint<'a>> {
        let position = self.position();
        let name = self.name_after(Keyword::Constraint)?;
        let (kind, allowed) = match self.kind() {
            TokenKind::Keyword(Keyword::Check) => {
                self.take()?;
                let condition = self.expression_in_parentheses()?;
                (TableConstraintKind::Check(condition), allowed("CHECK", false, true, true))
            }
            TokenKind::Keyword(Keyword::Unique) => {
                self.take()?;
                (self.unique_constraint()?, allowed("UNIQUE", true, false, false))
            }
            TokenKind::Keyword(Keyword::Primary) => {
                self.take()?;
                self.expect_keyword(Keyword::Key)?;
                (self.primary_key()?, allowed("PRIMARY KEY", true, false, false))
            }
            TokenKind::Keyword(Keyword::Foreign) => {
                self.take()?;
                self.expect_keyword(Keyword::Key)?;
                let columns = self.parenthesised(Parser::name)?;
                self.expect_keyword(Keyword::References)?;
                let kind = TableConstraintKind::ForeignKey(columns, self.reference()?);
                (kind, allowed("FOREIGN KEY", true, true, false))
            }
            _ => {
                self.expect_keyword(Keyword::Exclude)?;
                (self.exclusion()?, allowed("EXCLUDE", true, false, false))
            }
        };
        let attributes = self.constraint_attributes()?;
        self.check_attributes(attributes, allowed)?;
        Ok(TableConstraint {
            name,
            kind,
            deferrable: attributes.deferrable || attributes.initially_deferred,
            initially_deferred: attributes.initially_deferred,
            not_valid: attributes.not_valid,
            no_inherit: attributes.no_inherit,
            position,
        })
    }

    fn unique_constraint(&mut self) -> SyntaxResult<TableConstraintKind<'a>> {
        if let Some(index) = self.existing_index()? {
            return Ok(TableConstraintKind::UniqueIndex(index));
        }
        let nulls_distinct = self.nulls_distinct()?;
        let columns = self.parenthesised(Parser::name)?;
        let include = self.included_columns()?;
        let parameters = self.index_parameters(nulls_distinct)?;
        Ok(TableConstraintKind::Unique(columns, include, parameters))
    }

    fn primary_key(&mut self) -> SyntaxResult<TableConstraintKind<'a>> {
        if let Some(index) = self.existing_index()? {
            return Ok(TableConstraintKind::PrimaryKeyIndex(index));
        }
        let columns = self.parenthesised(Parser::name)?;
        let include = self.included_columns()?;
        let parameters = self.index_parameters(true)?;
        Ok(TableConstraintKind::PrimaryKey(columns, include, parameters))
    }

    /// `USING INDEX name`, if it stands here.
    fn existing_index(&mut self) -> SyntaxResult<Option<Name<'a>>> {
        if !self.eat_keyword(Keyword::Using)? {
            return Ok(None);
        }
        self.expect_keyword(Keyword::Index)?;
        self.name().map(Some)
    }

    fn included_columns(&mut self) -> SyntaxResult<&'a [Name<'a>]> {
        match self.eat_keyword(Keyword::Include)? {
            true => self.parenthesised(Parser::name),
            false => Ok(&[]),
        }
    }

    fn exclusion(&mut self) -> SyntaxResult<TableConstraintKind<'a>> {
        let method = self.name_after(Keyword::Using)?;
        let elements = self.parenthesised(|parser| {
            let element = parser.index_element()?;
            parser.expect_keyword(Keyword::With)?;
            let operator = match parser.at_keyword(Keyword::Operator)
                && parser.next()?.kind == TokenKind::LeftParenthesis
            {
                true => parser.operator()?,
                false => parser.named_operator()?,
            };
            Ok((element, operator))
        })?;
        let include = self.included_columns()?;
        let parameters = self.index_parameters(true)?;
        let condition = match self.eat_keyword(Keyword::Where)? {
            true => Some(self.expression_in_parentheses()?),
            false => None,
        };
        let exclusion = Exclusion { method, elements, include, parameters, condition };
        Ok(TableConstraintKind::Exclude(self.boxed(exclusion)))
    }

    /// How the constraint before is checked (`ConstraintAttributeSpec`).
    pub(super) fn constraint_attributes(&mut self) -> SyntaxResult<Attributes> {
        let mut found = Attributes::default();
        loop {
            let position = self.position();
            let TokenKind::Keyword(keyword) = self.kind() else { return Ok(found) };
            match keyword {
                Keyword::Deferrable => found.deferrable = true,
                Keyword::Not => {
                    self.take()?;
                    match self.kind() {
                        TokenKind::Keyword(Keyword::Deferrable) => found.not_deferrable = true,
                        TokenKind::Keyword(Keyword::Valid) => found.not_valid = true,
                        _ => return Err(self.unexpected()),
                    }
                }
                Keyword::Initially => {
                    self.take()?;
                    match self.kind() {
                        TokenKind::Keyword(Keyword::Immediate) => found.initially_immediate = true,
                        TokenKind::Keyword(Keyword::Deferred) => found.initially_deferred = true,
                        _ => return Err(self.unexpected()),
                    }
                }
                Keyword::No => {
                    self.take()?;
                    if !self.at_keyword(Keyword::Inherit) {
                        return Err(self.unexpected());
                    }
                    found.no_inherit = true;
                }
                _ => return Ok(found),
            }
            self.take()?;
            if found.not_deferrable && found.initially_deferred {
                return Err(self.refused(Rule::DeferredNotDeferrable, position));
            }
            if found.deferrable && found.not_deferrable
                || found.initially_deferred && found.initially_immediate
            {
                return Err(self.refused(Rule::ConflictingConstraint, position));
            }
        }
    }

    /// Refuses what this kind of constraint cannot have.
    pub(super) fn check_attributes(&self, found: Attributes, allowed: Allowed) -> SyntaxResult<()> {
        let word = if (found.deferrable || found.initially_deferred) && !allowed.deferrable {
            "DEFERRABLE"
        } else if found.not_valid && !allowed.not_valid {
            "NOT VALID"
        } else if found.no_inherit && !allowed.no_inherit {
            "NO INHERIT"
        } else {
            return Ok(());
        };
        Err(self.refused_without_place(Rule::ConstraintAttribute(allowed.kind, word)))
    }
}

pub(super) fn allowed(kind: &'static str, deferrable: bool, not_valid: bool, no_inherit: bool) -> Allowed {
    Allowed { kind, deferrable, not_valid, no_inherit }
}
