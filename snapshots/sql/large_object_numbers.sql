comment on large object -1 is 'x'; comment on large object 4294967296 is 'x'; comment on large object -2147483649 is 'x';
comment on large object 3.5 is 'x'; comment on large object 1e3 is 'x'; comment on large object +7 is 'x';
grant select on large object 4294967296 to public; grant select on large object -5 to public;
alter large object 3.5 owner to current_user; alter large object -5 owner to current_user;
select lo_create(4294967295);
grant select on large object 4294967295 to public; comment on large object -1 is 'the last';
select loid is null, description from pg_description left join (select 1::oid loid) l on loid = objoid where objoid = 4294967295;
select lo_unlink(4294967295);
