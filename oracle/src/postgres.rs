//! PostgreSQL's parser, with the position of its errors, which `pg_query`'s own face leaves out.

use std::ffi::{CStr, CString, c_char, c_int, c_void};

/// What a parser says about a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Accepted,
    /// The message, and the position in characters from one; 0 where none is given.
    Refused(String, usize),
}

#[repr(C)]
struct PgQueryError {
    message: *const c_char,
    function: *const c_char,
    file: *const c_char,
    line: c_int,
    cursor: c_int,
    context: *const c_char,
}

#[repr(C)]
struct PgQueryResult {
    length: usize,
    data: *const c_void,
    notices: *const c_char,
    error: *const PgQueryError,
}

unsafe extern "C" {
    fn pg_query_parse_protobuf(input: *const c_char) -> PgQueryResult;
    fn pg_query_free_protobuf_parse_result(result: PgQueryResult);
}

/// What PostgreSQL 15 says. `None` for a text with a zero byte, which it cannot be given.
pub fn verdict(text: &str) -> Option<Verdict> {
    // The call takes the library along into the program.
    let _ = pg_query::scan as fn(&str) -> _;
    let input = CString::new(text).ok()?;
    // SAFETY: the layouts are those of pg_query.h of the version that Cargo.toml names; the input lives during the call.
    let result = unsafe { pg_query_parse_protobuf(input.as_ptr()) };
    let verdict = if result.error.is_null() {
        Verdict::Accepted
    } else {
        // SAFETY: the library says that an error has a message, and it is freed below only.
        let (message, cursor) = unsafe { (CStr::from_ptr((*result.error).message), (*result.error).cursor) };
        Verdict::Refused(message.to_string_lossy().into_owned(), usize::try_from(cursor).unwrap_or(0))
    };
    // SAFETY: as it was given, once.
    unsafe { pg_query_free_protobuf_parse_result(result) };
    Some(verdict)
}
