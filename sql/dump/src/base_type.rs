//! Base types: a shell first, for which functions can be made, then the type.

use crate::Writer;
use crate::error::DumpError;
use crate::objects::quote_text;
use crate::order::{is_system, schema_name};
use crate::select::Selection;
use catalog::object::{BaseShape, BaseType, Object, Oid, is_temporary};
use types::catalog::type_name;

/// Whether a function is one that a type is made with: it needs the shell alone.
pub(crate) fn is_made_with(shape: &BaseShape, function: Oid) -> bool {
    [
        shape.input,
        shape.output,
        shape.receive,
        shape.send,
        shape.modifier_input,
        shape.modifier_output,
        shape.analyze,
        shape.subscript,
    ]
    .contains(&function)
}

impl Writer<'_> {
    /// The shells of all base types, but for those that come with an extension.
    pub(crate) fn shells(&mut self, selection: &Selection) -> Result<(), DumpError> {
        if !selection.is_everything() {
            return Ok(());
        }
        let mut names: Vec<String> = Vec::new();
        for object in self.scope.objects() {
            if let Object::Base(base) = object
                && !is_temporary(base.oid)
                && !is_system(&schema_name(&self.scope, base.schema))
                && self.scope.extension_of(base.oid).is_none()
            {
                names.push(self.full_name(base.schema, &base.name));
            }
        }
        names.sort();
        names.into_iter().try_for_each(|name| self.text(&format!("\nCREATE TYPE {name};\n")))
    }

    /// The definition of a base type; none of one that is only a shell.
    pub(crate) fn base_type(&self, base: &BaseType) -> Option<String> {
        let shape = base.shape.as_ref()?;
        let mut said = vec![format!("internallength = {}", length(shape.length))];
        let functions = [
            ("input", shape.input),
            ("output", shape.output),
            ("receive", shape.receive),
            ("send", shape.send),
            ("typmod_in", shape.modifier_input),
            ("typmod_out", shape.modifier_output),
            ("analyze", shape.analyze),
            ("subscript", shape.subscript),
        ];
        for (word, function) in functions {
            if let Some(name) = self.scope.full_function_name(function) {
                said.push(format!("{word} = {name}"));
            }
        }
        if shape.collatable {
            said.push("collatable = true".into());
        }
        if let Some(default) = &shape.default {
            said.push(format!("default = {}", quote_text(default)));
        }
        if shape.element != 0 {
            said.push(format!("element = {}", type_name(&self.scope, shape.element, None)));
        }
        if shape.category != b'U' {
            said.push(format!("category = {}", quote_text(&char::from(shape.category).to_string())));
        }
        if shape.preferred {
            said.push("preferred = true".into());
        }
        if shape.delimiter != b',' {
            said.push(format!("delimiter = {}", quote_text(&char::from(shape.delimiter).to_string())));
        }
        said.push(format!("alignment = {}", alignment(shape.alignment)));
        said.push(format!("storage = {}", storage(shape.storage)));
        if shape.by_value {
            said.push("passedbyvalue".into());
        }
        let name = self.full_name(base.schema, &base.name);
        Some(format!("CREATE TYPE {name} (\n    {}\n);", said.join(",\n    ")))
    }
}

fn length(length: i16) -> String {
    if length < 0 { "variable".to_owned() } else { length.to_string() }
}

fn alignment(letter: u8) -> &'static str {
    match letter {
        b'c' => "char",
        b's' => "int2",
        b'd' => "double",
        _ => "int4",
    }
}

fn storage(letter: u8) -> &'static str {
    match letter {
        b'e' => "external",
        b'x' => "extended",
        b'm' => "main",
        _ => "plain",
    }
}
