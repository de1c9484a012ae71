ALTER TABLE books ADD price numeric(8,2) NOT NULL DEFAULT 1.50;
CREATE INDEX books_by_price ON books (price);
