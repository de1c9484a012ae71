//! Aggregates: the functions of their steps by their names.

use crate::Writer;
use crate::objects::quote_text;
use catalog::Scope;
use catalog::name::quote_identifier;
use catalog::object::{Aggregate, AggregateSteps, ArgumentMode, Function, Oid, Parallel, StateUse};
use types::catalog::type_name;

/// What is given to an aggregate.
pub fn arguments(scope: &Scope, function: &Function) -> String {
    let shown: Vec<String> = function
        .inputs()
        .map(|argument| {
            let mode = if argument.mode == ArgumentMode::Variadic { "VARIADIC " } else { "" };
            let of = type_name(scope, argument.type_oid, None);
            match argument.name.as_str() {
                "" => format!("{mode}{of}"),
                name => format!("{mode}{} {of}", quote_identifier(name)),
            }
        })
        .collect();
    if shown.is_empty() { "*".to_owned() } else { shown.join(", ") }
}

impl Writer<'_> {
    /// The statement that makes an aggregate.
    pub(crate) fn aggregate(&self, made: &Function) -> String {
        let mut parts = Vec::new();
        if let Some(aggregate) = made.aggregate() {
            self.parts(aggregate, &mut parts);
        }
        match made.parallel {
            Parallel::Safe => parts.push("PARALLEL = SAFE".to_owned()),
            Parallel::Restricted => parts.push("PARALLEL = RESTRICTED".to_owned()),
            Parallel::Unsafe => {}
        }
        let name = self.full_name(made.schema, &made.name);
        let arguments = arguments(&self.scope, made);
        format!("CREATE AGGREGATE {name}({arguments}) (\n    {}\n);", parts.join(",\n    "))
    }

    fn parts(&self, aggregate: &Aggregate, parts: &mut Vec<String>) {
        self.steps("", &aggregate.plain, parts);
        if aggregate.combine != 0 {
            parts.push(format!("COMBINEFUNC = {}", self.function(aggregate.combine)));
        }
        if let Some((steps, inverse)) = &aggregate.moving {
            self.steps("M", steps, parts);
            parts.push(format!("MINVFUNC = {}", self.function(*inverse)));
        }
        if let Some(operator) = self.scope.full_operator_name(aggregate.sort_operator) {
            parts.push(format!("SORTOP = {operator}"));
        }
    }

    fn steps(&self, of: &str, steps: &AggregateSteps, parts: &mut Vec<String>) {
        parts.push(format!("{of}SFUNC = {}", self.function(steps.transition)));
        parts.push(format!("{of}STYPE = {}", type_name(&self.scope, steps.state, None)));
        if steps.space != 0 {
            parts.push(format!("{of}SSPACE = {}", steps.space));
        }
        if let Some(initial) = &steps.initial {
            parts.push(format!("{of}INITCOND = {}", quote_text(initial)));
        }
        if steps.last != 0 {
            parts.push(format!("{of}FINALFUNC = {}", self.function(steps.last)));
        }
        if steps.last_extra {
            parts.push(format!("{of}FINALFUNC_EXTRA"));
        }
        if steps.last_modifies != StateUse::ReadOnly {
            parts.push(format!("{of}FINALFUNC_MODIFY = {}", steps.last_modifies.word()));
        }
    }

    /// The name of a step's function, with its schema.
    fn function(&self, oid: Oid) -> String {
        self.scope.full_function_name(oid).unwrap_or_default()
    }
}
