//! `information_schema`: functions and procedures, and what they take.

use super::emit::{Emit, SystemContext, int, maybe, text, yes};
use super::information::Asker;
use super::information_columns::describe;
use super::routine::{C, INTERNAL, Routine, of_asker};
use crate::error::CatalogResult;
use types::catalog::Type;
use types::value::Item;

/// The most bytes of a name.
const NAME_BYTES: usize = 63;

/// A function's name with its number, by which it is told from others of that name: `nameconcatoid`.
fn specific_name(routine: &Routine<'_>) -> String {
    let number = format!("_{}", routine.oid);
    let kept = routine.name.floor_char_boundary(NAME_BYTES - number.len());
    format!("{}{number}", &routine.name[..kept])
}

fn nulls<'n>(count: usize) -> impl Iterator<Item = Item<'n>> {
    std::iter::repeat_n(Item::Null, count)
}

/// `routines`.
pub(super) fn routines(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let asker = Asker::new(context);
    for routine in of_asker(&asker) {
        let is_procedure = routine.kind == b'p';
        let (schema, specific) = (asker.schema(routine.schema), specific_name(&routine));
        let result = (!is_procedure).then(|| describe(context.scope, Type::of(routine.result)));
        let (body, language) = match routine.language {
            INTERNAL => ("EXTERNAL", "INTERNAL"),
            C => ("EXTERNAL", "C"),
            _ => ("SQL", "SQL"),
        };
        let kind = match routine.kind {
            b'f' => Some("FUNCTION"),
            b'p' => Some("PROCEDURE"),
            _ => None,
        };
        let mut row =
            vec![text(asker.database), text(schema), text(&specific), text(asker.database), text(schema)];
        row.extend([text(routine.name), maybe(kind)]);
        row.extend(nulls(6));
        row.push(maybe(result.as_ref().map(|result| result.data_type.as_str())));
        row.extend(nulls(14));
        row.push(maybe(result.as_ref().map(|_| asker.database)));
        row.push(maybe(result.as_ref().map(|result| asker.schema(result.schema))));
        row.push(maybe(result.as_ref().map(|result| result.name.as_str())));
        row.extend(nulls(4));
        row.push(maybe((!is_procedure).then_some("0")));
        row.push(text(body));
        row.push(maybe(asker.has_role(routine.owner).then_some(routine.source)));
        row.extend([Item::Null, text(language), text("GENERAL"), yes(routine.volatility == b'i')]);
        row.push(text("MODIFIES"));
        row.push(if is_procedure { Item::Null } else { yes(routine.strict) });
        row.extend([Item::Null, yes(true), int(0), Item::Null, Item::Null]);
        row.push(text(if routine.security_definer { "DEFINER" } else { "INVOKER" }));
        row.extend(nulls(3));
        row.extend([yes(false), Item::Null, Item::Null, Item::Null, yes(false)]);
        row.extend(nulls(RESULT_CAST));
        emit.row(&row)?;
    }
    Ok(())
}

/// How many columns of `routines` are about casts of results, of which there are none.
const RESULT_CAST: usize = 24;

/// `parameters`.
pub(super) fn parameters(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let asker = Asker::new(context);
    for routine in of_asker(&asker) {
        let (schema, specific) = (asker.schema(routine.schema), specific_name(&routine));
        let goes_in = |mode: u8| !matches!(mode, b'o' | b't');
        let inputs = routine.arguments.iter().filter(|argument| goes_in(argument.1)).count();
        let mut defaults = routine.defaults.iter();
        let mut without = inputs.saturating_sub(routine.defaults.len());
        for (place, (of, mode, name)) in routine.arguments.iter().enumerate() {
            let default = match (goes_in(*mode), without) {
                (false, _) => None,
                (true, 0) => defaults.next().copied(),
                (true, _) => {
                    without -= 1;
                    None
                }
            };
            let described = describe(context.scope, Type::of(*of));
            let ordinal = (place + 1).to_string();
            let mode = match mode {
                b'o' | b't' => "OUT",
                b'b' => "INOUT",
                _ => "IN",
            };
            let mut row =
                vec![text(asker.database), text(schema), text(&specific), int(place + 1), text(mode)];
            row.extend([yes(false), yes(false)]);
            row.push(maybe(Some(*name).filter(|name| !name.is_empty())));
            row.push(text(&described.data_type));
            row.extend(nulls(14));
            row.push(text(asker.database));
            row.push(text(asker.schema(described.schema)));
            row.push(text(&described.name));
            row.extend(nulls(4));
            row.push(text(&ordinal));
            row.push(maybe(default.filter(|_| asker.has_role(routine.owner))));
            emit.row(&row)?;
        }
    }
    Ok(())
}
