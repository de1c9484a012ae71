ALTER TABLE books ADD pages int NOT NULL DEFAULT 1 CHECK (pages > 0);
