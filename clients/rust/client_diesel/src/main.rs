//! diesel by libpq: migrations, its query builder, transactions, COPY, and what its schema printer asks of the catalog.

use checks::{end, same};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::dsl::{count_star, exists, max, sum};
use diesel::pg::{CopyFormat, CopyHeader};
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error as QueryError};
use diesel::sql_types::{Array, BigInt, Integer, Nullable, Text};
use diesel_migrations::{FileBasedMigrations, MigrationHarness};
use std::error::Error;
use uuid::Uuid;

type Done = Result<(), Box<dyn Error>>;

diesel::table! {
    authors (id) {
        id -> Int4,
        name -> Varchar,
        born -> Nullable<Int4>,
    }
}

diesel::table! {
    books (id) {
        id -> Int8,
        author_id -> Int4,
        title -> Text,
        tags -> Array<Nullable<Text>>,
        document -> Nullable<Jsonb>,
        key -> Nullable<Uuid>,
        added -> Timestamptz,
        day -> Nullable<Date>,
        data -> Nullable<Bytea>,
        real -> Nullable<Float8>,
        pages -> Int4,
    }
}

diesel::joinable!(books -> authors (author_id));
diesel::allow_tables_to_appear_in_same_query!(authors, books);

#[derive(Debug, PartialEq, Queryable, Selectable)]
struct Author {
    id: i32,
    name: String,
    born: Option<i32>,
}

#[derive(Debug, PartialEq, Clone, Insertable, Queryable, Selectable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct Book {
    author_id: i32,
    title: String,
    tags: Vec<Option<String>>,
    document: Option<serde_json::Value>,
    key: Option<Uuid>,
    added: DateTime<Utc>,
    day: Option<NaiveDate>,
    data: Option<Vec<u8>>,
    real: Option<f64>,
    pages: i32,
}

fn book(author_id: i32, pages: i32) -> Book {
    Book {
        author_id,
        title: format!("Title {pages}"),
        tags: vec![Some("a,b".to_owned()), None],
        document: Some(serde_json::json!({"pages": pages, "none": null})),
        key: Some(Uuid::from_u128(7)),
        added: DateTime::from_timestamp(1_700_000_000, 5_000).unwrap(),
        day: NaiveDate::from_ymd_opt(2024, 2, 29),
        data: Some(vec![0, 255]),
        real: Some(-1e300),
        pages,
    }
}

fn migrations(connection: &mut PgConnection) -> Done {
    let migrations = || FileBasedMigrations::from_path("migrations");
    let failed = |error: Box<dyn Error + Send + Sync>| error.to_string();
    same("pending", connection.pending_migrations(migrations()?).map_err(failed)?.len(), 2);
    same("run", connection.run_pending_migrations(migrations()?).map_err(failed)?.len(), 2);
    same("none left", connection.has_pending_migration(migrations()?).map_err(failed)?, false);
    connection.revert_last_migration(migrations()?).map_err(failed)?;
    same("reverted", connection.pending_migrations(migrations()?).map_err(failed)?.len(), 1);
    same("run again", connection.run_pending_migrations(migrations()?).map_err(failed)?.len(), 1);
    Ok(())
}

fn queries(connection: &mut PgConnection) -> Done {
    let made: Vec<Author> = diesel::insert_into(authors::table)
        .values(vec![
            (authors::name.eq("Ada"), authors::born.eq(Some(1815))),
            (authors::name.eq("Bob"), authors::born.eq(None)),
        ])
        .returning(Author::as_returning())
        .get_results(connection)?;
    same("inserted", &made[1], &Author { id: 2, name: "Bob".to_owned(), born: None });
    let all: Vec<Book> = (1..=60).map(|pages| book(if pages % 3 == 0 { 2 } else { 1 }, pages)).collect();
    same("many", diesel::insert_into(books::table).values(&all).execute(connection)?, 60);
    let got: Book = books::table.filter(books::pages.eq(7)).select(Book::as_select()).first(connection)?;
    same("values", got, book(1, 7));
    let titles: Vec<String> = books::table
        .inner_join(authors::table)
        .filter(authors::name.eq("Bob").and(books::pages.gt(50)).or(books::title.like("%60")))
        .order((books::pages.desc(), books::id))
        .select(books::title)
        .limit(2)
        .offset(1)
        .load(connection)?;
    same("joined", titles, vec!["Title 57", "Title 54"]);
    let grouped: Vec<(i32, i64, Option<i64>, Option<i32>)> = books::table
        .group_by(books::author_id)
        .having(count_star().gt(5))
        .order(books::author_id)
        .select((books::author_id, count_star(), sum(books::pages), max(books::pages)))
        .load(connection)?;
    same("grouped", grouped, vec![(1, 40, Some(1200), Some(59)), (2, 20, Some(630), Some(60))]);
    let of_bob =
        books::table.filter(books::author_id.eq(made[1].id)).count().get_result::<i64>(connection)?;
    same("belonging", of_bob, 20);
    same(
        "updated",
        diesel::update(books::table.filter(books::pages.le(5)))
            .set(books::pages.eq(books::pages + 100))
            .execute(connection)?,
        5,
    );
    let upserted: Option<i32> = diesel::insert_into(authors::table)
        .values((authors::name.eq("Ada"), authors::born.eq(1)))
        .on_conflict(authors::name)
        .do_update()
        .set(authors::born.eq(diesel::upsert::excluded(authors::born)))
        .returning(authors::born)
        .get_result(connection)?;
    same("on conflict", upserted, Some(1));
    Ok(())
}

fn questions(connection: &mut PgConnection) -> Done {
    let any: bool =
        diesel::select(exists(books::table.filter(books::document.is_null()))).get_result(connection)?;
    same("exists", any, false);
    let by_tag =
        books::table.filter(books::tags.contains(vec!["a,b"])).count().get_result::<i64>(connection)?;
    same("contains", by_tag, 60);
    let key: Vec<serde_json::Value> = books::table
        .filter(books::document.is_not_null().and(books::pages.eq(10)))
        .select(books::document.assume_not_null().retrieve_as_object("pages"))
        .load(connection)?;
    same("json", key, vec![serde_json::json!(10)]);
    let few: Vec<i32> = books::table
        .filter(books::pages.eq_any(vec![10, 11, 999]))
        .select(books::pages)
        .order(books::pages)
        .load(connection)?;
    same("any", few, vec![10, 11]);
    let distinct: Vec<i32> = books::table
        .distinct_on(books::author_id)
        .order((books::author_id, books::pages.desc()))
        .select(books::pages)
        .load(connection)?;
    same("distinct on", distinct, vec![105, 103]);
    let locked = books::table
        .filter(books::pages.lt(12))
        .select(books::pages)
        .for_update()
        .skip_locked()
        .load::<i32>(connection)?;
    same("for update", locked.len(), 6);
    let union = authors::table
        .select(authors::name.into_sql::<Text>())
        .union(books::table.select(books::title))
        .load::<String>(connection)?;
    same("union", union.len(), 62);
    let cursor =
        books::table.select(books::pages).load_iter::<i32, diesel::pg::PgRowByRowLoadingMode>(connection)?;
    same("row by row", cursor.count(), 60);
    Ok(())
}

fn transactions(connection: &mut PgConnection) -> Done {
    let failed: Result<(), QueryError> = connection.transaction(|connection| {
        diesel::delete(books::table).execute(connection)?;
        let inner =
            connection.transaction(|connection| diesel::sql_query("SELECT 1 / 0").execute(connection));
        same("inner", inner.is_err(), true);
        same("within", books::table.count().get_result::<i64>(connection)?, 0);
        Err(QueryError::RollbackTransaction)
    });
    same("rolled back", failed.is_err(), true);
    same("as before", books::table.count().get_result::<i64>(connection)?, 60);
    let shown = connection.build_transaction().serializable().read_only().run(|connection| {
        let refused = diesel::delete(books::table).execute(connection);
        same(
            "read only",
            matches!(refused, Err(QueryError::DatabaseError(DatabaseErrorKind::ReadOnlyTransaction, _))),
            true,
        );
        Ok::<_, QueryError>(())
    });
    same("committed as a rollback", shown.is_err(), false);
    let refused = diesel::insert_into(authors::table).values(authors::name.eq("Ada")).execute(connection);
    match refused {
        Err(QueryError::DatabaseError(DatabaseErrorKind::UniqueViolation, told)) => {
            same(
                "unique",
                (told.constraint_name(), told.table_name()),
                (Some("authors_name_key"), Some("authors")),
            );
        }
        other => same("unique", format!("{other:?}"), ""),
    }
    let refused = diesel::insert_into(books::table).values(book(99, 1)).execute(connection);
    same(
        "foreign key",
        matches!(refused, Err(QueryError::DatabaseError(DatabaseErrorKind::ForeignKeyViolation, _))),
        true,
    );
    let refused = diesel::update(books::table).set(books::pages.eq(0)).execute(connection);
    same(
        "check",
        matches!(refused, Err(QueryError::DatabaseError(DatabaseErrorKind::CheckViolation, _))),
        true,
    );
    let long =
        diesel::insert_into(authors::table).values(authors::name.eq("x".repeat(41))).execute(connection);
    same("too long", long.is_err(), true);
    Ok(())
}

/// Of a COPY to the client diesel does not read the end, so nothing else can be asked of its connection.
fn copy(connection: &mut PgConnection, url: &str) -> Done {
    let rows: Vec<_> =
        (0..500).map(|n| (authors::name.eq(format!("copied {n}")), authors::born.eq(n))).collect();
    same("copied in", diesel::copy_from(authors::table).from_insertable(&rows).execute(connection)?, 500);
    let csv = |target: &mut dyn std::io::Write| {
        target
            .write_all(b"id,name,born\n1000,\"a \"\"b\"\"\",\n")
            .map_err(|error| QueryError::SerializationError(Box::new(error)))
    };
    let raw = diesel::copy_from(authors::table)
        .from_raw_data(authors::table, csv)
        .with_format(CopyFormat::Csv)
        .with_header(CopyHeader::Set(true))
        .execute(connection)?;
    same("csv in", raw, 1);
    let mut other = PgConnection::establish(url)?;
    let mut text = String::new();
    {
        let mut out = diesel::copy_to(authors::table)
            .with_format(CopyFormat::Csv)
            .with_header(true)
            .load_raw(&mut other)?;
        std::io::Read::read_to_string(&mut out, &mut text)?;
    }
    same("csv", (text.lines().next(), text.lines().count()), (Some("id,name,born"), 504));
    let mut other = PgConnection::establish(url)?;
    let back: Vec<Author> =
        diesel::copy_to(authors::table).load::<Author, _>(&mut other)?.collect::<QueryResult<_>>()?;
    same("copied out", back.len(), 503);
    Ok(())
}

#[derive(Debug, PartialEq, QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    column_name: String,
    #[diesel(sql_type = Text)]
    udt_name: String,
    #[diesel(sql_type = Text)]
    udt_schema: String,
    #[diesel(sql_type = Text)]
    is_nullable: String,
    #[diesel(sql_type = Nullable<Integer>)]
    character_maximum_length: Option<i32>,
}

#[derive(Debug, PartialEq, QueryableByName)]
struct Key {
    #[diesel(sql_type = Text)]
    child: String,
    #[diesel(sql_type = Array<Text>)]
    columns: Vec<String>,
    #[diesel(sql_type = Text)]
    parent: String,
}

#[derive(Debug, PartialEq, QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// What `diesel print-schema` asks: tables, columns, keys, in `information_schema` and `pg_catalog`.
fn schema(connection: &mut PgConnection) -> Done {
    let tables = "SELECT count(*) AS n FROM information_schema.tables WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' AND table_name NOT LIKE '\\_\\_%'";
    same("tables", diesel::sql_query(tables).load::<Counted>(connection)?, vec![Counted { n: 2 }]);
    let columns = "SELECT column_name, udt_name, udt_schema, is_nullable, character_maximum_length FROM information_schema.columns
        WHERE table_schema = $1 AND table_name = $2 ORDER BY ordinal_position";
    let columns: Vec<Column> =
        diesel::sql_query(columns).bind::<Text, _>("public").bind::<Text, _>("authors").load(connection)?;
    let told: Vec<(&str, &str, &str, Option<i32>)> = columns
        .iter()
        .map(|column| {
            (&*column.column_name, &*column.udt_name, &*column.is_nullable, column.character_maximum_length)
        })
        .collect();
    same(
        "columns",
        told,
        vec![("id", "int4", "NO", None), ("name", "varchar", "NO", Some(40)), ("born", "int4", "YES", None)],
    );
    same("schema of a type", &*columns[0].udt_schema, "pg_catalog");
    let keys = "SELECT k.table_name::text AS child, array_agg(c.column_name::text) AS columns, p.table_name::text AS parent
        FROM information_schema.referential_constraints r
        JOIN information_schema.table_constraints k USING (constraint_schema, constraint_name)
        JOIN information_schema.key_column_usage c USING (constraint_schema, constraint_name)
        JOIN information_schema.table_constraints p ON p.constraint_name = r.unique_constraint_name AND p.constraint_schema = r.unique_constraint_schema
        WHERE k.constraint_type = 'FOREIGN KEY' GROUP BY 1, 3";
    let key = Key {
        child: "books".to_owned(),
        columns: vec!["author_id".to_owned()],
        parent: "authors".to_owned(),
    };
    same("foreign keys", diesel::sql_query(keys).load::<Key>(connection)?, vec![key]);
    let primary = "SELECT count(*) AS n FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
        WHERE i.indrelid = '\"public\".\"books\"'::regclass AND i.indisprimary AND a.attname = 'id'";
    same("primary key", diesel::sql_query(primary).load::<Counted>(connection)?, vec![Counted { n: 1 }]);
    let comments = "SELECT count(*) AS n FROM pg_attribute WHERE attrelid = 'books'::regclass AND col_description(attrelid, attnum) IS NULL AND attnum > 0 AND NOT attisdropped";
    same("comments", diesel::sql_query(comments).load::<Counted>(connection)?, vec![Counted { n: 12 }]);
    Ok(())
}

fn main() -> Done {
    let url = std::env::args().nth(1).ok_or("which server?")?;
    let mut connection = PgConnection::establish(&url)?;
    for part in [migrations, queries, questions, transactions, schema] {
        part(&mut connection)?;
    }
    copy(&mut connection, &url)?;
    same("no database", PgConnection::establish(&format!("{url}_not")).is_err(), true);
    end()
}
