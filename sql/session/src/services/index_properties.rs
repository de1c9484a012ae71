//! What indexes can do: `pg_indexam_has_property`, `pg_index_has_property`, `pg_index_column_has_property`.
//!
//! The answers are those that PostgreSQL's access methods give (its `amutils.c`), as an index here answers whatever one of
//! that method answers there.

use crate::services::{Services, number, text};
use catalog::object::{Index, IndexMethod, Oid};
use catalog::operator_class::{OperatorClass, class_of, default_class, family_parts};
use functions::SessionFunction;
use types::catalog::oid;
use types::{Item, Value};

/// GiST's functions for compressing, measuring a distance and giving back a value, by their numbers in `pg_amproc`.
const GIST_COMPRESS: i16 = 3;
const GIST_DISTANCE: i16 = 8;
const GIST_FETCH: i16 = 9;

/// A method as `IndexAmRoutine` describes it.
struct Abilities {
    order: bool,
    backward: bool,
    unique: bool,
    several_columns: bool,
    search_array: bool,
    search_nulls: bool,
    cluster: bool,
    include: bool,
    /// Whether it gives rows one by one, not only as a bitmap.
    single_rows: bool,
}

const NOTHING: Abilities = Abilities {
    order: false,
    backward: false,
    unique: false,
    several_columns: false,
    search_array: false,
    search_nulls: false,
    cluster: false,
    include: false,
    single_rows: false,
};

fn abilities(method: IndexMethod) -> Abilities {
    match method {
        IndexMethod::Ordered => Abilities {
            order: true,
            backward: true,
            unique: true,
            several_columns: true,
            search_array: true,
            search_nulls: true,
            cluster: true,
            include: true,
            single_rows: true,
        },
        IndexMethod::Hash => Abilities { backward: true, single_rows: true, ..NOTHING },
        IndexMethod::Gist => Abilities {
            several_columns: true,
            search_nulls: true,
            cluster: true,
            include: true,
            single_rows: true,
            ..NOTHING
        },
        IndexMethod::Gin => Abilities { several_columns: true, ..NOTHING },
        IndexMethod::SpGist => Abilities { search_nulls: true, include: true, single_rows: true, ..NOTHING },
        IndexMethod::Brin => Abilities { several_columns: true, search_nulls: true, ..NOTHING },
    }
}

impl Services<'_> {
    /// The answer, if the function is one of these.
    pub(crate) fn of_index_properties(
        &self,
        function: SessionFunction,
        arguments: &[Item<'_>],
    ) -> Option<Value> {
        let of = arguments.first().map_or(0, number);
        let property = arguments.last().map(text).unwrap_or_default().to_ascii_lowercase();
        let told = match function {
            SessionFunction::AccessMethodPhase => {
                let phase = if let Some(Item::Int64(phase)) = arguments.get(1) { *phase } else { 0 };
                return Some(phase_name(of, phase).map_or(Value::Null, Value::text));
            }
            SessionFunction::AccessMethodProperty => {
                let method = IndexMethod::ALL.into_iter().find(|method| method.oid() == of);
                method.and_then(|method| of_method(method, &property))
            }
            SessionFunction::IndexProperty => {
                self.scope.index(of).and_then(|index| of_index(index.method, &property))
            }
            SessionFunction::IndexColumnProperty => {
                let column = if let Some(Item::Int32(column)) = arguments.get(1) { *column } else { 0 };
                let place = usize::try_from(column).ok().and_then(|column| column.checked_sub(1));
                let index = self.scope.index(of);
                index.zip(place).and_then(|(index, place)| self.of_index_column(index, place, &property))
            }
            _ => return None, // asked after by others
        };
        Some(told.map_or(Value::Null, Value::Bool))
    }

    fn of_index_column(&self, index: &Index, place: usize, property: &str) -> Option<bool> {
        if place >= index.keys.len() + index.include.len() {
            return None;
        }
        let can = abilities(index.method);
        let key = index.keys.get(place);
        let ordered = |is_so: bool| key.map(|_| can.order && is_so);
        match property {
            "asc" => ordered(key.is_some_and(|key| !key.descending)),
            "desc" => ordered(key.is_some_and(|key| key.descending)),
            "nulls_first" => ordered(key.is_some_and(|key| key.nulls_first)),
            "nulls_last" => ordered(key.is_some_and(|key| !key.nulls_first)),
            "orderable" => Some(key.is_some() && can.order),
            "distance_orderable" => {
                Some(self.class_at(index, place).is_some_and(|class| self.orders_by_distance(&class)))
            }
            "returnable" => Some(match self.class_at(index, place) {
                Some(class) => self.gives_back(&class),
                None => can.include,
            }),
            "search_array" => key.map(|_| can.search_array),
            "search_nulls" => key.map(|_| can.search_nulls),
            _ => None, // no property of a column
        }
    }

    /// The class of a key; none for a column that is only included.
    fn class_at(&self, index: &Index, place: usize) -> Option<OperatorClass> {
        let key = index.keys.get(place)?;
        match key.class {
            Some(class) => class_of(self.scope, class),
            None => default_class(self.scope, index.method, key.type_oid),
        }
    }

    /// Whether a class has a function of GiST for its own type.
    fn has_function(&self, class: &OperatorClass, number: i16) -> bool {
        family_parts(self.scope).iter().any(|part| {
            !part.is_operator
                && (part.family, part.left, part.right) == (class.family, class.of, class.of)
                && part.number == number
        })
    }

    fn orders_by_distance(&self, class: &OperatorClass) -> bool {
        match class.method {
            IndexMethod::Gist => self.has_function(class, GIST_DISTANCE),
            // What orders is an operator that does not tell true from false.
            IndexMethod::SpGist => family_parts(self.scope).iter().any(|part| {
                part.is_operator
                    && part.family == class.family
                    && (part.left == class.of || part.right == class.of)
                    && self.operator_result(part.of).is_some_and(|result| result != oid::BOOL)
            }),
            IndexMethod::Ordered | IndexMethod::Hash | IndexMethod::Gin | IndexMethod::Brin => false,
        }
    }

    /// Whether an index with this class gives back the values that it was made of.
    fn gives_back(&self, class: &OperatorClass) -> bool {
        match class.method {
            IndexMethod::Ordered => true,
            IndexMethod::Gist => {
                self.has_function(class, GIST_FETCH) || !self.has_function(class, GIST_COMPRESS)
            }
            // Polygons are kept as the boxes around them.
            IndexMethod::SpGist => class.of != oid::POLYGON,
            IndexMethod::Hash | IndexMethod::Gin | IndexMethod::Brin => false,
        }
    }

    fn operator_result(&self, operator: Oid) -> Option<Oid> {
        functions::table::operator_by_oid(operator).map(|entry| entry.result)
    }
}

fn of_method(method: IndexMethod, property: &str) -> Option<bool> {
    let can = abilities(method);
    match property {
        "can_order" => Some(can.order),
        "can_unique" => Some(can.unique),
        "can_multi_col" => Some(can.several_columns),
        "can_exclude" => Some(can.single_rows),
        "can_include" => Some(can.include),
        _ => None, // no property of a method
    }
}

fn of_index(method: IndexMethod, property: &str) -> Option<bool> {
    let can = abilities(method);
    match property {
        "clusterable" => Some(can.cluster),
        "index_scan" => Some(can.single_rows),
        "bitmap_scan" => Some(true),
        "backward_scan" => Some(can.backward),
        _ => None, // no property of an index
    }
}

/// `pg_indexam_progress_phasename`: what building an ordered index is called at each of its stages.
fn phase_name(method: Oid, phase: i64) -> Option<&'static str> {
    if method != IndexMethod::Ordered.oid() {
        return None;
    }
    match phase {
        1 => Some("initializing"),
        2 => Some("scanning table"),
        3 => Some("sorting live tuples"),
        4 => Some("sorting dead tuples"),
        5 => Some("loading tuples in tree"),
        _ => None,
    }
}
