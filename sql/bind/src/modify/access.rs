//! What a change must know of an index beyond its keys: what its entries are made of, and which rows exclude each other.

use crate::binder::{Binder, Bound, internal};
use crate::error::BindResult;
use catalog::object::{Constraint, Index, Object, PG_CATALOG, Rule};
use catalog::operator_class;
use functions::table;
use plan::expression::{Expression, ExpressionKind, SortKey};
use plan::spread::{Question, SpreadKey};
use plan::target::Excluded;
use types::Type;

impl Binder<'_> {
    /// What the entries of an index are made of; nothing if it is in the order of its keys.
    pub(super) fn spread(&self, index: &Index) -> BindResult<Vec<SpreadKey>> {
        if index.method.is_ordered() {
            return Ok(Vec::new());
        }
        let of_key = |key: &catalog::object::IndexKey| {
            let default = || operator_class::default_class(self.scope(), index.method, key.type_oid);
            let class =
                key.class.and_then(|class| operator_class::class_of(self.scope(), class)).or_else(default);
            let found = class.and_then(|class| {
                let kind = operator_class::entry_kind(self.scope(), class.family)?;
                Some(SpreadKey { kind, family: class.family, tells_nulls: index.method.tells_nulls() })
            });
            found.ok_or_else(|| internal("an index is of a class that has no entries"))
        };
        index.keys.iter().map(of_key).collect()
    }

    /// The operators of an exclusion constraint, over the key of one row and that of another; none if it is no such constraint.
    pub(super) fn excluded(
        &mut self,
        index: &Index,
        constraint: Option<&Constraint>,
        keys: &[SortKey],
    ) -> BindResult<Vec<Excluded>> {
        let Some(Rule::Exclude(_, operators)) = constraint.map(|constraint| &constraint.rule) else {
            return Ok(Vec::new());
        };
        let spread = self.spread(index)?;
        let mut excluded = Vec::with_capacity(keys.len());
        for (place, (operator, key)) in operators.iter().zip(keys).enumerate() {
            let condition = self.between_keys(*operator, key.expression.result)?;
            let name = table::operator_by_oid(*operator).map_or("", |entry| entry.name);
            let question = spread.get(place).and_then(|of| Question::of_operator(of.kind, name));
            excluded.push(Excluded { condition, question });
        }
        Ok(excluded)
    }

    /// An operator between two keys of a type, in the first two slots.
    fn between_keys(&mut self, operator: u32, of: Type) -> BindResult<Expression> {
        let [left, right] = keys_of(of);
        let (schema, name) = match (table::operator_by_oid(operator), self.scope().object(operator)) {
            (Some(entry), _) => (PG_CATALOG, entry.name.to_owned()),
            (None, Some(Object::Operator(made))) => (made.schema, made.name.clone()),
            (None, _) => return Err(internal("an exclusion constraint is of an operator that is not there")),
        };
        Ok(self.operation_of(Some(schema), &name, left, right, 0)?.expression)
    }
}

/// The keys of two rows.
pub fn keys_of(of: Type) -> [Bound; 2] {
    [0, 1].map(|slot| Bound {
        expression: Expression { kind: ExpressionKind::Slot(slot), result: of },
        position: 0,
    })
}
