// The tables of a small shop, as Drizzle describes them.

import { relations, sql } from "drizzle-orm";
import { check, index, integer, jsonb, numeric, pgSchema, serial, text, timestamp, varchar } from "drizzle-orm/pg-core";

export const shop = pgSchema("shop");
export const mood = shop.enum("mood", ["sad", "ok"]);

export const authors = shop.table("authors", {
    id: serial().primaryKey(),
    name: varchar({ length: 40 }).notNull().unique(),
    born: integer(),
    feels: mood().default("sad"),
});

export const books = shop.table("books", {
    id: serial().primaryKey(),
    author: integer().notNull().references(() => authors.id, { onDelete: "cascade" }),
    title: text().notNull(),
    pages: integer().notNull(),
    price: numeric({ precision: 8, scale: 2 }),
    tags: text().array().notNull().default([]),
    document: jsonb().default({ a: 1 }),
    added: timestamp({ withTimezone: true }).notNull().defaultNow(),
}, (table) => [
    check("pages_are_some", sql`${table.pages} > 0`),
    index("books_by_price").on(table.price.desc()),
]);

export const authorsBooks = relations(authors, ({ many }) => ({ books: many(books) }));
export const booksAuthor = relations(books, ({ one }) => ({ author: one(authors, { fields: [books.author], references: [authors.id] }) }));
