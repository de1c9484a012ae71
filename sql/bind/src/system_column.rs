//! System columns: of rows that are read, of rows that a change makes, of rows that texts of the catalog are about.

use crate::binder::{Binder, unsupported};
use crate::clause::Clause;
use crate::error::{BindError, BindErrorKind, BindResult};
use crate::level::{ItemKind, MadeRows};
use crate::names::{Place, column_expression};
use plan::expression::{Call, CallForm, Column, Expression, ExpressionKind, FunctionId};
use plan::logical::{SYSTEM_TABLE_OID, ScanSource};
use types::catalog::oid;
use types::{Type, Value};

impl Binder<'_> {
    pub(crate) fn system_column(
        &mut self,
        place: Place,
        name: &str,
        position: u32,
    ) -> BindResult<Option<Expression>> {
        if self.level().clause == Clause::MergeWhen && name != "tableoid" {
            self.refuse_system_column(name, position)?;
        }
        let ItemKind::Table { relation, .. } = self.levels[place.0].items[place.1].kind else {
            return self.column_of_made(place, name, position);
        };
        let (source, of) = match name {
            "tableoid" => (ScanSource::TableOid, oid::OID),
            "xmin" => (ScanSource::Writer, oid::XID),
            "ctid" => (ScanSource::RowId, oid::TID),
            "cmin" | "cmax" | "xmax" => {
                return Err(unsupported(format!("system column {name}"), position));
            }
            _ => return Ok(None),
        };
        let column = self.scan_column(relation, source, Type::of(of))?;
        self.note_column(column, position);
        Ok(Some(column_expression(column, Type::of(of))))
    }

    /// A system column of a row that a change makes.
    fn column_of_made(&mut self, place: Place, name: &str, position: u32) -> BindResult<Option<Expression>> {
        let is_row = matches!(self.levels[place.0].items[place.1].kind, ItemKind::Composite(_));
        if let Some(column) = self.oid_of_system_table(place).filter(|_| name == "tableoid") {
            self.note_column(column, position);
            return Ok(Some(column_expression(column, Type::of(oid::OID))));
        }
        if self.levels[place.0].kept.is_some() && is_row {
            return self.column_of_kept(name, position);
        }
        let Some(made) = self.levels[place.0].made.filter(|_| is_row && self.changed.is_none()) else {
            return Ok(self.unreadable_column(place, name));
        };
        if let Some(value) = self.made_value(&made, place, name)? {
            return Ok(Some(value));
        }
        let (source, of) = match name {
            "tableoid" => (ScanSource::TableOid, oid::OID),
            "ctid" => (ScanSource::RowId, oid::TID),
            "xmin" if made.deleted => (ScanSource::Writer, oid::XID),
            "cmin" | "cmax" | "xmax" => {
                return Err(unsupported(format!("system column {name} in RETURNING"), position));
            }
            _ => return Ok(None),
        };
        let Some(relation) = made.scanned else {
            let behind = usize::from(made.routed) + usize::from(made.updates && !made.routed);
            let level = &mut self.levels[place.0];
            let index = (level.items[place.1].columns.len() + behind) as u32;
            if let Some(made) = level.made.as_mut().filter(|_| source == ScanSource::RowId) {
                made.row_ids = true;
                let column = Column { relation: made.relation, index };
                return Ok(Some(column_expression(column, Type::of(of))));
            }
            return Err(unsupported(format!("system column {name} in RETURNING"), position));
        };
        let column = self.scan_column(relation, source, Type::of(of))?;
        Ok(Some(column_expression(column, Type::of(of))))
    }

    /// `tableoid` of a table of the system, if the item is one.
    pub(crate) fn oid_of_system_table(&self, place: Place) -> Option<Column> {
        let first = self.levels[place.0].items[place.1].columns.first()?;
        let ExpressionKind::Column(Column { relation, .. }) = first.expression.kind else { return None };
        let columns = self.system_columns.get(&relation)?;
        let index = columns.iter().position(|(number, _)| *number == SYSTEM_TABLE_OID)?;
        Some(Column { relation, index: index as u32 })
    }

    /// A system column of a row that a change makes which does not come from where the row was found.
    fn made_value(&mut self, made: &MadeRows, place: Place, name: &str) -> BindResult<Option<Expression>> {
        let table = |number: u32| Value::Int32(number.cast_signed());
        let own = Type::of(oid::XID);
        if made.routed && made.scanned.is_none() && matches!(name, "xmin" | "xmax" | "cmin" | "cmax") {
            let state = diagnostic::SqlState::FeatureNotSupported;
            let message = "cannot retrieve a system column in this context".to_owned();
            return Err(BindError::new(BindErrorKind::Plain { state, message }));
        }
        Ok(match name {
            "tableoid" if made.alone => Some(Expression::constant(table(made.table), Type::of(oid::OID))),
            "tableoid" if made.routed => {
                let index = self.levels[place.0].items[place.1].columns.len() as u32;
                let column = Column { relation: made.relation, index };
                Some(column_expression(column, Type::of(oid::OID)))
            }
            "xmin" if !made.deleted && self.shapes.is_none() => Some(own_transaction()),
            // Rows that were updated in the place of being inserted have been locked for it.
            "xmax" if made.updates && made.scanned.is_none() => {
                let index = self.levels[place.0].items[place.1].columns.len() as u32;
                Some(column_expression(Column { relation: made.relation, index }, own))
            }
            // Nobody has ended a new version of a row yet.
            "xmax" if !made.updates || made.scanned.is_some() => Some(Expression::constant(table(0), own)),
            _ => None,
        })
    }

    /// `tableoid` of the rows that a check or a generated column is about; no other system column may be in such a text.
    pub(crate) fn column_of_kept(&mut self, name: &str, position: u32) -> BindResult<Option<Expression>> {
        let clause = self.level().clause;
        match self.level().kept {
            Some(kept)
                if name == "tableoid"
                    && matches!(clause, Clause::Check | Clause::Generated | Clause::Policy) =>
            {
                let of = Type::of(oid::OID);
                Ok(Some(if self.writes_down {
                    column_expression(Column { relation: kept.relation, index: kept.columns }, of)
                } else {
                    Expression::constant(Value::Int32(kept.table.cast_signed()), of)
                }))
            }
            Some(_) | None => self.refuse_system_column(name, position).map(|()| None),
        }
    }

    /// A system column of a row that a view's change makes: the view may have it, but nobody may read it.
    fn unreadable_column(&mut self, place: Place, name: &str) -> Option<Expression> {
        let is_row = matches!(self.levels[place.0].items[place.1].kind, ItemKind::Composite(_));
        let of = match name {
            "ctid" => oid::TID,
            "tableoid" => oid::OID,
            "xmin" => oid::XID,
            _ => return None,
        };
        if !is_row || self.changed.is_none() {
            return None;
        }
        let relation = match self.unreadable {
            Some(relation) => relation,
            None => {
                let relation = self.relation();
                self.unreadable = Some(relation);
                relation
            }
        };
        Some(column_expression(Column { relation, index: 0 }, Type::of(of)))
    }
}

/// The number of the transaction: `pg_current_xact_id()::xid`.
fn own_transaction() -> Expression {
    /// `pg_current_xact_id()`
    const CURRENT: FunctionId = FunctionId(5059);
    /// `xid(xid8)`
    const SHORT: FunctionId = FunctionId(5071);
    let call = |function, arguments, result| {
        let call = Call {
            function,
            arguments,
            variadic: false,
            operator: None,
            form: CallForm::Call,
            written: None,
        };
        Expression { kind: ExpressionKind::Call(call), result: Type::of(result) }
    };
    let whole = call(CURRENT, Vec::new(), oid::XID8);
    call(SHORT, vec![whole], oid::XID)
}
