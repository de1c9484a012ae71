//! sqlx without its macros that ask a server at build time: queries, types, pools, migrations, a listener, COPY.

use checks::{end, same};
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use futures_util::TryStreamExt;
use sqlx::migrate::Migrator;
use sqlx::postgres::types::{PgInterval, PgRange};
use sqlx::postgres::{PgConnectOptions, PgListener, PgPool, PgPoolOptions, PgRow};
use sqlx::types::{Decimal, Json};
use sqlx::{Acquire, Connection, Executor, FromRow, PgConnection, QueryBuilder, Row, Type, TypeInfo};
use std::error::Error;
use std::fmt::Debug;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;
use uuid::Uuid;

type Done = Result<(), Box<dyn Error>>;

#[derive(Debug, PartialEq, Clone, Copy, Type)]
#[sqlx(type_name = "mood", rename_all = "lowercase")]
enum Mood {
    Sad,
    Ok,
}

#[derive(Debug, PartialEq, Clone, Type)]
#[sqlx(type_name = "pair")]
struct Pair {
    a: i32,
    b: Option<String>,
}

#[derive(Debug, PartialEq, Clone, Type)]
#[sqlx(type_name = "few")]
struct Few(i32);

#[derive(Debug, PartialEq, FromRow)]
struct Author {
    id: i64,
    name: String,
    feels: Option<Mood>,
}

async fn both_ways<T>(connection: &mut PgConnection, of: &str, value: T) -> Done
where
    T: PartialEq
        + Debug
        + Clone
        + Send
        + Sync
        + Unpin
        + Type<sqlx::Postgres>
        + for<'q> sqlx::Encode<'q, sqlx::Postgres>
        + for<'r> sqlx::Decode<'r, sqlx::Postgres>
        + 'static,
{
    let query = format!("SELECT $1::{of}");
    let got: T = sqlx::query_scalar(&query).bind(value.clone()).fetch_one(&mut *connection).await?;
    same(of, got, value);
    Ok(())
}

async fn values(connection: &mut PgConnection) -> Done {
    both_ways(connection, "bool", true).await?;
    both_ways(connection, "int2", i16::MIN).await?;
    both_ways(connection, "int4", 7_i32).await?;
    both_ways(connection, "int8", i64::MAX).await?;
    both_ways(connection, "float4", 1.5_f32).await?;
    both_ways(connection, "float8", -1e300_f64).await?;
    both_ways(connection, "text", "süß".to_owned()).await?;
    both_ways(connection, "bytea", vec![0_u8, 255]).await?;
    both_ways(connection, "numeric", Decimal::from_str("-12345.678900")?).await?;
    both_ways(connection, "date", NaiveDate::from_ymd_opt(2024, 2, 29).unwrap()).await?;
    both_ways(connection, "time", NaiveTime::from_hms_micro_opt(1, 2, 3, 4).unwrap()).await?;
    let moment: NaiveDateTime =
        NaiveDate::from_ymd_opt(1900, 1, 1).unwrap().and_hms_micro_opt(1, 2, 3, 4).unwrap();
    both_ways(connection, "timestamp", moment).await?;
    both_ways::<DateTime<Utc>>(connection, "timestamptz", moment.and_utc()).await?;
    both_ways(connection, "interval", PgInterval { months: 14, days: -3, microseconds: 5 }).await?;
    both_ways(connection, "uuid", Uuid::from_u128(9)).await?;
    both_ways(connection, "jsonb", serde_json::json!({"a": [1, null]})).await?;
    both_ways(connection, "json", Json(vec![1, 2])).await?;
    both_ways(connection, "int4[]", vec![Some(1), None]).await?;
    both_ways(connection, "text[]", vec!["a,b".to_owned(), "\"".to_owned()]).await?;
    both_ways(connection, "int4range", PgRange::from(1..5)).await?;
    connection.execute("CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TYPE pair AS (a int, b text); CREATE DOMAIN few AS int CHECK (value < 9)").await?;
    both_ways(connection, "mood", Mood::Ok).await?;
    both_ways(connection, "mood[]", vec![Mood::Ok, Mood::Sad]).await?;
    both_ways(connection, "pair", Pair { a: 1, b: None }).await?;
    let few: i32 = sqlx::query_scalar("SELECT $1::few + 1").bind(Few(7)).fetch_one(&mut *connection).await?;
    same("few", few, 8);
    let asked = sqlx::query("SELECT $1::few").bind(Few(9)).execute(&mut *connection).await.unwrap_err();
    same(
        "what a domain asks",
        asked.as_database_error().and_then(|error| error.constraint()),
        Some("few_check"),
    );
    let described =
        connection.describe("SELECT $1::mood, $2::few, 1::numeric(4,2) AS n, (NULL::pair).a").await?;
    let columns: Vec<&str> =
        described.columns.iter().map(|column| sqlx::Column::type_info(column).name()).collect();
    same("described", columns, vec!["mood", "INT4", "NUMERIC", "INT4"]);
    connection.execute("DROP TYPE mood; DROP TYPE pair; DROP DOMAIN few").await?;
    Ok(())
}

async fn migrations(pool: &PgPool) -> Done {
    let migrator = Migrator::new(Path::new("migrations")).await?;
    migrator.run(pool).await?;
    migrator.run(pool).await?;
    let applied: Vec<(i64, bool)> =
        sqlx::query_as("SELECT version, success FROM _sqlx_migrations ORDER BY 1").fetch_all(pool).await?;
    same("migrated", applied, vec![(1, true), (2, true)]);
    migrator.undo(pool, 1).await?;
    let columns = "SELECT count(*) FROM information_schema.columns WHERE table_name = 'books'";
    same("undone", sqlx::query_scalar::<_, i64>(columns).fetch_one(pool).await?, 4);
    migrator.run(pool).await?;
    same("done again", sqlx::query_scalar::<_, i64>(columns).fetch_one(pool).await?, 5);
    Ok(())
}

async fn queries(pool: &PgPool) -> Done {
    let ada: Author = sqlx::query_as("INSERT INTO authors (name, feels) VALUES ($1, $2) RETURNING *")
        .bind("Ada")
        .bind(Mood::Ok)
        .fetch_one(pool)
        .await?;
    same("inserted", &ada, &Author { id: 1, name: "Ada".to_owned(), feels: Some(Mood::Ok) });
    let mut builder = QueryBuilder::new("INSERT INTO books (author, pages, tags) ");
    builder.push_values(1..=200_i32, |mut row, pages| {
        row.push_bind(ada.id).push_bind(pages).push_bind(vec![format!("t{pages}")]);
    });
    same("built", builder.build().execute(pool).await?.rows_affected(), 200);
    let mut total = 0;
    let mut rows = sqlx::query("SELECT pages FROM books WHERE pages > $1").bind(100).fetch(pool);
    while let Some(row) = rows.try_next().await? {
        total += row.get::<i32, _>("pages");
    }
    drop(rows);
    same("streamed", total, 15050);
    let found: Option<PgRow> =
        sqlx::query("SELECT * FROM books WHERE id = $1").bind(-1).fetch_optional(pool).await?;
    same("none", found.is_none(), true);
    let many: Vec<(i32, Decimal)> =
        sqlx::query_as("SELECT id, price FROM books WHERE id = ANY($1) ORDER BY id")
            .bind(vec![2, 1])
            .fetch_all(pool)
            .await?;
    same("any", many, vec![(1, Decimal::new(150, 2)), (2, Decimal::new(150, 2))]);
    let unnested =
        sqlx::query("INSERT INTO books (author, pages) SELECT * FROM unnest($1::bigint[], $2::int[])")
            .bind(vec![ada.id; 3])
            .bind(vec![1, 2, 3]);
    same("unnested", unnested.execute(pool).await?.rows_affected(), 3);
    let error = sqlx::query("INSERT INTO authors (name) VALUES ('Ada')").execute(pool).await.unwrap_err();
    let error = error.into_database_error().unwrap();
    same(
        "unique",
        (error.code().unwrap().into_owned(), error.constraint(), error.table()),
        ("23505".to_owned(), Some("authors_name_key"), Some("authors")),
    );
    same("kind", error.is_unique_violation(), true);
    let error = sqlx::query("INSERT INTO books (author) VALUES (77)").execute(pool).await.unwrap_err();
    same("foreign key", error.as_database_error().unwrap().is_foreign_key_violation(), true);
    let error = sqlx::query("UPDATE books SET pages = 0").execute(pool).await.unwrap_err();
    same("check", error.as_database_error().unwrap().is_check_violation(), true);
    let error = sqlx::query("SELECT $1 IS NULL").bind(1).fetch_one(pool).await;
    same("given a type by the client", error.is_ok(), true);
    Ok(())
}

async fn transactions(pool: &PgPool) -> Done {
    let count = "SELECT count(*) FROM authors";
    let mut transaction = pool.begin().await?;
    sqlx::query("INSERT INTO authors (name) VALUES ('Bob')").execute(&mut *transaction).await?;
    let mut inner = transaction.begin().await?;
    sqlx::query("INSERT INTO authors (name) VALUES ('Cy')").execute(&mut *inner).await?;
    inner.rollback().await?;
    transaction.commit().await?;
    same("committed", sqlx::query_scalar::<_, i64>(count).fetch_one(pool).await?, 2);
    let mut dropped = pool.begin().await?;
    sqlx::query("DELETE FROM books").execute(&mut *dropped).await?;
    drop(dropped);
    same("dropped", sqlx::query_scalar::<_, i64>("SELECT count(*) FROM books").fetch_one(pool).await?, 203);
    let mut serializable = pool.begin_with("BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY").await?;
    let shown: String =
        sqlx::query_scalar("SHOW transaction_isolation").fetch_one(&mut *serializable).await?;
    same("isolation", shown, "serializable");
    serializable.rollback().await?;
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let pool = pool.clone();
            tokio::spawn(async move {
                sqlx::query("UPDATE books SET pages = pages + 1 WHERE id = 1").execute(&pool).await
            })
        })
        .collect();
    for task in tasks {
        task.await??;
    }
    same(
        "by a pool",
        sqlx::query_scalar::<_, i32>("SELECT pages FROM books WHERE id = 1").fetch_one(pool).await?,
        21,
    );
    Ok(())
}

async fn others(pool: &PgPool, url: &str) -> Done {
    let mut listener = PgListener::connect(url).await?;
    listener.listen_all(["news", "Other"]).await?;
    sqlx::query("SELECT pg_notify(c, c || '!') FROM unnest($1::text[]) c")
        .bind(vec!["news", "Other"])
        .execute(pool)
        .await?;
    for expected in ["news", "Other"] {
        let told = tokio::time::timeout(Duration::from_secs(10), listener.recv()).await??;
        same(expected, (told.channel(), told.payload()), (expected, format!("{expected}!").as_str()));
    }
    let mut connection = pool.acquire().await?;
    let mut copy = connection.copy_in_raw("COPY authors (name) FROM STDIN").await?;
    copy.send("x\ny\n".as_bytes()).await?;
    same("copied in", copy.finish().await?, 2);
    let out: Vec<u8> = connection
        .copy_out_raw("COPY (SELECT name FROM authors ORDER BY name DESC LIMIT 2) TO STDOUT")
        .await?
        .try_fold(Vec::new(), |mut all, bytes| async move {
            all.extend_from_slice(&bytes);
            Ok(all)
        })
        .await?;
    same("copied out", String::from_utf8(out)?, "y\nx\n");
    let options =
        PgConnectOptions::from_str(url)?.application_name("mine").options([("statement_timeout", "60ms")]);
    let mut limited = PgConnection::connect_with(&options).await?;
    same(
        "application_name",
        sqlx::query_scalar::<_, String>("SHOW application_name").fetch_one(&mut limited).await?,
        "mine",
    );
    let error = sqlx::query("SELECT pg_sleep(20)").execute(&mut limited).await.unwrap_err();
    same("timeout", error.as_database_error().and_then(|error| error.code()).as_deref(), Some("57014"));
    limited.close().await?;
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Done {
    let url = std::env::args().nth(1).ok_or("which server?")?;
    let mut connection = PgConnection::connect(&url).await?;
    values(&mut connection).await?;
    connection.close().await?;
    let pool = PgPoolOptions::new().max_connections(4).connect(&url).await?;
    migrations(&pool).await?;
    queries(&pool).await?;
    transactions(&pool).await?;
    others(&pool, &url).await?;
    pool.close().await;
    end()
}
