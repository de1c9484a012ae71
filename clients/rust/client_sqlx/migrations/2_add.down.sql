ALTER TABLE books DROP price;
