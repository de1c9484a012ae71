ALTER TABLE books DROP pages;
