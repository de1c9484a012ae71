//! Operator classes: by what an index orders or tells apart the values of a type.
//!
//! Those that come with the program are PostgreSQL's, by its numbers; users may make others. Those of one access method that differ in name only (`text_ops`,
//! `text_pattern_ops`: every collation here compares bytes) are served by the same order.

use crate::name::quote_identifier;
use crate::object::{
    FamilyMember, IndexMethod, MemberKind, Object, Oid, OperatorClass as Made, OperatorFamily as MadeFamily,
    PG_CATALOG,
};
use crate::snapshot::Scope;
use functions::Implementation;
use std::borrow::Cow;
use types::catalog::{CastContext, CastMethod, Form, oid};
use types::entry::EntryKind;
use types::vector::Operator;
use types::{Type, Types};

/// An operator class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorClass {
    /// Its number.
    pub oid: Oid,
    /// Its name.
    pub name: Cow<'static, str>,
    /// Its schema.
    pub schema: Oid,
    /// The family that it is of.
    pub family: Oid,
    /// The type that it is for.
    pub of: Oid,
    /// Whether it is that of its type where none is named.
    pub is_default: bool,
    /// The access method.
    pub method: IndexMethod,
    /// The type of what an index keeps of a value, 0 if it keeps the value.
    pub kept: Oid,
}

mod spread;

/// Number, name, family, type, whether it is the default, the type of what the index keeps where that is another.
type Row = (Oid, &'static str, Oid, Oid, bool, Oid);

#[rustfmt::skip]
const ORDERED: &[Row] = &[
    (1978, "int4_ops", 1976, 23, true, 0), (1979, "int2_ops", 1976, 21, true, 0), (1981, "oid_ops", 1989, 26, true, 0),
    (3122, "date_ops", 434, 1082, true, 0), (3123, "float8_ops", 1970, 701, true, 0), (3124, "int8_ops", 1976, 20, true, 0),
    (3125, "numeric_ops", 1988, 1700, true, 0), (3126, "text_ops", 1994, 25, true, 0),
    (3127, "timestamptz_ops", 434, 1184, true, 0), (3128, "timestamp_ops", 434, 1114, true, 0),
    (4217, "text_pattern_ops", 2095, 25, false, 0), (4218, "varchar_pattern_ops", 2095, 25, false, 0),
    (4219, "bpchar_pattern_ops", 2097, 1042, false, 0), (10000, "array_ops", 397, 2277, true, 0),
    (10002, "bit_ops", 423, 1560, true, 0), (10003, "bool_ops", 424, 16, true, 0), (10004, "bpchar_ops", 426, 1042, true, 0),
    (10006, "bytea_ops", 428, 17, true, 0), (10007, "char_ops", 429, 18, true, 0), (10009, "cidr_ops", 1974, 869, false, 0),
    (10012, "float4_ops", 1970, 700, true, 0), (10015, "inet_ops", 1974, 869, true, 0),
    (10022, "interval_ops", 1982, 1186, true, 0), (10024, "macaddr_ops", 1984, 829, true, 0),
    (10026, "macaddr8_ops", 3371, 774, true, 0), (10028, "name_ops", 1994, 19, true, 2275),
    (10032, "oidvector_ops", 1991, 30, true, 0), (10034, "record_ops", 2994, 2249, true, 0),
    (10036, "record_image_ops", 3194, 2249, false, 0), (10038, "time_ops", 1996, 1083, true, 0),
    (10041, "timetz_ops", 2000, 1266, true, 0), (10043, "varbit_ops", 2002, 1562, true, 0),
    (10044, "varchar_ops", 1994, 25, false, 0), (10047, "money_ops", 2099, 790, true, 0),
    (10050, "tid_ops", 2789, 27, true, 0), (10053, "xid8_ops", 5067, 5069, true, 0), (10065, "uuid_ops", 2968, 2950, true, 0),
    (10067, "pg_lsn_ops", 3253, 3220, true, 0), (10069, "enum_ops", 3522, 3500, true, 0),
    (10071, "tsvector_ops", 3626, 3614, true, 0), (10074, "tsquery_ops", 3683, 3615, true, 0),
    (10076, "range_ops", 3901, 3831, true, 0), (10080, "multirange_ops", 4199, 4537, true, 0),
    (10088, "jsonb_ops", 4033, 3802, true, 0),
];

#[rustfmt::skip]
const HASHED: &[Row] = &[
    (10001, "array_ops", 627, 2277, true, 0), (10005, "bpchar_ops", 427, 1042, true, 0), (10008, "char_ops", 431, 18, true, 0),
    (10010, "cidr_ops", 1975, 869, false, 0), (10011, "date_ops", 435, 1082, true, 0),
    (10013, "float4_ops", 1971, 700, true, 0), (10014, "float8_ops", 1971, 701, true, 0),
    (10016, "inet_ops", 1975, 869, true, 0), (10019, "int2_ops", 1977, 21, true, 0), (10020, "int4_ops", 1977, 23, true, 0),
    (10021, "int8_ops", 1977, 20, true, 0), (10023, "interval_ops", 1983, 1186, true, 0),
    (10025, "macaddr_ops", 1985, 829, true, 0), (10027, "macaddr8_ops", 3372, 774, true, 0),
    (10029, "name_ops", 1995, 19, true, 0), (10030, "numeric_ops", 1998, 1700, true, 0), (10031, "oid_ops", 1990, 26, true, 0),
    (10033, "oidvector_ops", 1992, 30, true, 0), (10035, "record_ops", 6194, 2249, true, 0),
    (10037, "text_ops", 1995, 25, true, 0), (10039, "time_ops", 1997, 1083, true, 0),
    (10040, "timestamptz_ops", 1999, 1184, true, 0), (10042, "timetz_ops", 2001, 1266, true, 0),
    (10045, "varchar_ops", 1995, 25, false, 0), (10046, "timestamp_ops", 2040, 1114, true, 0),
    (10048, "bool_ops", 2222, 16, true, 0), (10049, "bytea_ops", 2223, 17, true, 0), (10051, "xid_ops", 2225, 28, true, 0),
    (10052, "xid8_ops", 5032, 5069, true, 0), (10054, "cid_ops", 2226, 29, true, 0), (10055, "tid_ops", 2227, 27, true, 0),
    (10056, "text_pattern_ops", 2229, 25, false, 0), (10057, "varchar_pattern_ops", 2229, 25, false, 0),
    (10058, "bpchar_pattern_ops", 2231, 1042, false, 0), (10059, "aclitem_ops", 2235, 1033, true, 0),
    (10066, "uuid_ops", 2969, 2950, true, 0), (10068, "pg_lsn_ops", 3254, 3220, true, 0),
    (10070, "enum_ops", 3523, 3500, true, 0), (10077, "range_ops", 3903, 3831, true, 0),
    (10081, "multirange_ops", 4225, 4537, true, 0), (10089, "jsonb_ops", 4034, 3802, true, 0),
];

#[rustfmt::skip]
const ORDERED_FAMILIES: &[(Oid, &str)] = &[
    (397, "array_ops"), (423, "bit_ops"), (424, "bool_ops"), (426, "bpchar_ops"), (428, "bytea_ops"),
    (429, "char_ops"), (434, "datetime_ops"), (1970, "float_ops"), (1974, "network_ops"), (1976, "integer_ops"),
    (1982, "interval_ops"), (1984, "macaddr_ops"), (1988, "numeric_ops"), (1989, "oid_ops"), (1991, "oidvector_ops"),
    (1994, "text_ops"), (1996, "time_ops"), (2000, "timetz_ops"), (2002, "varbit_ops"), (2095, "text_pattern_ops"),
    (2097, "bpchar_pattern_ops"), (2099, "money_ops"), (2789, "tid_ops"), (2968, "uuid_ops"), (2994, "record_ops"),
    (3194, "record_image_ops"), (3253, "pg_lsn_ops"), (3371, "macaddr8_ops"), (3522, "enum_ops"),
    (3626, "tsvector_ops"), (3683, "tsquery_ops"), (3901, "range_ops"), (4033, "jsonb_ops"), (4199, "multirange_ops"),
    (5067, "xid8_ops"),
];

#[rustfmt::skip]
const HASHED_FAMILIES: &[(Oid, &str)] = &[
    (427, "bpchar_ops"), (431, "char_ops"), (435, "date_ops"), (627, "array_ops"), (1971, "float_ops"),
    (1975, "network_ops"), (1977, "integer_ops"), (1983, "interval_ops"), (1985, "macaddr_ops"), (1990, "oid_ops"),
    (1992, "oidvector_ops"), (1995, "text_ops"), (1997, "time_ops"), (1998, "numeric_ops"), (1999, "timestamptz_ops"),
    (2001, "timetz_ops"), (2040, "timestamp_ops"), (2222, "bool_ops"), (2223, "bytea_ops"), (2225, "xid_ops"),
    (2226, "cid_ops"), (2227, "tid_ops"), (2229, "text_pattern_ops"), (2231, "bpchar_pattern_ops"),
    (2235, "aclitem_ops"), (2969, "uuid_ops"), (3254, "pg_lsn_ops"), (3372, "macaddr8_ops"), (3523, "enum_ops"),
    (3903, "range_ops"), (4034, "jsonb_ops"), (4225, "multirange_ops"), (5032, "xid8_ops"), (6194, "record_ops"),
];

/// Those that come with the program.
pub fn operator_classes() -> impl Iterator<Item = OperatorClass> {
    let of = |method, rows: &'static [Row]| {
        rows.iter().map(move |&(oid, name, family, of, is_default, kept)| OperatorClass {
            oid,
            name: Cow::Borrowed(name),
            schema: PG_CATALOG,
            family,
            of,
            is_default,
            method,
            kept,
        })
    };
    IndexMethod::ALL.into_iter().flat_map(move |method| of(method, rows_of(method).0))
}

/// Those that users have made.
pub fn made_classes(scope: &Scope) -> impl Iterator<Item = OperatorClass> + '_ {
    scope.objects().filter_map(|object| match object {
        Object::OperatorClass(made) => Some(OperatorClass::from(&**made)),
        _ => None,
    })
}

impl From<&Made> for OperatorClass {
    fn from(made: &Made) -> OperatorClass {
        OperatorClass {
            oid: made.oid,
            name: Cow::Owned(made.name.clone()),
            schema: made.schema,
            family: made.family,
            of: made.of,
            is_default: made.is_default,
            method: made.method,
            kept: made.members.iter().find_map(|member| member.what.kept()).unwrap_or(0),
        }
    }
}

/// The classes of an access method, and its families.
fn rows_of(method: IndexMethod) -> (&'static [Row], &'static [(Oid, &'static str)]) {
    match method {
        IndexMethod::Ordered => (ORDERED, ORDERED_FAMILIES),
        IndexMethod::Hash => (HASHED, HASHED_FAMILIES),
        IndexMethod::Gist => (spread::GIST, spread::GIST_FAMILIES),
        IndexMethod::Gin => (spread::GIN, spread::GIN_FAMILIES),
        IndexMethod::SpGist => (spread::SPGIST, spread::SPGIST_FAMILIES),
        IndexMethod::Brin => (spread::BRIN, spread::BRIN_FAMILIES),
    }
}

/// The families of them: method, number, name.
pub fn operator_families() -> impl Iterator<Item = (IndexMethod, Oid, &'static str)> {
    let of = |method, rows: &'static [(Oid, &'static str)]| {
        rows.iter().map(move |&(oid, name)| (method, oid, name))
    };
    IndexMethod::ALL.into_iter().flat_map(move |method| of(method, rows_of(method).1))
}

/// The method and the name of a family.
pub fn family_of(scope: &Scope, family: Oid) -> Option<(IndexMethod, Cow<'static, str>)> {
    if let Some(Object::OperatorFamily(made)) = scope.object(family) {
        return Some((made.method, Cow::Owned(made.name.clone())));
    }
    let known = operator_families().find(|(_, oid, _)| *oid == family);
    known.map(|(method, _, name)| (method, Cow::Borrowed(name)))
}

/// What a family holds that a user has made, by its classes or by itself; for what it depends on, with the object that says so.
pub fn members(scope: &Scope, family: Oid) -> Vec<(Oid, &FamilyMember)> {
    let mut found = Vec::new();
    for object in scope.objects() {
        let (oid, members) = match object {
            Object::OperatorClass(made) if made.family == family => (made.oid, &made.members),
            Object::OperatorFamily(made) if made.oid == family => (made.oid, &made.members),
            _ => continue,
        };
        found.extend(members.iter().map(|member| (oid, member)));
    }
    found
}

/// As which strategy an operator is in a family; none if it is not.
pub fn strategy(scope: &Scope, family: Oid, operator: Oid) -> Option<i16> {
    let made = || {
        let mut all = members(scope, family).into_iter();
        let own = all.find(|(_, member)| member.what == MemberKind::Operator(operator));
        own.map(|(_, member)| member.number)
    };
    crate::system::strategy_of(family, operator).or_else(made)
}

/// Whether an index of a family gives rows in the order of what an operator tells of them.
pub fn orders_by(family: Oid, operator: Oid) -> bool {
    crate::system::orders_by(family, operator)
}

/// Whether the order that a type has by itself, or its hash, stands for that of a class: of one that a user has made if its
/// operators are those of the type's own, or those that go by the order of what an extension's type is like.
pub fn is_as_own(scope: &Scope, class: &OperatorClass) -> bool {
    let Some(Object::OperatorClass(made)) = scope.object(class.oid) else { return true };
    let strategies = match class.method {
        IndexMethod::Ordered => 5,
        IndexMethod::Hash => 1,
        IndexMethod::Gist | IndexMethod::Gin => return entry_kind(scope, class.family).is_some(),
        IndexMethod::SpGist | IndexMethod::Brin => return false,
    };
    let built_in = operator_classes();
    let own =
        built_in.filter(|known| known.method == class.method && known.of == class.of && known.is_default);
    let families: Vec<Oid> = own.map(|known| known.family).collect();
    (1..=strategies).all(|strategy| {
        made.members.iter().any(|member| match member.what {
            MemberKind::Operator(operator) => {
                let known = |family: &Oid| crate::system::strategy_of(*family, operator) == Some(strategy);
                member.number == strategy
                    && (member.left, member.right) == (class.of, class.of)
                    && (families.iter().any(known) || compares(scope, class, operator, strategy))
            }
            MemberKind::Function(_) | MemberKind::OrderBy(..) | MemberKind::Kept(_) => false,
        })
    })
}

/// Whether a class of GiST that a user has made has a function that reads options.
pub fn has_options(scope: &Scope, class: &OperatorClass) -> bool {
    const OPTIONS: i16 = 10;
    let Some(Object::OperatorClass(made)) = scope.object(class.oid) else { return false };
    let reads =
        |member: &FamilyMember| member.number == OPTIONS && matches!(member.what, MemberKind::Function(_));
    made.members.iter().any(reads)
}

/// What the entries of an index are made of whose operator class is of a family.
pub fn entry_kind(scope: &Scope, family: Oid) -> Option<EntryKind> {
    EntryKind::of_family(family).or_else(|| {
        let of = |member: &FamilyMember| match member.what {
            MemberKind::Function(function) => functions::table::module_entries(scope.worker(function)?),
            MemberKind::Operator(_) | MemberKind::OrderBy(..) | MemberKind::Kept(_) => None,
        };
        members(scope, family).into_iter().find_map(|(_, member)| of(member))
    })
}

/// Whether an operator compares values of a module's type by their order, as a strategy asks it.
fn compares(scope: &Scope, class: &OperatorClass, operator: Oid, strategy: i16) -> bool {
    let worker = scope.operator(operator).and_then(|made| scope.worker(made.function));
    let Some((like, worker)) = scope.module_like(class.of).zip(worker.and_then(functions::table::worker))
    else {
        return false;
    };
    let wanted = match (class.method, strategy) {
        (IndexMethod::Ordered, 1) => Operator::Less,
        (IndexMethod::Ordered, 2) => Operator::LessOrEqual,
        (IndexMethod::Ordered, 4) => Operator::GreaterOrEqual,
        (IndexMethod::Ordered, 5) => Operator::Greater,
        _ => Operator::Equal,
    };
    let is_wanted = matches!(worker.implementation, Implementation::Comparison(found) if found == wanted);
    is_wanted && *worker.arguments == [like, like]
}

/// The function by which a class hashes for partitions, if a user has said which.
pub fn partition_hash(scope: &Scope, class: Oid) -> Option<Oid> {
    let Some(Object::OperatorClass(made)) = scope.object(class) else { return None };
    made.members.iter().find_map(|member| match member.what {
        MemberKind::Function(function) if member.number == 2 => Some(function),
        MemberKind::Function(_) | MemberKind::Operator(_) | MemberKind::OrderBy(..) | MemberKind::Kept(_) => {
            None
        }
    })
}

/// What a type is to operator classes: those of arrays are for all arrays.
fn class_type(scope: &Scope, type_oid: Oid) -> Oid {
    let of = scope.undomained(Type::of(type_oid)).oid;
    match of {
        oid::VARCHAR => return oid::TEXT,
        oid::CIDR => return oid::INET,
        _ => {}
    }
    if operator_classes().any(|class| class.of == of) {
        return of;
    }
    match scope.entry(of).map(|entry| entry.form) {
        Some(Form::Array) => oid::ANYARRAY,
        Some(Form::Enum) => oid::ANYENUM,
        Some(Form::Composite) => oid::RECORD,
        Some(Form::Range) => oid::ANYRANGE,
        Some(Form::Multirange) => oid::ANYMULTIRANGE,
        Some(Form::Base | Form::Domain | Form::Pseudo) | None => of,
    }
}

/// The operator class by which an index has a type where none is named.
pub fn default_class(scope: &Scope, method: IndexMethod, type_oid: Oid) -> Option<OperatorClass> {
    let of = class_type(scope, type_oid);
    let fits = |class: &OperatorClass| class.method == method && class.of == of && class.is_default;
    operator_classes().find(fits).or_else(|| made_classes(scope).find(fits))
}

/// The operator class of this number.
pub fn class_of(scope: &Scope, oid: Oid) -> Option<OperatorClass> {
    match scope.object(oid) {
        Some(Object::OperatorClass(made)) => Some(OperatorClass::from(&**made)),
        _ => operator_classes().find(|class| class.oid == oid),
    }
}

/// The operator class of this name, in a schema or where the path finds it first, if an index of that method has one.
pub fn named_class(
    scope: &Scope,
    method: IndexMethod,
    schema: Option<Oid>,
    name: &str,
) -> Option<OperatorClass> {
    let within = |schema: Oid| {
        let fits =
            |class: &OperatorClass| class.method == method && class.name == name && class.schema == schema;
        match schema {
            PG_CATALOG => operator_classes().find(fits),
            _ => made_classes(scope).find(fits),
        }
    };
    match schema {
        Some(schema) => within(schema),
        None => scope.path().schemas_of_functions().find_map(within),
    }
}

/// What stands in a family of operator classes: an operator, or a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FamilyPart {
    /// Its number in pg_amop or pg_amproc.
    pub oid: Oid,
    /// Whether it is an operator.
    pub is_operator: bool,
    /// The family.
    pub family: Oid,
    /// The type on the left.
    pub left: Oid,
    /// The type on the right.
    pub right: Oid,
    /// The strategy of an operator, or what a function is for.
    pub number: i16,
    /// The operator or the function.
    pub of: Oid,
}

/// All that stands in families.
pub fn family_parts(scope: &Scope) -> Vec<FamilyPart> {
    crate::system::all_parts(scope)
}

/// The family of this name, likewise.
pub fn named_family(scope: &Scope, method: IndexMethod, schema: Option<Oid>, name: &str) -> Option<Oid> {
    let within = |schema: Oid| match schema {
        PG_CATALOG => {
            operator_families().find(|(of, _, known)| *of == method && *known == name).map(|(_, oid, _)| oid)
        }
        _ => scope.objects().find_map(|object| match object {
            Object::OperatorFamily(made) => {
                let fits = made.method == method && made.name == name && made.schema == schema;
                fits.then_some(made.oid)
            }
            _ => None,
        }),
    };
    match schema {
        Some(schema) => within(schema),
        None => scope.path().schemas_of_functions().find_map(within),
    }
}

/// Whether a class is for values of a type.
pub fn accepts(scope: &Scope, class: &OperatorClass, type_oid: Oid) -> bool {
    let of = scope.undomained(Type::of(type_oid)).oid;
    // What is taken for the class's type without a word has the same entries; another order is not that of the index.
    let same_entries = || {
        !class.method.is_ordered()
            && scope.made_cast(of, class.of) == Some((CastContext::Implicit, CastMethod::Binary))
    };
    class.of == class_type(scope, type_oid) || class.of == of || same_entries()
}

impl Scope {
    /// An operator class's name, with its schema where the path does not find it.
    pub fn shown_class(&self, class: &Made) -> String {
        self.shown_in(self.is_class_visible(class), class.schema, &class.name)
    }

    /// Whether an operator class's name alone finds it.
    pub fn is_class_visible(&self, class: &Made) -> bool {
        let found = named_class(self, class.method, None, &class.name);
        found.is_some_and(|found| found.oid == class.oid)
    }

    /// Whether a family's name alone finds it.
    pub fn is_family_visible(&self, family: &MadeFamily) -> bool {
        named_family(self, family.method, None, &family.name) == Some(family.oid)
    }

    /// The same of a family.
    pub fn shown_family(&self, family: &MadeFamily) -> String {
        self.shown_in(self.is_family_visible(family), family.schema, &family.name)
    }

    fn shown_in(&self, visible: bool, schema: Oid, name: &str) -> String {
        if visible {
            return quote_identifier(name);
        }
        let schema = self.schema(schema).map_or("", |schema| schema.name.as_str());
        format!("{}.{}", quote_identifier(schema), quote_identifier(name))
    }
}
