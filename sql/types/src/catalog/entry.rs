//! What is known of a type, and who knows types that users made.

use super::builtin::builtin;
use super::cast::{CastContext, CastMethod};
use super::module;
use super::oid;
use crate::kind::Kind;
use crate::range::{RangeNames, builtin_range, range_order};
use crate::vector::{EnumOrder, Order};
use std::sync::Arc;

/// A type with its modifier, as a column or an expression has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Type {
    /// Its number.
    pub oid: u32,
    /// What is in the parentheses, in PostgreSQL's encoding; -1 without.
    pub modifier: i32,
}

impl Type {
    /// A type without modifier.
    pub const fn of(oid: u32) -> Type {
        Type { oid, modifier: -1 }
    }
}

/// `pg_type.typcategory`: which types are alike when functions and operators are chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // each says itself what it is
pub enum Category {
    Array,
    Boolean,
    Composite,
    DateTime,
    Enum,
    Geometric,
    Network,
    Numeric,
    Pseudo,
    Range,
    String,
    Timespan,
    User,
    BitString,
    Unknown,
    Internal,
}

impl Category {
    /// The category of a letter; those that PostgreSQL leaves to users are all users' own.
    pub fn of_letter(letter: u8) -> Category {
        match letter {
            b'A' => Category::Array,
            b'B' => Category::Boolean,
            b'C' => Category::Composite,
            b'D' => Category::DateTime,
            b'E' => Category::Enum,
            b'G' => Category::Geometric,
            b'I' => Category::Network,
            b'N' => Category::Numeric,
            b'P' => Category::Pseudo,
            b'R' => Category::Range,
            b'S' => Category::String,
            b'T' => Category::Timespan,
            b'V' => Category::BitString,
            b'X' => Category::Unknown,
            b'Z' => Category::Internal,
            _ => Category::User,
        }
    }

    /// The letter by which `pg_type` names it.
    pub fn letter(self) -> char {
        match self {
            Category::Array => 'A',
            Category::Boolean => 'B',
            Category::Composite => 'C',
            Category::DateTime => 'D',
            Category::Enum => 'E',
            Category::Geometric => 'G',
            Category::Network => 'I',
            Category::Numeric => 'N',
            Category::Pseudo => 'P',
            Category::Range => 'R',
            Category::String => 'S',
            Category::Timespan => 'T',
            Category::User => 'U',
            Category::BitString => 'V',
            Category::Unknown => 'X',
            Category::Internal => 'Z',
        }
    }
}

/// How a type is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    /// A type of its own.
    Base,
    /// Arrays of [`TypeEntry::element`].
    Array,
    /// Labels in an order.
    Enum,
    /// Another type with constraints.
    Domain,
    /// Rows of named columns.
    Composite,
    /// A range.
    Range,
    /// A set of ranges.
    Multirange,
    /// No type of values: `any`, `void`, `record`.
    Pseudo,
}

impl Form {
    /// `pg_type.typtype`.
    pub fn letter(self) -> char {
        match self {
            Form::Base | Form::Array => 'b',
            Form::Enum => 'e',
            Form::Domain => 'd',
            Form::Composite => 'c',
            Form::Range => 'r',
            Form::Multirange => 'm',
            Form::Pseudo => 'p',
        }
    }
}

/// What is known of one type: its row of `pg_type`, as far as values depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TypeEntry<'a> {
    /// Its number.
    pub oid: u32,
    /// Its name in the catalog.
    pub name: &'a str,
    /// Its name in messages: quoted where needed, with its schema where the search path does not find it.
    pub displayed: &'a str,
    /// `typlen`.
    pub length: i16,
    /// `typbyval`.
    pub by_value: bool,
    /// How it is made.
    pub form: Form,
    /// Which types are like it.
    pub category: Category,
    /// Whether it is the one preferred of its category.
    pub preferred: bool,
    /// What separates its values in an array's text.
    pub delimiter: u8,
    /// The type of its elements, 0 if it has none.
    pub element: u32,
    /// The type of arrays of it, 0 if there is none.
    pub array: u32,
    /// How its values lie in memory; `None` if it is known but not supported, or has no values.
    pub kind: Option<Kind>,
}

/// A column of a composite type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type.
    pub column_type: Type,
    /// Whether it was dropped: it keeps its place and is always null.
    pub dropped: bool,
}

/// Who knows types. The catalog implements it, for enums, domains, composites, ranges and arrays of them; all else is built
/// in.
pub trait Types {
    /// A type of the catalog's own.
    fn made(&self, oid: u32) -> Option<TypeEntry<'_>>;

    /// The columns of a composite type.
    fn columns(&self, composite: u32) -> Option<&[Column]>;

    /// The columns of a `record` of this modifier, where the statement that made it knows them.
    fn record_columns(&self, modifier: i32) -> Option<Arc<[Column]>> {
        let _ = modifier;
        None
    }

    /// Where in rows of a table the columns of one are that it inherits from, by the types of their rows; none where a
    /// column is dropped. `None` if it does not inherit from it.
    fn inherited(&self, row: u32, parent: u32) -> Option<Vec<Option<u32>>> {
        let _ = (row, parent);
        None
    }

    /// What a domain is made of.
    fn base(&self, domain: u32) -> Option<Type>;

    /// The built-in type whose values a base type of the catalog's own has: they lie, read and are written as that type's.
    fn made_like(&self, of: u32) -> Option<u32> {
        let _ = of;
        None
    }

    /// The type of a module whose values a base type of the catalog's own has.
    fn module_like(&self, of: u32) -> Option<u32> {
        self.made_like(of).filter(|like| module::module_type(*like).is_some())
    }

    /// The order of an enum's labels.
    fn labels(&self, enumeration: u32) -> Option<Arc<EnumOrder>>;

    /// The number of a label.
    fn label(&self, enumeration: u32, name: &str) -> Option<u32>;

    /// Whether a label was added to its enum by a transaction that has not committed.
    fn is_new_label(&self, label: u32) -> bool {
        let _ = label;
        false
    }

    /// The name of a label by its number.
    fn label_name(&self, label: u32) -> Option<&str>;

    /// Appends the name of an object to whose number the texts of a type like `regclass` refer; `false` if nobody here
    /// knows objects.
    fn append_object(&self, of: u32, number: u32, text: &mut String) -> bool {
        let _ = (of, number, text);
        false
    }

    /// The number of the object that a text of a type like `regclass` names; `None` if nobody here knows objects.
    fn object_number(&self, of: u32, text: &str) -> Option<crate::text::InputResult<u32>> {
        let _ = (of, text);
        None
    }

    /// What a range or multirange type of the catalog's own is of.
    fn made_range(&self, range: u32) -> Option<RangeNames>;

    /// A cast of the catalog's own: when it is made, and how.
    fn made_cast(&self, source: u32, target: u32) -> Option<(CastContext, CastMethod)>;

    /// The built-in function that does the work of one that came with a type.
    fn worker(&self, function: u32) -> Option<u32>;

    /// What a range or multirange type is of.
    fn range(&self, range: u32) -> Option<RangeNames> {
        builtin_range(range).or_else(|| self.made_range(range))
    }

    /// Any type.
    fn entry(&self, oid: u32) -> Option<TypeEntry<'_>> {
        builtin(oid).copied().or_else(|| self.made(oid))
    }

    /// The type under all domains, with its modifier.
    fn undomained(&self, of: Type) -> Type {
        let mut found = of;
        // Domains cannot be made of themselves; the bound is for a damaged catalog.
        for _ in 0..64 {
            match self.base(found.oid) {
                Some(base) => found = base,
                None => break,
            }
        }
        found
    }

    /// Whether values of a type are rows (PostgreSQL's `type_is_rowtype`): `IS NULL` and `IS NOT NULL` then ask of its
    /// fields, and are not each other's opposite.
    fn is_row(&self, of: Type) -> bool {
        let base = self.undomained(of).oid;
        base == oid::RECORD || self.entry(base).is_some_and(|entry| entry.form == Form::Composite)
    }

    /// The type of an array's elements; vectors of the catalog are arrays too.
    fn element_of(&self, array: u32) -> Option<u32> {
        match self.undomained(Type::of(array)).oid {
            oid::INT2VECTOR => Some(oid::INT2),
            oid::OIDVECTOR => Some(oid::OID),
            base => self.entry(base).filter(|entry| entry.form == Form::Array).map(|entry| entry.element),
        }
    }

    /// The type as whose values those of a type are read and written: the type under all domains, or the built-in one that
    /// a base type is like.
    fn represented(&self, of: Type) -> Type {
        // Nobody has made it: the catalog need not be asked.
        if builtin(of.oid).is_some_and(|entry| entry.form != Form::Domain) {
            return of;
        }
        let found = self.undomained(of);
        self.made_like(found.oid).map_or(found, |like| Type { oid: like, ..found })
    }

    /// How the values of a type compare; `None` where PostgreSQL has no btree order for it, and for what is not
    /// supported.
    fn order(&self, of: Type) -> Option<Order> {
        order_within(self, of, base_order, 0)
    }

    /// How it is told whether values of a type are equal; also of types that have no order.
    fn equality(&self, of: Type) -> Option<Order> {
        order_within(self, of, base_equality, 0)
    }
}

/// The built-in types and no others.
#[derive(Debug, Clone, Copy, Default)]
pub struct BuiltinTypes;

impl Types for BuiltinTypes {
    fn made(&self, _: u32) -> Option<TypeEntry<'_>> {
        None
    }

    fn columns(&self, _: u32) -> Option<&[Column]> {
        None
    }

    fn base(&self, _: u32) -> Option<Type> {
        None
    }

    fn labels(&self, _: u32) -> Option<Arc<EnumOrder>> {
        None
    }

    fn label(&self, _: u32, _: &str) -> Option<u32> {
        None
    }

    fn label_name(&self, _: u32) -> Option<&str> {
        None
    }

    fn made_range(&self, _: u32) -> Option<RangeNames> {
        None
    }

    fn made_cast(&self, _: u32, _: u32) -> Option<(CastContext, CastMethod)> {
        None
    }

    fn worker(&self, _: u32) -> Option<u32> {
        None
    }
}

/// Nesting of types beyond which a catalog is taken to be damaged.
const NESTING_MAX: usize = 64;

/// How base types compare, by their numbers.
type OfBase = fn(u32) -> Option<Order>;

fn order_within<T: Types + ?Sized>(types: &T, of: Type, base: OfBase, depth: usize) -> Option<Order> {
    let of = types.undomained(of);
    let entry = types.entry(of.oid)?;
    if depth > NESTING_MAX {
        return None;
    }
    match entry.form {
        // What an extension's type is like has an order; what users make has none by itself.
        Form::Base => base(of.oid).or_else(|| base(types.module_like(of.oid)?)),
        Form::Array => {
            Some(Order::Array(Box::new(order_within(types, Type::of(entry.element), base, depth + 1)?)))
        }
        Form::Enum => Some(Order::Enum(types.labels(of.oid)?)),
        Form::Composite => {
            let columns = types.columns(of.oid)?.iter();
            let of = |column: &Column| match column.dropped {
                true => Some(None),
                false => order_within(types, column.column_type, base, depth + 1).map(Some),
            };
            let orders: Option<Vec<Option<Order>>> = columns.map(of).collect();
            Some(Order::Record(orders?.into()))
        }
        Form::Range | Form::Multirange => {
            let names = types.range(of.oid)?;
            let range = range_order(order_within(types, Type::of(names.subtype), base, depth + 1)?);
            Some(if entry.form == Form::Range { range } else { Order::Array(Box::new(range)) })
        }
        Form::Pseudo if of.oid == oid::RECORD => Some(record_order(types, of, base, depth)),
        Form::Domain | Form::Pseudo => None,
    }
}

/// The order of a row without a type of its own: that of its columns, where the statement knows them.
fn record_order<T: Types + ?Sized>(types: &T, of: Type, base: OfBase, depth: usize) -> Order {
    let known = types.record_columns(of.modifier);
    let orders: Option<Vec<Option<Order>>> = known.and_then(|columns| {
        columns
            .iter()
            .map(|column| order_within(types, column.column_type, base, depth + 1).map(Some))
            .collect()
    });
    orders.map_or(Order::Anonymous, |orders| Order::Record(orders.into()))
}

/// The same where only equality counts: some base types have no order. The text of an `aclitem` has one form only.
fn base_equality(of: u32) -> Option<Order> {
    base_order(of).or(match of {
        oid::ACLITEM => Some(Order::Bytes),
        oid::XID | oid::CID => Some(Order::Unsigned32),
        _ => None,
    })
}

fn base_order(of: u32) -> Option<Order> {
    Some(match of {
        oid::BOOL => Order::Bool,
        oid::INT2 | oid::CHAR => Order::Int16,
        oid::INT4 | oid::DATE => Order::Int32,
        oid::OID
        | oid::REGPROC
        | oid::REGPROCEDURE
        | oid::REGOPER
        | oid::REGOPERATOR
        | oid::REGCLASS
        | oid::REGTYPE
        | oid::REGCONFIG
        | oid::REGDICTIONARY
        | oid::REGNAMESPACE
        | oid::REGROLE
        | oid::REGCOLLATION => Order::Unsigned32,
        oid::INT8 | oid::TIME | oid::TIMESTAMP | oid::TIMESTAMPTZ | oid::MONEY | oid::TID => Order::Int64,
        oid::XID8 | oid::PG_LSN => Order::Unsigned64,
        oid::FLOAT4 => Order::Float32,
        oid::FLOAT8 => Order::Float64,
        oid::NUMERIC => Order::Numeric,
        oid::TEXT | oid::VARCHAR | oid::NAME | oid::BYTEA => Order::Bytes,
        // They lie so that their bytes compare as they do.
        oid::INET | oid::CIDR | oid::MACADDR | oid::MACADDR8 | oid::TSVECTOR | oid::TSQUERY => Order::Bytes,
        oid::BPCHAR => Order::Padded,
        module::CITEXT => Order::Folded,
        oid::BIT | oid::VARBIT => Order::Bits,
        oid::INTERVAL => Order::Interval,
        oid::TIMETZ => Order::TimeTz,
        oid::UUID => Order::Uuid,
        oid::INT2VECTOR => Order::Array(Box::new(Order::Int16)),
        oid::JSONB => Order::Jsonb,
        _ => return None,
    })
}
