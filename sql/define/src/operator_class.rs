//! Operator classes and their families: what users make of operators and functions for indexes and partitions.
//!
//! Trees here keep values in the order of their types. So a class is one by which an index may be made, or rows divided, if
//! its operators are those of its type ([`catalog::operator_class::is_as_own`]); one with others can be made and is kept, and
//! whoever would need its order is refused.

use crate::definer::Definer;
use crate::error::{DefineError, DefineResult, plain};
use crate::operator::{find, missing as no_operator, operand_types};
use crate::signature::{exactly, shown};
use catalog::object::{
    FIRST_USER_OID, FamilyMember, IndexMethod, MemberKind, Object, Oid, OperatorClass, OperatorFamily,
};
use catalog::operator_class;
use catalog::{Address, DependencyKind};
use diagnostic::SqlState;
use functions::table::operator_by_oid;
use std::sync::Arc;
use syntax::tree::object::{ObjectKind, Signature};
use syntax::tree::operator::{
    AlterOperatorFamily, ClassItem, CreateOperatorClass, CreateOperatorFamily, DroppedItem,
};
use syntax::tree::{Name, QualifiedName, TypeName};
use types::catalog::{oid, type_name};
use types::{Type, Types};

fn invalid(message: impl Into<String>) -> DefineError {
    plain(SqlState::InvalidObjectDefinition, message)
}

/// What a member of a family is, before it has a number.
struct Draft {
    left: Oid,
    right: Oid,
    number: i16,
    what: MemberKind,
}

fn method_named(definer: &Definer<'_>, written: &Name<'_>) -> DefineResult<IndexMethod> {
    let Some(method) = IndexMethod::ALL.into_iter().find(|method| method.name() == written.text) else {
        return Err(DefineError::NoAccessMethod { name: written.text.into() });
    };
    if !method.is_ordered() && !matches!(method, IndexMethod::Gin | IndexMethod::Gist) {
        let what = format!("an operator class of one's own for access method \"{}\"", method.name());
        return definer.unsupported(&what, None);
    }
    Ok(method)
}

fn require_superuser(definer: &Definer<'_>, what: &str) -> DefineResult<()> {
    if definer.scope.is_superuser(definer.role) {
        return Ok(());
    }
    Err(plain(SqlState::InsufficientPrivilege, format!("must be superuser to {what}")))
}

/// `CREATE OPERATOR FAMILY`
///
/// # Errors
/// PostgreSQL's.
pub fn create_family(definer: &mut Definer<'_>, statement: &CreateOperatorFamily<'_>) -> DefineResult<()> {
    let (schema, name) = definer.new_name(&statement.name)?;
    let name = name.to_owned();
    let method = method_named(definer, &statement.method)?;
    require_superuser(definer, "create an operator family")?;
    make_family(definer, (schema, name), method)?;
    definer.refresh()
}

fn make_family(
    definer: &mut Definer<'_>,
    (schema, name): (Oid, String),
    method: IndexMethod,
) -> DefineResult<Oid> {
    refuse_taken(definer, ObjectKind::OperatorFamily, method, (schema, &name))?;
    let oid = definer.new_oids_beside(1, schema)?;
    let made = OperatorFamily { oid, name, schema, owner: definer.role, method, members: Vec::new() };
    definer
        .create(&Object::OperatorFamily(Arc::new(made)), &[(Address::of(schema), DependencyKind::Normal)])?;
    definer.refresh()?;
    Ok(oid)
}

/// That a class, or a family, may have a name in a schema.
fn refuse_taken(
    definer: &Definer<'_>,
    kind: ObjectKind,
    method: IndexMethod,
    (schema, name): (Oid, &str),
) -> DefineResult<()> {
    let taken = match kind {
        ObjectKind::OperatorClass => {
            operator_class::named_class(&definer.scope, method, Some(schema), name).is_some()
        }
        _ => operator_class::named_family(&definer.scope, method, Some(schema), name).is_some(),
    };
    if !taken {
        return Ok(());
    }
    let (word, method) = (word(kind), method.name());
    Err(plain(
        SqlState::DuplicateObject,
        format!("{word} \"{name}\" for access method \"{method}\" already exists"),
    ))
}

fn word(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::OperatorClass => "operator class",
        _ => "operator family",
    }
}

/// `CREATE OPERATOR CLASS`
///
/// # Errors
/// PostgreSQL's.
pub fn create_class(definer: &mut Definer<'_>, statement: &CreateOperatorClass<'_>) -> DefineResult<()> {
    let (schema, name) = definer.new_name(&statement.name)?;
    let name = name.to_owned();
    let method = method_named(definer, &statement.method)?;
    require_superuser(definer, "create an operator class")?;
    let of = definer.resolve_type(&statement.of).map_err(DefineError::without_position)?.oid;
    let family = match &statement.family {
        Some(family) => Some(family_named(definer, family, method)?),
        None => operator_class::named_family(&definer.scope, method, Some(schema), &name),
    };
    let mut drafts = Vec::with_capacity(statement.items.len());
    for item in statement.items {
        if let Some(draft) = read_item(definer, item, method, Some(of))? {
            refuse_twice(definer, &drafts, &draft)?;
            drafts.push(draft);
        }
    }
    refuse_taken(definer, ObjectKind::OperatorClass, method, (schema, &name))?;
    if statement.is_default {
        refuse_second_default(definer, method, of, &name)?;
        refuse_new_order(definer, method, of)?;
    }
    let family = match family {
        Some(family) => family,
        None => make_family(definer, (schema, name.clone()), method)?,
    };
    let members = numbered(definer, schema, drafts)?;
    let mut references = references_of(&members);
    references.push((Address::of(schema), DependencyKind::Normal));
    if family >= FIRST_USER_OID {
        references.push((Address::of(family), DependencyKind::Auto));
    }
    references.extend(definer.scope.type_address(of).map(|address| (address, DependencyKind::Normal)));
    let oid = definer.new_oids_beside(1, schema)?;
    let is_default = statement.is_default;
    let made =
        OperatorClass { oid, name, schema, owner: definer.role, method, family, of, is_default, members };
    definer.create(&Object::OperatorClass(Arc::new(made)), &references)?;
    definer.refresh()
}

/// Refuses to say in which order values of a type stand that has none by itself, or how they hash: sorting, grouping and indexes
/// would not ask the class.
fn refuse_new_order(definer: &Definer<'_>, method: IndexMethod, of: Oid) -> DefineResult<()> {
    match method {
        IndexMethod::Ordered | IndexMethod::Hash if definer.scope.order(Type::of(of)).is_none() => {
            definer.unsupported("a default operator class for a type that has no order by itself", None)
        }
        IndexMethod::Ordered
        | IndexMethod::Hash
        | IndexMethod::Gist
        | IndexMethod::Gin
        | IndexMethod::SpGist
        | IndexMethod::Brin => Ok(()),
    }
}

fn refuse_second_default(
    definer: &Definer<'_>,
    method: IndexMethod,
    of: Oid,
    name: &str,
) -> DefineResult<()> {
    let made = operator_class::made_classes(&definer.scope);
    let mut all = operator_class::operator_classes().chain(made);
    let Some(known) = all.find(|known| known.method == method && known.of == of && known.is_default) else {
        return Ok(());
    };
    let of = type_name(&definer.scope, of, None);
    let shown = definer.scope.entry(known.of).map_or(of, |entry| entry.name.to_owned());
    Err(DefineError::Plain {
        state: SqlState::DuplicateObject,
        message: format!("could not make operator class \"{name}\" be default for type {shown}"),
        detail: Some(format!("Operator class \"{}\" already is the default.", known.name)),
        hint: None,
        position: None,
    })
}

fn family_named(
    definer: &Definer<'_>,
    written: &QualifiedName<'_>,
    method: IndexMethod,
) -> DefineResult<Oid> {
    let (schema, name) = crate::names::split_name(&definer.scope, written)?;
    let schema = schema.map(|schema| definer.scope.open_schema(schema)).transpose()?;
    operator_class::named_family(&definer.scope, method, schema, name).ok_or_else(|| {
        let method = method.name();
        let message = format!("operator family \"{written}\" does not exist for access method \"{method}\"");
        plain(SqlState::UndefinedObject, message)
    })
}

/// What an item says is a member; none if it only says what is so anyway. Without a type each must say its own.
fn read_item(
    definer: &Definer<'_>,
    item: &ClassItem<'_>,
    method: IndexMethod,
    of: Option<Oid>,
) -> DefineResult<Option<Draft>> {
    match item {
        ClassItem::Storage(written) => {
            let stored = definer.resolve_type(written).map_err(DefineError::without_position)?.oid;
            let Some(of) = of else {
                return Err(plain(
                    SqlState::SyntaxError,
                    "STORAGE cannot be specified in ALTER OPERATOR FAMILY",
                ));
            };
            if stored != of && !method.is_ordered() {
                return Ok(Some(Draft { left: of, right: of, number: 0, what: MemberKind::Kept(stored) }));
            }
            if stored != of {
                let method = method.name();
                return Err(invalid(format!(
                    "storage type cannot be different from data type for access method \"{method}\""
                )));
            }
            Ok(None)
        }
        ClassItem::Operator { number, operator, operands, order_by } => {
            let most = match method {
                IndexMethod::Hash => 1,
                IndexMethod::Ordered => 5,
                IndexMethod::Gist | IndexMethod::Gin | IndexMethod::SpGist | IndexMethod::Brin => i16::MAX,
            };
            let number = within(*number, most, "operator")?;
            let sides = match (operands, of) {
                (Some(operands), _) => operand_types(definer, operands)?,
                (None, Some(of)) => (of, of),
                (None, None) => {
                    let message = "operator argument types must be specified in ALTER OPERATOR FAMILY";
                    return Err(plain(SqlState::SyntaxError, message));
                }
            };
            let found = find(definer, operator, sides)?;
            let found = found.ok_or_else(|| no_operator(definer, operator, sides))?;
            let (left, right) = sides;
            if let (Some(family), IndexMethod::Gist) = (order_by, method) {
                let family = family_named(definer, family, IndexMethod::Ordered)?;
                return Ok(Some(Draft { left, right, number, what: MemberKind::OrderBy(found, family) }));
            }
            if order_by.is_some() {
                let method = method.name();
                let message = format!("access method \"{method}\" does not support ordering operators");
                return Err(invalid(message));
            }
            if result_of(definer, found) != oid::BOOL {
                return Err(invalid("index search operators must return boolean"));
            }
            Ok(Some(Draft { left, right, number, what: MemberKind::Operator(found) }))
        }
        ClassItem::Function { number, of: types, function } => {
            read_function(definer, *number, *types, function, (method, of)).map(Some)
        }
    }
}

/// A function of a class, or of a family.
fn read_function(
    definer: &Definer<'_>,
    number: i32,
    types: Option<&[TypeName<'_>]>,
    function: &Signature<'_>,
    (method, of): (IndexMethod, Option<Oid>),
) -> DefineResult<Draft> {
    let most = match method {
        IndexMethod::Hash => 3,
        IndexMethod::Gin => 7,
        IndexMethod::Gist => 11,
        IndexMethod::Ordered | IndexMethod::SpGist | IndexMethod::Brin => 5,
    };
    let number = within(number, most, "function")?;
    let mut arguments = Vec::new();
    for parameter in function.parameters.unwrap_or_default() {
        let of = definer.resolve_type(&parameter.type_name);
        arguments.push(of.map_err(DefineError::without_position)?.oid);
    }
    let found = exactly(definer, &function.name, &arguments)?.ok_or_else(|| {
        let message = format!("function {} does not exist", shown(definer, &function.name, &arguments));
        plain(SqlState::UndefinedFunction, message)
    })?;
    refuse_unfit(method, number, &found.arguments, found.result)?;
    let (left, right) = match types {
        Some(types) => sides_of(definer, types)?,
        None => match (found.arguments.as_slice(), of) {
            ([left, right], _) if method == IndexMethod::Ordered && number == 1 => (*left, *right),
            ([first, ..], _) if method == IndexMethod::Hash => (*first, *first),
            (_, Some(of)) => (of, of),
            (_, None) => {
                let message = "associated data types must be specified for index support function";
                return Err(invalid(message));
            }
        },
    };
    Ok(Draft { left, right, number, what: MemberKind::Function(found.oid) })
}

fn within(number: i32, most: i16, word: &str) -> DefineResult<i16> {
    match i16::try_from(number) {
        Ok(number) if (1..=most).contains(&number) => Ok(number),
        _ => Err(invalid(format!("invalid {word} number {number}, must be between 1 and {most}"))),
    }
}

/// The types that something is for: one stands for both sides.
fn sides_of(definer: &Definer<'_>, written: &[TypeName<'_>]) -> DefineResult<(Oid, Oid)> {
    let of = |written: &TypeName<'_>| -> DefineResult<Oid> {
        Ok(definer.resolve_type(written).map_err(DefineError::without_position)?.oid)
    };
    match written {
        [one] => of(one).map(|of| (of, of)),
        [left, right] => Ok((of(left)?, of(right)?)),
        _ => Err(plain(SqlState::SyntaxError, "one or two argument types must be specified")),
    }
}

fn result_of(definer: &Definer<'_>, operator: Oid) -> Oid {
    match (operator_by_oid(operator), definer.scope.object(operator)) {
        (Some(entry), _) => entry.result,
        (None, Some(Object::Operator(made))) => made.result,
        (None, _) => 0,
    }
}

/// Refuses a function that does not take or return what its place asks for.
fn refuse_unfit(method: IndexMethod, number: i16, arguments: &[Oid], result: Oid) -> DefineResult<()> {
    let (what, count, words, wanted, name) = match (method, number) {
        (IndexMethod::Hash, 1) => ("hash function 1", 1, "one argument", oid::INT4, "integer"),
        (IndexMethod::Hash, 2) => ("hash function 2", 2, "two arguments", oid::INT8, "bigint"),
        (IndexMethod::Ordered, 1) => ("btree comparison functions", 2, "two arguments", oid::INT4, "integer"),
        (IndexMethod::Ordered, 3) => ("btree in_range functions", 5, "five arguments", oid::BOOL, "boolean"),
        (IndexMethod::Ordered, 4) => ("btree equal image functions", 1, "one argument", oid::BOOL, "boolean"),
        _ => return Ok(()),
    };
    if arguments.len() != count {
        return Err(invalid(format!("{what} must have {words}")));
    }
    if result != wanted {
        return Err(invalid(format!("{what} must return {name}")));
    }
    Ok(())
}

/// `operator number 1 for (integer,integer)`, and the same without a number.
fn told(definer: &Definer<'_>, draft: &Draft) -> (&'static str, String) {
    let of = |of: Oid| type_name(&definer.scope, of, None);
    let word = match draft.what {
        MemberKind::Operator(_) | MemberKind::OrderBy(..) => "operator",
        MemberKind::Function(_) => "function",
        MemberKind::Kept(_) => "storage type",
    };
    (word, format!("({},{})", of(draft.left), of(draft.right)))
}

fn is_same(draft: &Draft, (left, right, number, what): (Oid, Oid, i16, MemberKind)) -> bool {
    let same_kind = matches!(
        (draft.what, what),
        (
            MemberKind::Operator(_) | MemberKind::OrderBy(..),
            MemberKind::Operator(_) | MemberKind::OrderBy(..)
        ) | (MemberKind::Function(_), MemberKind::Function(_))
            | (MemberKind::Kept(_), MemberKind::Kept(_))
    );
    same_kind && (draft.left, draft.right, draft.number) == (left, right, number)
}

fn refuse_twice(definer: &Definer<'_>, before: &[Draft], draft: &Draft) -> DefineResult<()> {
    let same = |other: &Draft| is_same(draft, (other.left, other.right, other.number, other.what));
    if !before.iter().any(same) {
        return Ok(());
    }
    let (word, sides) = told(definer, draft);
    Err(invalid(format!("{word} number {} for {sides} appears more than once", draft.number)))
}

fn numbered(definer: &mut Definer<'_>, beside: Oid, drafts: Vec<Draft>) -> DefineResult<Vec<FamilyMember>> {
    let mut members = Vec::with_capacity(drafts.len());
    for Draft { left, right, number, what } in drafts {
        members.push(FamilyMember { oid: definer.new_oids_beside(1, beside)?, left, right, number, what });
    }
    Ok(members)
}

/// On what of users' members depend.
fn references_of(members: &[FamilyMember]) -> Vec<(Address, DependencyKind)> {
    let own = members.iter().map(|member| member.what.oid()).filter(|oid| *oid >= FIRST_USER_OID);
    own.map(|oid| (Address::of(oid), DependencyKind::Normal)).collect()
}

/// `ALTER OPERATOR FAMILY … ADD …`, `… DROP …`
///
/// # Errors
/// PostgreSQL's.
pub fn alter_family(definer: &mut Definer<'_>, statement: &AlterOperatorFamily<'_>) -> DefineResult<()> {
    let method = method_named(definer, &statement.method)?;
    let family = family_named(definer, &statement.name, method)?;
    require_superuser(definer, "alter an operator family")?;
    let Some(Object::OperatorFamily(made)) = definer.scope.object(family) else {
        return definer.unsupported("changing a built-in operator family", None);
    };
    let (schema, name) = (made.schema, made.name.clone());
    let mut drafts = Vec::with_capacity(statement.added.len());
    for item in statement.added {
        if let Some(draft) = read_item(definer, item, method, None)? {
            refuse_twice(definer, &drafts, &draft)?;
            drafts.push(draft);
        }
    }
    for draft in &drafts {
        let known = operator_class::members(&definer.scope, family);
        let same =
            |member: &FamilyMember| is_same(draft, (member.left, member.right, member.number, member.what));
        if known.into_iter().any(|(_, member)| same(member)) {
            let (word, sides) = told(definer, draft);
            let message =
                format!("{word} {}{sides} already exists in operator family \"{name}\"", draft.number);
            return Err(plain(SqlState::DuplicateObject, message));
        }
    }
    let members = numbered(definer, schema, drafts)?;
    definer.depend(family, &references_of(&members))?;
    definer.change_object(family, |object| {
        if let Object::OperatorFamily(made) = object {
            Arc::make_mut(made).members.extend(members);
        }
    })?;
    definer.refresh()?;
    for item in statement.dropped {
        drop_member(definer, family, &name, item)?;
    }
    definer.refresh()
}

fn drop_member(
    definer: &mut Definer<'_>,
    family: Oid,
    name: &str,
    item: &DroppedItem<'_>,
) -> DefineResult<()> {
    let (left, right) = sides_of(definer, item.of)?;
    let number = i16::try_from(item.number).unwrap_or(0);
    let what = if item.is_operator { MemberKind::Operator(0) } else { MemberKind::Function(0) };
    let draft = Draft { left, right, number, what };
    let known = operator_class::members(&definer.scope, family);
    let found = known
        .into_iter()
        .find(|(_, member)| is_same(&draft, (member.left, member.right, member.number, member.what)));
    let Some((owner, member)) = found.map(|(owner, member)| (owner, member.oid)) else {
        let (word, sides) = told(definer, &draft);
        let message = format!("{word} {number}{sides} does not exist in operator family \"{name}\"");
        return Err(plain(SqlState::UndefinedObject, message));
    };
    if owner != family {
        return definer.unsupported("taking from a family what one of its operator classes holds", None);
    }
    definer.change_object(family, |object| {
        if let Object::OperatorFamily(made) = object {
            Arc::make_mut(made).members.retain(|known| known.oid != member);
        }
    })?;
    definer.refresh()
}

/// A class or a family that a user has made, by its name; none if there is no such one of users'.
///
/// # Errors
/// When there is no such schema.
pub(crate) fn made(
    definer: &Definer<'_>,
    kind: ObjectKind,
    name: &QualifiedName<'_>,
    method: &Name<'_>,
) -> DefineResult<Option<Oid>> {
    let Some(method) = IndexMethod::ALL.into_iter().find(|known| known.name() == method.text) else {
        return Ok(None);
    };
    let (schema, object) = crate::names::split_name(&definer.scope, name)?;
    let schema = match schema {
        Some(schema) => match definer.scope.schema_named(schema) {
            Some(schema) => Some(schema),
            None => return Ok(None),
        },
        None => None,
    };
    let found = match kind {
        ObjectKind::OperatorClass => {
            operator_class::named_class(&definer.scope, method, schema, object).map(|found| found.oid)
        }
        ObjectKind::OperatorFamily => operator_class::named_family(&definer.scope, method, schema, object),
        _ => None,
    };
    Ok(found.filter(|oid| *oid >= FIRST_USER_OID))
}

/// That a class or a family may be called so, or stand in another schema.
///
/// # Errors
/// When there is one already.
pub(crate) fn refuse_moved(
    definer: &Definer<'_>,
    oid: Oid,
    to: (Option<Oid>, Option<&str>),
) -> DefineResult<()> {
    let (kind, method, schema, name) = match definer.scope.object(oid) {
        Some(Object::OperatorClass(made)) => {
            (ObjectKind::OperatorClass, made.method, made.schema, made.name.clone())
        }
        Some(Object::OperatorFamily(made)) => {
            (ObjectKind::OperatorFamily, made.method, made.schema, made.name.clone())
        }
        _ => return Ok(()),
    };
    let (schema, name) = (to.0.unwrap_or(schema), to.1.unwrap_or(&name));
    refuse_taken(definer, kind, method, (schema, name)).map_err(|error| match error {
        DefineError::Plain { state, message, detail, hint, position } => {
            let within = definer.scope.schema(schema).map_or("", |schema| schema.name.as_str());
            DefineError::Plain {
                state,
                message: format!("{message} in schema \"{within}\""),
                detail,
                hint,
                position,
            }
        }
        other => other,
    })
}
