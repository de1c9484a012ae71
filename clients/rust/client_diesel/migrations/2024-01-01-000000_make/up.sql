CREATE TABLE authors (id serial PRIMARY KEY, name varchar(40) NOT NULL UNIQUE, born int);
CREATE TABLE books (
    id bigserial PRIMARY KEY,
    author_id int NOT NULL REFERENCES authors ON DELETE CASCADE,
    title text NOT NULL,
    price numeric(8,2) NOT NULL DEFAULT 1.5,
    tags text[] NOT NULL DEFAULT '{}',
    document jsonb,
    key uuid,
    added timestamptz NOT NULL DEFAULT now(),
    day date,
    data bytea,
    real double precision
);
