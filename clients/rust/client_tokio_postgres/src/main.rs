//! tokio-postgres: values as bytes, types by its own questions of the catalog, portals, COPY, pipelines, notifications, cancelling.

use bytes::Bytes;
use checks::{end, same};
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use futures_util::{SinkExt, StreamExt, TryStreamExt, future, stream};
use postgres_types::{FromSql, Kind, ToSql, Type};
use std::error::Error;
use std::fmt::Debug;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_postgres::binary_copy::{BinaryCopyInWriter, BinaryCopyOutStream};
use tokio_postgres::error::SqlState;
use tokio_postgres::{AsyncMessage, Client, IsolationLevel, NoTls, SimpleQueryMessage};
use uuid::Uuid;

type Done = Result<(), Box<dyn Error>>;

#[derive(Debug, PartialEq, ToSql, FromSql, Clone)]
#[postgres(name = "mood")]
enum Mood {
    #[postgres(name = "sad")]
    Sad,
    #[postgres(name = "ok")]
    Fine,
}

#[derive(Debug, PartialEq, ToSql, FromSql, Clone)]
#[postgres(name = "few")]
struct Few(i32);

#[derive(Debug, PartialEq, ToSql, FromSql, Clone)]
#[postgres(name = "pair")]
struct Pair {
    a: i32,
    b: Option<String>,
    c: Mood,
    d: Few,
}

async fn connected(
    url: &str,
) -> Result<(Client, mpsc::UnboundedReceiver<AsyncMessage>), tokio_postgres::Error> {
    let (client, mut connection) = tokio_postgres::connect(url, NoTls).await?;
    let (send, receive) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        let mut messages = stream::poll_fn(move |context| connection.poll_message(context));
        while let Some(Ok(message)) = messages.next().await {
            let _ = send.send(message);
        }
    });
    Ok((client, receive))
}

async fn both_ways<T>(client: &Client, of: &str, value: T) -> Done
where
    T: PartialEq + Debug + ToSql + Sync + for<'a> FromSql<'a>,
{
    let row = client.query_one(&format!("SELECT $1::{of}, ARRAY[$1::{of}, NULL]"), &[&value]).await?;
    let several: Vec<Option<T>> = row.get(1);
    same(of, &row.get::<_, T>(0), &value);
    same(&format!("{of}[]"), several, vec![Some(value), None]);
    Ok(())
}

async fn values(client: &Client) -> Done {
    both_ways(client, "bool", true).await?;
    both_ways(client, "\"char\"", -7_i8).await?;
    both_ways(client, "int2", i16::MIN).await?;
    both_ways(client, "int4", i32::MAX).await?;
    both_ways(client, "int8", i64::MIN).await?;
    both_ways(client, "oid", u32::MAX).await?;
    both_ways(client, "float4", 1.5_f32).await?;
    both_ways(client, "float8", -1e300_f64).await?;
    both_ways(client, "text", "süß \u{1f41d}".to_owned()).await?;
    both_ways(client, "varchar", String::new()).await?;
    both_ways(client, "name", "a_name".to_owned()).await?;
    both_ways(client, "bytea", vec![0_u8, 255, 39]).await?;
    both_ways(client, "date", NaiveDate::from_ymd_opt(4, 2, 29).unwrap()).await?;
    both_ways(client, "time", NaiveTime::from_hms_micro_opt(23, 59, 59, 999_999).unwrap()).await?;
    let moment = NaiveDate::from_ymd_opt(1900, 1, 1).unwrap().and_hms_micro_opt(1, 2, 3, 4).unwrap();
    both_ways::<NaiveDateTime>(client, "timestamp", moment).await?;
    both_ways::<DateTime<Utc>>(client, "timestamptz", moment.and_utc()).await?;
    both_ways(client, "uuid", Uuid::from_u128(7)).await?;
    both_ways(client, "json", serde_json::json!({"a": [1, null]})).await?;
    both_ways(client, "jsonb", serde_json::json!({"b": {"c": 1.5}})).await?;
    both_ways(client, "inet", "10.0.0.7".parse::<std::net::IpAddr>()?).await?;
    both_ways(client, "int4[]", vec![Some(1), None]).await.unwrap_err();
    println!("ok arrays of arrays are refused by the client");
    Ok(())
}

async fn own_types(client: &Client) -> Done {
    let made = "CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE DOMAIN few AS int CHECK (value < 9);
        CREATE TYPE pair AS (a int, b text, c mood, d few)";
    client.batch_execute(made).await?;
    both_ways(client, "mood", Mood::Fine).await?;
    let pair = Pair { a: 1, b: None, c: Mood::Sad, d: Few(8) };
    both_ways(client, "pair", pair.clone()).await?;
    let statement = client.prepare("SELECT $1::pair, $2::few, $3::int4range, $4::mood[]").await?;
    let kinds: Vec<&Kind> = statement.params().iter().map(Type::kind).collect();
    let names: Vec<&str> = statement.params().iter().map(Type::name).collect();
    same("names", names, vec!["pair", "few", "int4range", "_mood"]);
    same("kind of a composite", matches!(kinds[0], Kind::Composite(fields) if fields.len() == 4), true);
    same("kind of a domain", kinds[1], &Kind::Domain(Type::INT4));
    same("kind of a range", kinds[2], &Kind::Range(Type::INT4));
    let columns: Vec<&str> = statement.columns().iter().map(|column| column.type_().name()).collect();
    same("columns", columns, vec!["pair", "int4", "int4range", "_mood"]);
    let row = client.query_one("SELECT $1::few + 1", &[&Few(3)]).await?;
    same("domain", row.get::<_, i32>(0), 4);
    let error = client.query_one("SELECT $1::few", &[&Few(9)]).await.unwrap_err();
    same("what a domain asks", error.code(), Some(&SqlState::CHECK_VIOLATION));
    same("its name", error.as_db_error().and_then(|error| error.constraint()), Some("few_check"));
    Ok(())
}

async fn statements(client: &Client) -> Done {
    client
        .batch_execute("CREATE TABLE t (id serial PRIMARY KEY, a int UNIQUE, b text DEFAULT 'x' NOT NULL)")
        .await?;
    let insert = client.prepare("INSERT INTO t (a) VALUES ($1)").await?;
    for a in 0..100_i32 {
        client.execute(&insert, &[&a]).await?;
    }
    same("rows changed", client.execute("UPDATE t SET b = 'y' WHERE a < $1", &[&10]).await?, 10);
    let typed = client
        .query_typed("SELECT a FROM t WHERE a = ANY($1) ORDER BY a", &[(&vec![3, 1], Type::INT4_ARRAY)])
        .await?;
    same("typed", typed.iter().map(|row| row.get(0)).collect::<Vec<i32>>(), vec![1, 3]);
    let by_number = client.prepare("SELECT b FROM t WHERE a = $1").await?;
    let asked = (0..50_i32).map(|a| {
        let by_number = &by_number;
        async move { client.query_one(by_number, &[&a]).await.map(|row| row.get::<_, String>(0)) }
    });
    let told = future::try_join_all(asked).await?;
    same("pipelined", told.iter().filter(|b| *b == "y").count(), 10);
    same("none", client.query_opt(&by_number, &[&1000]).await?.is_none(), true);
    let messages =
        client.simple_query("SELECT a, NULL FROM t WHERE a = 7; DELETE FROM t WHERE a = 99").await?;
    let told: Vec<String> = messages
        .iter()
        .map(|message| match message {
            SimpleQueryMessage::Row(row) => format!("{:?} {:?}", row.get(0), row.get(1)),
            SimpleQueryMessage::CommandComplete(rows) => rows.to_string(),
            SimpleQueryMessage::RowDescription(columns) => columns[0].name().to_owned(),
            _ => "?".to_owned(),
        })
        .collect();
    same("simple", told, vec!["a", "Some(\"7\") None", "1", "1"]);
    let columns = client.prepare("SELECT id, b, a + 1 AS c FROM t").await?;
    let places: Vec<(&str, bool, Option<i16>)> =
        columns.columns().iter().map(|it| (it.name(), it.table_oid().is_some(), it.column_id())).collect();
    same("places", places, vec![("id", true, Some(1)), ("b", true, Some(3)), ("c", false, None)]);
    let rows = client.query_raw("SELECT a FROM t WHERE a < $1", [5_i32]).await?;
    same("raw", rows.try_collect::<Vec<_>>().await?.len(), 5);
    Ok(())
}

async fn transactions(client: &mut Client) -> Done {
    let transaction = client.transaction().await?;
    let portal = transaction.bind("SELECT a FROM t ORDER BY a", &[]).await?;
    let first = transaction.query_portal(&portal, 30).await?;
    let second = transaction.query_portal(&portal, 30).await?;
    let third = transaction.query_portal(&portal, 0).await?;
    same("portal", (first.len(), second.len(), third.len()), (30, 30, 39));
    same("its rows", second[0].get::<_, i32>(0), 30);
    transaction.commit().await?;
    let mut transaction =
        client.build_transaction().isolation_level(IsolationLevel::RepeatableRead).start().await?;
    let shown = transaction.query_one("SHOW transaction_isolation", &[]).await?;
    same("isolation", shown.get::<_, &str>(0), "repeatable read");
    let savepoint = transaction.savepoint("s").await?;
    savepoint.execute("DELETE FROM t", &[]).await?;
    savepoint.rollback().await?;
    let savepoint = transaction.transaction().await?;
    let error = savepoint.execute("INSERT INTO t (a) VALUES (1)", &[]).await.unwrap_err();
    same("unique", error.code(), Some(&SqlState::UNIQUE_VIOLATION));
    savepoint.rollback().await?;
    same(
        "after savepoints",
        transaction.query_one("SELECT count(*) FROM t", &[]).await?.get::<_, i64>(0),
        99,
    );
    drop(transaction);
    let read_only = client.build_transaction().read_only(true).deferrable(true).start().await?;
    let error = read_only.execute("DELETE FROM t", &[]).await.unwrap_err();
    same("read only", error.code(), Some(&SqlState::READ_ONLY_SQL_TRANSACTION));
    read_only.rollback().await?;
    same("afterwards", client.query_one("SELECT count(*) FROM t", &[]).await?.get::<_, i64>(0), 99);
    Ok(())
}

async fn copy(client: &Client) -> Done {
    client.batch_execute("CREATE TABLE c (a int, b text, c timestamptz)").await?;
    let sink = client.copy_in("COPY c FROM STDIN (FORMAT binary)").await?;
    let writer = BinaryCopyInWriter::new(sink, &[Type::INT4, Type::TEXT, Type::TIMESTAMPTZ]);
    let mut writer = std::pin::pin!(writer);
    let moment = DateTime::<Utc>::from_timestamp(1_700_000_000, 5_000).unwrap();
    for a in 0..2000_i32 {
        writer.as_mut().write(&[&a, &format!("r{a}"), &moment]).await?;
    }
    same("copied in", writer.finish().await?, 2000);
    let out = client.copy_out("COPY c TO STDOUT (FORMAT binary)").await?;
    let rows = BinaryCopyOutStream::new(out, &[Type::INT4, Type::TEXT, Type::TIMESTAMPTZ]);
    let rows: Vec<_> = rows.try_collect().await?;
    same(
        "copied out",
        (rows.len(), rows[1999].get::<i32>(0), rows[1999].get::<DateTime<Utc>>(2)),
        (2000, 1999, moment),
    );
    let mut sink = std::pin::pin!(client.copy_in("COPY c (a, b) FROM STDIN (FORMAT csv)").await?);
    sink.send(Bytes::from_static(b"1,\"a \"\"b\"")).await?;
    sink.send(Bytes::from_static(b"\"\"\n2,\n")).await?;
    same("csv", sink.finish().await?, 2);
    let out = client.copy_out("COPY (SELECT a, b FROM c WHERE c IS NULL ORDER BY a) TO STDOUT").await?;
    let text: Vec<u8> = out
        .try_fold(Vec::new(), |mut all, bytes| async move {
            all.extend_from_slice(&bytes);
            Ok(all)
        })
        .await?;
    same("text", String::from_utf8(text)?, "1\ta \"b\"\n2\t\\N\n");
    {
        let mut given_up = std::pin::pin!(client.copy_in("COPY c FROM STDIN").await?);
        given_up.send(Bytes::from_static(b"9\tx\t\\N\n")).await?;
    }
    same("given up", client.query_one("SELECT count(*) FROM c WHERE a = 9", &[]).await?.get::<_, i64>(0), 1);
    Ok(())
}

async fn others(client: &Client, messages: &mut mpsc::UnboundedReceiver<AsyncMessage>, url: &str) -> Done {
    let (other, _heard) = connected(url).await?;
    client.batch_execute("LISTEN news; DO $$BEGIN RAISE NOTICE 'heard'; END$$").await?;
    other.batch_execute("NOTIFY news, 'payload'").await?;
    match tokio::time::timeout(Duration::from_secs(10), messages.recv()).await? {
        Some(AsyncMessage::Notice(notice)) => same("notice", notice.message(), "heard"),
        message => same("notice", format!("{message:?}"), ""),
    }
    match tokio::time::timeout(Duration::from_secs(10), messages.recv()).await? {
        Some(AsyncMessage::Notification(told)) => {
            same("notification", (told.channel(), told.payload()), ("news", "payload"))
        }
        message => same("notification", format!("{message:?}"), ""),
    }
    let token = client.cancel_token();
    let cancelling = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        token.cancel_query(NoTls).await
    };
    let (slept, cancelled) = tokio::join!(client.batch_execute("SELECT pg_sleep(20)"), cancelling);
    cancelled?;
    same("cancelled", slept.unwrap_err().code(), Some(&SqlState::QUERY_CANCELED));
    let error = client.query_one("SELECT nothing FROM t", &[]).await.unwrap_err();
    let error = error.as_db_error().unwrap().clone();
    same("position", format!("{:?}", error.position()), "Some(Original(8))");
    same("message", error.message(), "column \"nothing\" does not exist");
    let error = client.query_one("SELECT $1::int / $2", &[&1, &0]).await.unwrap_err();
    same("division", error.code(), Some(&SqlState::DIVISION_BY_ZERO));
    let error = client.prepare("SELECT $1 IS NULL").await.unwrap_err();
    same("no type", error.code(), Some(&SqlState::INDETERMINATE_DATATYPE));
    let error = connected(&format!("{url}_not")).await.err().unwrap();
    same("no database", error.code(), Some(&SqlState::INVALID_CATALOG_NAME));
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Done {
    let url = std::env::args().nth(1).ok_or("which server?")?;
    let (mut client, mut messages) = connected(&url).await?;
    values(&client).await?;
    own_types(&client).await?;
    statements(&client).await?;
    transactions(&mut client).await?;
    copy(&client).await?;
    others(&client, &mut messages, &url).await?;
    end()
}
