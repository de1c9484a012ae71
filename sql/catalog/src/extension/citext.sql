-- Texts whose letters are told apart by what they are, not by whether they are small.

create type citext;
create function citextin(cstring) returns citext language internal immutable strict parallel safe as 'textin';
create function citextout(citext) returns cstring language internal immutable strict parallel safe as 'textout';
create function citextrecv(internal) returns citext language internal stable strict parallel safe as 'textrecv';
create function citextsend(citext) returns bytea language internal stable strict parallel safe as 'textsend';
create type citext (input = citextin, output = citextout, receive = citextrecv, send = citextsend, internallength = variable, storage = extended, category = 'S', preferred = false, collatable = true);

create function citext(bpchar) returns citext language internal immutable strict parallel safe as 'rtrim1';
create function citext(boolean) returns citext language internal immutable strict parallel safe as 'booltext';
create function citext(inet) returns citext language internal immutable strict parallel safe as 'network_show';
create cast (citext as text) without function as implicit;
create cast (citext as varchar) without function as implicit;
create cast (citext as bpchar) without function as assignment;
create cast (text as citext) without function as assignment;
create cast (varchar as citext) without function as assignment;
create cast (bpchar as citext) with function citext(bpchar) as assignment;
create cast (boolean as citext) with function citext(boolean) as assignment;
create cast (inet as citext) with function citext(inet) as assignment;

create function citext_eq(citext, citext) returns boolean language c immutable strict parallel safe as '$libdir/citext', 'citext_eq';
create function citext_ne(citext, citext) returns boolean language c immutable strict parallel safe as '$libdir/citext', 'citext_ne';
create function citext_lt(citext, citext) returns boolean language c immutable strict parallel safe as '$libdir/citext', 'citext_lt';
create function citext_le(citext, citext) returns boolean language c immutable strict parallel safe as '$libdir/citext', 'citext_le';
create function citext_gt(citext, citext) returns boolean language c immutable strict parallel safe as '$libdir/citext', 'citext_gt';
create function citext_ge(citext, citext) returns boolean language c immutable strict parallel safe as '$libdir/citext', 'citext_ge';
create function citext_cmp(citext, citext) returns integer language c immutable strict parallel safe as '$libdir/citext', 'citext_cmp';
create function citext_hash(citext) returns integer language c immutable strict parallel safe as '$libdir/citext', 'citext_hash';
create function citext_hash_extended(citext, bigint) returns bigint language c immutable strict parallel safe as '$libdir/citext', 'citext_hash_extended';

create operator = (leftarg = citext, rightarg = citext, function = citext_eq, commutator = =, negator = <>, restrict = eqsel, join = eqjoinsel, hashes, merges);
create operator <> (leftarg = citext, rightarg = citext, function = citext_ne, commutator = <>, negator = =, restrict = neqsel, join = neqjoinsel);
create operator < (leftarg = citext, rightarg = citext, function = citext_lt, commutator = >, negator = >=, restrict = scalarltsel, join = scalarltjoinsel);
create operator <= (leftarg = citext, rightarg = citext, function = citext_le, commutator = >=, negator = >, restrict = scalarlesel, join = scalarlejoinsel);
create operator > (leftarg = citext, rightarg = citext, function = citext_gt, commutator = <, negator = <=, restrict = scalargtsel, join = scalargtjoinsel);
create operator >= (leftarg = citext, rightarg = citext, function = citext_ge, commutator = <=, negator = <, restrict = scalargesel, join = scalargejoinsel);
create operator class citext_ops default for type citext using btree as operator 1 <, operator 2 <=, operator 3 =, operator 4 >=, operator 5 >, function 1 citext_cmp(citext, citext);
create operator class citext_ops default for type citext using hash as operator 1 =, function 1 citext_hash(citext), function 2 citext_hash_extended(citext, bigint);

create function citext_smaller(citext, citext) returns citext language c immutable strict parallel safe as '$libdir/citext', 'citext_smaller';
create function citext_larger(citext, citext) returns citext language c immutable strict parallel safe as '$libdir/citext', 'citext_larger';
create aggregate min(citext) (sfunc = citext_smaller, stype = citext, sortop = <, parallel = safe, combinefunc = citext_smaller);
create aggregate max(citext) (sfunc = citext_larger, stype = citext, sortop = >, parallel = safe, combinefunc = citext_larger);

create function texticlike(citext, citext) returns boolean language internal immutable strict parallel safe as 'texticlike';
create function texticnlike(citext, citext) returns boolean language internal immutable strict parallel safe as 'texticnlike';
create function texticregexeq(citext, citext) returns boolean language internal immutable strict parallel safe as 'texticregexeq';
create function texticregexne(citext, citext) returns boolean language internal immutable strict parallel safe as 'texticregexne';
create operator ~ (leftarg = citext, rightarg = citext, function = texticregexeq, negator = !~, restrict = icregexeqsel, join = icregexeqjoinsel);
create operator !~ (leftarg = citext, rightarg = citext, function = texticregexne, negator = ~, restrict = icregexnesel, join = icregexnejoinsel);
create operator ~~ (leftarg = citext, rightarg = citext, function = texticlike, negator = !~~, restrict = iclikesel, join = iclikejoinsel);
create operator !~~ (leftarg = citext, rightarg = citext, function = texticnlike, negator = ~~, restrict = icnlikesel, join = icnlikejoinsel);
create operator ~* (leftarg = citext, rightarg = citext, function = texticregexeq, negator = !~*, restrict = icregexeqsel, join = icregexeqjoinsel);
create operator !~* (leftarg = citext, rightarg = citext, function = texticregexne, negator = ~*, restrict = icregexnesel, join = icregexnejoinsel);
create operator ~~* (leftarg = citext, rightarg = citext, function = texticlike, negator = !~~*, restrict = iclikesel, join = iclikejoinsel);
create operator !~~* (leftarg = citext, rightarg = citext, function = texticnlike, negator = ~~*, restrict = icnlikesel, join = icnlikejoinsel);
create function texticlike(citext, text) returns boolean language internal immutable strict parallel safe as 'texticlike';
create function texticnlike(citext, text) returns boolean language internal immutable strict parallel safe as 'texticnlike';
create function texticregexeq(citext, text) returns boolean language internal immutable strict parallel safe as 'texticregexeq';
create function texticregexne(citext, text) returns boolean language internal immutable strict parallel safe as 'texticregexne';
create operator ~ (leftarg = citext, rightarg = text, function = texticregexeq, negator = !~, restrict = icregexeqsel, join = icregexeqjoinsel);
create operator !~ (leftarg = citext, rightarg = text, function = texticregexne, negator = ~, restrict = icregexnesel, join = icregexnejoinsel);
create operator ~~ (leftarg = citext, rightarg = text, function = texticlike, negator = !~~, restrict = iclikesel, join = iclikejoinsel);
create operator !~~ (leftarg = citext, rightarg = text, function = texticnlike, negator = ~~, restrict = icnlikesel, join = icnlikejoinsel);
create operator ~* (leftarg = citext, rightarg = text, function = texticregexeq, negator = !~*, restrict = icregexeqsel, join = icregexeqjoinsel);
create operator !~* (leftarg = citext, rightarg = text, function = texticregexne, negator = ~*, restrict = icregexnesel, join = icregexnejoinsel);
create operator ~~* (leftarg = citext, rightarg = text, function = texticlike, negator = !~~*, restrict = iclikesel, join = iclikejoinsel);
create operator !~~* (leftarg = citext, rightarg = text, function = texticnlike, negator = ~~*, restrict = icnlikesel, join = icnlikejoinsel);

create function regexp_match(citext, citext) returns text[] language sql immutable strict parallel safe as $$ select pg_catalog.regexp_match($1::pg_catalog.text, $2::pg_catalog.text, 'i') $$;
create function regexp_match(citext, citext, text) returns text[] language sql immutable strict parallel safe as $$ select pg_catalog.regexp_match($1::pg_catalog.text, $2::pg_catalog.text, case when pg_catalog.strpos($3, 'c') = 0 then $3 || 'i' else $3 end) $$;
create function regexp_matches(citext, citext) returns setof text[] language sql immutable strict parallel safe rows 1 as $$ select pg_catalog.regexp_matches($1::pg_catalog.text, $2::pg_catalog.text, 'i') $$;
create function regexp_matches(citext, citext, text) returns setof text[] language sql immutable strict parallel safe rows 10 as $$ select pg_catalog.regexp_matches($1::pg_catalog.text, $2::pg_catalog.text, case when pg_catalog.strpos($3, 'c') = 0 then $3 || 'i' else $3 end) $$;
create function regexp_split_to_array(citext, citext) returns text[] language sql immutable strict parallel safe as $$ select pg_catalog.regexp_split_to_array($1::pg_catalog.text, $2::pg_catalog.text, 'i') $$;
create function regexp_split_to_array(citext, citext, text) returns text[] language sql immutable strict parallel safe as $$ select pg_catalog.regexp_split_to_array($1::pg_catalog.text, $2::pg_catalog.text, case when pg_catalog.strpos($3, 'c') = 0 then $3 || 'i' else $3 end) $$;
create function regexp_split_to_table(citext, citext) returns setof text language sql immutable strict parallel safe as $$ select pg_catalog.regexp_split_to_table($1::pg_catalog.text, $2::pg_catalog.text, 'i') $$;
create function regexp_split_to_table(citext, citext, text) returns setof text language sql immutable strict parallel safe as $$ select pg_catalog.regexp_split_to_table($1::pg_catalog.text, $2::pg_catalog.text, case when pg_catalog.strpos($3, 'c') = 0 then $3 || 'i' else $3 end) $$;
create function regexp_replace(citext, citext, text) returns text language sql immutable strict parallel safe as $$ select pg_catalog.regexp_replace($1::pg_catalog.text, $2::pg_catalog.text, $3, 'i') $$;
create function regexp_replace(citext, citext, text, text) returns text language sql immutable strict parallel safe as $$ select pg_catalog.regexp_replace($1::pg_catalog.text, $2::pg_catalog.text, $3, case when pg_catalog.strpos($4, 'c') = 0 then $4 || 'i' else $4 end) $$;
create function strpos(citext, citext) returns integer language sql immutable strict parallel safe as $$ select pg_catalog.strpos(pg_catalog.lower($1::pg_catalog.text), pg_catalog.lower($2::pg_catalog.text)) $$;
create function replace(citext, citext, citext) returns text language sql immutable strict parallel safe as $$ select pg_catalog.regexp_replace($1::pg_catalog.text, pg_catalog.regexp_replace($2::pg_catalog.text, '([^a-zA-Z_0-9])', e'\\\\\\1', 'g'), $3::pg_catalog.text, 'gi') $$;
create function split_part(citext, citext, integer) returns text language sql immutable strict parallel safe as $$ select (pg_catalog.regexp_split_to_array($1::pg_catalog.text, pg_catalog.regexp_replace($2::pg_catalog.text, '([^a-zA-Z_0-9])', e'\\\\\\1', 'g'), 'i'))[$3] $$;
create function translate(citext, citext, text) returns text language sql immutable strict parallel safe as $$ select pg_catalog.translate(pg_catalog.translate($1::pg_catalog.text, pg_catalog.lower($2::pg_catalog.text), $3), pg_catalog.upper($2::pg_catalog.text), $3) $$;

create function citext_pattern_lt(citext, citext) returns boolean language c immutable strict parallel safe as '$libdir/citext', 'citext_pattern_lt';
create function citext_pattern_le(citext, citext) returns boolean language c immutable strict parallel safe as '$libdir/citext', 'citext_pattern_le';
create function citext_pattern_gt(citext, citext) returns boolean language c immutable strict parallel safe as '$libdir/citext', 'citext_pattern_gt';
create function citext_pattern_ge(citext, citext) returns boolean language c immutable strict parallel safe as '$libdir/citext', 'citext_pattern_ge';
create function citext_pattern_cmp(citext, citext) returns integer language c immutable strict parallel safe as '$libdir/citext', 'citext_pattern_cmp';
create operator ~<~ (leftarg = citext, rightarg = citext, function = citext_pattern_lt, commutator = ~>~, negator = ~>=~, restrict = scalarltsel, join = scalarltjoinsel);
create operator ~<=~ (leftarg = citext, rightarg = citext, function = citext_pattern_le, commutator = ~>=~, negator = ~>~, restrict = scalarltsel, join = scalarltjoinsel);
create operator ~>=~ (leftarg = citext, rightarg = citext, function = citext_pattern_ge, commutator = ~<=~, negator = ~<~, restrict = scalargtsel, join = scalargtjoinsel);
create operator ~>~ (leftarg = citext, rightarg = citext, function = citext_pattern_gt, commutator = ~<~, negator = ~<=~, restrict = scalargtsel, join = scalargtjoinsel);
create operator class citext_pattern_ops for type citext using btree as operator 1 ~<~, operator 2 ~<=~, operator 3 =, operator 4 ~>=~, operator 5 ~>~, function 1 citext_pattern_cmp(citext, citext);
