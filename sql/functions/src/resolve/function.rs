//! Functions: by name, the types of the arguments, and the names that some of them were given by.

use super::cast::{Cast, find_cast};
use super::choose::{Choice, choose};
use super::polymorphic;
use crate::error::{ResolveError, ResolveResult};
use crate::table::{CastContext, FunctionEntry, FunctionKind, functions_named};
use types::Types;
use types::catalog::{Category, Form, Type, oid, type_name};

/// The number of a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FunctionId(pub u32);

/// An argument of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Argument<'a> {
    /// Its type; `unknown` for a literal without one.
    pub of: u32,
    /// The name it was given by: `name => …`.
    pub name: Option<&'a str>,
}

/// A function that a name may mean.
#[derive(Debug, Clone)]
pub struct Candidate<'a> {
    /// Which.
    pub function: FunctionId,
    /// What kind it is.
    pub kind: FunctionKind,
    /// Types of its arguments, the array of a `VARIADIC` one last.
    pub arguments: &'a [u32],
    /// Names of its arguments; empty without, and so is that of an argument that has none.
    pub names: Vec<&'a str>,
    /// How many of the last arguments have defaults.
    pub defaults: usize,
    /// Of which types they are, argument by argument, where that tells what types which stand for many stand for.
    pub default_types: Vec<u32>,
    /// The element type of a `VARIADIC` last argument, `any` among them; 0 without.
    pub variadic: u32,
    /// Type of its result.
    pub result: u32,
    /// Whether it returns rows.
    pub returns_set: bool,
    /// The place of its schema in the search path: of two with the same arguments the earlier hides the later.
    pub place: usize,
    /// Its row of the table, if it is built in.
    pub builtin: Option<&'static FunctionEntry>,
}

/// Where an argument's value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The call's argument at this place.
    Given(usize),
    /// The default of the function's argument at this place.
    Default(usize),
}

/// A function that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResolvedCall {
    /// Which.
    pub function: FunctionId,
    /// Its place among the candidates.
    pub candidate: usize,
    /// What kind it is.
    pub kind: FunctionKind,
    /// Where each argument comes from, in the order of the function's own; those of a `VARIADIC` one one by one.
    pub sources: Vec<Source>,
    /// What each of them must be cast to.
    pub arguments: Vec<u32>,
    /// From which of them on they are put into an array, and that array's type. None for `VARIADIC "any"`, which takes
    /// them one by one.
    pub packed: Option<(usize, u32)>,
    /// Type of its result.
    pub result: u32,
    /// Whether it returns rows.
    pub returns_set: bool,
}

/// What a call means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolution {
    /// A function.
    Call(ResolvedCall),
    /// `type(value)`: a cast.
    Cast(u32),
}

/// The built-in functions of a name, `place` being that of `pg_catalog` in the search path.
pub fn builtin_candidates(name: &str, place: usize) -> Vec<Candidate<'static>> {
    functions_named(name).map(|entry| Candidate::of_entry(entry, place)).collect()
}

impl Candidate<'static> {
    /// A row of the table.
    pub fn of_entry(entry: &'static FunctionEntry, place: usize) -> Candidate<'static> {
        Candidate {
            function: FunctionId(entry.oid),
            kind: entry.kind,
            arguments: entry.arguments,
            names: entry.names.to_vec(),
            defaults: entry.defaults.len(),
            default_types: Vec::new(),
            variadic: entry.variadic,
            result: entry.result,
            returns_set: entry.returns_set,
            place,
            builtin: Some(entry),
        }
    }
}

/// A candidate as this call would use it.
struct Fit {
    candidate: usize,
    sources: Vec<Source>,
    /// The declared types of the arguments that the call gives, in the call's order.
    wanted: Vec<u32>,
    expanded: bool,
}

/// Finds the function that a call means. `displayed` is its name as messages show it, with a schema if one was given;
/// `type_named` is the type of that name, if there is one: `int4(x)` may be a cast. `variadic` says whether the last
/// argument has the word `VARIADIC` before it.
pub fn resolve_function(
    types: &dyn Types,
    displayed: &str,
    candidates: &[Candidate<'_>],
    arguments: &[Argument<'_>],
    variadic: bool,
    type_named: Option<u32>,
) -> ResolveResult<Resolution> {
    let given: Vec<u32> = arguments.iter().map(|argument| argument.of).collect();
    let fits = fits(candidates, arguments, variadic);
    let signature = || signature(types, displayed, arguments);
    if let Some(place) = fits.iter().position(|fit| fit.wanted == given) {
        if ambiguous(&fits, place) {
            return Err(ResolveError::AmbiguousFunction { signature: signature() });
        }
        return finish(types, candidates, &fits[place], &given, displayed);
    }
    if let (Some(target), [Argument { of, name: None }]) = (type_named, arguments)
        && !variadic
        && casts(types, *of, target)
    {
        return Ok(Resolution::Cast(target));
    }
    let wanted: Vec<&[u32]> = fits.iter().map(|fit| fit.wanted.as_slice()).collect();
    match choose(types, &given, &wanted) {
        Choice::One(place) if ambiguous(&fits, place) => {
            Err(ResolveError::AmbiguousFunction { signature: signature() })
        }
        Choice::One(place) => finish(types, candidates, &fits[place], &given, displayed),
        Choice::None => Err(ResolveError::NoFunction { signature: signature() }),
        Choice::Many => Err(ResolveError::AmbiguousFunction { signature: signature() }),
    }
}

/// Whether another function takes the same arguments, one of both with the help of defaults.
fn ambiguous(fits: &[Fit], place: usize) -> bool {
    let chosen = &fits[place];
    fits.iter().enumerate().any(|(other, fit)| other != place && fit.wanted == chosen.wanted)
}

/// Whether `type(value)` is a cast where no function has these arguments.
fn casts(types: &dyn Types, from: u32, to: u32) -> bool {
    if from == oid::UNKNOWN {
        return true;
    }
    let entry = |of: u32| types.entry(types.undomained(Type::of(of)).oid);
    match find_cast(types, from, to, CastContext::Explicit) {
        Some(Cast::Binary) => true,
        Some(Cast::Text) => {
            let row = entry(from).is_some_and(|entry| entry.form == Form::Composite) || from == oid::RECORD;
            !(row && entry(to).is_some_and(|entry| entry.category == Category::String))
        }
        Some(Cast::Function(_) | Cast::Elements(_) | Cast::Record | Cast::Parent(_)) | None => false,
    }
}

/// The candidates that take this many arguments of these names.
fn fits(candidates: &[Candidate<'_>], arguments: &[Argument<'_>], variadic: bool) -> Vec<Fit> {
    let mut found: Vec<Fit> = Vec::new();
    for (place, candidate) in candidates.iter().enumerate() {
        let Some(fit) = fit(place, candidate, arguments, variadic) else { continue };
        let same = found.iter().position(|other| other.wanted == fit.wanted);
        match same.map(|at| (at, preferred(candidates, &fit, &found[at]))) {
            None | Some((_, None)) => found.push(fit),
            Some((at, Some(true))) => found[at] = fit,
            Some((_, Some(false))) => {}
        }
    }
    found
}

/// Of two that want the same: the earlier schema, then the one that is not spread out.
fn preferred(candidates: &[Candidate<'_>], new: &Fit, old: &Fit) -> Option<bool> {
    let key = |fit: &Fit| (candidates[fit.candidate].place, fit.expanded);
    match key(new).cmp(&key(old)) {
        std::cmp::Ordering::Less => Some(true),
        std::cmp::Ordering::Greater => Some(false),
        std::cmp::Ordering::Equal => None,
    }
}

fn fit(place: usize, candidate: &Candidate<'_>, arguments: &[Argument<'_>], variadic: bool) -> Option<Fit> {
    let (declared, count) = (candidate.arguments, arguments.len());
    let positional = arguments.iter().all(|argument| argument.name.is_none());
    // Names do not reach into what is spread out; and a default is an array already.
    let expanded = candidate.variadic != 0 && !variadic && count >= declared.len();
    if candidate.variadic != 0 && !variadic && !positional {
        return None;
    }
    let mut types = declared.to_vec();
    if expanded {
        types.pop();
        types.resize(count, candidate.variadic);
    }
    if variadic && candidate.variadic == 0 {
        return None;
    }
    if count > types.len() || count + candidate.defaults < types.len() {
        return None;
    }
    let mut sources: Vec<Option<Source>> = vec![None; types.len()];
    for (at, argument) in arguments.iter().enumerate() {
        let slot = match argument.name {
            None => at,
            Some(name) => candidate.names.iter().position(|known| *known == name)?,
        };
        let source = sources.get_mut(slot).filter(|source| source.is_none())?;
        *source = Some(Source::Given(at));
    }
    // What is `VARIADIC` is the last argument, and stands where the last of so many does.
    if variadic && !positional && sources.get(count - 1) != Some(&Some(Source::Given(count - 1))) {
        return None;
    }
    for (slot, source) in sources.iter_mut().enumerate() {
        if source.is_none() {
            if slot + candidate.defaults < types.len() {
                return None;
            }
            *source = Some(Source::Default(slot));
        }
    }
    let sources: Vec<Source> = sources.into_iter().flatten().collect();
    let mut wanted = vec![0; count];
    for (slot, source) in sources.iter().enumerate() {
        if let Source::Given(at) = source {
            wanted[*at] = types[slot];
        }
    }
    Some(Fit { candidate: place, sources, wanted, expanded })
}

fn finish(
    types: &dyn Types,
    candidates: &[Candidate<'_>],
    fit: &Fit,
    given: &[u32],
    displayed: &str,
) -> ResolveResult<Resolution> {
    let candidate = &candidates[fit.candidate];
    let declared = candidate.arguments;
    let spread = |slot: usize| fit.expanded && slot + 1 >= declared.len();
    let mut arguments: Vec<u32> = (0..fit.sources.len())
        .map(|slot| if spread(slot) { candidate.variadic } else { declared[slot] })
        .collect();
    let actual: Vec<u32> = fit
        .sources
        .iter()
        .zip(&arguments)
        .map(|(source, declared)| match source {
            Source::Given(at) => given[*at],
            Source::Default(slot) if polymorphic::is_polymorphic(*declared) => {
                candidate.default_types.get(*slot).copied().unwrap_or(oid::UNKNOWN)
            }
            Source::Default(_) => *declared,
        })
        .collect();
    let result = polymorphic::agree(types, &actual, &mut arguments, candidate.result)?;
    for (argument, actual) in arguments.iter_mut().zip(&actual) {
        // What takes anything takes it as it is; a literal is text then.
        if *argument == oid::ANY {
            *argument = if *actual == oid::UNKNOWN { oid::TEXT } else { *actual };
        }
    }
    // What takes values that no statement has is refused by these: there is nothing that could be handed over.
    let internal = arguments.contains(&oid::INTERNAL);
    if candidate.builtin.is_some_and(FunctionEntry::is_missing) && !internal {
        let names: Vec<String> = declared.iter().map(|of| type_name(types, *of, None)).collect();
        return Err(ResolveError::Unsupported(format!("function {displayed}({})", names.join(", "))));
    }
    let packed = (fit.expanded && candidate.variadic != oid::ANY)
        .then(|| {
            let from = declared.len() - 1;
            let element = arguments.get(from).copied().unwrap_or(candidate.variadic);
            super::common::common_array_type(types, element).map(|array| (from, array))
        })
        .transpose()?;
    Ok(Resolution::Call(ResolvedCall {
        function: candidate.function,
        candidate: fit.candidate,
        kind: candidate.kind,
        sources: fit.sources.clone(),
        arguments,
        packed,
        result,
        returns_set: candidate.returns_set,
    }))
}

pub(super) fn signature(types: &dyn Types, displayed: &str, arguments: &[Argument<'_>]) -> String {
    let parts: Vec<String> = arguments
        .iter()
        .map(|argument| match argument.name {
            Some(name) => format!("{name} => {}", type_name(types, argument.of, None)),
            None => type_name(types, argument.of, None),
        })
        .collect();
    format!("{displayed}({})", parts.join(", "))
}
