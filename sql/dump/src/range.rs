//! Range types with what comes with them.

use crate::Writer;
use catalog::Scope;
use catalog::name::quote_identifier;
use catalog::object::{Body, Cast, Function, Object, Oid, RangeType};
use catalog::operator_class::class_of;
use std::fmt::Write;
use std::sync::Arc;
use types::catalog::type_name;

/// Whether a function came with a range type and is still what it was.
pub fn is_constructor(function: &Function) -> bool {
    match function.body {
        Body::BuiltIn(_) => function.is_range_constructor(),
        Body::Text(_)
        | Body::Bound(_)
        | Body::Native
        | Body::Aggregate(_)
        | Body::Uncallable(_)
        | Body::Procedural(_) => false,
    }
}

/// The functions that came with a range type, by number.
fn constructors<'s>(scope: &'s Scope, range: &RangeType) -> impl Iterator<Item = &'s Arc<Function>> {
    let made = [range.oid, range.multirange];
    scope.objects().filter_map(move |object| match object {
        Object::Function(function) if is_constructor(function) && made.contains(&function.result) => {
            Some(function)
        }
        _ => None,
    })
}

/// Whether a cast comes with a range type.
pub fn is_part(scope: &Scope, cast: &Cast) -> bool {
    scope.range_type(cast.source).is_some_and(|range| range.multirange == cast.target)
}

/// The numbers of all that comes with a range type.
pub fn parts(scope: &Scope, range: &RangeType) -> Vec<Oid> {
    let mut parts = vec![range.array_type, range.multirange];
    parts.extend(scope.multirange(range.multirange).map(|multirange| multirange.array_type));
    parts.extend(constructors(scope, range).map(|function| function.oid));
    parts
}

/// The range type with which something comes.
pub fn range_of(scope: &Scope, object: &Object) -> Option<Oid> {
    match object {
        Object::Multirange(multirange) => Some(multirange.range),
        Object::Function(function) if is_constructor(function) => {
            Some(scope.multirange(function.result).map_or(function.result, |multirange| multirange.range))
        }
        _ => None,
    }
}

impl Writer<'_> {
    pub(crate) fn range(&self, range: &RangeType) -> String {
        let name = self.full_name(range.schema, &range.name);
        let subtype = type_name(&self.scope, range.subtype, None);
        let mut text = format!("CREATE TYPE {name} AS RANGE (\n    subtype = {subtype}");
        if let Some(multirange) = self.scope.multirange(range.multirange) {
            let name = self.full_name(multirange.schema, &multirange.name);
            let _ = write!(text, ",\n    multirange_type_name = {name}");
        }
        let default = catalog::operator_class::default_class(
            &self.scope,
            catalog::object::IndexMethod::Ordered,
            range.subtype,
        );
        if let Some(class) =
            class_of(&self.scope, range.operator_class).filter(|class| default.as_ref() != Some(class))
        {
            let name = self.full_name(class.schema, &class.name);
            let _ = write!(text, ",\n    subtype_opclass = {name}");
        }
        if let Some(collation) = self.full_collation_name(range.collation) {
            let _ = write!(text, ",\n    collation = {collation}");
        }
        if let Some(difference) = self.scope.full_function_name(range.difference) {
            let _ = write!(text, ",\n    subtype_diff = {difference}");
        }
        text.push_str("\n);");
        for function in constructors(&self.scope, range) {
            self.renamed_constructor(range, function, &mut text);
        }
        text
    }

    /// A type that is renamed does not take its functions along.
    fn renamed_constructor(&self, range: &RangeType, function: &Function, text: &mut String) {
        let multirange = self.scope.multirange(function.result);
        let made = multirange.map_or(&range.name, |multirange| &multirange.name);
        let arguments: Vec<String> =
            function.inputs().map(|input| type_name(&self.scope, input.type_oid, None)).collect();
        let arguments = arguments.join(", ");
        if function.name != *made {
            let (from, to) = (self.full_name(range.schema, made), quote_identifier(&function.name));
            let _ = write!(text, "\nALTER FUNCTION {from}({arguments}) RENAME TO {to};");
        }
        if function.schema != range.schema {
            let from = self.full_name(range.schema, &function.name);
            let to = quote_identifier(&crate::order::schema_name(&self.scope, function.schema));
            let _ = write!(text, "\nALTER FUNCTION {from}({arguments}) SET SCHEMA {to};");
        }
    }
}
