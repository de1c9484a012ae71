//! What functions ask of the names of objects: which names alone find them, and which sequence feeds a column.

use crate::services::{Services, first, number, other, text};
use catalog::object::{Object, PG_CATALOG, Source, class};
use catalog::{Oid, Relation, operator_class};
use diagnostic::{Diagnostic, SqlState};
use functions::table::FunctionEntry;
use functions::{FunctionError, FunctionResult, SessionFunction};
use types::{Item, Type, Value};

impl Services<'_> {
    /// The answer, if the function is one of these.
    pub(crate) fn of_objects(
        &self,
        function: SessionFunction,
        arguments: &[Item<'_>],
    ) -> FunctionResult<Option<Value>> {
        use SessionFunction as F;
        let oid = arguments.first().map_or(0, number);
        Ok(Some(match function {
            F::TableIsVisible => {
                let relation = self.scope.relation(oid);
                truth(relation.map(|it| self.scope.is_relation_visible(it.schema(), it.name())))
            }
            F::TypeIsVisible => match self.scope.made_type(oid) {
                Some(made) => Value::Bool(self.scope.is_type_visible(made.schema, &made.name)),
                None => {
                    let built_in = types::catalog::builtin(oid);
                    truth(built_in.map(|entry| self.scope.is_type_visible(PG_CATALOG, entry.name)))
                }
            },
            F::FunctionIsVisible => match self.scope.function(oid) {
                Some(function) => Value::Bool(self.scope.is_own_function_visible(function)),
                None => {
                    let built_in = functions::table::function(oid);
                    let visible = |entry: &FunctionEntry| {
                        self.scope.is_function_visible(PG_CATALOG, entry.name, entry.arguments)
                    };
                    truth(built_in.map(visible))
                }
            },
            F::OperatorIsVisible => match self.scope.operator(oid) {
                Some(made) => Value::Bool(self.scope.is_operator_visible(made)),
                None => truth(functions::table::operator_by_oid(oid).map(|_| true)),
            },
            F::CollationVersion => match self.scope.collation_known(oid) {
                // What compares by bytes has none.
                Some(_) => Value::Null,
                None => {
                    let message = format!("collation with OID {oid} does not exist");
                    return Err(FunctionError::plain(SqlState::UndefinedObject, message));
                }
            },
            F::CollationIsVisible => {
                let known = self.scope.collation_known(oid);
                truth(known.map(|(schema, name)| self.scope.is_collation_visible(schema, name)))
            }
            F::ConversionIsVisible => {
                let known = self.scope.conversion_known(oid);
                truth(known.map(|(schema, name)| self.scope.is_conversion_visible(schema, name)))
            }
            F::SearchParserIsVisible
            | F::SearchDictionaryIsVisible
            | F::SearchTemplateIsVisible
            | F::SearchConfigurationIsVisible => {
                let found = self.scope.search(oid).filter(|found| found.class() == class_of(function));
                truth(found.map(|found| self.scope.is_search_visible(found)))
            }
            F::OperatorClassIsVisible | F::OperatorFamilyIsVisible => {
                truth(self.is_operator_group_visible(oid))
            }
            F::StatisticsIsVisible => {
                let known = self.scope.statistics(oid);
                truth(known.map(|known| self.scope.is_statistics_visible(known.schema, &known.name)))
            }
            F::SerialSequence => {
                let [table, column] = arguments else { return Ok(None) };
                self.serial_sequence(text(table), text(column))?
            }
            _ => return Ok(None), // all others are answered elsewhere
        }))
    }

    /// The number of a relation by its name.
    pub(crate) fn relation_of(&self, name: &str) -> FunctionResult<Value> {
        catalog::names::relation(self.scope, name)
            .map(|found| Value::Int32(found.cast_signed()))
            .map_err(|error| FunctionError::Other(Box::new(error)))
    }

    /// The number of an object by its name; null if there is none.
    pub(crate) fn object_named(&self, of: u32, arguments: &[Item<'_>]) -> FunctionResult<Value> {
        let name = text(first(arguments));
        // A number is no name, whatever it is the number of.
        if !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(Value::Null);
        }
        match catalog::names::input(self.scope, Type::of(of), name) {
            Ok(found) => Ok(found),
            // What is no name, or one of where nobody may look, is not one of something that is missing.
            Err(error) if is_told(error.sqlstate()) => Err(other(error)),
            Err(_) => Ok(Value::Null),
        }
    }

    /// Whether the name of an operator class, or of a family of them, finds it.
    fn is_operator_group_visible(&self, oid: Oid) -> Option<bool> {
        match self.scope.object(oid) {
            Some(Object::OperatorClass(made)) => Some(self.scope.is_class_visible(made)),
            Some(Object::OperatorFamily(made)) => Some(self.scope.is_family_visible(made)),
            _ => {
                let known = operator_class::operator_classes().any(|class| class.oid == oid)
                    || operator_class::operator_families().any(|(_, family, _)| family == oid);
                known.then_some(true)
            }
        }
    }

    /// The sequence that belongs to a column, by its name in SQL; null if there is none.
    fn serial_sequence(&self, table: &str, column: &str) -> FunctionResult<Value> {
        let Value::Int32(oid) = self.relation_of(table)? else { return Ok(Value::Null) };
        let Some(relation) = self.scope.relation(oid.cast_unsigned()) else { return Ok(Value::Null) };
        let Some(place) = column_place(&relation, column) else {
            if SYSTEM_COLUMNS.contains(&column) && has_system_columns(&relation) {
                return Ok(Value::Null);
            }
            let message = format!("column \"{column}\" of relation \"{}\" does not exist", relation.name());
            return Err(FunctionError::plain(SqlState::UndefinedColumn, message));
        };
        let Relation::Table(table) = relation else { return Ok(Value::Null) };
        let own = match table.columns[place].source {
            Source::Identity { sequence, .. } => self.scope.sequence(sequence).cloned(),
            Source::Null | Source::Default(_) | Source::Generated(_) => {
                let column = Some((table.oid, u16::try_from(place).unwrap_or(u16::MAX)));
                self.scope.objects().find_map(|object| match object {
                    Object::Sequence(sequence) if sequence.owned_by == column => Some(sequence.clone()),
                    _ => None,
                })
            }
        };
        let Some(sequence) = own else { return Ok(Value::Null) };
        let schema = self.scope.schema(sequence.schema).map_or("", |schema| schema.name.as_str());
        Ok(Value::text(&catalog::name::qualified(schema, &sequence.name)))
    }
}

/// What every row that is stored has besides its columns.
const SYSTEM_COLUMNS: [&str; 6] = ["ctid", "xmin", "cmin", "xmax", "cmax", "tableoid"];

/// The place of a column, counted from 0.
fn column_place(relation: &Relation, column: &str) -> Option<usize> {
    match relation {
        Relation::Table(table) => table.column(column).map(|(place, _)| place),
        Relation::View(view) => view.columns.iter().position(|of| of.column.name == column),
        Relation::System(of) => of.columns.iter().position(|of| of.name == column),
        Relation::Composite(of) => of.columns.iter().position(|of| !of.dropped && of.name == column),
        Relation::Index(_) | Relation::Sequence(_) => None,
    }
}

/// The number of a column in `pg_attribute`: below 0 of what every stored row has.
pub(crate) fn column_number(relation: &Relation, column: &str) -> Option<i32> {
    if let Some(place) = column_place(relation, column) {
        return i32::try_from(place + 1).ok();
    }
    let own =
        SYSTEM_COLUMNS.iter().position(|known| *known == column).filter(|_| has_system_columns(relation));
    own.and_then(|place| i32::try_from(place + 1).ok()).map(|number| -number)
}

fn has_system_columns(relation: &Relation) -> bool {
    match relation {
        Relation::Table(_) | Relation::Sequence(_) => true,
        Relation::System(of) => !of.is_view,
        Relation::View(_) | Relation::Composite(_) | Relation::Index(_) => false,
    }
}

/// The catalog of what a function asks about.
fn class_of(function: SessionFunction) -> Oid {
    use SessionFunction as F;
    match function {
        F::SearchParserIsVisible => class::SEARCH_PARSER,
        F::SearchTemplateIsVisible => class::SEARCH_TEMPLATE,
        F::SearchDictionaryIsVisible => class::SEARCH_DICTIONARY,
        _ => class::SEARCH_CONFIGURATION,
    }
}

fn truth(known: Option<bool>) -> Value {
    known.map_or(Value::Null, Value::Bool)
}

/// Whether an error of looking for a name is one even where a name may be of nothing.
fn is_told(state: SqlState) -> bool {
    matches!(state, SqlState::InvalidName | SqlState::SyntaxError | SqlState::InsufficientPrivilege)
}
