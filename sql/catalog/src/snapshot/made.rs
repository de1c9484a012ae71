//! Types that stand in the catalog: users' own, those of relations' rows, arrays of them.

use super::Snapshot;
use crate::dependency::Address;
use crate::name::{qualified, quote_identifier, truncate};
use crate::object::{BaseType, Body, Composite, CompositeColumn, Domain, EnumType, Object, Oid, Table, View};
use crate::system::SystemTable;
use std::sync::Arc;
use types::Types;
use types::catalog::{CastContext, CastMethod, Category, Column, Form, Type, TypeEntry, builtin, oid};
use types::kind::Kind;
use types::range::RangeNames;
use types::vector::EnumOrder;

/// A type that is not built in.
#[derive(Debug, Clone, PartialEq)]
pub struct MadeType {
    /// Its number.
    pub oid: Oid,
    /// Its name.
    pub name: Arc<str>,
    /// Its schema.
    pub schema: Oid,
    /// The object it is of: itself, its relation, or what it is an array of.
    pub object: Oid,
    /// The columns of a composite type.
    pub columns: Option<Vec<Column>>,
    /// The order of an enum's labels.
    pub order: Option<Arc<EnumOrder>>,
    /// What a domain is made of.
    pub base: Option<Type>,
    /// What a range or multirange type is of.
    pub range: Option<RangeNames>,
    /// The built-in type whose values a base type has.
    pub like: Option<Oid>,
    displayed: String,
    qualified: String,
    length: i16,
    by_value: bool,
    form: Form,
    category: Category,
    preferred: bool,
    delimiter: u8,
    element: Oid,
    array: Oid,
    kind: Option<Kind>,
}

impl MadeType {
    /// The type in a schema that has this name now.
    pub(super) fn renamed(&self, schema: &str) -> MadeType {
        MadeType { qualified: qualified(schema, &self.name), ..self.clone() }
    }

    /// The type as [`types`] knows it, named as where it is found without its schema, or not.
    pub fn entry(&self, visible: bool) -> TypeEntry<'_> {
        TypeEntry {
            oid: self.oid,
            name: &self.name,
            displayed: if visible { &self.displayed } else { &self.qualified },
            length: self.length,
            by_value: self.by_value,
            form: self.form,
            category: self.category,
            preferred: self.preferred,
            delimiter: self.delimiter,
            element: self.element,
            array: self.array,
            kind: self.kind,
        }
    }
}

/// What all types that come with an object have in common.
struct Place<'a> {
    object: Oid,
    schema: Oid,
    schema_name: &'a str,
}

impl Place<'_> {
    fn make(&self, oid: Oid, name: &str, form: Form, category: Category) -> MadeType {
        MadeType {
            oid,
            name: name.into(),
            schema: self.schema,
            object: self.object,
            columns: None,
            order: None,
            base: None,
            range: None,
            like: None,
            preferred: false,
            displayed: quote_identifier(name),
            qualified: qualified(self.schema_name, name),
            length: -1,
            by_value: false,
            form,
            category,
            delimiter: b',',
            element: 0,
            array: 0,
            kind: Some(Kind::Bytes),
        }
    }

    /// A type and the type of its arrays.
    fn with_array(&self, mut made: MadeType, array: Oid, types: &mut Vec<MadeType>) {
        made.array = array;
        if array != 0 {
            let name = format!("_{}", made.name);
            let mut of_it = self.make(array, truncate(&name), Form::Array, Category::Array);
            of_it.element = made.oid;
            of_it.kind = made.kind.map(|_| Kind::Bytes);
            of_it.delimiter = made.delimiter;
            types.push(of_it);
        }
        types.push(made);
    }

    fn rows(&self, oid: Oid, array: Oid, name: &str, columns: Vec<Column>) -> Vec<MadeType> {
        let mut types = Vec::new();
        let mut made = self.make(oid, name, Form::Composite, Category::Composite);
        made.columns = Some(columns);
        self.with_array(made, array, &mut types);
        types
    }

    fn ranges(&self, form: Form, name: &str, array: Oid, range: RangeNames) -> Vec<MadeType> {
        let mut types = Vec::new();
        let mut made = self.make(self.object, name, form, Category::Range);
        made.range = Some(range);
        self.with_array(made, array, &mut types);
        types
    }
}

fn columns_of<'a>(columns: impl Iterator<Item = &'a CompositeColumn>) -> Vec<Column> {
    let column = |column: &CompositeColumn| field(&column.name, column.column_type(), column.dropped);
    columns.map(column).collect()
}

/// A field of a row type. One that was dropped has no type any more, but keeps its place in values, where it is null: that
/// needs one, and any will do. PostgreSQL takes `int4`, too.
fn field(name: &str, of: Type, dropped: bool) -> Column {
    let column_type = if dropped { Type::of(oid::INT4) } else { of };
    Column { name: name.to_owned(), column_type, dropped }
}

impl Snapshot {
    /// The types that come with an object.
    pub(super) fn types_of(&self, object: &Object) -> Vec<MadeType> {
        let (Some(schema), true) = (object.schema(), !matches!(object, Object::Constraint(_))) else {
            return Vec::new();
        };
        let schema_name = self.schema(schema).map_or("", |schema| &schema.name);
        let place = Place { object: object.oid(), schema, schema_name };
        match object {
            Object::Table(table) => table_types(&place, table),
            Object::View(view) => view_types(&place, view),
            Object::Composite(composite) => composite_types(&place, composite),
            Object::Enum(enumeration) => enum_types(&place, enumeration),
            Object::Domain(domain) => self.domain_types(&place, domain),
            Object::Base(base) => base_types(&place, base),
            Object::Range(range) => {
                let (subtype, multirange) = (range.subtype, range.multirange);
                let names = RangeNames { range: range.oid, subtype, multirange };
                place.ranges(Form::Range, &range.name, range.array_type, names)
            }
            Object::Multirange(of) => {
                let names = RangeNames { range: of.range, subtype: of.subtype, multirange: of.oid };
                place.ranges(Form::Multirange, &of.name, of.array_type, names)
            }
            Object::Schema(_)
            | Object::Index(_)
            | Object::Sequence(_)
            | Object::Constraint(_)
            | Object::Function(_)
            | Object::Cast(_)
            | Object::Collation(_)
            | Object::Conversion(_)
            | Object::EventTrigger(_)
            | Object::Extension(_)
            | Object::Operator(_)
            | Object::OperatorClass(_)
            | Object::OperatorFamily(_)
            | Object::Statistics(_)
            | Object::Rewrite(_)
            | Object::Foreign(_)
            | Object::Replication(_)
            | Object::Search(_)
            | Object::Policy(_)
            | Object::Trigger(_)
            | Object::Role(_)
            | Object::Tablespace(_)
            | Object::Database(_) => Vec::new(),
        }
    }

    fn domain_types(&self, place: &Place<'_>, domain: &Domain) -> Vec<MadeType> {
        let mut made = place.make(domain.oid, &domain.name, Form::Domain, Category::User);
        // What a domain is made of is older than the domain, and stands in the maps before it.
        let base = builtin(domain.base_oid).copied();
        let base = base.or_else(|| self.types.get(&domain.base_oid).map(|base| base.entry(true)));
        made.kind = None;
        if let Some(base) = base {
            made.length = base.length;
            made.by_value = base.by_value;
            made.category = base.category;
            made.delimiter = base.delimiter;
            made.kind = base.kind;
        }
        made.base = Some(domain.base());
        let mut types = Vec::new();
        place.with_array(made, domain.array_type, &mut types);
        types
    }

    /// A type that is not built in.
    pub fn made_type(&self, oid: Oid) -> Option<&Arc<MadeType>> {
        self.types.get(&oid)
    }

    /// All types that are not built in, by number.
    pub fn made_types(&self) -> impl Iterator<Item = &Arc<MadeType>> {
        self.types.values()
    }

    /// The object that stands behind the number of a type: an enum, a domain, the relation whose rows it has.
    pub fn object_of_type(&self, oid: Oid) -> Option<&Object> {
        self.object(self.types.get(&oid)?.object)
    }

    /// What a dependency on a type is recorded on.
    pub fn type_address(&self, oid: Oid) -> Option<Address> {
        self.types.get(&oid).map(|made| Address::of(made.oid))
    }
}

fn table_types(place: &Place<'_>, table: &Table) -> Vec<MadeType> {
    let columns = table.columns.iter();
    let columns = columns.map(|column| field(&column.name, column.column_type(), column.dropped));
    place.rows(table.row_type, table.array_type, &table.name, columns.collect())
}

pub(super) fn system_types(table: &SystemTable) -> Vec<MadeType> {
    let place = Place { object: table.oid, schema: table.schema, schema_name: table.qualified_name().0 };
    let columns = table.columns.iter().map(|column| Column {
        name: column.name.to_owned(),
        column_type: column.column_type(),
        dropped: false,
    });
    place.rows(table.row_type, table.array_type, table.name, columns.collect())
}

fn view_types(place: &Place<'_>, view: &View) -> Vec<MadeType> {
    let columns = columns_of(view.columns.iter().map(|column| &column.column));
    place.rows(view.row_type, view.array_type, &view.name, columns)
}

fn composite_types(place: &Place<'_>, composite: &Composite) -> Vec<MadeType> {
    place.rows(composite.oid, composite.array_type, &composite.name, columns_of(composite.columns.iter()))
}

fn enum_types(place: &Place<'_>, enumeration: &EnumType) -> Vec<MadeType> {
    let mut made = place.make(enumeration.oid, &enumeration.name, Form::Enum, Category::Enum);
    let places = enumeration.labels.iter().map(|label| (label.oid, label.sort_order));
    made.order = Some(Arc::new(EnumOrder::new(places.collect())));
    (made.length, made.by_value, made.kind) = (4, true, Some(Kind::Int32));
    let mut types = Vec::new();
    place.with_array(made, enumeration.array_type, &mut types);
    types
}

fn base_types(place: &Place<'_>, base: &BaseType) -> Vec<MadeType> {
    let Some(shape) = &base.shape else {
        let mut shell = place.make(base.oid, &base.name, Form::Pseudo, Category::Pseudo);
        (shell.length, shell.by_value, shell.kind) = (4, true, None);
        return vec![shell];
    };
    let mut made = place.make(base.oid, &base.name, Form::Base, Category::of_letter(shape.category));
    made.like = Some(shape.like);
    made.kind = builtin(shape.like).and_then(|like| like.kind);
    (made.length, made.by_value) = (shape.length, shape.by_value);
    (made.preferred, made.delimiter, made.element) = (shape.preferred, shape.delimiter, shape.element);
    let mut types = Vec::new();
    place.with_array(made, base.array_type, &mut types);
    types
}

/// Names of types that no search path finds: every one with its schema but those of `pg_catalog` and `public`.
impl Types for Snapshot {
    fn made(&self, oid: u32) -> Option<TypeEntry<'_>> {
        self.types.get(&oid).map(|made| made.entry(made.schema == crate::object::PUBLIC))
    }

    fn columns(&self, composite: u32) -> Option<&[Column]> {
        self.types.get(&composite)?.columns.as_deref()
    }

    fn base(&self, domain: u32) -> Option<Type> {
        self.types.get(&domain)?.base
    }

    fn made_like(&self, of: u32) -> Option<u32> {
        self.types.get(&of)?.like
    }

    fn labels(&self, enumeration: u32) -> Option<Arc<EnumOrder>> {
        self.types.get(&enumeration)?.order.clone()
    }

    fn label(&self, enumeration: u32, name: &str) -> Option<u32> {
        let labels = &self.enumeration(enumeration)?.labels;
        labels.iter().find(|label| label.name == name).map(|label| label.oid)
    }

    fn label_name(&self, label: u32) -> Option<&str> {
        self.labels.get(&label).map(|(_, name)| &**name)
    }

    fn made_range(&self, range: u32) -> Option<RangeNames> {
        self.types.get(&range)?.range
    }

    fn made_cast(&self, source: u32, target: u32) -> Option<(CastContext, CastMethod)> {
        self.cast_between(source, target).map(|cast| (cast.when.context(), cast.way.method()))
    }

    fn worker(&self, function: u32) -> Option<u32> {
        match &self.function(function)?.body {
            Body::BuiltIn(number) => Some(*number),
            Body::Text(_)
            | Body::Bound(_)
            | Body::Native
            | Body::Aggregate(_)
            | Body::Uncallable(_)
            | Body::Procedural(_) => None,
        }
    }
}
