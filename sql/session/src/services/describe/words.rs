//! What functions tell of objects in words: `pg_describe_object`, `pg_get_ruledef`, `pg_sequence_parameters`,
//! `pg_get_keywords`.

use crate::services::describe::Describe;
use crate::services::{Services, number};
use catalog::name::{qualified, quote_identifier};
use catalog::object::{Object, Sequence};
use catalog::{Oid, Relation, Scope};
use functions::FunctionResult;
use functions::table::FunctionKind;
use std::sync::Arc;
use syntax::keyword::{Keyword, KeywordClass};
use types::catalog::{oid, type_name};
use types::record::record;
use types::vector::VectorBuilder;
use types::{Item, Kind, Value, Vector};

/// The system's tables by whose numbers objects are told apart.
mod class {
    pub const TYPE: u32 = 1247;
    pub const FUNCTION: u32 = 1255;
    pub const RELATION: u32 = 1259;
    pub const ROLE: u32 = 1260;
    pub const DATABASE: u32 = 1262;
    pub const DEFAULT: u32 = 2604;
    pub const CONSTRAINT: u32 = 2606;
    pub const COLLATION: u32 = 3456;
    pub const OPERATOR: u32 = 2617;
    pub const CAST: u32 = 2605;
    pub const SCHEMA: u32 = 2615;
    pub const RULE: u32 = 2618;
    pub const STATISTICS: u32 = 3381;
    pub const TRIGGER: u32 = 2620;
    pub const POLICY: u32 = 3256;
    pub const FOREIGN_WRAPPER: u32 = 2328;
    pub const FOREIGN_SERVER: u32 = 1417;
    pub const USER_MAPPING: u32 = 1418;
    pub use catalog::object::class::{PUBLICATION, PUBLISHED_SCHEMA, PUBLISHED_TABLE, SUBSCRIPTION};
}

impl Services<'_> {
    /// What messages call an object, which the number of its system's table, its own and that of a column tell.
    pub(crate) fn described(&self, arguments: &[Item<'_>]) -> FunctionResult<Value> {
        let [of_class, object, Item::Int32(column)] = arguments else { return Ok(Value::Null) };
        let (of_class, object) = (number(of_class), number(object));
        let told = match of_class {
            class::RELATION => {
                self.scope.relation(object).and_then(|it| self.relation_in_words(&it, *column))
            }
            class::TYPE => {
                let known = types::Types::entry(self.scope, object).is_some();
                known.then(|| format!("type {}", type_name(self.scope, object, None)))
            }
            class::COLLATION => self.scope.collation_name(object).map(|name| format!("collation {name}")),
            catalog::object::class::CONVERSION => match self.object_in_words(object) {
                Some(made) => Some(made),
                None => self.identifier().fixed_in_words(of_class, object)?,
            },
            class::FUNCTION => self.function_in_words(object),
            class::OPERATOR | class::CAST => match self.object_in_words(object) {
                Some(made) => Some(made),
                None => self.identifier().fixed_in_words(of_class, object)?,
            },
            class::CONSTRAINT => self.object_in_words(object),
            class::TRIGGER => self.object_in_words(object).or_else(|| {
                let of_key = self.scope.key_trigger(object)?;
                Some(self.scope.describe(&Object::Trigger(Arc::new(of_key))))
            }),
            class::SCHEMA
            | class::ROLE
            | class::DATABASE
            | class::STATISTICS
            | class::POLICY
            | class::FOREIGN_WRAPPER
            | class::FOREIGN_SERVER
            | class::PUBLICATION
            | class::PUBLISHED_TABLE
            | class::PUBLISHED_SCHEMA
            | class::SUBSCRIPTION
            | class::USER_MAPPING => self.object_in_words(object),
            class::RULE if let Some(rule) = self.scope.rule(object) => {
                Some(self.scope.describe(&Object::Rewrite(rule.clone())))
            }
            class::RULE => self.scope.relation(object).and_then(|it| {
                let view = self.relation_in_words(&it, 0)?;
                let has_one = matches!(it.kind(), "view" | "materialized view");
                has_one.then(|| format!("rule _RETURN on {view}"))
            }),
            class::DEFAULT => self.default_in_words(object),
            other => self.identifier().fixed_in_words(other, object)?,
        };
        Ok(told.map_or(Value::Null, |told| Value::text(&told)))
    }

    fn object_in_words(&self, oid: Oid) -> Option<String> {
        let shared = || self.scope.shared_objects().find(|known| known.oid() == oid);
        self.scope.object(oid).or_else(shared).map(|object| self.scope.describe(object))
    }

    fn relation_in_words(&self, relation: &Relation, column: i32) -> Option<String> {
        let shown = self.scope.relation_name(relation.schema(), relation.name());
        let whole = format!("{} {shown}", relation.kind());
        if column == 0 {
            return Some(whole);
        }
        let name = column_name(relation, column)?;
        Some(format!("column {} of {whole}", quote_identifier(&name)))
    }

    fn function_in_words(&self, oid: Oid) -> Option<String> {
        if let Some(made) = self.scope.function(oid) {
            return Some(format!("function {}", self.scope.function_name(made)));
        }
        let entry = functions::table::function(oid)?;
        let types: Vec<String> = entry.arguments.iter().map(|of| type_name(self.scope, *of, None)).collect();
        let word = match entry.kind {
            // PostgreSQL has one word for functions of all kinds.
            FunctionKind::Function
            | FunctionKind::Window
            | FunctionKind::Aggregate { .. }
            | FunctionKind::OrderedSet { .. }
            | FunctionKind::Hypothetical => "function",
        };
        Some(format!("{word} {}({})", quote_identifier(entry.name), types.join(",")))
    }

    fn default_in_words(&self, oid: Oid) -> Option<String> {
        let (table, place) = default_of(self.scope, oid)?;
        let column = self.relation_in_words(&self.scope.relation(table)?, place as i32 + 1)?;
        Some(format!("default value for {column}"))
    }

    /// A rule, or that which a view is.
    pub(crate) fn rule(&self, describe: &Describe<'_>, view: Oid, pretty: bool) -> Option<String> {
        if let Some(rule) = self.scope.rule(view) {
            return describe.rule(rule, pretty);
        }
        let relation = self.scope.relation(view)?;
        let (schema, name) = (relation.schema(), relation.name());
        let name = match pretty {
            true => self.scope.relation_name(schema, name),
            false => qualified(&self.scope.schema(schema)?.name, name),
        };
        let query = describe.query_of(&relation, pretty)?;
        Some(format!("CREATE RULE \"_RETURN\" AS\n    ON SELECT TO {name} DO INSTEAD {query}"))
    }
}

/// What a sequence is like, as one row.
pub(crate) fn sequence_parameters(sequence: &Sequence) -> Value {
    let number = |value: i64| (oid::INT8, Kind::Int64, Item::Int64(value));
    let fields = [
        number(sequence.start),
        number(sequence.minimum),
        number(sequence.maximum),
        number(sequence.increment),
        (oid::BOOL, Kind::Bool, Item::Bool(sequence.cycle)),
        number(sequence.cache),
        (oid::OID, Kind::Int32, Item::Int32(sequence.type_oid.cast_signed())),
    ];
    Value::Bytes(record(&fields).into())
}

/// Every key word of the language, its class, and whether it may be a label without `AS`.
pub(crate) fn keywords() -> FunctionResult<Vec<Vector>> {
    let count = Keyword::all().count();
    let mut texts: Vec<VectorBuilder> = (0..3).map(|_| VectorBuilder::new(Kind::Bytes, count)).collect();
    let (mut codes, mut bare) =
        (VectorBuilder::new(Kind::Int16, count), VectorBuilder::new(Kind::Bool, count));
    for word in Keyword::all() {
        let (code, class) = match word.class() {
            KeywordClass::Unreserved => (i16::from(b'U'), "unreserved"),
            KeywordClass::ColumnName => (i16::from(b'C'), "unreserved (cannot be function or type name)"),
            KeywordClass::TypeOrFunctionName => (i16::from(b'T'), "reserved (can be function or type name)"),
            KeywordClass::Reserved => (i16::from(b'R'), "reserved"),
        };
        let label = if word.is_bare_label() { "can be bare label" } else { "requires AS" };
        for (builder, text) in texts.iter_mut().zip([word.text(), class, label]) {
            builder.push_bytes(text.as_bytes())?;
        }
        codes.push(&Value::Int16(code))?;
        bare.push(&Value::Bool(word.is_bare_label()))?;
    }
    let mut texts = texts.into_iter().map(VectorBuilder::finish);
    let (word, class, label) = (texts.next(), texts.next(), texts.next());
    let columns = [word, Some(codes.finish()), Some(bare.finish()), class, label];
    Ok(columns.into_iter().flatten().collect())
}

/// The name of a column, counted from 1.
pub(crate) fn column_name(relation: &Relation, column: i32) -> Option<String> {
    let place = usize::try_from(column.checked_sub(1)?).ok()?;
    match relation {
        Relation::Table(table) => table.columns.get(place).map(|column| column.name.clone()),
        Relation::View(view) => view.columns.get(place).map(|column| column.column.name.clone()),
        Relation::Composite(of) => of.columns.get(place).map(|column| column.name.clone()),
        Relation::System(of) => of.columns.get(place).map(|column| column.name.to_string()),
        Relation::Index(_) | Relation::Sequence(_) => None,
    }
}

/// The table and the place of the column that a default is of.
pub(crate) fn default_of(scope: &Scope, oid: Oid) -> Option<(Oid, usize)> {
    let of_table = |table: &catalog::object::Table| {
        table.columns.iter().position(|column| match &column.source {
            catalog::object::Source::Default(expression) | catalog::object::Source::Generated(expression) => {
                expression.oid == oid
            }
            catalog::object::Source::Null | catalog::object::Source::Identity { .. } => false,
        })
    };
    let of_view = |view: &catalog::object::View| {
        let has = |default: &catalog::object::Expression| default.oid == oid;
        view.columns.iter().position(|column| column.default.as_ref().is_some_and(has))
    };
    scope.objects().find_map(|object| match object {
        Object::Table(table) => of_table(table).map(|place| (table.oid, place)),
        Object::View(view) => of_view(view).map(|place| (view.oid, place)),
        _ => None, // others have no columns with defaults
    })
}
