create table tr_a (id serial, v int);
insert into tr_a (v) values (1),(2);
truncate tr_a restart identity;
insert into tr_a (v) values (1);
select * from tr_a;
begin; truncate tr_a restart identity; insert into tr_a (v) values (1); rollback;
select * from tr_a;
insert into tr_a (v) values (1);
select * from tr_a;
