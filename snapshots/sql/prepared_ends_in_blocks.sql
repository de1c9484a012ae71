begin;
commit prepared 'none';
rollback;
begin;
rollback prepared 'none';
rollback;
