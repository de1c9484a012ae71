// Drizzle: its queries by node-postgres, and its kit: a schema pushed into the database, and read from it again.

import { drizzle } from "drizzle-orm/node-postgres";
import { and, asc, count, desc, eq, gt, inArray, isNull, like, sql, sum } from "drizzle-orm";
import { alias, union } from "drizzle-orm/pg-core";
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import pg from "pg";
import { end, fails, same } from "./checks.mjs";
import * as schema from "./schema.mjs";

const url = process.argv[2];
const { authors, books } = schema;
const run = promisify(execFile);

async function kit(command) {
    const config = { dialect: "postgresql", schema: "./schema.mjs", out: "./read", schemaFilter: ["shop"], dbCredentials: { url } };
    await writeFile("drizzle.config.json", JSON.stringify(config));
    const environment = { ...process.env, DO_NOT_TRACK: "1", NO_UPDATE_NOTIFIER: "1" };
    return await run("node", ["node_modules/drizzle-kit/bin.cjs", command, "--config=drizzle.config.json"], { env: environment });
}

async function pushed(pool) {
    const pushedOnce = await kit("push");
    same("pushed", pushedOnce.stdout.includes("Changes applied"), true);
    const again = await kit("push");
    same("pushed again", again.stdout.includes("Pulling schema from database..."), true);
    const tables = await pool.query("SELECT table_name FROM information_schema.tables WHERE table_schema = 'shop' ORDER BY 1");
    same("tables", tables.rows.map((row) => row.table_name), ["authors", "books"]);
}

async function read() {
    await kit("pull");
    const text = await readFile("read/schema.ts", "utf8");
    for (const expected of [
        'export const moodInShop = shop.enum("mood", [\'sad\', \'ok\'])',
        "id: serial().primaryKey().notNull()",
        "name: varchar({ length: 40 }).notNull()",
        "born: integer()",
        "tags: text().array().default([\"\"]).notNull()",
        "price: numeric({ precision: 8, scale:  2 })",
        "document: jsonb().default({\"a\":1})",
        'unique("authors_name_unique").on(table.name)',
        'check("pages_are_some", sql`pages > 0`)',
        'index("books_by_price").using("btree", table.price.desc().nullsLast()',
        "}).onDelete(\"cascade\")",
        "added: timestamp({ withTimezone: true, mode: 'string' }).defaultNow().notNull()",
    ]) {
        same(`read: ${expected}`, text.includes(expected) ? "" : text, "");
    }
}

async function queries(db) {
    const [ada, bob] = await db.insert(authors).values([{ name: "Ada", born: 1815, feels: "ok" }, { name: "Bob" }]).returning();
    same("inserted", [ada.id, bob.born, ada.feels], [1, null, "ok"]);
    await db.insert(books).values([...Array(30).keys()].map((n) => ({
        author: n % 3 ? ada.id : bob.id, title: `Title ${n}`, pages: n + 1, price: `${n}.50`, tags: ["x", `t${n}`], document: { n },
    })));
    same("selected", await db.select({ title: books.title }).from(books).where(and(gt(books.pages, 28), like(books.title, "Title%"))).orderBy(asc(books.id)),
        [{ title: "Title 28" }, { title: "Title 29" }]);
    same("joined", await db.select({ name: authors.name, n: count(), total: sum(books.pages) }).from(books)
        .innerJoin(authors, eq(authors.id, books.author)).groupBy(authors.name).having(({ n }) => gt(n, 5)).orderBy(desc(authors.name)),
        [{ name: "Bob", n: 10, total: "145" }, { name: "Ada", n: 20, total: "320" }]);
    const other = alias(authors, "other");
    same("left join", await db.select().from(authors).leftJoin(other, gt(other.id, authors.id)).where(isNull(other.id)).then((rows) => rows.map((row) => row.authors.name)), ["Bob"]);
    const [book] = await db.select().from(books).where(eq(books.id, 5));
    same("values", [book.tags, book.document, book.price, book.added instanceof Date], [["x", "t4"], { n: 4 }, "4.50", true]);
    same("updated", (await db.update(books).set({ price: sql`${books.price} + 1` }).where(inArray(books.id, [1, 2])).returning({ price: books.price })).map((row) => row.price), ["1.50", "2.50"]);
    await db.insert(authors).values({ name: "Ada", born: 1 }).onConflictDoUpdate({ target: authors.name, set: { born: sql`excluded.born + 1` } });
    same("on conflict", (await db.select().from(authors).where(eq(authors.name, "Ada")))[0].born, 2);
    const found = await db.query.authors.findFirst({ where: eq(authors.name, "Bob"), with: { books: { columns: { pages: true }, limit: 2, orderBy: [asc(books.id)] } } });
    same("relations", found.books, [{ pages: 1 }, { pages: 4 }]);
    const few = db.$with("few").as(db.select({ id: books.id }).from(books).where(gt(books.pages, 25)));
    same("with", await db.with(few).select({ n: count() }).from(few), [{ n: 5 }]);
    same("union", (await union(db.select({ name: authors.name }).from(authors), db.select({ name: books.title }).from(books))).length, 32);
    const prepared = db.select({ id: books.id }).from(books).where(eq(books.pages, sql.placeholder("pages"))).prepare("by_pages");
    same("prepared", [await prepared.execute({ pages: 3 }), await prepared.execute({ pages: 4 })], [[{ id: 3 }], [{ id: 4 }]]);
    const given = db.transaction(async (tx) => {
        await tx.delete(books);
        await tx.transaction(async (inner) => inner.rollback()).catch(() => {});
        same("within", await tx.$count(books), 0);
        tx.rollback();
    });
    same("rolled back", await given.catch((error) => error.constructor.name), "TransactionRollbackError");
    same("as before", await db.$count(books), 30);
    await fails("check", { code: "23514", constraint: "pages_are_some" }, db.update(books).set({ pages: 0 }));
    await fails("foreign key", { code: "23503", table: "books" }, db.insert(books).values({ author: 99, title: "x", pages: 1 }));
    await db.delete(authors).where(eq(authors.name, "Ada"));
    same("cascade", await db.$count(books), 10);
}

const pool = new pg.Pool({ connectionString: url });
await pushed(pool);
await queries(drizzle(pool, { schema }));
await read();
await pool.end();
end();
