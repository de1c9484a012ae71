-- ONLY keeps a key from the partitions; what a partitioned table cannot have; checks that are merged; MERGE.
create table p (a int, b int) partition by range (a);
create table p1 partition of p for values from (0) to (10);
alter table only p add primary key (a);
alter table only p add unique (a);
\d p
\d p1
alter table p1 add primary key (a);
create table p2 partition of p for values from (10) to (20);
\d p2
select indexrelid::regclass, indisvalid from pg_index where indrelid::regclass::text in ($$p$$,$$p1$$,$$p2$$) order by 1::text;
alter index p_pkey attach partition p1_pkey;
select indexrelid::regclass, indisvalid from pg_index where indrelid::regclass::text in ($$p$$,$$p1$$,$$p2$$) order by 1::text;
\d p1
create index pi on p (b);
drop index concurrently pi;
drop index concurrently p1_b_idx;
create table r (a int primary key);
create table q (a int, b int) partition by range (a);
create table q1 partition of q for values from (0) to (10);
alter table q add foreign key (a) references r not valid;
alter table only q add foreign key (a) references r;
alter table q add constraint c check (b > 0) not valid;
\d q1
create table par (a int);
create table chi (a int);
alter table chi add constraint c check (a > 0) not valid;
alter table par add constraint c check (a > 0);
alter table chi inherit par;
drop table chi;
create table chi () inherits (par);
alter table chi drop constraint c;
create table x (a int);
create table xc () inherits (x);
alter table xc add constraint c check (a > 0) not valid;
alter table x add constraint c check (a > 0);
alter table x add constraint c check (a > 0) not valid;
create table y (a int) partition by list (a);
create table y1 (a int);
alter table y1 add constraint yc check (a > 0) not valid;
alter table y add constraint yc check (a > 0);
alter table y attach partition y1 for values in (1);
create table z (a int);
alter table z add constraint zc check (a > 0);
create table zc (a int);
alter table zc add constraint zc check (a > 1);
alter table zc inherit z;
alter table zc drop constraint zc;
alter table zc add constraint zc check (a > 0) no inherit;
alter table zc inherit z;
create table m (a int, b int);
merge into m using (values (1)) v(x) on m.xmin::text = '1' when matched then delete;
merge into m using (values (1)) v(x) on a = x when matched and m.xmin::text = '1' then delete when not matched then insert values (x);
merge into m using (values (1)) v(x) on a = x when matched and m.ctid is null then delete;
merge into m using (values (1)) v(x) on a = x when matched and m.tableoid = 'm'::regclass then update set b = 1;
merge into m using m n on m.a = n.a when matched and n.xmin is not null then delete;
merge into p using m n on p.a = n.a when matched and p.tableoid > 0 then do nothing;
